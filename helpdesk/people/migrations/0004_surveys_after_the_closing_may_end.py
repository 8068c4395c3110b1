"""A survey that comes after the closing may have an end (A7)."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0003_letters_about_new_tickets_are_a_choice"),
    ]

    operations = [
        migrations.AddField(
            model_name="department",
            name="survey_period",
            field=models.DurationField(
                default=datetime.timedelta(0),
                help_text="Where the survey comes after the closing: after this time it can no longer be answered, and the service engagement is finalized. 0: without end.",
                verbose_name="survey period",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.CheckConstraint(
                condition=models.Q(("survey_period__gte", datetime.timedelta(0))),
                name="people_department_survey_period_not_negative",
            ),
        ),
    ]
