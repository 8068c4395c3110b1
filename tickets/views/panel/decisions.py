"""Everything that waits for a head, decided on the spot (R4.5, R4.7, R4.12, R4.18, A41).

What waits on the floors above, changes of priority, is added in the template. Each list shows its beginning: nobody
decides more than that at once, and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import F, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from helpdesk.core.pages import read_key
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Department, User
from tickets import actions
from tickets.forms import load_of
from tickets.lifecycle import Status
from tickets.models import Event, Ticket
from tickets.querysets import TicketQuerySet, agents_of_line

from . import filters
from .doors import for_heads
from .move_pages import ASKING
from .paging import PAGE_SIZE
from .rows import clock_started
from .ways import way_to

# How many agents have a button of their own; the others are one page away.
_BUTTONS = 6
_READ = (
    *("number", "subject", "priority", "status", "line", "opened_at", "timer_due_at", "concluded_at", "approved_at"),
    *("department__name", "department__support_lines", "department__distribution_minutes"),
    *("department__distribution_mode", "department__approval_period"),
    *("requester__name", "requester__email", "executor__name", "executor__email"),
)


@dataclass(frozen=True)
class _Agent:
    """Somebody who can be given a ticket, with what he has to do."""

    pk: int
    name: str
    tasks: int
    load: str
    is_absent: bool


@dataclass(frozen=True)
class _Line:
    """The agents of one support line, least loaded first (R4.7)."""

    name: str
    agents: list[_Agent]

    @cached_property
    def buttons(self) -> str:
        """One for each of the nearest; drawn once, because every ticket of the line has the same."""
        return render_to_string("panel/decisions.html#agents", {"agents": self.agents[:_BUTTONS]})

    @property
    def has_more(self) -> bool:
        return len(self.agents) > _BUTTONS


@dataclass(frozen=True)
class _ToGive:
    ticket: Ticket
    line: _Line
    started: datetime | None


@dataclass(frozen=True)
class _Asked:
    """A ticket that waits for a decision, and the event that asked for it; None where its history was not brought
    over with it."""

    ticket: Ticket
    asked: Event | None


@dataclass(frozen=True)
class _List:
    """The beginning of what waits, and whether there is more."""

    rows: Sequence[Any]
    has_more: bool


@require_safe
@for_heads
def decisions(request: HttpRequest) -> HttpResponse:
    """Distribution with its deadlines, line changes, closings and what the floors above add; the oldest first."""
    again = filters.remembered(request, "decisions")
    if again:
        return again
    form = _filters(request)
    return filters.remember(request, _page(request, form), "decisions", form)


@require_POST
@for_heads
def decide(request: HttpRequest, verb: str) -> HttpResponse:
    """Decide several at once; one that cannot be decided says why, and the others stand."""
    several = _SEVERAL.get(verb)
    if several is None:
        raise Http404
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    numbers = _ticked(request)
    executor = _agent(request, user) if verb == "give" else None
    error = _("Nothing was ticked.") if not numbers else ""
    if verb == "give" and executor is None:
        error = error or _("Choose an agent.")
    if error:
        # The page comes back with the filters that it had.
        request.GET = QueryDict(urlsplit(way_to(request, "")).query)
        response = _page(request, _filters(request), ticked=numbers, error=error)
        response.status_code = 422
        return response
    found = Ticket.objects.decided_by(user).select_related("department").in_bulk(numbers)
    done = 0
    for number in numbers:
        ticket = found.get(number)
        if ticket is None:
            messages.error(request, _("#%(number)d is not yours to decide.") % {"number": number})
            continue
        try:
            several.move(ticket, user, executor)
        except Refused as refusal:
            messages.error(request, f"#{number}: {refusal.message}")
        else:
            done += 1
    if done:
        messages.success(request, several.done(done) % {"n": done, "executor": executor})
    return HttpResponseRedirect(way_to(request, reverse("panel:decisions")))


@dataclass(frozen=True)
class _Several:
    """A decision that several tickets can be given at once."""

    move: Callable[[Ticket, User, Any], Ticket]
    done: Callable[[int], str]


_SEVERAL: dict[str, _Several] = {
    "give": _Several(
        lambda ticket, by, executor: actions.give(ticket=ticket, by=by, executor=executor),
        lambda n: ngettext("%(executor)s has %(n)d ticket more.", "%(executor)s has %(n)d tickets more.", n),
    ),
    "approve_line_change": _Several(
        lambda ticket, by, executor: actions.approve_line_change(ticket=ticket, by=by),
        lambda n: ngettext("%(n)d ticket waits for line 2 now.", "%(n)d tickets wait for line 2 now.", n),
    ),
}


def _page(request: HttpRequest, form: filters.Filters, *, ticked: Sequence[int] = (), error: str = "") -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    tickets = Ticket.objects.decided_by(user).open()
    department = form.set.get("department", "")
    if department:
        tickets = tickets.filter(department=department)
    tickets = tickets.select_related("department", "requester", "executor").only(*_READ)
    distribution, lines = _distribution(tickets)
    context = {
        "filters": form,
        "department": department,
        "here": way_to(request, reverse("panel:decisions") if request.method == "POST" else request.get_full_path()),
        "distribution": distribution,
        "lines": lines,
        "line_changes": _asked(tickets, Status.LINE_CHANGE_REQUESTED),
        "closings": _asked(tickets, Status.CLOSING_REQUESTED),
        "ticked": ticked,
        "error": error,
        "at_most": PAGE_SIZE,
    }
    return render(request, "panel/decisions.html", context)


def _filters(request: HttpRequest) -> filters.Filters:
    """By department, where there are several."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    if user.is_administrator:
        departments = filters.departments_of(user)
    else:
        departments = [(one.department_id, one.department.name) for one in user.active_memberships if one.is_head]
    choices = [(str(pk), name) for pk, name in sorted(departments, key=lambda one: one[1])]
    return filters.Filters(request.GET, [("department", _("Department"), choices if len(choices) > 1 else [])])


