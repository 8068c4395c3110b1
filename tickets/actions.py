"""What can be done with a ticket: one function a verb, each one passage through the funnel.

Keyword-only; ``by`` is a person or the clock, ``at`` defaults to now. Every function returns the ticket as it is
afterwards and raises ``Refused`` with a sentence for the person where the move is not possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import connection
from django.utils.translation import gettext as _

import attachments.actions
from attachments import storing
from attachments.permissions import ADD
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.actions import Notices
from helpdesk.people.models import Department, Service, User

from .funnel import REMINDER_EVERY, Passage, excerpt, instant, passage, record, timer_due_at
from .lifecycle import MOVES, Priority, Status
from .models import SUBJECT_LENGTH, Ticket
from .querysets import Rota


class NoCandidate(Refused):
    """No active, present agent of the line: the ticket stays in the queue (R4.9)."""


def open(
    *,
    by: User,
    department: Department,
    service: Service,
    subject: str,
    description: str,
    priority: str = Priority.NORMAL,
    files: Sequence[File] = (),
    at: datetime | None = None,
    external_reference: str = "",
) -> Ticket:
    """Open a ticket: number, ticket, folder, copies and notices are one unit of work (R1.2 to R1.11, R3.2, R4.2).

    Args:
        external_reference: the ticket's number in the system that it is brought over from; the database holds
            each once.

    Raises:
        Refused: a field is not filled in or does not fit; ``field`` names it.
        StorageUnavailable: the files cannot be stored; nothing of the ticket exists then.
    """
    at = instant(at)
    ticket = Ticket(
        subject=subject.strip(),
        department=department,
        service=service,
        priority=priority,
        requester=by,
        organization_id=by.organization_id,
        timer_due_at=timer_due_at(department, Status.AWAITING_DISTRIBUTION, at),
        opened_at=at,
        last_message_at=at,
        last_message_text=excerpt(description),
        external_reference=external_reference,
    )
    step = Passage(MOVES["open"], ticket, by, at, description.strip(), files, Notices(by=by, at=at))
    _check_opening(step)
    storing.check(
        files,
        allowed_extensions=department.allowed_extensions,
        at_least=department.attachment_min_count if service.requires_attachment else 0,
    )
    with storing.unit_of_work():
        ticket.number = _next_number()
        ticket.folder = attachments.actions.create_folder(name=str(ticket.number), title=ticket.subject, at=at)
        ticket.save(force_insert=True)
        heads = _announce(step)
        on_open = department.attachment_access_moment == Department.AccessMoment.ON_OPEN
        step.grant(adders=[by], viewers=heads, group=department.group if on_open else None)
        record([step])
    return ticket


def assume(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """An agent of the group takes the ticket; of two at once, one has it (R1.22, R1.23, R3.8)."""
    with passage("assume", ticket=ticket, by=by, at=at) as step:
        _give(step, by)
    return step.ticket


def assign(
    *,
    ticket: Ticket,
    by: Any = CLOCK,
    at: datetime | None = None,
    is_locked: bool = False,
    rota: Rota | None = None,
) -> Ticket:
    """The clock gives the ticket to the least-loaded agent of its line (R4.6, R4.8, R4.9).

    Args:
        rota: of the ticket's department and line, when several tickets are given in one transaction.

    Raises:
        NoCandidate: nobody can be given it.
    """
    with passage("assign", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        executor = (rota or Rota(step.ticket.department, step.ticket.line, step.at)).next(step.ticket.requester_id)
        if executor is None:
            raise NoCandidate(_("No agent of this line is available."))
        _give(step, executor)
        step.set(assigned_by_clock=True)
        step.tell("ticket_assigned", executor)
    return step.ticket


def alert(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None) -> Ticket:
    """Nobody can be given the ticket: heads and administrators are told, once for each wait (R4.9)."""
    with passage("alert", ticket=ticket, by=by, at=at) as step:
        step.set(alerted_at=step.at)
        step.tell("no_candidate", *step.heads(), *User.objects.administrators())
    return step.ticket


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
        _tell_service(step)
    return step.ticket


def answer(
    *, ticket: Ticket, by: User, text: str = "", files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The requester answers a question; the ticket goes back into service (R6.7)."""
    with passage("answer", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        _tell_service(step)
    return step.ticket


def send_solution(
    *, ticket: Ticket, by: User, text: str, files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The executor concludes: a solution goes to the requester, and a full approval period starts (R1.24 to R1.30)."""
    with passage("send_solution", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        step.set(concluded_at=step.at)
        step.tell_requester("solution_sent")
    return step.ticket


def return_solution(
    *, ticket: Ticket, by: User, text: str, files: Sequence[File] = (), at: datetime | None = None
) -> Ticket:
    """The requester is not satisfied: back to the executor, or to the line's distribution if he is gone (R4.23)."""
    with passage("return_solution", ticket=ticket, by=by, at=at, text=text, files=files) as step:
        if step.ticket.status == Status.AWAITING_DISTRIBUTION:
            former = step.ticket.executor
            step.set(executor=None, assigned_by_clock=False, alerted_at=None)
            if former and former != step.ticket.requester:  # a requester adds, whatever else he was (R1.16)
                attachments.actions.revoke(folder=step.ticket.folder, by=by, at=step.at, person=former, codes=(ADD,))
            step.grant(viewers=_announce(step))
        else:
            step.tell("solution_returned", step.ticket.executor)
    return step.ticket


def approve(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """The requester approves: closed, or waiting for the rating first (R1.34, R4.24, A5)."""
    with passage("approve", ticket=ticket, by=by, at=at) as step:
        step.set(approved_at=step.at, approved_by_clock=False)
        step.tell("solution_approved", step.ticket.executor)
        _tell_closed(step)
    return step.ticket


def approve_automatically(
    *, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False
) -> Ticket:
    """Silence is approval once the period is over; both survey modes close at once (R1.28, R6.18)."""
    with passage("approve_automatically", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(approved_at=step.at, approved_by_clock=True)
        step.tell("solution_approved", step.ticket.executor)
        _tell_closed(step)
    return step.ticket


def remind(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False) -> Ticket:
    """Where silence never approves, the requester is reminded from time to time (A9)."""
    with passage("remind", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(timer_due_at=step.at + REMINDER_EVERY)
        step.tell_requester("approval_reminder")
    return step.ticket


def rate(*, ticket: Ticket, by: User, at: datetime | None = None) -> Ticket:
    """The requester has rated: the ticket closes as solved (R4.25). Called by the survey's answer."""
    with passage("rate", ticket=ticket, by=by, at=at) as step:
        _tell_closed(step)
    return step.ticket


def close_unrated(*, ticket: Ticket, by: Any = CLOCK, at: datetime | None = None, is_locked: bool = False) -> Ticket:
    """The rating period is over: solved without a rating, and the engagement ends with it (R4.26, R3.32)."""
    with passage("close_unrated", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        _tell_closed(step)
    return finalize(ticket=step.ticket, by=CLOCK, at=at, is_locked=is_locked)


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
    """End the service engagement of a solved ticket, by hand or by itself after the survey (R3.32, R6.22)."""
    with passage("finalize", ticket=ticket, by=by, at=at, is_locked=is_locked) as step:
        step.set(finalized_at=step.at, finalized_by_id=by.pk)
    return step.ticket


def _check_opening(step: Passage) -> None:
    """Refuse an opening whose data do not fit together; each sentence stands beside its field (R1.3)."""
    ticket = step.ticket
    if not step.by.is_active:
        raise Refused(_("This account is not active."))
    if not ticket.department.is_active:
        raise Refused(_("This department does not accept tickets."), field="department")
    if not ticket.service.is_active or ticket.service.department_id != ticket.department_id:
        raise Refused(_("This department does not offer this service."), field="service")
    if not ticket.subject:
        raise Refused(_("Say in a few words what it is about."), field="subject")
    if len(ticket.subject) > SUBJECT_LENGTH:
        raise Refused(_("The subject is too long."), field="subject")
    if ticket.priority not in Priority.values:
        raise Refused(_("Choose a priority."), field="priority")
    if not step.text:
        raise Refused(_("Describe what you need."), field="description")


def _next_number() -> int:
    """Take a number from the sequence: increasing, never reused, known before the folder is named after it (A26)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'number'))")
        return cursor.fetchone()[0]


def _give(step: Passage, executor: User) -> None:
    """Make somebody the executor: access to the folder from this moment (R1.13), and the requester is told (A3)."""
    step.set(executor=executor, assigned_at=step.at, assigned_by_clock=False, alerted_at=None)
    step.subject = executor
    step.grant(adders=[executor])
    step.tell_requester("ticket_assumed")


def _announce(step: Passage) -> list[User]:
    """Tell the group that a ticket waits, and the heads that they have to give it (R1.18, R4.7).

    Nobody reads it twice: a head who takes no tickets has it as his task, and where there is none, like everybody. A
    line without agents alerts the administrators instead of losing the ticket (R1.21).

    Returns:
        The heads who have a task now, and so may open the folder (A1).
    """
    members = step.members()
    heads = [membership.user for membership in members if membership.is_head]
    has_task = step.ticket.department.distribution_mode != Department.DistributionMode.PULL
    step.tell("ticket_opened", *(membership.user for membership in members if membership.line or not has_task))
    if not any(membership.serves(step.ticket.line) for membership in members):
        step.tell("department_unstaffed", *User.objects.administrators())
    if not has_task:
        return []
    step.tell("distribution_needed", *heads)
    return heads


def _tell_service(step: Passage) -> None:
    """The requester wrote: to the executor, where nobody can read it there, to the whole group (R3.38)."""
    if step.ticket.executor and step.ticket.executor.is_active:
        step.tell("requester_wrote", step.ticket.executor)
    else:
        step.tell("requester_wrote", *(membership.user for membership in step.members()))


def _tell_closed(step: Passage) -> None:
    """The closing notice, where the move has closed the ticket (R4.25)."""
    if step.ticket.status == Status.CLOSED:
        step.tell_requester("ticket_closed")
