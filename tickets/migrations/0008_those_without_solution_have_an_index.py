"""Tickets closed without a solution are few among many: their list should not walk all that ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_what_the_history_says_besides")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("outcome", "closed_without_solution")),
                name="ticket_without_solution",
            ),
        ),
    ]