def _distribution(tickets: TicketQuerySet) -> tuple[_List, list[_Line]]:
    """Tickets that a head can give, nearest deadline first, and the lines that they wait on (R4.5, R4.14, A2)."""
    waiting = tickets.filter(status=Status.AWAITING_DISTRIBUTION).exclude(
        department__distribution_mode=Department.DistributionMode.PULL
    )
    found = list(waiting.order_by(F("timer_due_at").asc(nulls_last=True), "number")[: PAGE_SIZE + 1])
    lines: dict[tuple[int, int], _Line] = {}
    rows = []
    for ticket in found[:PAGE_SIZE]:
        key = (ticket.department_id, ticket.line)
        if key not in lines:
            lines[key] = _line(ticket.department, ticket.line)
        rows.append(_ToGive(ticket, lines[key], clock_started(ticket)))
    return _List(rows, len(found) > PAGE_SIZE), list(lines.values())


def _line(department: Department, line: int) -> _Line:
    found: Any = agents_of_line(department, line, timezone.now())  # each with what he has to do
    agents = [_Agent(one.pk, str(one), one.current_tasks, load_of(one), one.is_absent) for one in found]
    name = f"{department} · {_('line %(n)d') % {'n': line}}" if department.support_lines > 1 else str(department)
    return _Line(name, agents)


def _asked(tickets: TicketQuerySet, status: Status) -> _List:
    """Tickets that wait for a decision, the oldest request first."""
    asking = Event.objects.filter(ticket=OuterRef("pk"), verb=ASKING[status]).order_by("-pk").values("pk")[:1]
    found = list(
        tickets.filter(status=status).annotate(asked=Subquery(asking)).order_by("asked", "number")[: PAGE_SIZE + 1]
    )
    shown = found[:PAGE_SIZE]
    events = Event.objects.select_related("actor").in_bulk([ticket.asked for ticket in shown if ticket.asked])
    return _List([_Asked(ticket, events.get(ticket.asked)) for ticket in shown], len(found) > PAGE_SIZE)


def _ticked(request: HttpRequest) -> list[int]:
    """The numbers that were ticked, as many as a page shows; what is no number was ticked by nobody."""
    found = (read_key(text) for text in request.POST.getlist("number")[:PAGE_SIZE])
    return [number for number in found if number is not None]


def _agent(request: HttpRequest, user: User) -> User | None:
    """The chosen agent, out of the departments in which ``user`` decides."""
    pk = read_key(request.POST.get("executor"))
    if pk is None:
        return None
    agents = User.objects.active().filter(pk=pk, memberships__line__isnull=False)
    if not user.is_administrator:
        headed = [one.department_id for one in user.active_memberships if one.is_head]
        agents = agents.filter(memberships__department__in=headed)
    return agents.first()
