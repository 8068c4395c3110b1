"""What must be done before the product may serve: tables, recurring jobs, static files."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management import call_command
from django.db import OperationalError, connection

from helpdesk.core import schedules


class NotReady(Exception):
    """The house cannot be prepared; the text is one sentence."""


def await_database(seconds: float) -> None:
    """Wait until the database answers, for at most ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if time.monotonic() >= deadline:
                last = str(error).strip().splitlines()[-1].strip().rstrip(".?")
                raise NotReady(f"PostgreSQL does not answer: {last}.") from error
            connection.close()
            time.sleep(0.5)
        else:
            return


def prepare(*, static: bool = True, verbosity: int = 0) -> None:
    """Migrate, write the schedules, collect the static files; quick when there is nothing to do."""
    call_command("migrate", interactive=False, verbosity=verbosity)
    schedules.sync()
    if static and isinstance(staticfiles_storage, ManifestFilesMixin):
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=verbosity)
