"""The figures as they are counted from the tickets themselves: sums and means, each of them the database's work.

They are right at any time, and slow among very many tickets; ``figures.py`` asks for them where there are no totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from tickets.lifecycle import Outcome
from tickets.models import Ticket

from .cohorts import COHORTS, Scope
from .periods import Period
from .rows import MOST, Breakdown, breakdown_of

_TRUNC = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


def breakdowns(scope: Scope, name: str, dimensions: Sequence[str], value: Any = None) -> dict[str, Breakdown]:
    """A cohort by several dimensions in one statement, which reads its tickets once.

    Args:
        value: a number that is summed up besides: its name, or an expression.
    """
    cohort, quoted = COHORTS[name], connection.ops.quote_name
    columns = [cohort.column(one) for one in dimensions]
    inner = scope.tickets(name).order_by().values_list(*columns, value or Value(0))
    sql, params = inner.query.sql_with_params()
    total = "coalesce(sum(v)::bigint, 0)" if value else "0"
    parts = [f"(SELECT '', NULL, count(*), {total} FROM cohort)"]
    for one in dimensions:
        limit = f" LIMIT {MOST[one]}" if one in MOST else ""
        column = quoted(one)
        parts.append(
            f"(SELECT '{one}', {column}::text, count(*), {total} FROM cohort "
            # The cohort's own column: by itself the name would mean the text above, and 10 come before 6.
            f"GROUP BY {column} ORDER BY count(*) DESC, cohort.{column}{limit})"
        )
    named = ", ".join([*(quoted(one) for one in dimensions), "v"])
    with connection.cursor() as cursor:
        cursor.execute(f"WITH cohort ({named}) AS MATERIALIZED ({sql}) {' UNION ALL '.join(parts)}", params)
        found = cursor.fetchall()
    return {one: breakdown_of(one, found) for one in dimensions}


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


def by_unit(scope: Scope, name: str) -> dict[date, int]:
    trunc = _TRUNC[scope.period.unit](COHORTS[name].instant, tzinfo=scope.period.zone)
    rows = scope.tickets(name).order_by().annotate(unit=trunc).values_list("unit").annotate(count=Count("pk"))
    return {unit.date(): count for unit, count in rows}
