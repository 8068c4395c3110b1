"""``manage.py web``: the pages' process, as every way of running the product starts it."""

from __future__ import annotations

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

GRACE_SECONDS = 5


class Command(BaseCommand):
    help = "Serves the pages until told to stop."
    requires_system_checks: list[str] = []  # ``prepare`` has made them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--processes", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        import uvicorn

        # The server gives signals back to us when it has finished; to have been told to stop is no failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.run(
            "helpdesk.asgi:application",
            host=options["host"],
            port=options["port"],
            workers=options["processes"] if options["processes"] > 1 else None,
            log_config=None,  # its lines go where ours go, in the same shape
            access_log=False,
            server_header=False,
            proxy_headers=False,  # who is trusted is said in the settings
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws="none",
        )
