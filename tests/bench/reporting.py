"""What a report of all closed tickets costs: rows a second, and the most memory that its process ever had.

Each form is made in a process of its own, by the product's maker and through a cursor of the server, into a file; the
process does what the worker's would, and says at its end what it has measured.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

FORMS = ("csv", "xlsx")
# What a report of 100,000 rows may take.
MOST_MB = 300


@dataclass(frozen=True)
class Finding:
    """One report: how many rows in how long, how large the file, and the process before it and at its largest."""

    form: str
    rows: int
    seconds: float
    megabytes: float
    before_mb: float
    peak_mb: float

    def __str__(self) -> str:
        verdict = "" if self.peak_mb < MOST_MB else f" - more than {MOST_MB} MB"
        return (
            f"report as {self.form}: {self.rows:,} rows in {self.seconds:.1f} s ({self.rows / self.seconds:,.0f} rows/s), "
            f"{self.megabytes:.1f} MB; peak {self.peak_mb:.0f} MB RSS, {self.before_mb:.0f} MB before it{verdict}"
        )


def measure(say: Callable[[str], None]) -> list[Finding]:
    """Every form, one after the other."""
    found = []
    for form in FORMS:
        command = [sys.executable, "-m", "tests.bench.reporting", form]
        environment = {**os.environ, "HELPDESK_SERVER_HELD": "1"}
        answer = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        finding = Finding(**json.loads(answer.stdout.splitlines()[-1]))
        say(str(finding))
        found.append(finding)
    return found


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in kilobytes


def _make(form: str) -> Finding:
    import django

    django.setup()
    from django.utils import timezone

    from helpdesk.people.models import User
    from reports import lists

    counted = [0]

    def progress(done: int, total: int) -> None:
        counted[0] = done

    reader = User.objects.get(email="admin@bench.example")
    facts, before, began = {"list": "closed"}, _peak(), time.monotonic()
    with tempfile.TemporaryFile() as file:
        lists.make(reader=reader, facts=facts, form=form, target=file, at=timezone.now(), progress=progress)
        size = file.seek(0, os.SEEK_END)
    seconds = time.monotonic() - began
    return Finding(form, counted[0], round(seconds, 2), round(size / 1e6, 2), round(before, 1), round(_peak(), 1))


if __name__ == "__main__":
    print(json.dumps(_make(sys.argv[1]).__dict__))
