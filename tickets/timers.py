"""The clock at work: what is due is acted on through the same actions that people use (R1.32, R4.9, R6.24)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Value
from django.utils import timezone

from helpdesk.people.models import Department

from . import actions, stays
from .funnel import all_with_relations, recording_together, timer_due_at, with_relations
from .lifecycle import DECISIONS, TIMER_VERBS, Status, Timer
from .models import Ticket
from .querysets import Rota

logger = logging.getLogger(__name__)

# A ticket for which nobody is available is looked at again at the next run; one whose action fails, more rarely.
LOOK_AGAIN_AFTER = timedelta(seconds=50)
FAILED_AFTER = timedelta(minutes=10)
# So many tickets share a transaction: enough to save time, few enough that nobody waits for a lock noticeably.
BATCH = 25
# When a ticket went to the trash: restoring adds the time that it has lain there.
_IN = F("trashed_at")

_ACTIONS: dict[str, Callable[..., Ticket]] = {verb: getattr(actions, verb) for verb in TIMER_VERBS.values()}


def fire_many(*, at: datetime | None = None, at_most: int = BATCH) -> int:
    """Act on the tickets that are overdue longest, as many as fit into one transaction.

    When one of them fails, none has happened, and they are acted on one by one.

    Returns:
        How many were looked at; 0 when nothing is due.
    """
    at = at or timezone.now()
    try:
        with recording_together():
            due = _lock_due(at, at_most)
            _act_on_all(due, at)
            return len(due)
    except Exception:
        logger.warning("a batch of timers failed; they are tried one by one", exc_info=True)
    count = 0
    while count < at_most and fire_next(at=at) is not None:
        count += 1
    return count


def _lock_due(at: datetime, at_most: int) -> list[Ticket]:
    """Lock a batch and read it.

    A distribution's batch is of one department and line: who distributes two of them in one transaction could wait
    for somebody who does it in the other order, for ever.
    """
    due = Ticket.objects.due(at).select_for_update(skip_locked=True).only("pk", "status", "department_id", "line")
    first = due.first()
    if first is None:
        return []
    if first.status == Status.AWAITING_DISTRIBUTION:
        others = due.filter(status=first.status, department=first.department_id, line=first.line)
    else:
        others = due.exclude(status=Status.AWAITING_DISTRIBUTION)
    others = others.exclude(pk=first.pk)[: at_most - 1] if at_most > 1 else due.none()
    return all_with_relations([first.number, *(ticket.number for ticket in others)])


def _act_on_all(tickets: list[Ticket], at: datetime) -> None:
    rota = None
    for ticket in tickets:
        if rota is None and ticket.status == Status.AWAITING_DISTRIBUTION:
            rota = Rota(ticket.department, ticket.line, at)
        _act(ticket, at, rota)


def fire_next(*, at: datetime | None = None) -> Ticket | None:
    """Act on the ticket whose timer is overdue longest.

    Rows that another worker holds are skipped. A ticket whose action fails is pushed forward with its error stored,
    so that it cannot hold up the others.

    Returns:
        The ticket that was looked at, or None when nothing is due.
    """
    at = at or timezone.now()
    ticket = None
    try:
        with transaction.atomic():
            due = Ticket.objects.due(at).select_for_update(skip_locked=True).only("pk").first()
            if due is None:
                return None
            ticket = with_relations(due.number)
            return _act(ticket, at)
    except Exception as error:
        if ticket is None:
            raise
        logger.exception("a timer's action failed", extra={"ticket": ticket.number})
        _push_forward(ticket, at + FAILED_AFTER, f"{type(error).__name__}: {error}")
    return ticket


def _act(ticket: Ticket, at: datetime, rota: Rota | None = None) -> Ticket:
    """Act on a locked ticket; where nobody can be given it, alert once and look again later, still under the lock."""
    assert ticket.timer is not None  # a due ticket has a timer
    more = {"rota": rota} if rota and ticket.timer is Timer.DISTRIBUTION else {}
    try:
        return _ACTIONS[TIMER_VERBS[ticket.timer]](ticket=ticket, at=at, is_locked=True, **more)
    except actions.NoCandidate:  # comes before anything is written
        _push_forward(ticket, at + LOOK_AGAIN_AFTER)
        return ticket if ticket.alerted_at else actions.alert(ticket=ticket, at=at)


# Advisory lock: every sweep shares it, whoever turns the clock himself has it alone. It ends with its connection.
_SWEEP_LOCK = (7283, 1)


@contextmanager
def sweeping() -> Iterator[bool]:
    """Whether the clock may be acted on now; held while the block runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock_shared(%s, %s)", _SWEEP_LOCK)
        (may,) = cursor.fetchone()
    try:
        yield may
    finally:
        if may:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s, %s)", _SWEEP_LOCK)


@contextmanager
def standing_still(*, patience: float = 60) -> Iterator[None]:
    """No worker sweeps while the block runs: for imports and replays, which bring a time of their own.

    Args:
        patience: seconds to wait for a sweep that is on its way.

    Raises:
        TimeoutError: the sweep does not end, or somebody else holds the clock.
    """
    deadline = time.monotonic() + patience
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _SWEEP_LOCK)
            if cursor.fetchone()[0]:
                break
        if time.monotonic() > deadline:
            raise TimeoutError("the clock is held by somebody else")
        time.sleep(0.2)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _SWEEP_LOCK)


def _push_forward(ticket: Ticket, until: datetime, error: str = "") -> None:
    Ticket.objects.filter(pk=ticket.number, timer_due_at__isnull=False).update(timer_retry_at=until, timer_error=error)


def refit(department: Department, was: Department, at: datetime | None = None) -> None:
    """A department's rules have changed: its waiting tickets get the clock that fits them now (R6.24, A2, A9).

    A window that runs goes on, since people were told its end. What had no clock and needs one gets a full window
    from now; what needs none any more loses it. In the trash time stands still: there, a window begins with the
    restoring.

    Args:
        was: the department as it was before.
    """
    at = at or timezone.now()
    open_ones = Ticket.with_trash.open().filter(department=department)
    for waiting, now in ((open_ones.filter(trashed_at=None), Value(at)), (open_ones.exclude(trashed_at=None), _IN)):
        for status in (Status.AWAITING_DISTRIBUTION, *DECISIONS):
            due = timer_due_at(department, status, at)
            without_or_with = waiting.filter(status=status, timer_due_at__isnull=due is not None)
            without_or_with.update(timer_due_at=due and now + (due - at), timer_retry_at=None, timer_error="")
        if bool(was.approval_period) != bool(department.approval_period):
            due = timer_due_at(department, Status.AWAITING_APPROVAL, at)
            waiting.filter(status=Status.AWAITING_APPROVAL).update(timer_due_at=due and now + (due - at))


def go_on(since: datetime, until: datetime) -> None:
    """The plan had ended and was renewed: what ran goes on with what was left of it (R3.18).

    In the trash, restoring adds the whole time that a ticket has lain there.
    """
    stays.go_on(Ticket.objects.open(), since, until)
