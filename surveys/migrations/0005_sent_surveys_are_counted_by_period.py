"""How many of the surveys sent in a period were answered is counted without a look at all surveys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0004_ratings_are_kept_as_daily_totals")]

    operations = [
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(fields=["created_at"], name="survey_sent"),
        ),
    ]
