"""When letters may come is a choice of each person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0013_every_setting_explains_itself"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="digest_at",
            field=models.TimeField(
                blank=True,
                help_text="Letters that only inform you are gathered and come as one, at this hour. What waits for you to act still comes at once. Empty: every letter comes by itself.",
                null=True,
                verbose_name="one letter a day at",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="quiet_from",
            field=models.TimeField(
                blank=True,
                help_text="From this hour on, e-mails wait. The end may lie on the next morning.",
                null=True,
                verbose_name="quiet from",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="quiet_until",
            field=models.TimeField(
                blank=True,
                help_text="At this hour, what has waited is sent. Notifications inside the helpdesk come at once, and so do letters about your password and about approval actions.",
                null=True,
                verbose_name="quiet until",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                    models.Q(
                        ("quiet_from__isnull", False),
                        ("quiet_until__isnull", False),
                        models.Q(("quiet_from", models.F("quiet_until")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="people_quiet_hours_have_two_ends",
                violation_error_message="Quiet hours have a beginning and another end, or are both empty.",
            ),
        ),
    ]
