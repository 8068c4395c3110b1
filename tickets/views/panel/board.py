"""The board: what is open, in the columns of the process, each card with the moves that its reader may make.

Three queries whatever there is: the beginnings of all columns with what they count, the cards, the departments of the
filter. Which moves a card has follows from its status, department, line and executor, so it is asked once for each of
these combinations and not once for each card (R4.37 to R4.39).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Least
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.core.templatetags import ui
from helpdesk.people.models import Membership, User
from tickets import conditions
from tickets.lifecycle import COLUMNS, DECISIONS, REMINDERS, TIMERS, Move, Status, Text, Who, moves_from
from tickets.models import NEAREST_DUE, Ticket
from tickets.permissions import available_moves, reason_not

from . import filters
from .doors import for_staff
from .rows import likeness, rows, values_of
from .ticket import writing_address

# How many cards a column shows, and beyond which number nothing is counted.
_AT_MOST = 20
_MOST_COUNTED = 200
# Stands for a ticket's number in what is drawn once for several.
_MARK = "{number}"
# What is due apart from the status's own clock.
_PROMISED = Least("start_due_at", "conclusion_due_at")
_LATEST = datetime.max.replace(tzinfo=UTC)
# What ``conditions.executor_is_gone`` asks of one ticket, for all cards at once.
_EXECUTOR_SERVES = Exists(
    Membership.objects.filter(
        department=OuterRef("department"), user=OuterRef("executor"), user__is_active=True, line__isnull=False
    )
)
_COLUMN_OF = {status: name for name, _label, statuses in COLUMNS for status in statuses}


@dataclass(frozen=True)
class Step:
    """A move as an item of a card's menu.

    Attributes:
        place: its address, behind the ticket's.
        to: the column that it leads to; empty where the ticket leaves the board.
        after: the status afterwards, in words.
        is_posted: it needs no words and no choice, so one press makes it.
    """

    verb: str
    place: str
    label: Any
    to: str
    after: Any
    is_posted: bool


@dataclass
class Way:
    """What the reader may do with all cards of one kind.

    Attributes:
        refusals: why a card cannot go to a column, for each column that no step leads to.
    """

    number: int
    steps: list[Step]
    refusals: dict[str, str]

    @cached_property
    def _menu(self) -> str:
        marked = {"number": _MARK, "url": reverse("panel:ticket", args=[0]).replace("0", _MARK), "steps": self.steps}
        return render_to_string("components/board_menu.html", marked) if self.steps else ""

    def menu_of(self, number: int) -> SafeString:
        """The menu of one card; drawn once, because a hundred of them cost more than all the rest of the page."""
        return SafeString(self._menu.replace(_MARK, str(number)))


@dataclass(frozen=True)
class Card:
    """A ticket on the board."""

    number: int
    url: str
    subject: str
    client: str
    level: str
    priority: SafeString
    status: SafeString
    line: Any
    executor: str
    face: SafeString
    deadline: SafeString
    way: Way
    menu: SafeString


@dataclass(frozen=True)
class Column:
    """A column: its first cards, how many there are and how many more, as far as anybody counts.

    Attributes:
        queue: the same tickets as a list.
        has_statuses: its tickets are not all in the same status.
    """

    name: str
    label: Any
    cards: list[Card]
    count: str
    more: str
    queue: str
    has_statuses: bool


@dataclass(frozen=True)
class _Person:
    """As much of a person as a face needs."""

    pk: int
    name: str


@require_safe
@for_staff
def board(request: HttpRequest) -> HttpResponse:
    """Open tickets of my departments as cards; at first those that are mine (R4.38)."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    again = filters.remembered(request, "board")
    if again:
        return again
    form = filters.of_board(request.GET, filters.departments_of(user), may_be_mine=bool(user.active_memberships))
    is_mine = bool(user.active_memberships) and "whose" not in form.set
    wanted: dict[str, Any] = {name: form.set[name] for name in ("department", "line", "priority") if name in form.set}
    found = _beginnings(user, wanted, is_mine=is_mine)
    numbers = [number for column in found.values() for number in column[:_AT_MOST]]
    ways = _Ways(user, urlencode({"next": request.get_full_path()}))
    cards = _cards(numbers, user, ways)
    columns = [_column(name, numbers, cards, wanted, is_mine=is_mine) for name, numbers in found.items()]
    context = {
        "filters": form,
        "columns": columns,
        "refusals": json.dumps([way.refusals for way in ways.all]),
        "is_mine": is_mine,
        "is_empty": not any(column.cards for column in columns),
    }
    return filters.remember(request, render(request, "panel/board.html", context), "board", form)


