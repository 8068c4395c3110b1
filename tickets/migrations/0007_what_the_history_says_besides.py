from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_line_changes_and_closings")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="facts",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="What the history says besides: the priority before and after, the department left.",
                verbose_name="facts",
            ),
        ),
    ]
