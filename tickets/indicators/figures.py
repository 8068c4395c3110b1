"""The figures: sums and means, each of them the database's work, in few statements (design: speed)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek
from django.utils import timezone

from tickets.lifecycle import Outcome
from tickets.models import Ticket

from .cohorts import COHORTS, Scope
from .periods import Bucket, Period

# How many of a dimension are named where there may be very many; the others are one row, so that sums agree.
MOST = {"requester": 20}
REST, NOTHING = "rest", "none"
_TRUNC = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


@dataclass(frozen=True)
class Counted:
    """One row of a breakdown.

    Attributes:
        key: the value as text; ``none`` where there is none, ``rest`` for all that are not named.
        total: the sum of what was asked to be summed up.
    """

    key: str
    count: int
    total: int = 0

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None


@dataclass(frozen=True)
class Breakdown:
    """The tickets of a cohort by one dimension, most first; the counts agree with ``count``."""

    rows: list[Counted]
    count: int
    total: int = 0


def breakdowns(scope: Scope, name: str, dimensions: Sequence[str], value: Any = None) -> dict[str, Breakdown]:
    """A cohort by several dimensions in one statement, which reads its tickets once.

    Args:
        value: a number that is summed up besides: its name, or an expression.
    """
    cohort, quoted = COHORTS[name], connection.ops.quote_name
    columns = [cohort.column(one) for one in dimensions]
    inner = scope.tickets(name).order_by().values_list(*columns, value or "pk")
    sql, params = inner.query.sql_with_params()
    total = "coalesce(sum(v)::bigint, 0)" if value else "0"
    parts = [f"(SELECT '', NULL, count(*), {total} FROM cohort)"]
    for one in dimensions:
        limit = f" LIMIT {MOST[one]}" if one in MOST else ""
        column = quoted(one)
        parts.append(
            f"(SELECT '{one}', {column}::text, count(*), {total} FROM cohort "
            f"GROUP BY {column} ORDER BY count(*) DESC, {column}{limit})"
        )
    named = ", ".join([*(quoted(one) for one in dimensions), "v"])
    with connection.cursor() as cursor:
        cursor.execute(f"WITH cohort ({named}) AS MATERIALIZED ({sql}) {' UNION ALL '.join(parts)}", params)
        found = cursor.fetchall()
    whole = next(row for row in found if row[0] == "")
    result = {}
    for one in dimensions:
        rows = [Counted(row[1] or NOTHING, row[2], row[3]) for row in found if row[0] == one]
        left = whole[2] - sum(row.count for row in rows)
        if left:
            rows.append(Counted(REST, left, whole[3] - sum(row.total for row in rows)))
        result[one] = Breakdown(rows, whole[2], whole[3])
    return result


def tickets_behind(scope: Scope, name: str, dimension: str = "", key: str = "") -> QuerySet[Ticket]:
    """The tickets of a figure, or of one row of its breakdown; nothing for a key that there is not."""
    found = scope.tickets(name)
    if not dimension:
        return found
    column = COHORTS[name].column(dimension)
    if key == NOTHING:
        return found.filter(**{column: ""} if dimension in {"status", "outcome"} else {f"{column}__isnull": True})
    if key == REST:
        rows = found.order_by().values(column).annotate(count=Count("pk")).order_by("-count", column)
        named = [row[column] for row in rows[: MOST.get(dimension, 0)]]
        left = found.exclude(**{f"{column}__in": [one for one in named if one is not None]})
        return left.filter(**{f"{column}__isnull": False}) if None in named else left
    if dimension in {"status", "outcome", "priority"}:
        return found.filter(**{column: key})
    is_number = key.isascii() and key.isdecimal() and len(key) <= 9
    return found.filter(**{column: int(key)}) if is_number else found.none()


# --- sums and means


def _span(until: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(until) - F("opened_at"), output_field=DurationField())


def _counts(found: QuerySet[Ticket], **wanted: Any) -> dict[str, Any]:
    return found.aggregate(count=Count("pk"), **wanted)


def opened(scope: Scope, period: Period | None = None) -> dict[str, Any]:
    """Of the tickets opened in the period: how many, and what became of their beginning (R3.45, R4.40)."""
    return _counts(
        scope.tickets("opened", period=period),
        started=Count("first_service_time"),
        first_service=Avg("first_service_time"),
        assigned=Count("assigned_at"),
        to_assignment=Avg(_span("assigned_at")),
        by_clock=Count("pk", filter=COHORTS["by_clock"].condition),
        line_2=Count("pk", filter=COHORTS["line_2"].condition),
    )


def ended(scope: Scope, period: Period | None = None) -> dict[str, Any]:
    """Of those that ended in the period: how, and how long they were served (R3.46, R4.40)."""
    return _counts(
        scope.tickets("ended", period=period),
        served=Count("pk", filter=COHORTS["served"].condition),
        service=Avg("service_time", filter=COHORTS["served"].condition),
        solved=Count("pk", filter=COHORTS["solved"].condition),
        to_solution=Avg(_span("concluded_at"), filter=COHORTS["solved"].condition),
        **{f"outcome_{one}": Count("pk", filter=Q(outcome=one)) for one in Outcome.values},
    )


def judged(scope: Scope, period: Period | None = None) -> dict[str, Any]:
    """Of those concluded in the period that had a service level: how many met it (R3.47, R3.48)."""
    return _counts(
        scope.tickets("judged", period=period),
        met=Count("pk", filter=COHORTS["met"].condition),
        missed=Count("pk", filter=COHORTS["missed"].condition),
    )


def old_open(scope: Scope) -> int | None:
    """How many were open when the period began; None for all time."""
    start = scope.period.start
    if start is None:
        return None
    everything = Period(scope.period.zone)
    still = scope.tickets("open").filter(opened_at__lt=start).count()
    return still + scope.tickets("ended", period=everything).filter(opened_at__lt=start, closed_at__gte=start).count()


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
    trunc = _TRUNC[scope.period.unit](COHORTS[name].instant, tzinfo=scope.period.zone)
    rows = scope.tickets(name).order_by().annotate(unit=trunc).values_list("unit").annotate(count=Count("pk"))
    return {unit.date(): count for unit, count in rows}
