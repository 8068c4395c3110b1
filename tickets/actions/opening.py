"""Opening a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import File
from django.db import connection
from django.utils.translation import gettext as _

import attachments.actions
from attachments import storing
from helpdesk.core.refusals import Refused
from helpdesk.notifications.actions import Notices
from helpdesk.people.models import Department, Service, User
from tickets import allowance, sla
from tickets.funnel import Passage, excerpt, instant, record, timer_due_at
from tickets.lifecycle import MOVES, Priority, Status
from tickets.models import SUBJECT_LENGTH, Ticket

from .distribution import announce


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
    is_brought_over: bool = False,
) -> Ticket:
    """Open a ticket: number, ticket, folder, copies and notices are one unit of work (R1.2 to R1.11, R3.2, R4.2).

    Args:
        external_reference: the ticket's number in the system that it is brought over from; the database holds
            each once.
        is_brought_over: it was opened elsewhere already; what the requester's organization may is not asked then.

    Raises:
        Refused: a field is not filled in or does not fit; ``field`` names it. Or the requester's organization opens
            no tickets, or no more in this month (R2.43).
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
        if not is_brought_over:
            allowance.take(by, at)
        sla.begin(ticket)
        ticket.number = _next_number()
        ticket.folder = attachments.actions.create_folder(name=str(ticket.number), title=ticket.subject, at=at)
        ticket.save(force_insert=True)
        heads = announce(step)
        on_open = department.attachment_access_moment == Department.AccessMoment.ON_OPEN
        step.grant(adders=[by], viewers=heads, group=department.group if on_open else None)
        record([step])
    return ticket


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
