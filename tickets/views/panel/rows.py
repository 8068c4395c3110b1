"""What a row of the panel's lists shows: fetched for the tickets of one page only, and drawn ready for the template.

Lists are the panel's busiest pages, and twenty-five rows of model instances and template tags cost more than all
the rest of a page. So rows are read as plain values, and marks that repeat are drawn once for each language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helpdesk.core.templatetags import ui
from helpdesk.people.models import Department, User
from tickets import search
from tickets.lifecycle import REMINDERS, TIMERS, Priority, Status, Timer, shown_status
from tickets.models import Ticket
from tickets.permissions import available_moves
from tickets.sla import CONCLUSION, FIRST_START

from .service_level import LABELS

_COLUMNS = (
    "number",
    "subject",
    "priority",
    "status",
    "outcome",
    "line",
    "timer_due_at",
    "start_due_at",
    "conclusion_due_at",
    "opened_at",
    "concluded_at",
    "approved_at",
    "closed_at",
    "last_message_at",
    "last_message_text",
    "requester_id",
    "requester__name",
    "organization__name",
    "executor_id",
    "executor__name",
    "department_id",
    "department__support_lines",
    "department__distribution_mode",
    "department__distribution_minutes",
    "department__approval_period",
    "department__closing_without_solution_needs_head",
)


_SLA_COLUMNS = {FIRST_START: "start_due_at", CONCLUSION: "conclusion_due_at"}


@dataclass(frozen=True)
class Row:
    """A ticket in a list.

    Attributes:
        about: who asked, when something was said last, and what.
        excerpt: where a search has found its words, instead of what was said last.
        can_take: whether the reader may take it with one click.
    """

    number: int
    url: str
    subject: str
    about: SafeString
    excerpt: SafeString | None
    priority: SafeString
    status: SafeString
    executor: str
    can_take: bool
    deadline: SafeString
    closed: SafeString


def values_of(tickets: QuerySet[Ticket], *more: str) -> QuerySet[Any, dict[str, Any]]:
    """What rows need of ``tickets``, and no more."""
    return tickets.values(*_COLUMNS, *more)


def rows_of(numbers: list[int], reader: User, words: str = "") -> list[Row]:
    """The rows of these tickets in this order; the numbers come from a list that the reader may see.

    Args:
        words: of the search that has found them; they are marked.
    """
    if not numbers:
        return []
    tickets = Ticket.objects.filter(pk__in=numbers).order_by()
    read = values_of(search.with_marked_subject(tickets, words), "marked_subject") if words else values_of(tickets)
    found = {values["number"]: values for values in read}
    excerpts = search.excerpts(numbers, words) if words else {}
    return rows((found[number] for number in numbers if number in found), reader, excerpts)


def rows(
    found: Iterable[Mapping[str, Any]], reader: User, excerpts: Mapping[int, SafeString] | None = None
) -> list[Row]:
    """Rows out of what :func:`values_of` gave."""
    language, excerpts, can_take = get_language() or "", excerpts or {}, _Taking(reader)
    path, end = reverse("panel:ticket", args=[0]).rsplit("0", 1)
    return [
        Row(
            number=values["number"],
            url=f"{path}{values['number']}{end}",
            subject=search.with_marks(values["marked_subject"]) if "marked_subject" in values else values["subject"],
            about=_about(values, reader, with_text=values["number"] not in excerpts),
            excerpt=excerpts.get(values["number"]),
            priority=_priority(values["priority"], language),
            status=_status(values["status"], values["outcome"], language),
            executor=_("You") if values["executor_id"] == reader.pk else values["executor__name"] or "",
            can_take=values["status"] == Status.AWAITING_DISTRIBUTION and can_take(values),
            deadline=_deadline(values),
            closed=ui.moment(values["closed_at"]),
        )
        for values in found
    ]


def _about(values: Mapping[str, Any], reader: User, *, with_text: bool) -> SafeString:
    requester = _("You") if values["requester_id"] == reader.pk else values["requester__name"]
    if values["organization__name"]:
        requester = f"{requester}, {values['organization__name']}"
    said = values["last_message_text"] if with_text else ""
    pattern = "{} · {} · {}" if said else "{} · {}"
    return format_html(pattern, requester, ui.moment(values["last_message_at"]), said)


@lru_cache(maxsize=64)
def _status(value: str, outcome: str, language: str) -> SafeString:
    shown = shown_status(value, outcome)
    return ui.badge(shown.value, shown.label)


@lru_cache(maxsize=64)
def _priority(value: str, language: str) -> SafeString:
    return ui.priority(value, Priority(value).label)


def _deadline(values: Mapping[str, Any]) -> SafeString:
    """The nearest of what is due: the status's own clock, the first start, the conclusion (R5.54)."""
    dues = [(due, "") for due in [_timer_due(values)] if due]
    dues += [(values[column], name) for name, column in _SLA_COLUMNS.items() if values[column]]
    if not dues:
        return ui.NOTHING
    due, name = min(dues)
    if name:
        return ui.deadline(due, values["opened_at"], what=LABELS[name])
    return ui.deadline(
        due,
        _started(
            TIMERS[Status(values["status"])],
            due,
            values["department__distribution_minutes"],
            concluded_at=values["concluded_at"],
            approved_at=values["approved_at"],
        ),
    )


def _timer_due(values: Mapping[str, Any]) -> datetime | None:
    """When the status's clock is due; None where there is none, or one that only reminds (A9, R4.16)."""
    due, timer = values["timer_due_at"], TIMERS.get(Status(values["status"]))
    if timer is None or timer in REMINDERS or (timer is Timer.APPROVAL and not values["department__approval_period"]):
        return None
    return due


def clock_started(ticket: Ticket) -> datetime | None:
    """When the ticket's clock was started: its deadline turns warn and danger by the part of it that is left."""
    if ticket.timer is None or ticket.timer_due_at is None:
        return None
    return _started(
        ticket.timer,
        ticket.timer_due_at,
        ticket.department.distribution_minutes,
        concluded_at=ticket.concluded_at,
        approved_at=ticket.approved_at,
    )


def _started(
    timer: Timer, due: datetime, minutes: int, *, concluded_at: datetime | None, approved_at: datetime | None
) -> datetime | None:
    return {
        Timer.DISTRIBUTION: due - timedelta(minutes=minutes),
        Timer.APPROVAL: concluded_at,
        Timer.RATING: approved_at,
    }.get(timer)


def likeness(values: Mapping[str, Any]) -> Ticket:
    """A ticket that is asked which moves it has, and never saved: what :func:`values_of` gave is all it knows."""
    return Ticket(
        number=values["number"],
        status=values["status"],
        line=values["line"],
        executor_id=values["executor_id"],
        department=Department(
            pk=values["department_id"],
            support_lines=values["department__support_lines"],
            distribution_mode=values["department__distribution_mode"],
            closing_without_solution_needs_head=values["department__closing_without_solution_needs_head"],
        ),
    )


class _Taking:
    """Whether "Take" would be drawn and enabled on a ticket's page; asked once for each department and line."""

    def __init__(self, reader: User) -> None:
        self._reader = reader
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, values: Mapping[str, Any]) -> bool:
        key = (values["department_id"], values["line"])
        if key not in self._known:
            self._known[key] = self._ask(values)
        return self._known[key]

    def _ask(self, values: Mapping[str, Any]) -> bool:
        moves = available_moves(likeness(values), self._reader)
        return any(one.move.verb == "assume" and one.refusal is None for one in moves)
