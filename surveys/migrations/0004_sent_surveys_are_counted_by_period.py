"""How many of the surveys sent in a period were answered is counted without a look at all surveys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_answers_are_summed_up_by_period")]

    operations = [
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(fields=["created_at"], name="survey_sent"),
        ),
    ]
