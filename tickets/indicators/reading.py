"""Reading the totals: cells of whole days, notes not added yet, and the hours at the two ends of a period.

Each function is one statement, which also asks whether the totals are complete: cells and notes are of one instant.
Where they are not complete, or a question is not one for them, the answer is None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from tickets.models import Total

from .cohorts import Scope
from .kinds import NUMBERS, WIDE, Feed, Kind, kind_named
from .periods import Period
from .rows import MOST, Breakdown, breakdown_of

Subject, Span = Total.Subject, Total.Span
_DAY = timedelta(days=1)
_COMPLETE = "(SELECT count(*) FROM tickets_counting WHERE is_complete)"


@dataclass(frozen=True)
class Sum:
    """How many, and a sum over them; times in milliseconds."""

    count: int = 0
    total: int = 0


@dataclass
class _Sql:
    """A piece of a statement with its parameters."""

    text: str
    params: list[Any]


def readable(scope: Scope, name: str, dimensions: Sequence[str]) -> list[str]:
    """By which of these dimensions the totals can tell a cohort apart."""
    known = kind_named(name)
    if known is None or _subject_of(scope) is None:
        return []
    kind, _feed = known
    # Cells by requester are for all time, and not by agent.
    is_wide = "requester" in kind.dimensions and (scope.agent is not None or scope.period.start is not None)
    without = WIDE | {"sector"} if is_wide else set()
    return [one for one in dimensions if one in kind.dimensions and one not in without]


def breakdowns(scope: Scope, name: str, dimensions: Sequence[str]) -> dict[str, Breakdown] | None:
    """A cohort by these dimensions, most first."""
    marks = _marks(scope, name, ["", *(_source_of(name, one) for one in dimensions)], _Window.of(scope.period))
    if marks is None:
        return None
    whole = "coalesce(sum(count)::bigint, 0), coalesce(sum(total)::bigint, 0)"
    parts = [
        f"(SELECT 'complete', NULL, {_COMPLETE}, 0)",
        f"(SELECT '', NULL, {whole} FROM mark WHERE dimension = '')",
        *(_part(name, one) for one in dimensions),
    ]
    found = _fetch(_Sql(f"WITH mark AS MATERIALIZED ({marks.text}) {' UNION ALL '.join(parts)}", marks.params))
    if not found[0][2]:
        return None
    return {one: breakdown_of(one, found) for one in dimensions}


def _source_of(name: str, dimension: str) -> str:
    """Which marks a breakdown is made from."""
    if dimension == "department":
        return ""
    known = kind_named(name)
    own = {mark.dimension for mark in known[0].marks} if known else set()
    return "requester" if dimension == "sector" and "sector" not in own else dimension


def _part(name: str, dimension: str) -> str:
    """One breakdown of the marks; what is not there comes last, as the database has it."""
    source, key, mark = _source_of(name, dimension), "key", "mark"
    if dimension == "department":
        key = "department_id::text"
    elif source != dimension:
        mark = "mark LEFT JOIN people_user AS person ON person.id = nullif(mark.key, '')::bigint"
        key = "person.sector_id::text"
    order = "nullif(key, '')::bigint" if dimension in NUMBERS else "nullif(key, '')"
    limit = f" LIMIT {MOST[dimension]}" if dimension in MOST else ""
    return (
        f"(SELECT '{dimension}', key, count, total FROM (SELECT {key} AS key, sum(mark.count)::bigint AS count, "
        f"sum(mark.total)::bigint AS total FROM {mark} WHERE mark.dimension = '{source}' GROUP BY 1) AS one "
        f"WHERE count <> 0 ORDER BY count DESC, {order}{limit})"
    )


def sums(
    scope: Scope, name: str, dimensions: Sequence[str], period: Period | None = None
) -> dict[tuple[str, str], Sum] | None:
    """Count and sum of marks, by dimension and key; nothing where there are none.

    Args:
        period: another one than the scope's.
    """
    marks = _marks(scope, name, dimensions, _Window.of(period or scope.period))
    if marks is None:
        return None
    found = _fetch(
        _Sql(
            f"SELECT 'complete', '', {_COMPLETE}, 0 UNION ALL (SELECT dimension, key, sum(count)::bigint, "
            f"sum(total)::bigint FROM ({marks.text}) AS mark GROUP BY 1, 2)",
            marks.params,
        )
    )
    if not next(row[2] for row in found if row[0] == "complete"):
        return None
    return defaultdict(Sum, {(row[0], row[1]): Sum(row[2], row[3]) for row in found if row[0] != "complete"})


def open_at(scope: Scope, at: datetime) -> int | None:
    """How many tickets were open at an instant: of those that are now, without those opened since, with those ended
    since; what ended before it was opened was never open."""
    since = _Window(at, None)
    pieces = [
        _marks(scope, name, [""], window)
        for name, window in (("open", _Window(None, None)), ("opened", since), ("ended", since))
    ]
    if None in pieces:
        return None
    parts, params = [], []
    for piece in pieces:
        assert piece is not None
        parts.append(f"(SELECT coalesce(sum(count), 0)::bigint FROM ({piece.text}) AS mark)")
        params += piece.params
    filters = _filters(scope, "f")
    kind = kind_named("opened")
    assert kind is not None
    odd = (
        f"(SELECT count(*) FROM ({kind[1].standing} AND closed_at < opened_at) AS f "
        f"WHERE f.closed_at < %s AND f.opened_at >= %s{filters.text})"
    )
    found = _fetch(_Sql(f"SELECT {_COMPLETE}, {', '.join([*parts, odd])}", [*params, at, at, *filters.params]))
    complete, now, opened, ended, never = found[0]
    return now - opened + ended + never if complete else None


def by_unit(scope: Scope, name: str) -> dict[date, int] | None:
    """How many tickets fall into each unit of the period: cells of days that lie within one unit, and the tickets of
    days that midnight somewhere else cuts in two."""
    known, subject, period = kind_named(name), _subject_of(scope), scope.period
    if known is None or subject is None:
        return None
    kind, feed = known
    is_utc = str(period.zone) == "UTC"
    months_do = is_utc and period.unit == "month" and period.start is None
    if subject.kind != Subject.ALL and not months_do:
        return None
    span = Span.MONTH if months_do else Span.DAY
    window = _Window.of(period)
    zone, unit = str(period.zone), period.unit
    cells, cell_filters = _subject_cells(kind, subject, span), _filters(scope, "t", cells=True)
    filters = _filters(scope, "f")
    within, within_params = window.condition(f"f.{kind.instant}")
    days = ""
    if window.start and window.end:
        days = " AND begins_on >= %s AND begins_on < %s"
    bounds = [window.start, window.end] if window.start and window.end else []
    day_bounds = [_midnight_before(window.start).date(), _midnight_after(window.end).date()] if bounds else []  # type: ignore[arg-type]  # both are there
    cut = "false"
    if not is_utc:
        cut = (
            "date_trunc(%s, (day::timestamp AT TIME ZONE 'UTC') AT TIME ZONE %s) <> date_trunc(%s, "
            "((day + 1)::timestamp AT TIME ZONE 'UTC' - interval '1 microsecond') AT TIME ZONE %s)"
        )
        if bounds:
            cut += " OR (day::timestamp AT TIME ZONE 'UTC') < %s OR ((day + 1)::timestamp AT TIME ZONE 'UTC') > %s"
    cut_params = [] if is_utc else [unit, zone, unit, zone, *bounds]
    text = f"""
    WITH cell AS MATERIALIZED (
        SELECT begins_on AS day, sum(count) AS count FROM tickets_total AS t
        WHERE {cells.text} AND dimension = ''{days}{cell_filters.text} GROUP BY 1
    ), note AS MATERIALIZED (
        SELECT f.{kind.instant} AS at, (f.{kind.instant} AT TIME ZONE 'UTC')::date AS day, weight
        FROM ({feed.noted}) AS f WHERE {kind.where}{filters.text}{within}
    ), cut AS MATERIALIZED (
        SELECT day FROM (SELECT day FROM cell UNION SELECT day FROM note) AS either WHERE {cut}
    )
    SELECT 'complete', {_COMPLETE} UNION ALL (
        SELECT date_trunc(%s, at)::date::text, sum(count)::bigint FROM (
            SELECT day::timestamp AS at, count FROM cell WHERE day NOT IN (SELECT day FROM cut)
            UNION ALL
            SELECT at AT TIME ZONE %s, weight FROM note WHERE day NOT IN (SELECT day FROM cut)
            UNION ALL
            SELECT f.{kind.instant} AT TIME ZONE %s, 1 FROM cut JOIN ({feed.standing}) AS f
                ON f.{kind.instant} >= cut.day::timestamp AT TIME ZONE 'UTC'
                AND f.{kind.instant} < (cut.day + 1)::timestamp AT TIME ZONE 'UTC'
            WHERE {kind.where}{filters.text}{within}
        ) AS counted GROUP BY 1 HAVING sum(count) <> 0
    )
    """
    params = [
        *(*cells.params, *day_bounds, *cell_filters.params),
        *(*filters.params, *within_params),
        *cut_params,
        *(unit, zone, zone, *filters.params, *within_params),
    ]
    found = _fetch(_Sql(text, params))
    if not next(row[1] for row in found if row[0] == "complete"):
        return None
    return {date.fromisoformat(row[0]): row[1] for row in found if row[0] != "complete"}


# --- what a scope reads


@dataclass(frozen=True)
class _Subject:
    kind: Subject
    keys: tuple[int, ...]


def _subject_of(scope: Scope) -> _Subject | None:
    """Whose cells a scope reads; None where two filters are chosen at once for which there are none together."""
    if scope.agent is not None and scope.organizations is not None:
        return None
    if scope.agent is not None:
        return _Subject(Subject.AGENT, (scope.agent,))
    if scope.organizations is not None:
        return _Subject(Subject.ORGANIZATION, scope.organizations)
    return _Subject(Subject.ALL, (0,))


@dataclass(frozen=True)
class _Window:
    """From an instant to another; None: without a bound."""

    start: datetime | None
    end: datetime | None

    @classmethod
    def of(cls, period: Period) -> _Window:
        return cls(period.start, period.end)

    def condition(self, column: str) -> tuple[str, list[datetime]]:
        text, params = "", []
        if self.start is not None:
            text, params = f" AND {column} >= %s", [self.start]
        if self.end is not None:
            text, params = f"{text} AND {column} < %s", [*params, self.end]
        return text, params


def _midnight_before(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time.min, UTC)


def _midnight_after(at: datetime) -> datetime:
    found = _midnight_before(at)
    return found if found == at else found + _DAY


def _month_after(at: datetime) -> datetime:
    first = at.replace(day=1)
    return first if first == at else (first + 31 * _DAY).replace(day=1)


def _subject_cells(kind: Kind, subject: _Subject, span: Span) -> _Sql:
    return _Sql(
        "t.kind = %s AND t.subject = %s AND t.subject_id = ANY(%s) AND t.span = %s",
        [kind.name, subject.kind.value, list(subject.keys), span.value],
    )


def _filters(scope: Scope, row: str, *, cells: bool = False) -> _Sql:
    """What the scope leaves out beside time; whose cells they are is settled for cells."""
    text, params = "", []
    if scope.sight is not None:
        text += f" AND {row}.holder_id = ANY(%s) AND {row}.department_id = ANY(%s)"
        params += [list(scope.sight), list(scope.sight)]
    if scope.department is not None:
        text, params = f"{text} AND {row}.department_id = %s", [*params, scope.department]
    if scope.agent is not None and not cells:
        text, params = f"{text} AND {row}.agent_id = %s", [*params, scope.agent]
    if scope.organizations is not None and not cells:
        text, params = f"{text} AND {row}.organization_id = ANY(%s)", [*params, list(scope.organizations)]
    return _Sql(text, params)


def _marks(scope: Scope, name: str, dimensions: Sequence[str], window: _Window) -> _Sql | None:
    """All marks of these dimensions in a window, as rows of dimension, key, department, count and sum."""
    known, subject = kind_named(name), _subject_of(scope)
    if known is None or subject is None:
        return None
    kind, feed = known
    if not kind.instant:
        window = _Window(None, None)
    spans, whole = _cells_of(subject, window)
    pieces = []
    filters = _filters(scope, "t", cells=True)
    for span, part in spans:
        cells = _subject_cells(kind, subject, span)
        days = part.condition("t.begins_on") if span is not Span.EVER else ("", [])
        pieces.append(
            _Sql(
                f"SELECT dimension, key, department_id, count, total FROM tickets_total AS t WHERE {cells.text} "
                f"AND t.dimension = ANY(%s){days[0]}{filters.text}",
                [*cells.params, list(dimensions), *(at.date() for at in days[1]), *filters.params],
            )
        )
    if spans:
        pieces.append(_counted(kind, feed, feed.noted, scope, dimensions, whole))
    pieces += [_counted(kind, feed, feed.standing, scope, dimensions, edge) for edge in _edges(window, whole, spans)]
    return _Sql(" UNION ALL ".join(one.text for one in pieces), [param for one in pieces for param in one.params])


def _counted(kind: Kind, feed: Feed, rows: str, scope: Scope, dimensions: Sequence[str], window: _Window) -> _Sql:
    """The marks of rows themselves: of notes, or of tickets as they stand."""
    filters = _filters(scope, "f")
    within, params = window.condition(f"f.{kind.instant}") if kind.instant else ("", [])
    return _Sql(
        f"SELECT m.dimension, m.key, f.department_id, f.weight AS count, f.weight * m.total AS total "
        f"FROM ({rows}) AS f CROSS JOIN LATERAL {kind.row_of(*dimensions)} "
        f"WHERE m.holds AND {kind.where}{filters.text}{within}",
        [*filters.params, *params],
    )


def _cells_of(subject: _Subject, window: _Window) -> tuple[list[tuple[Span, _Window]], _Window]:
    """Which cells make up a window, and which part of it they are: months, and for everybody the days before and after
    them. The rest are the edges."""
    if window.start is None:
        return [(Span.EVER, window)], window
    first = _midnight_after(window.start)
    last = _midnight_before(window.end) if window.end else None
    first_month = _month_after(first)
    last_month = last.replace(day=1) if last else None
    has_months = last_month is None or first_month < last_month
    months = [(Span.MONTH, _Window(first_month, last_month))] if has_months else []
    if subject.kind != Subject.ALL:
        return list(months), months[0][1] if months else _Window(window.start, window.start)
    if last is not None and first >= last:
        return [], _Window(window.start, window.start)
    if not months:
        return [(Span.DAY, _Window(first, last))], _Window(first, last)
    found = [*months, (Span.DAY, _Window(first, first_month)), (Span.DAY, _Window(last_month, last))]
    return [(span, one) for span, one in found if one.start != one.end], _Window(first, last)


def _edges(window: _Window, whole: _Window, spans: Sequence[Any]) -> list[_Window]:
    if not spans:
        return [window]
    found = [replace(window, end=whole.start), replace(window, start=whole.end)]
    return [one for one in found if one.start and one.end and one.start < one.end]


def _fetch(sql: _Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return cursor.fetchall()
