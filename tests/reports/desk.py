"""Reports in tests: asked for, and made as the worker would."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django_q.models import OrmQ

from helpdesk.people.models import User
from reports import actions, making
from reports.models import Report
from tests.cast import Cast, leave_department


def asked(by: User, *, form: str = "csv", at: datetime | None = None, **facts: str) -> Report:
    """A list of tickets, the queue unless the facts say otherwise."""
    return actions.ask(by=by, kind="tickets", form=form, facts={"list": "queue"} | facts, at=at)


def made(report: Report, at: datetime | None = None) -> Report:
    """The report as it is after the worker's turn."""
    making.make(report.pk, at=at)
    return Report.objects.get(pk=report.pk)


def read(report: Report) -> list[dict[str, str]]:
    """The rows of a report that is a CSV file."""
    with default_storage.open(report.stored_as) as file:
        text = file.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def numbers(report: Report) -> list[int]:
    return [int(row["Number"]) for row in read(report)]


def tasks() -> list[Any]:
    """What waits for the worker, as (function, arguments)."""
    return [(one.task["func"], one.task["args"]) for one in OrmQ.objects.order_by("pk")]


def monthly(by: User, **more: Any) -> Any:
    """Every first of the month at seven, the queue as Excel."""
    given = {"kind": "tickets", "form": "xlsx", "facts": {"list": "queue"}, "rhythm": "monthly", "day": 1, "hour": 7}
    return actions.schedule(by=by, **(given | more))


def reports_come(cast: Cast, *, at: datetime) -> None:
    """One by its schedule, to Hugo, and one that fails since Nora leaves before it is made."""
    actions.send_due(at=monthly(cast.hugo, at=at).next_due_at)
    made(Report.objects.get())
    report = asked(cast.nora)
    leave_department(cast.other_department, cast.nora)
    made(report)
