"""My tasks, the queue and the closed tickets (R3.7, R4.43)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from helpdesk.people.models import User
from tickets.lifecycle import TURNS, Outcome, Priority, Turn
from tickets.models import NEAREST_DUE, Ticket

from . import filters, paging
from .doors import for_staff
from .rows import rows, rows_of, values_of

# How much of a section of "My tasks" is shown; the rest is one link away.
_AT_MOST = 50
_TO_FINALIZE = 10
_MOST_COUNTED = 100
# How many departments are named above the queue.
_DEPARTMENTS = 8
_TO_DO = sorted(status for status, turn in TURNS.items() if turn is Turn.EXECUTOR)
_WAITING = sorted(status for status, turn in TURNS.items() if turn is Turn.REQUESTER)
_URGENCY = Case(
    *(When(priority=one, then=Value(rank)) for rank, one in enumerate(Priority)), output_field=IntegerField()
)
_MY_ORDER = (NEAREST_DUE.asc(nulls_last=True), _URGENCY.desc(), "number")


@require_safe
@for_staff
def tasks(request: HttpRequest) -> HttpResponse:
    """What I have to do, what waits for others, what is to be finalized; for heads, what waits for distribution."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    mine = Ticket.objects.open().filter(executor=user)
    to_finalize = Ticket.objects.filter(executor=user, outcome=Outcome.SOLVED, finalized_at__isnull=True)
    context = {
        "sections": [
            _section("todo", mine.filter(status__in=_TO_DO).order_by(*_MY_ORDER), _AT_MOST, user),
            _section("waiting", mine.filter(status__in=_WAITING).order_by(*_MY_ORDER), _AT_MOST, user),
            _section("finalize", to_finalize.order_by("number"), _TO_FINALIZE, user),
        ],
        "distribution": _waiting_for_distribution(user),
    }
    return render(request, "panel/tasks.html", context)


def _section(name: str, tickets: QuerySet[Ticket], at_most: int, user: User) -> dict[str, Any]:
    found = list(values_of(tickets)[: at_most + 1])
    shown = rows(found[:at_most], user)
    no_clock = not any(row.deadline for row in shown)
    return {"name": name, "rows": shown, "has_more": len(found) > at_most, "no_clock": no_clock}


def _waiting_for_distribution(user: User) -> dict[str, Any] | None:
    """How many tickets wait in the departments that ``user`` heads, and when the clock gives the next one (R4.7)."""
    headed = [one.department_id for one in user.active_memberships if one.is_head]
    if not headed and not user.is_administrator:
        return None
    waiting = Ticket.objects.open().filter(executor__isnull=True)
    if not user.is_administrator:
        waiting = waiting.filter(department__in=headed)
    due = list(
        waiting.order_by(F("timer_due_at").asc(nulls_last=True)).values_list(
            "timer_due_at", "department__distribution_minutes"
        )[:_MOST_COUNTED]
    )
    next_at, minutes = due[0] if due else (None, 0)
    return {
        "count": f"{_MOST_COUNTED - 1}+" if len(due) == _MOST_COUNTED else len(due),
        "next_at": next_at,
        "next_since": next_at and next_at - timedelta(minutes=minutes),
    }


@require_safe
@for_staff
def queue(request: HttpRequest) -> HttpResponse:
    """Open tickets of my departments, those that nobody has first (R1.22, R1.23)."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    again = filters.remembered(request, "queue")
    if again:
        return again
    departments = filters.departments_of(user)
    form = filters.of_queue(request.GET, departments)
    wanted = filters.in_queue(form.set, user)
    branches = [tickets.open().filter(wanted) for tickets in Ticket.objects.queue_of(user)]
    page = paging.QUEUE.page(branches, request.GET)
    context = {
        "filters": form,
        "page": page,
        "rows": rows_of(page.numbers, user),
        "departments": departments[:_DEPARTMENTS],
    }
    return filters.remember(request, render(request, "panel/queue.html", context), "queue", form)


@require_safe
@for_staff
def closed(request: HttpRequest) -> HttpResponse:
    """Closed and cancelled tickets, newest first."""
    user: User = request.user  # type: ignore[assignment]  # nobody is anonymous here
    again = filters.remembered(request, "closed")
    if again:
        return again
    form = filters.of_closed(request.GET, filters.departments_of(user))
    page = paging.CLOSED.page(_ended(user, form.set), request.GET)
    context = {"filters": form, "page": page, "rows": rows_of(page.numbers, user)}
    return filters.remember(request, render(request, "panel/closed.html", context), "closed", form)


def _ended(user: User, wanted: dict[str, Any]) -> list[QuerySet[Ticket]]:
    """The ended tickets as branches, each of which one index holds in order: one for each department that is seen
    whole, and one for those that were the reader's own where he does not see all of his departments (R2.46)."""
    tickets = Ticket.objects.ended().filter(filters.among_closed(wanted, user))
    sight = user.sight
    if "department" in wanted:
        tickets = tickets.filter(department=wanted["department"])
        return [tickets if sight.shows_all_of(int(wanted["department"])) else tickets.filter(executor=user)]
    if sight.everything:
        return [tickets]
    branches: list[QuerySet[Ticket]] = [tickets.filter(department=pk) for pk in sight.whole]
    if sight.is_partial:
        branches.append(tickets.filter(executor=user).exclude(department__in=sight.whole))
    return branches
