"""How long the files of reports are kept is a setting of the company."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0014_quiet_hours_and_a_daily_letter"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="report_retention",
            field=models.PositiveSmallIntegerField(
                default=14,
                help_text="The files of reports are thrown away after so many days; they can be asked for anew. It holds for reports that are made from now on.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)],
                verbose_name="days that reports are kept",
            ),
        ),
    ]
