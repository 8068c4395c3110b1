"""``manage.py seed_demo``: the demonstration, for an empty database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from helpdesk.people.models import Account, User
from tickets.demonstration.people import DOMAIN, PASSWORD
from tickets.demonstration.seeding import seed
from tickets.models import Ticket


class Command(BaseCommand):
    help = (
        "Fills an empty database with the demonstration: three departments, people of three languages, tickets in "
        "every status. Letters of the last hours wait to be sent, older ones are held back."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is not for production: everybody knows the password of its people.")
        if User.objects.exists() or Account.objects.exists():
            raise CommandError("The database is not empty: the demonstration is only put into a fresh one.")
        desk = seed(now=timezone.now())
        self.stdout.write(
            f"{Ticket.objects.count()} tickets of {len(desk.people) + len(desk.customers)} people; "
            f"sign in as rita@{DOMAIN}, ada@{DOMAIN} or others with the password {PASSWORD}."
        )
