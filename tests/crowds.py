"""Many tickets at once, made with few statements: rows as the actions would have left them, only quicker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from attachments.models import Folder
from helpdesk.people.models import User
from tickets.lifecycle import Status
from tickets.models import Event, Message, Ticket

from .cast import Cast


def _tickets(cast: Cast, count: int, *, opened_at: datetime, **fields: object) -> list[Ticket]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'number')) FROM generate_series(1, %s)", [count]
        )
        numbers = sorted(number for (number,) in cursor.fetchall())
    folders = Folder.objects.bulk_create(
        Folder(name=str(number), title=f"Crowd {number}", created_at=opened_at) for number in numbers
    )
    tickets = Ticket.objects.bulk_create(
        Ticket(
            number=number,
            subject=f"Crowd {number}",
            department=cast.department,
            service=cast.service,
            requester=cast.rita,
            organization=cast.branch,
            folder=folder,
            opened_at=opened_at,
            last_message_at=opened_at,
            last_message_text="One of many.",
            **fields,
        )
        for number, folder in zip(numbers, folders, strict=True)
    )
    messages = Message.objects.bulk_create(
        Message(ticket=ticket, kind=Message.Kind.OPENING, author=cast.rita, at=opened_at, text="One of many.")
        for ticket in tickets
    )
    Event.objects.bulk_create(
        Event(
            ticket=ticket, verb="open", actor=cast.rita, at=opened_at, to_status="awaiting_distribution", message=said
        )
        for ticket, said in zip(tickets, messages, strict=True)
    )
    return tickets


def waiting(cast: Cast, count: int, *, due_at: datetime) -> list[Ticket]:
    """Tickets in the pool whose fifteen minutes end at ``due_at``."""
    return _tickets(cast, count, opened_at=due_at - timedelta(minutes=15), timer_due_at=due_at)


def solved(cast: Cast, count: int, *, due_at: datetime, by: User) -> list[Ticket]:
    """Tickets whose approval period ends at ``due_at``."""
    sent_at = due_at - timedelta(days=2)
    tickets = _tickets(
        cast,
        count,
        opened_at=sent_at,
        status=Status.AWAITING_APPROVAL,
        executor=by,
        assigned_at=sent_at,
        started_at=sent_at,
        concluded_at=sent_at,
        timer_due_at=due_at,
    )
    steps = [("assume", "awaiting_distribution", "assigned"), ("start", "assigned", "in_service")]
    steps.append(("send_solution", "in_service", "awaiting_approval"))
    Event.objects.bulk_create(
        Event(ticket=ticket, verb=verb, actor=by, at=sent_at, from_status=before, to_status=after)
        for ticket in tickets
        for verb, before, after in steps
    )
    return tickets
