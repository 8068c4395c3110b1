"""Notices and letters are withheld while their ticket lies in the trash, and found by it (R2.42)."""

import django.db.models.fields.json
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_who_has_a_page_open"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="letter",
            name="letter_due",
        ),
        migrations.RemoveIndex(
            model_name="notification",
            name="notification_by_recipient",
        ),
        migrations.RemoveIndex(
            model_name="notification",
            name="notification_unread",
        ),
        migrations.AddField(
            model_name="letter",
            name="is_withheld",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="withheld"),
        ),
        migrations.AddField(
            model_name="notification",
            name="is_withheld",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="withheld"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("is_withheld", False), ("state", "queued")),
                fields=["due_at", "id"],
                name="letter_due",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("thread", ""), _negated=True), fields=["thread"], name="letter_by_thread"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                models.F("recipient"),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("is_withheld", False)),
                name="notification_by_recipient",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("is_withheld", False), ("read_at__isnull", True)),
                fields=["recipient"],
                name="notification_unread",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("number", "facts"), name="notification_by_ticket"
            ),
        ),
    ]
