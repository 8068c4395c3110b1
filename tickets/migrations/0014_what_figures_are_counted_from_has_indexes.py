"""The figures of a period are counted without a look at all tickets (R3.57)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_what_was_served_before_has_its_times")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", True)), fields=["opened_at"], name="ticket_opened"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("sla_met__isnull", False), ("trashed_at__isnull", True)),
                fields=["concluded_at"],
                name="ticket_judged",
            ),
        ),
    ]
