"""The figures: from the totals where these have them, from the tickets where not; both say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.utils import timezone

from tickets.lifecycle import Outcome
from tickets.models import Ticket

from . import live, reading
from .cohorts import COHORTS, Scope
from .periods import Bucket, Period
from .rows import NOTHING, REST, Breakdown


def breakdowns(scope: Scope, name: str, dimensions: Sequence[str], value: Any = None) -> dict[str, Breakdown]:
    """A cohort by several dimensions, in one statement or two.

    Args:
        value: a number that is summed up besides: its name, or an expression. Totals have the one
            that their kind sums up.
    """
    added_up = reading.readable(scope, name, dimensions)
    found = reading.breakdowns(scope, name, added_up) if added_up else None
    if found is None:
        return live.breakdowns(scope, name, dimensions, value)
    if left := [one for one in dimensions if one not in found]:
        found |= live.breakdowns(scope, name, left, value)
    return found


def tickets_behind(scope: Scope, name: str, dimension: str = "", key: str = "") -> QuerySet[Ticket]:
    """The tickets of a figure, or of one row of its breakdown; nothing for a key that there is not."""
    found = scope.tickets(name)
    if not dimension:
        return found
    column = COHORTS[name].column(dimension)
    if key == NOTHING:
        return found.filter(**{column: ""} if dimension in {"status", "outcome"} else {f"{column}__isnull": True})
    if key == REST:
        named = [row.key for row in breakdowns(scope, name, [dimension])[dimension].rows if row.key != REST]
        left = found.exclude(**{f"{column}__in": [one for one in named if one != NOTHING]})
        return left.filter(**{f"{column}__isnull": False}) if NOTHING in named else left
    if dimension in {"status", "outcome", "priority"}:
        return found.filter(**{column: key})
    is_number = key.isascii() and key.isdecimal() and len(key) <= 9
    return found.filter(**{column: int(key)}) if is_number else found.none()


# --- sums and means


def opened(scope: Scope, period: Period | None = None) -> dict[str, Any]:
    """Of the tickets opened in the period: how many, and what became of their beginning (R3.45, R4.40)."""
    found = reading.sums(scope, "opened", ["", "started", "assigned", "by_clock", "line_2"], period)
    if found is None:
        return live.opened(scope, period)
    return {
        "count": found["", ""].count,
        "started": found["started", ""].count,
        "first_service": _mean(found["started", ""]),
        "assigned": found["assigned", ""].count,
        "to_assignment": _mean(found["assigned", ""]),
        "by_clock": found["by_clock", ""].count,
        "line_2": found["line_2", ""].count,
    }


def ended(scope: Scope, period: Period | None = None) -> dict[str, Any]:
    """Of those that ended in the period: how, and how long they were served (R3.46, R4.40)."""
    found = reading.sums(scope, "ended", ["", "served", "solved", "outcome"], period)
    if found is None:
        return live.ended(scope, period)
    return {
        "count": found["", ""].count,
        "served": found["served", ""].count,
        "service": _mean(found["served", ""]),
        "solved": found["solved", ""].count,
        "to_solution": _mean(found["solved", ""]),
        **{f"outcome_{one}": found["outcome", one].count for one in Outcome.values},
    }


def judged(scope: Scope, period: Period | None = None) -> dict[str, Any]:
    """Of those concluded in the period that had a service level: how many met it (R3.47, R3.48)."""
    found = reading.sums(scope, "judged", [""], period)
    if found is None:
        return live.judged(scope, period)
    whole = found["", ""]
    return {"count": whole.count, "met": whole.total, "missed": whole.count - whole.total}


def _mean(found: reading.Sum) -> timedelta | None:
    return timedelta(milliseconds=found.total) / found.count if found.count else None


def old_open(scope: Scope) -> int | None:
    """How many were open when the period began; None for all time."""
    if scope.period.start is None:
        return None
    found = reading.open_at(scope, scope.period.start)
    return live.old_open(scope) if found is None else found


def mean_total(scope: Scope, name: str, period: Period) -> reading.Sum | None:
    """Number and sum of a cohort in another period than the scope's; None where there are no totals."""
    found = reading.sums(scope, name, [""], period)
    return None if found is None else found["", ""]


def series(scope: Scope, names: Sequence[str]) -> list[tuple[Bucket, list[int]]]:
    """How many tickets of each cohort fall into each day, week or month of the period.

    All time begins with the first ticket that was opened.
    """
    period, counted = scope.period, [Counter(_by_unit(scope, name)) for name in names]
    first, last = period.first, period.last
    if first is None or last is None:
        last = timezone.localdate(timezone=period.zone)
        opened_at = scope.tickets("opened").aggregate(at=Min("opened_at"))["at"]
        first = min(
            [opened_at.astimezone(period.zone).date() if opened_at else last, *(min(one) for one in counted if one)]
        )
    return [(bucket, [one[period.begin_of(bucket.first)] for one in counted]) for bucket in period.buckets(first, last)]


def _by_unit(scope: Scope, name: str) -> dict[date, int]:
    found = reading.by_unit(scope, name)
    return live.by_unit(scope, name) if found is None else found
