"""Satisfaction of a period is counted without a look at all surveys (R3.55)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_surveys_after_the_closing_may_end")]

    operations = [
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)), fields=["answered_at"], name="survey_answered"
            ),
        ),
    ]
