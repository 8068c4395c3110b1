"""Whoever serves may do without the letters that a whole group gets (R1.20)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_organizations_stay_one_level_deep"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="mail_new_tickets",
            field=models.BooleanField(
                default=True,
                help_text="A letter for every ticket that comes into your departments. Without it, the notification in the helpdesk stays, and so do letters about tickets that are yours.",
                verbose_name="letters about new tickets",
            ),
        ),
    ]
