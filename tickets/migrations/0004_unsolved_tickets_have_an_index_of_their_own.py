"""Unsolved tickets are few among many: their list should not walk all that ended."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0003_names_fold_and_titles_are_searched"),
        ("people", "0002_organizations_stay_one_level_deep"),
        ("tickets", "0003_a_ticket_knows_where_it_came_from"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("outcome", "unsolved")),
                name="ticket_unsolved",
            ),
        ),
    ]
