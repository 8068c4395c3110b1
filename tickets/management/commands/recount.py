"""``manage.py recount``: counts the dashboard's totals from nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.core.embedded import server_if_needed
from tickets.indicators import totals
from tickets.models import Ticket


class Command(BaseCommand):
    requires_system_checks = ()  # they ask the database, which may not run yet
    help = (
        "Counts the totals of the dashboard from nothing. They are kept by themselves, so this is needed only if "
        "somebody has written to the database without its triggers. While it runs, pages count the tickets: slower, "
        "and right."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with server_if_needed():
            days = totals.recount()
            self.stdout.write(f"Counted {Ticket.objects.count():,} tickets: totals for {days:,} days.")
