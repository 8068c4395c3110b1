"""What only informs can go as one letter a day, and says with which one it went."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0006_letters_in_the_companys_own_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="letter",
            name="letter_state_known",
        ),
        migrations.AddField(
            model_name="letter",
            name="digest",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="With which this one went.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="merged",
                to="notifications.letter",
                verbose_name="daily letter",
            ),
        ),
        migrations.AlterField(
            model_name="letter",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "waiting"),
                    ("sent", "sent"),
                    ("failed", "failed"),
                    ("held", "held back"),
                    ("daily", "waits for the daily letter"),
                    ("merged", "went with the daily letter"),
                ],
                default="queued",
                max_length=6,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("is_withheld", False), ("state", "daily")),
                fields=["due_at", "recipient"],
                name="letter_laid_aside",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "failed", "held", "daily", "merged"])),
                name="letter_state_known",
            ),
        ),
    ]
