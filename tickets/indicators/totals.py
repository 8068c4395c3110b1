"""Adding up: what the dashboard shows is kept as totals, so that a million tickets are read like a hundred.

The figures of a period are sums over its days. A cell of ``Total`` is how many tickets of a kind there are in one day,
in one month, or ever, told apart by one dimension: few cells a day however many tickets there were. What is filtered by
an agent or an organization has cells of its own, by month and for all time; where both are chosen, and for requesters
within a period, tickets are counted, by indexes that hold what is asked.

Nothing is counted twice. When a ticket changes, a trigger notes what it counted for before and what it counts for now
(``Change``), in the same transaction, whoever writes and however many rows. A figure is the sum of cells and of notes
that are not added to them yet, read in one statement: exact at every instant, whatever the worker does. He takes
notes away and adds them to the cells in one statement; if it stands still, pages slow down and stay right.

Days are those of UTC. A period of another zone is whole days of UTC and the hours at its two ends, which are counted.
From nothing, tickets are counted in slices by number; until the last slice is in, pages count the tickets.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction

from tickets.models import Counting, Total

from .kinds import Feed, Kind, feeds

# The first day of what has none.
EVER = date(1, 1, 1)
# Whoever adds up holds this lock, so that notes are added in one order and cells have one writer.
_LOCK = (0x70A1, 1)
_SLICE = 20_000
_NOTES = 10_000
_CELL = "kind, subject, subject_id, span, begins_on, dimension, key, holder_id, department_id"


def add_up(*, seconds: float = 50) -> int:
    """Add notes to the totals until none are left or the time is over; or go on counting from nothing.

    Safe to run twice, late, and beside another worker: who comes second does nothing.

    Returns:
        How many notes and tickets were counted.
    """
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        step = _step()
        count += step or 0
        if not step:
            break
    return count


def recount() -> int:
    """Count everything from nothing; pages count the tickets meanwhile.

    Returns:
        For how many days there are totals.
    """
    with _alone(wait=True):
        Total.objects.all().delete()
        Counting.objects.update_or_create(pk=1, defaults={"upto": 0, "is_complete": False})
    while not Counting.objects.filter(is_complete=True).exists():
        _step(wait=True)
    days = Total.objects.filter(span=Total.Span.DAY).values("begins_on").distinct()
    return days.count()


def _step(*, wait: bool = False) -> int | None:
    """One slice of tickets, or some notes; None where somebody else is at it."""
    with _alone(wait=wait) as may:
        if not may:
            return None
        state, _new = Counting.objects.get_or_create(pk=1)
        return sum(_fold(feed) for feed in feeds()) if state.is_complete else _fill(state)


@contextmanager
def _alone(*, wait: bool) -> Iterator[bool]:
    """A transaction that nobody else adds up beside; False where somebody does, and waiting is not wanted."""
    with transaction.atomic(), connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _LOCK)
            yield True
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _LOCK)
            yield bool(cursor.fetchone()[0])


def _fill(state: Counting) -> int:
    """Add the next slice of tickets as they stand, and drop what was noted about them until now.

    Rows and notes are seen by one statement, so by one snapshot: a note that it does not see is about something that it
    does not see either, and is added later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(number), count(*) FROM (SELECT number FROM tickets_ticket WHERE number > %s "
            "ORDER BY number LIMIT %s) AS slice",
            [state.upto, _SLICE],
        )
        last, count = cursor.fetchone()
        is_last = count < _SLICE
        within = "number > %(after)s" if is_last else "number > %(after)s AND number <= %(last)s"
        for feed in feeds():
            facts = f"SELECT * FROM ({feed.standing}) AS standing WHERE {within}"
            gone = f"gone AS (DELETE FROM {feed.notes} WHERE {within}), "
            cursor.execute(_adding(feed, facts, gone), {"after": state.upto, "last": last})
    state.upto, state.is_complete = last or state.upto, is_last
    state.save(update_fields=["upto", "is_complete"])
    return count


