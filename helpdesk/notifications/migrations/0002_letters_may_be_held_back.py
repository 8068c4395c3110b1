"""Letters of imports and replays are kept to be read, and never sent."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_the_hub_and_the_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="letter",
            name="letter_state_known",
        ),
        migrations.AlterField(
            model_name="letter",
            name="state",
            field=models.CharField(
                choices=[("queued", "waiting"), ("sent", "sent"), ("failed", "failed"), ("held", "held back")],
                default="queued",
                max_length=6,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "failed", "held"])), name="letter_state_known"
            ),
        ),
    ]
