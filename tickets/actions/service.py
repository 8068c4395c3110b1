"""Working on the ticket and talking about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import File

from helpdesk.people.models import User
from tickets.funnel import Passage, passage
from tickets.lifecycle import Status
from tickets.models import Ticket

from .distribution import return_to_pool


def start(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """The executor starts; the first start is kept for the indicators (R3.9)."""
    with passage("start", ticket=ticket, by=by, at=at) as step:
        if step.ticket.started_at is None:
            step.set(started_at=step.at)
        step.tell_requester("ticket_started")
    return step.ticket


def ask(*, ticket: Ticket, by: User, text: str, files: Sequence[File] = (), at: datetime | None = None) -> Ticket:
    """The executor asks for information; the ticket waits for the requester (R3.10)."""
    with passage("ask", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        step.tell_requester("agent_asked")
    return step.ticket


def reply(
    *, ticket: Ticket, by: User, text: str = "", files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The executor writes to the requester; the status stays (R3.10)."""
    with passage("reply", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        step.tell_requester("agent_wrote")
    return step.ticket


def note(*, ticket: Ticket, by: User, text: str, at: datetime | None = None) -> Ticket:
    """Staff writes an internal note, which the requester never sees."""
    with passage("note", ticket=ticket, by=by, at=at, text=text) as step:
        return step.ticket


def write(
    *, ticket: Ticket, by: User, text: str = "", files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The requester writes; the status stays (R3.5, R3.6)."""
    with passage("write", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        tell_service(step)
    return step.ticket


def answer(
    *, ticket: Ticket, by: User, text: str = "", files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The requester answers a question: back into service, or to the line's distribution if nobody is there to read it
    (R6.7, as R4.23)."""
    with passage("answer", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        if step.ticket.status == Status.AWAITING_DISTRIBUTION:
            return_to_pool(step)
        else:
            tell_service(step)
    return step.ticket


def send_solution(
    *, ticket: Ticket, by: User, text: str, files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The executor concludes: a solution goes to the requester, and a full approval period starts (R1.24 to R1.30)."""
    with passage("send_solution", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        step.set(concluded_at=step.at)
        step.tell_requester("solution_sent")
    return step.ticket


def tell_service(step: Passage) -> None:
    """The requester wrote: to the executor, where nobody can read it there, to all of the group who see it (R3.38)."""
    if step.ticket.executor and step.ticket.executor.is_active:
        step.tell("requester_wrote", step.ticket.executor)
    else:
        is_taken = step.ticket.executor is not None
        step.tell("requester_wrote", *(one.user for one in step.members() if one.sees(is_taken=is_taken)))
