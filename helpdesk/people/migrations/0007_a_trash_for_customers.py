"""Customers go to the trash before they are deleted, and for how long is a setting (R2.42)."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("people", "0006_the_plan_and_approval_actions"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="trash_retention",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="What was moved to the trash is deleted for good after so many days. 0 keeps it until an administrator deletes it.",
                validators=[django.core.validators.MaxValueValidator(3650)],
                verbose_name="days in the trash",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="trashed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="moved to the trash"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("trashed_at__isnull", True), ("is_active", False), _connector="OR"),
                name="people_nobody_acts_from_the_trash",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_active",
            field=models.BooleanField(
                default=True,
                help_text="People who work here are deactivated, never deleted, so that history keeps its names.",
                verbose_name="active",
            ),
        ),
    ]
