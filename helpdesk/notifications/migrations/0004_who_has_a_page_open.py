"""People see who else has the same page open. The table is unlogged: much written, and empty after a crash anyway."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_letters_are_found_by_kind_and_by_failure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=60, verbose_name="place")),
                ("door", models.CharField(max_length=32, verbose_name="process")),
                ("until", models.DateTimeField(verbose_name="until")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "presence",
                "verbose_name_plural": "presences",
                "constraints": [
                    models.UniqueConstraint(fields=("place", "person", "door"), name="presence_once_for_each_process")
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE notifications_presence SET UNLOGGED",
            "ALTER TABLE notifications_presence SET LOGGED",
        ),
    ]
