"""Many tickets at once, for lists and plans: written as rows, because nobody walks three thousand ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from attachments.models import Folder
from helpdesk.people.models import Department, User
from tests.cast import Cast
from tickets.lifecycle import Outcome, Status
from tickets.models import Event, Message, Ticket

BEGAN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def many(
    cast: Cast,
    count: int,
    fields: Callable[[int], dict[str, Any]] = lambda index: {},
    *,
    department: Department | None = None,
    text: Callable[[int], str] | None = None,
) -> list[Ticket]:
    """Add ``count`` tickets of Rita's, a minute apart; ``fields(index)`` replaces columns.

    ``executor`` makes a ticket assigned, ``closed_at`` closed; ``text(index)`` is what its one message says.
    """
    start = (Ticket.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    numbers = range(start, start + count)
    folders = Folder.objects.bulk_create(Folder(name=str(number), title="many") for number in numbers)
    tickets = []
    for index, (number, folder) in enumerate(zip(numbers, folders, strict=True)):
        at = BEGAN + timedelta(minutes=index)
        columns: dict[str, Any] = {
            "number": number,
            "subject": f"One of many {index}",
            "department": department or cast.department,
            "service": cast.service if department is None else department.services.get(),
            "requester": cast.rita,
            "folder": folder,
            "opened_at": at,
            "last_message_at": at,
        }
        columns |= fields(index)
        if columns.get("executor"):
            columns = {"status": Status.ASSIGNED, "assigned_at": at} | columns
        if columns.get("closed_at"):
            columns |= {"status": Status.CLOSED, "outcome": Outcome.SOLVED, "assigned_at": at}
            columns.setdefault("executor", cast.ada)
        tickets.append(Ticket(**columns))
    Ticket.objects.bulk_create(tickets, batch_size=1000)
    if text:
        Message.objects.bulk_create(
            Message(ticket=ticket, kind="opening", author=cast.rita, at=ticket.opened_at, text=text(index))
            for index, ticket in enumerate(tickets)
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'number'), %s)", [numbers[-1]])
    return tickets


def customers(count: int) -> list[User]:
    """Requesters, so that a desk with much data has the shape of one."""
    return User.objects.bulk_create(
        User(email=f"customer{index}@demo.example", name=f"Customer {index}", password="!") for index in range(count)
    )


def a_long_talk(ticket: Ticket, count: int) -> None:
    """Let executor and requester write ``count`` messages in turn."""
    people = (ticket.executor, ticket.requester)
    messages = Message.objects.bulk_create(
        Message(ticket=ticket, kind="message", author=people[index % 2], text=f"line {index}") for index in range(count)
    )
    Event.objects.bulk_create(
        Event(
            ticket=ticket,
            verb="reply" if index % 2 == 0 else "write",
            actor=message.author,
            at=message.at,
            from_status=ticket.status,
            to_status=ticket.status,
            message=message,
        )
        for index, message in enumerate(messages)
    )


def analyse() -> None:
    """Let the planner know how much there is, as the database's own housekeeping does."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def scans_of(statements: list[str], table: str = "tickets_ticket") -> list[str]:
    """The statements whose plan reads the whole of ``table``."""
    found = []
    with connection.cursor() as cursor:
        for sql in statements:
            if not sql.startswith(("SELECT", "(", "WITH")):
                continue
            cursor.execute(f"EXPLAIN {sql}")
            if any(f"Seq Scan on {table}" in line for (line,) in cursor.fetchall()):
                found.append(sql)
    return found
