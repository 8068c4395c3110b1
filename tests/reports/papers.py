"""``make papers``: every document as files in ``var/papers/``, to be looked at page by page.

Fills a database of its own with the demonstration and with a ticket of two hundred hard messages, writes both versions
of their records and the reports in each language, and says how long each took and how much memory the process had.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import zoneinfo
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reports.papers", description=__doc__)
    parser.add_argument("--target", type=Path, default=ROOT / "var" / "papers")
    parser.add_argument("--only", default="", help="documents whose name begins with this")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    from helpdesk.core.embedded import server_if_needed

    arguments.target.mkdir(parents=True, exist_ok=True)
    with server_if_needed(careless=True):
        setup_test_environment()
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            _write_all(arguments.target, arguments.only)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
            teardown_test_environment()


def _write_all(target: Path, only: str) -> None:
    from django.utils import timezone

    from helpdesk.people.models import User
    from reports.documents import dashboard, record, satisfaction
    from tests.reports.talk import long_talk
    from tickets.demonstration.seeding import seed
    from tickets.models import Ticket

    seed(now=timezone.now())
    ana = User.objects.get(email="ana@demo.example")
    hard = Ticket.objects.filter(status="in_service", executor__isnull=False).order_by("pk")[0]
    long_talk(hard)
    wanted: list[tuple[str, Any, dict[str, str], str]] = [
        (f"hard-{version}", record, {"ticket": str(hard.pk), "version": version}, "pdf")
        for version in ("staff", "customer")
    ]
    wanted += [
        (f"ticket-{ticket.pk}", record, {"ticket": str(ticket.pk), "version": "staff"}, "pdf")
        for ticket in Ticket.objects.exclude(pk=hard.pk).order_by("pk")[:6]
    ]
    for form in ("pdf", "csv", "xlsx"):
        wanted.append(("dashboard", dashboard, {"period": "90"}, form))
        wanted.append(("satisfaction", satisfaction, {"period": "all"}, form))
    for name, maker, facts, form in wanted:
        if not name.startswith(only):
            continue
        for language in ("en", "pt-br", "ru") if form == "pdf" and "hard" not in name else ("en",):
            _write(target / f"{name}.{language}.{form}", maker, ana, facts, form, language)


def _write(path: Path, maker: Any, reader: Any, facts: dict[str, str], form: str, language: str) -> None:
    from django.utils import timezone, translation

    begun = time.process_time()
    with (
        translation.override(language),
        timezone.override(zoneinfo.ZoneInfo("America/Sao_Paulo")),
        path.open("wb") as file,
    ):
        maker.make(reader=reader, facts=facts, form=form, target=file, at=timezone.now(), progress=lambda *_: None)
    spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{path.name}: {path.stat().st_size // 1024} KB, {spent:.1f} s of the processor, {peak} MB at most so far")


if __name__ == "__main__":
    main()
