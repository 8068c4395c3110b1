"""What the worker runs for notices. Every task may run twice, late, or beside another worker."""

from __future__ import annotations

from datetime import datetime

from . import delivery, plan
from .actions import wake_worker


def deliver_letters(*, woken: bool = False, at_most: int = delivery.BATCH) -> int:
    """Send the letters that are due; scheduled every minute, and woken by whatever writes a letter (R1.19).

    Args:
        woken: called because something happened rather than because a minute is over. While the mail server is away
            such a call does nothing, so that a busy desk does not keep all workers waiting for it; the minute's run
            goes on trying.
        at_most: how many letters one run looks at; when more wait, it asks for another run.

    Returns:
        How many letters were sent.
    """
    if woken and delivery.server_is_away():
        return 0
    run = delivery.deliver(at_most=at_most)
    if run.more:
        wake_worker()
    return run.sent


def remind_of_plan(at: datetime | None = None) -> bool:
    """Tell administrators that the plan ends soon, once for each end; scheduled every day (R3.18).

    Returns:
        Whether they were told now.
    """
    return plan.remind(at=at)
