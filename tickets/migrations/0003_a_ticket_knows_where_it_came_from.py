"""A ticket that was brought over from elsewhere keeps its number there, so that it is brought over once."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0002_the_audit_is_append_only"),
        ("people", "0002_organizations_stay_one_level_deep"),
        ("tickets", "0002_the_history_is_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="external_reference",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="The ticket's number in the system that it was brought over from; brought over once.",
                max_length=80,
                verbose_name="reference elsewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_reference", ""), _negated=True),
                fields=("external_reference",),
                name="ticket_external_reference_unique",
            ),
        ),
    ]