def _fold(feed: Feed) -> int:
    """Take some notes away and add them to the cells."""
    with connection.cursor() as cursor:
        taken = (
            f"taken AS (DELETE FROM {feed.notes} WHERE id IN (SELECT id FROM {feed.notes} ORDER BY id LIMIT {_NOTES} "
            "FOR UPDATE SKIP LOCKED) RETURNING *), "
        )
        cursor.execute(f"SELECT count(*) FROM (SELECT FROM {feed.notes} LIMIT {_NOTES}) AS waiting")
        count: int = cursor.fetchone()[0]
        if count:
            cursor.execute(_adding(feed, f"SELECT weight, {feed.columns} FROM taken", taken))
            cursor.execute("DELETE FROM tickets_total WHERE count = 0 AND total = 0")
    return count


def _adding(feed: Feed, facts: str, before: str) -> str:
    """The statement that adds rows to the cells: first by day or by month, months and ever from these."""
    return f"""
    WITH {before} fact AS MATERIALIZED ({facts}),
    fine AS MATERIALIZED ({" UNION ALL ".join(_fine(kind) for kind in feed.kinds)}),
    every AS (
        SELECT {_CELL}, count, total FROM fine
        UNION ALL
        SELECT kind, subject, subject_id, {Total.Span.MONTH.value}, date_trunc('month', begins_on)::date, dimension,
            key, holder_id, department_id, count, total
        FROM fine WHERE span = {Total.Span.DAY.value}
        UNION ALL
        SELECT kind, subject, subject_id, {Total.Span.EVER.value}, date '{EVER}', dimension,
            key, holder_id, department_id, count, total
        FROM fine WHERE span <> {Total.Span.EVER.value}
    )
    INSERT INTO tickets_total ({_CELL}, count, total)
    SELECT {_CELL}, sum(count), sum(total) FROM every GROUP BY {_CELL} HAVING sum(count) <> 0 OR sum(total) <> 0
    ON CONFLICT (kind, subject, subject_id, span, dimension, begins_on, key, holder_id, department_id) DO UPDATE
        SET count = tickets_total.count + excluded.count, total = tickets_total.total + excluded.total
    """


def _fine(kind: Kind) -> str:
    return f"""
    SELECT '{kind.name}'::text AS kind, s.subject, s.subject_id, s.span, s.begins_on, m.dimension, m.key, f.holder_id,
        f.department_id, sum(f.weight) AS count, sum(f.weight * m.total) AS total
    FROM fact AS f CROSS JOIN LATERAL {kind.row_of()}
    CROSS JOIN LATERAL (VALUES {", ".join(_cells(kind))}) AS s (subject, subject_id, span, begins_on, is_wide)
    WHERE {kind.where} AND m.holds AND s.is_wide = m.is_wide AND s.subject_id IS NOT NULL
    GROUP BY 2, 3, 4, 5, 6, 7, 8, 9
    """


def _cells(kind: Kind) -> Iterator[str]:
    """The finest cells that a row is in."""
    everybody, agent, organization = (
        f"{subject.value}, {key}"
        for subject, key in zip(Total.Subject, ("0::bigint", "f.agent_id", "f.organization_id"), strict=True)
    )
    ever = f"{Total.Span.EVER.value}, date '{EVER}'"
    yield from (f"({subject}, {ever}, true)" for subject in (everybody, organization))
    if not kind.instant:
        yield from (f"({subject}, {ever}, false)" for subject in (everybody, agent, organization))
        return
    day = f"(f.{kind.instant} AT TIME ZONE 'UTC')::date"
    yield f"({everybody}, {Total.Span.DAY.value}, {day}, false)"
    for subject in (agent, organization):
        yield f"({subject}, {Total.Span.MONTH.value}, date_trunc('month', {day}::timestamp)::date, false)"