def _beginnings(user: User, wanted: Mapping[str, Any], *, is_mine: bool) -> dict[str, list[int]]:
    """The numbers of each column, nearest deadline first, then by age, as many as are shown or counted.

    One query: of every status its beginning, which an index holds in this order.
    """
    branches = []
    for status, nearest, condition in _branches():
        tickets = Ticket.objects.open().filter(condition, status=status, **wanted)
        tickets = tickets.filter(_mine(user, status)) if is_mine else tickets.in_departments_of(user)
        keys = tickets.order_by(nearest.asc(nulls_last=True), "number").values_list("status", nearest, "number")
        branches.append(keys[: _AT_MOST + _MOST_COUNTED + 1])
    found: dict[str, list[tuple[datetime, int]]] = {name: [] for name, _label, _statuses in COLUMNS}
    for status, due, number in branches[0].union(*branches[1:], all=True).order_by():
        found[_COLUMN_OF[status]].append((due or _LATEST, number))
    return {name: [number for _due, number in sorted(keys)] for name, keys in found.items()}


def _branches() -> Iterator[tuple[Status, Least, Q]]:
    """Every status of the board, and what is due next in it.

    Where approvals are only reminded of, and where heads decide, the status's clock is no deadline (A9, R4.16).
    """
    for status in _COLUMN_OF:
        if status == Status.AWAITING_APPROVAL:
            has_period = Q(department__approval_period__gt=timedelta(0))
            yield status, NEAREST_DUE, has_period
            yield status, _PROMISED, ~has_period
        else:
            yield status, _PROMISED if TIMERS.get(status) in REMINDERS else NEAREST_DUE, Q()


def _mine(user: User, status: Status) -> Q:
    """Mine is what I serve, what I could take or give, and what I decide."""
    mine = Q(executor=user)
    for one in user.active_memberships:
        if one.is_head and (status == Status.AWAITING_DISTRIBUTION or status in DECISIONS):
            mine |= Q(department=one.department_id)
        elif one.line and status == Status.AWAITING_DISTRIBUTION and user.sight.shows_pool_of(one.department_id):
            has_lines = one.department.support_lines > 1
            mine |= Q(department=one.department_id, line=one.line) if has_lines else Q(department=one.department_id)
    return mine


def _cards(numbers: list[int], user: User, ways: _Ways) -> dict[int, Card]:
    """The cards by number, in one query."""
    if not numbers:
        return {}
    tickets = Ticket.objects.filter(pk__in=numbers).order_by().annotate(executor_is_gone=~_EXECUTOR_SERVES)
    found = list(values_of(tickets, "executor_is_gone"))
    way_of = {values["number"]: ways.of(values) for values in found}
    return {
        row.number: Card(
            number=row.number,
            url=row.url,
            subject=row.subject,
            client=" · ".join(filter(None, (values["requester__name"], values["organization__name"]))),
            level=values["priority"],
            priority=row.priority,
            status=row.status,
            line=Membership.Line(values["line"]).label,
            executor=row.executor,
            face=ui.avatar(_face(values), size="small"),
            deadline=row.deadline,
            way=way_of[row.number],
            menu=way_of[row.number].menu_of(row.number),
        )
        for values, row in zip(found, rows(found, user), strict=True)
    }


