"""What a row of the panel's lists shows: fetched for the tickets of one page only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import FETCH_PEERS, QuerySet

from helpdesk.people.models import User
from tickets.lifecycle import Timer
from tickets.models import Ticket
from tickets.permissions import available_moves
from tickets.search import Hit

_SHOWN = (
    "number",
    "subject",
    "priority",
    "status",
    "outcome",
    "line",
    "timer_due_at",
    "opened_at",
    "concluded_at",
    "approved_at",
    "closed_at",
    "finalized_at",
    "last_message_at",
    "last_message_text",
    "department__name",
    "department__support_lines",
    "department__distribution_mode",
    "department__distribution_minutes",
    "department__approval_period",
    "requester__name",
    "requester__email",
    "organization__name",
    "executor__name",
    "executor__email",
)


@dataclass(frozen=True)
class Row:
    """A ticket in a list.

    Attributes:
        since: when its clock was started, for the colours of the deadline.
        can_take: whether the reader may take it with one click.
        hit: where it holds the words of a search.
    """

    ticket: Ticket
    since: datetime | None
    can_take: bool
    hit: Hit | None = None


def shown(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The columns and joins that a row needs, and no more."""
    return (
        tickets.select_related("department", "requester", "organization", "executor")
        .only(*_SHOWN)
        .fetch_mode(FETCH_PEERS)
    )


def rows_of(numbers: list[int], reader: User, hits: Mapping[int, Hit] | None = None) -> list[Row]:
    """The rows of these tickets in this order; the numbers come from a list that the reader may see."""
    found = {ticket.pk: ticket for ticket in shown(Ticket.objects.filter(pk__in=numbers).order_by())}
    return rows((found[number] for number in numbers if number in found), reader, hits)


def rows(tickets: Iterable[Ticket], reader: User, hits: Mapping[int, Hit] | None = None) -> list[Row]:
    """Rows out of tickets that were fetched by :func:`shown`."""
    return [
        Row(ticket, clock_started(ticket), _can_take(ticket, reader), (hits or {}).get(ticket.number))
        for ticket in tickets
    ]


def clock_started(ticket: Ticket) -> datetime | None:
    """When the ticket's clock was started: its deadline turns warn and danger by the part of it that is left."""
    match ticket.timer:
        case Timer.DISTRIBUTION if ticket.timer_due_at:
            return ticket.timer_due_at - timedelta(minutes=ticket.department.distribution_minutes)
        case Timer.APPROVAL:
            return ticket.concluded_at
        case Timer.RATING:
            return ticket.approved_at
    return None


def _can_take(ticket: Ticket, reader: User) -> bool:
    return ticket.executor_id is None and any(
        one.move.verb == "assume" and one.refusal is None for one in available_moves(ticket, reader)
    )
