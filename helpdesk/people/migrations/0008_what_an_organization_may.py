"""What an organization sees and may is said by switches of its own; nobody sees more than before until one is set."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0007_a_trash_for_customers"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="managers_see_tickets",
            field=models.BooleanField(
                default=False,
                help_text="The organization's managers read all of its tickets in the portal, without internal notes and without the files. Managers of the parent organization always do.",
                verbose_name="managers see all tickets",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="may_open_tickets",
            field=models.BooleanField(
                default=True,
                help_text="Off: its people read and answer the tickets that there are, and open no new ones.",
                verbose_name="may open tickets",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="monthly_quota",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many tickets its people can open in a calendar month of the company's time zone; what is left is said beforehand. Empty: as many as they need.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="tickets a month",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="team_sees_tickets",
            field=models.BooleanField(
                default=False,
                help_text="Everybody of the organization reads what managers could. Off: people see their own tickets only.",
                verbose_name="everybody sees all tickets",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("monthly_quota__isnull", True), ("monthly_quota__gte", 1), _connector="OR"),
                name="people_organization_quota_positive",
                violation_error_message="At least one ticket, or empty; a switch says that none may be opened.",
            ),
        ),
    ]
