"""The end: cancelled, or finalized after the closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpdesk.people.models import User
from tickets.funnel import passage
from tickets.models import Ticket


def cancel(*, ticket: Ticket, by: User, text: str = "", at: datetime | None = None) -> Ticket:
    """Cancel from any state that is not final; staff give a reason, no survey follows (R3.34, R4.28, A14)."""
    with passage("cancel", ticket=ticket, by=by, at=at, text=text) as step:
        heads = step.heads()
        if by.pk == step.ticket.requester_id:
            step.tell("ticket_cancelled", step.ticket.executor, *heads)
        else:
            step.tell_requester("ticket_cancelled")
            step.tell("ticket_cancelled", *(person for person in [step.ticket.executor, *heads] if person != by))
    return step.ticket


def finalize(*, ticket: Ticket, by: Any, at: datetime | None = None, is_locked: bool = False) -> Ticket:
    """End the service engagement of a solved ticket, by hand or by itself after the survey (R3.32, R6.22).

    The system does it with the answer, or when the time for one is over. A survey without end never lets that time
    pass, and a ticket without a survey has none: both stay among their executor's tasks until he finalizes them.
    """
    with passage("finalize", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(finalized_at=step.at, finalized_by_id=by.pk)
    return step.ticket
