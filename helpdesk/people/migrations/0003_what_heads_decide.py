"""Departments say what their heads have to decide, and how often they are reminded of it."""

import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_organizations_stay_one_level_deep")]

    operations = [
        migrations.AddField(
            model_name="department",
            name="closing_without_solution_needs_head",
            field=models.BooleanField(
                default=True,
                help_text=(
                    "Off: the last support line closes without a solution on its own word, and its reason goes to the "
                    "requester."
                ),
                verbose_name="a head approves closing without solution",
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="criticality_change_needs_approval",
            field=models.BooleanField(
                default=True,
                help_text=(
                    "On: the old priority stays in force until then. Off: the executor changes it at once, with a "
                    "justification."
                ),
                verbose_name="a head approves changes of priority",
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="decision_reminder",
            field=models.DurationField(
                default=datetime.timedelta(0),
                help_text=(
                    "Again and again after this time, as long as a change of line, a closing or a change of priority "
                    "waits for them. 0: heads are not reminded."
                ),
                verbose_name="remind heads of decisions after",
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="distribution_minutes",
            field=models.PositiveSmallIntegerField(
                default=15,
                help_text=(
                    "Counted anew on line 2, and whenever a ticket comes back into distribution. Without meaning where "
                    "agents take tickets themselves."
                ),
                validators=[MinValueValidator(1), MaxValueValidator(10080)],
                verbose_name="minutes until a ticket is given automatically",
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="distribution_mode",
            field=models.CharField(
                choices=[
                    ("pull", "agents take tickets themselves"),
                    ("push", "tickets are given to agents"),
                    ("both", "agents may take a ticket until it is given"),
                ],
                default="both",
                help_text=(
                    "How a ticket gets its agent. Where tickets are given, a head gives them; one that has waited too "
                    "long goes to the agent of its line with the fewest current tasks."
                ),
                max_length=4,
                verbose_name="distribution",
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="support_lines",
            field=models.PositiveSmallIntegerField(
                choices=[(1, "one line"), (2, "two lines")],
                default=2,
                help_text=(
                    "With two lines new tickets go to line 1, whose agents can ask a head for line 2. With one line "
                    "every agent serves every ticket."
                ),
                verbose_name="support lines",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision_reminder__gte", datetime.timedelta(0))),
                name="people_department_reminder_not_negative",
            ),
        ),
    ]
