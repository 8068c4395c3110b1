"""``manage.py quality``: the checks that need the project loaded; changes nothing. Called by ``make check``."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError, engines


class Command(BaseCommand):
    help = "Missing migrations, deployment checks with production settings, templates that do not compile."

    def handle(self, *args: Any, **options: Any) -> None:
        failures = [*self._migrations(), *self._deployment(), *self._templates()]
        if failures:
            raise CommandError("\n".join(failures))
        self.stdout.write("Migrations complete, deployment settings safe, templates compile.")

    def _migrations(self) -> Iterator[str]:
        try:
            call_command("makemigrations", check=True, dry_run=True, verbosity=1, stdout=self.stdout)
        except SystemExit:
            yield "There are changes of models without a migration (manage.py makemigrations)."

    def _deployment(self) -> Iterator[str]:
        """As the world would run it: every production setting on, in a process of its own."""
        production = {
            "HELPDESK_ENV": "production",
            "HELPDESK_SERVER_HELD": "1",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "helpdesk.invalid",
            "BASE_URL": "https://helpdesk.invalid",
        }
        done = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
            env=os.environ | production | {"DJANGO_SETTINGS_MODULE": "helpdesk.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            yield f"check --deploy with production settings:\n{done.stdout}{done.stderr}"

    def _templates(self) -> Iterator[str]:
        engine = engines["django"]
        for folder in _template_folders():
            for path in sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".txt", ".svg"}):
                try:
                    engine.get_template(str(path.relative_to(folder)))
                except TemplateSyntaxError as error:
                    yield f"{path.relative_to(settings.BASE_DIR)}: {error}"


def _template_folders() -> Iterator[Path]:
    for folder in engines["django"].template_dirs:
        path = Path(folder)
        if path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts:
            yield path
