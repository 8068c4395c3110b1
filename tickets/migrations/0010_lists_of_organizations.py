"""The tickets of an organization are listed and counted by key; its two indexes take the place of the plain one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0003_names_fold_and_titles_are_searched"),
        ("people", "0008_what_an_organization_may"),
        ("tickets", "0009_the_trash"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("organization__isnull", False)),
                fields=["organization", "opened_at"],
                name="ticket_opened_of_organization",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="organization",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The requester's organization when the ticket was opened.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="people.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("organization__isnull", False), ("trashed_at__isnull", True)),
                fields=["organization", "-number"],
                name="ticket_of_organization",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("closed_at__isnull", True), ("trashed_at__isnull", True), ("organization__isnull", False)
                ),
                fields=["organization", "-number"],
                name="ticket_open_of_organization",
            ),
        ),
    ]
