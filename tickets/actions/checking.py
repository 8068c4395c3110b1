"""The requester's check of the solution, the silence that stands for it, and the rating."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from helpdesk.core.clock import CLOCK
from helpdesk.people.models import User
from tickets.funnel import Passage, passage, timer_due_at
from tickets.lifecycle import Status
from tickets.models import Ticket

from .distribution import return_to_pool
from .ending import finalize


def return_solution(
    *, ticket: Ticket, by: User, text: str, files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The requester is not satisfied: back to the executor, or to the line's distribution if he is gone (R4.23)."""
    with passage("return_solution", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        if step.ticket.status == Status.AWAITING_DISTRIBUTION:
            return_to_pool(step)
        else:
            step.tell("solution_returned", step.ticket.executor)
    return step.ticket


def approve(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """The requester approves: closed, or waiting for the rating first (R1.34, R4.24, A5)."""
    with passage("approve", ticket=ticket, by=by, at=at) as step:
        step.set(approved_at=step.at, approved_by_clock=False)
        step.tell("solution_approved", step.ticket.executor)
        tell_closed(step)
    return step.ticket


def approve_automatically(
    *, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False
) -> Ticket:
    """Silence is approval once the period is over; both survey modes close at once (R1.28, R6.18)."""
    with passage("approve_automatically", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(approved_at=step.at, approved_by_clock=True)
        step.tell("solution_approved", step.ticket.executor)
        tell_closed(step)
    return step.ticket


def remind(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False) -> Ticket:
    """Where silence never approves, the requester is reminded from time to time (A9)."""
    with passage("remind", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(timer_due_at=timer_due_at(step.ticket.department, Status.AWAITING_APPROVAL, step.at))
        step.tell_requester("approval_reminder")
    return step.ticket


def rate(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """The requester has rated: the ticket closes as solved (R4.25). Called by the survey's answer."""
    with passage("rate", ticket=ticket, by=by, at=at) as step:
        tell_closed(step)
    return step.ticket


def close_unrated(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False) -> Ticket:
    """The rating period is over: solved without a rating, and the engagement ends with it (R4.26, R3.32)."""
    with passage("close_unrated", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        tell_closed(step)
    return finalize(ticket=step.ticket, by=CLOCK, at=at, is_locked=is_locked)


def tell_closed(step: Passage) -> None:
    """The closing notice, where the move has closed the ticket (R4.25)."""
    if step.ticket.status == Status.CLOSED:
        step.tell_requester("ticket_closed")
