"""A survey that comes after the closing may have an end (A7)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_the_feedback_request")]

    operations = [
        migrations.AddField(
            model_name="survey",
            name="open_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Asked after the closing: empty where it stays open without end.",
                null=True,
                verbose_name="can be answered until",
            ),
        ),
        migrations.AddIndex(
            model_name="survey",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True), ("open_until__isnull", False)),
                fields=["open_until"],
                name="survey_ends",
            ),
        ),
    ]
