"""Some agents see no more of the closed tickets than their own; that list is not to walk all that ended (R2.46)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_lists_of_organizations")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("executor"),
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("closed_at__isnull", False), ("trashed_at__isnull", True)),
                name="ticket_closed_of_executor",
            ),
        ),
    ]
