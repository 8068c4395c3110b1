"""``manage.py ready``: the checks of ``/readyz`` for machines that have no web process to ask."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.core import health


class Command(BaseCommand):
    help = "Says what /readyz says; ends with 1 when something is down."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checks", nargs="*", help="only these, e.g. worker")

    def handle(self, *args: Any, **options: Any) -> None:
        found = health.findings(only=options["checks"])
        if unknown := set(options["checks"]) - found.keys():
            raise CommandError(f"There is no check called {', '.join(sorted(unknown))}.")
        for name, finding in found.items():
            self.stdout.write(f"{name:<12}{finding.state:<10}{finding.detail}".rstrip())
        if any(finding.state == "down" for finding in found.values()):
            raise CommandError("Not ready.")
