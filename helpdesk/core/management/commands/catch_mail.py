"""``manage.py catch_mail``: a mail server for trying things out; nothing leaves the machine."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from helpdesk.core.mail_catcher import MailCatcher


class Command(BaseCommand):
    help = "Accepts mail and keeps every letter as an .eml file in a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=2525)
        parser.add_argument("--folder", type=Path, default=settings.DATA_DIR / "mail")

    def handle(self, *args: Any, **options: Any) -> None:
        catcher = MailCatcher(options["folder"], host=options["host"], port=options["port"])
        # Blocked before the server's thread starts, so that the thread inherits it and we alone are woken.
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        catcher.start()
        self.stdout.write(f"Catching mail at {catcher.url} into {options['folder']}")
        signal.sigwait(ends)
        catcher.stop()
