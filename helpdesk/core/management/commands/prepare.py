"""``manage.py prepare``: before the processes of a deployment start or restart."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.core import preparing


class Command(BaseCommand):
    help = "Waits for the database, migrates it, writes the recurring jobs and collects the static files."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            preparing.await_database(60)
        except preparing.NotReady as error:
            raise CommandError(str(error)) from error
        preparing.prepare(verbosity=options["verbosity"])
