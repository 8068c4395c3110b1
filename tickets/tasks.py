"""What the worker runs for tickets. Every task may run twice, late, or beside another worker."""

from __future__ import annotations

from datetime import datetime

from helpdesk.notifications.actions import wake_worker
from helpdesk.people.actions import is_read_only

from . import alarms, timers
from .actions import trash
from .indicators import totals


def sweep(at: datetime | None = None, *, at_most: int = 5000) -> int:
    """Fire every timer that is due, oldest first; scheduled every minute (R1.32, R6.24).

    Args:
        at_most: how many tickets one run looks at, so that a run ends before its task times out; the next one
            goes on.

    Returns:
        How many tickets were looked at; none while somebody else turns the clock (``timers.standing_still``), and
        after the end of the plan, when nobody could answer the clock (R3.18).
    """
    count = 0
    if is_read_only(at):
        return count
    with timers.sweeping() as may:
        while may and count < at_most:
            fired = timers.fire_many(at=at, at_most=min(timers.BATCH, at_most - count))
            if not fired:
                break
            count += fired
    if count:
        wake_worker()
    return count


def empty_trash(at: datetime | None = None) -> int:
    """Delete for good what has lain in the trash longer than the account keeps it; scheduled every day (R2.42).

    Returns:
        How many entries were deleted.
    """
    return trash.empty(at=at)


def ring(at: datetime | None = None) -> int:
    """Warn of service levels that run out, and tell of those that are missed; scheduled every minute (R3.58).

    Returns:
        For how many tickets somebody was told; none while somebody else turns the clock, and after the end of the plan.
    """
    if is_read_only(at):
        return 0
    with timers.sweeping() as may:
        count = alarms.ring(at=at) if may else 0
    if count:
        wake_worker()
    return count


def add_up() -> int:
    """Add to the dashboard's totals what has changed; scheduled every minute. Goes on after the end of the plan, when
    figures can still be read.

    Returns:
        How many changes were added, or tickets counted while there are no totals yet.
    """
    return totals.add_up()
