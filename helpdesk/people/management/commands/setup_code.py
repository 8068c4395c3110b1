"""``manage.py setup_code``: what the first-run page of a new deployment asks for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from helpdesk.people import actions, setup_code


class Command(BaseCommand):
    help = "Says where a new deployment is set up, and with which code; nothing once that is done."

    def handle(self, *args: Any, **options: Any) -> None:
        if not actions.is_fresh():
            if options["verbosity"] > 0:
                self.stdout.write("This deployment has been set up.")
            return
        address = f"{settings.BASE_URL}{reverse('people:first_run')}"
        if setup_code.is_needed():
            address = f"{address}?code={setup_code.code()}"
        self.stdout.write(f"Nobody has set this deployment up yet. Do it at {address}")
