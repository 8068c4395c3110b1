"""``manage.py prepare``: before the processes of a deployment start or restart."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.core import preparing


class Command(BaseCommand):
    help = "Waits for the database, migrates it, writes the recurring jobs and collects the static files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-static", action="store_true", help="leave the static files, they are there")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            preparing.await_database(60)
        except preparing.NotReady as error:
            raise CommandError(str(error)) from error
        preparing.prepare(static=not options["no_static"], verbosity=options["verbosity"])
