"""The administrators' pages of letters: by kind, by recipient, and what has failed lately."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_letters_may_be_held_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="letter",
            name="letter_recipient",
        ),
        migrations.AlterField(
            model_name="letter",
            name="due_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="Of a letter that has failed: the last attempt.",
                verbose_name="next attempt",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("state", "failed")), fields=["due_at"], name="letter_failed"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                models.F("kind"), models.OrderBy(models.F("id"), descending=True), name="letter_by_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                models.F("recipient"), models.OrderBy(models.F("id"), descending=True), name="letter_by_recipient"
            ),
        ),
    ]