def _face(values: Mapping[str, Any]) -> _Person | None:
    return _Person(values["executor_id"], values["executor__name"]) if values["executor_id"] else None


def _column(
    name: str, numbers: list[int], known: Mapping[int, Card], wanted: Mapping[str, Any], *, is_mine: bool
) -> Column:
    cards = [known[number] for number in numbers[:_AT_MOST] if number in known]
    label, statuses = next((label, statuses) for one, label, statuses in COLUMNS if one == name)
    in_queue = {"kept": "1", "status": name if len(statuses) > 1 else statuses[0].value, **wanted}
    if is_mine and Status.AWAITING_DISTRIBUTION not in statuses and not DECISIONS & set(statuses):
        in_queue["executor"] = "me"
    return Column(
        name=name,
        label=label,
        cards=cards,
        count=_counted(len(numbers)),
        more=_counted(len(numbers) - len(cards)) if len(numbers) > len(cards) else "",
        queue=f"{reverse('panel:queue')}?{urlencode(in_queue)}",
        has_statuses=len(statuses) > 1,
    )


def _counted(count: int) -> str:
    return f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count)


class _Ways:
    """The ways of one reader, each found once.

    Args:
        back: where moves come back to, as it stands in an address.
    """

    def __init__(self, reader: User, back: str) -> None:
        self._reader, self._back = reader, back
        self._known: dict[tuple[Any, ...], Way] = {}

    @property
    def all(self) -> list[Way]:
        return list(self._known.values())

    def of(self, values: Mapping[str, Any]) -> Way:
        is_executor = values["executor_id"] == self._reader.pk
        is_gone = values["executor_is_gone"]
        key = (values["status"], values["department_id"], values["line"], is_executor, is_gone)
        if key not in self._known:
            known = {"executor_is_gone": is_gone}
            self._known[key] = _way(len(self._known), likeness(values), self._reader, self._back, known)
        return self._known[key]


def _way(number: int, ticket: Ticket, reader: User, back: str, known: Mapping[str, bool]) -> Way:
    """Find out what ``reader`` may do.

    Args:
        known: detours that would ask the database, answered already.
    """
    steps: list[Step] = []
    refusals: dict[str, str] = {}
    here = _COLUMN_OF[Status(ticket.status)]
    for one in available_moves(ticket, reader):
        after = _after(one.move, ticket, known)
        to = _COLUMN_OF.get(after, "")
        if one.refusal is None and one.move.target is not None:
            steps.append(_step(one.move, to, after, back))
        elif one.refusal is not None:
            refusals.setdefault(to, str(one.refusal))
    reached = {step.to for step in steps} | {here}
    return Way(
        number,
        steps,
        {
            name: refusals.get(name) or _why_not(ticket, name, label, reader)
            for name, label, _statuses in COLUMNS
            if name not in reached
        },
    )


def _after(move: Move, ticket: Ticket, known: Mapping[str, bool]) -> Status:
    name = move.detour or ""
    detour = known[name] if name in known else bool(name and getattr(conditions, name)(ticket))
    return Status(move.target_from(Status(ticket.status), detour=detour))


def _step(move: Move, to: str, after: Status, back: str) -> Step:
    is_posted = move.text is Text.NONE and move.asks is None
    place = writing_address("", move.verb) or f"{move.verb}/{'' if is_posted else '?' + back}"
    return Step(move.verb, place, move.label, to, after.label, is_posted)


def _why_not(ticket: Ticket, name: str, label: Any, reader: User) -> str:
    """Who else could bring a ticket into a column, or that nobody can."""
    for move in moves_from(ticket.status):
        if name in {_COLUMN_OF.get(status) for status in (move.target, move.otherwise) if status} - {None}:
            reason = reason_not(reader, move, ticket) if move.who != {Who.CLOCK} else None
            if reason:
                return str(reason)
    return _("No step leads from “%(status)s” to “%(column)s”.") % {
        "status": Status(ticket.status).label,
        "column": label,
    }
