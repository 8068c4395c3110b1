"""The figures of the dashboard told anew, ticket by ticket in plain Python, and a desk with a random past."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attachments.models import Folder
from helpdesk.people.models import Sector, Service
from surveys.models import Survey
from tests.cast import Cast
from tickets.indicators import Period, Scope, custom
from tickets.lifecycle import CURRENT, Outcome, Priority, Status
from tickets.models import Ticket

LATEST = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
_MINUTE = timedelta(minutes=1)
_OPEN = [one for one in Status if one not in {Status.CLOSED, Status.CANCELLED}]


def a_past(cast: Cast, count: int, seed: int = 1) -> None:
    """Tickets of the first half of 2026 in every status, of several services, people and organizations; some of them
    in the trash, many of those closed with a survey, some of these answered."""
    source = random.Random(seed)
    sectors = [cast.sector, Sector.objects.create(name="Plant"), None]
    requesters = [cast.rita, cast.cora, cast.petra, cast.eve, cast.max, cast.nora]
    for index, person in enumerate(requesters):
        person.sector = sectors[index % 3]
        person.save(update_fields=["sector"])
    more = Service.objects.create(department=cast.department, name="Printing")
    served = {cast.department: [cast.service, more], cast.other_department: [cast.other_service]}
    agents = {cast.department: [cast.ada, cast.bob, cast.otto], cast.other_department: [cast.nora, cast.ada]}
    first = (Ticket.with_trash.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    numbers = range(first, first + count)
    folders = Folder.objects.bulk_create(Folder(name=str(number), title="past") for number in numbers)
    tickets, surveys = [], []
    for number, folder in zip(numbers, folders, strict=True):
        department = source.choice([cast.department, cast.department, cast.other_department])
        requester = source.choice(requesters)
        fields = _course(source, source.choice(agents[department]))
        ticket = Ticket(
            number=number,
            subject=f"Past {number}",
            department=department,
            service=source.choice(served[department]),
            priority=source.choice(Priority.values),
            requester=requester,
            organization=requester.organization,
            folder=folder,
            line=source.choice([1, 1, 2]),
            trashed_at=LATEST if source.random() < 0.1 else None,
            **fields,
        )
        tickets.append(ticket)
        if ticket.status == Status.CLOSED and source.random() < 0.8:
            surveys.append(_survey(source, ticket, cast))
    Ticket.with_trash.bulk_create(tickets)
    Survey.objects.bulk_create(surveys)


def _course(source: random.Random, agent: Any) -> dict[str, Any]:
    """Columns that fit each other: how far a ticket has come, and when."""
    status = source.choice([Status.CLOSED, Status.CLOSED, Status.CLOSED, Status.CANCELLED, *_OPEN])
    at = LATEST - source.randrange(1, 180 * 1440) * _MINUTE
    fields: dict[str, Any] = {"status": status, "opened_at": at}
    if status == Status.AWAITING_DISTRIBUTION or (status == Status.CANCELLED and source.random() < 0.5):
        agent = None
    else:
        at += source.randrange(1, 600) * _MINUTE
        fields |= {"executor": agent, "assigned_at": at, "assigned_by_clock": source.random() < 0.3}
    if agent and status != Status.ASSIGNED and source.random() < 0.9:
        spent = source.randrange(1, 900) * _MINUTE
        at += spent
        fields |= {"started_at": at, "first_service_time": spent}
    if "started_at" in fields and status in {Status.CLOSED, Status.AWAITING_APPROVAL, Status.AWAITING_RATING}:
        spent = source.randrange(1, 5000) * _MINUTE
        at += spent
        fields |= {"concluded_at": at, "service_time": spent}
        if source.random() < 0.7:
            met = source.random() < 0.6
            fields |= {"sla_met": met, "conclusion_met": met}
    if status in {Status.CLOSED, Status.CANCELLED}:
        at += source.randrange(1, 3000) * _MINUTE
        without = source.random() < 0.2
        solved = Outcome.CLOSED_WITHOUT_SOLUTION if without else Outcome.SOLVED
        fields |= {"closed_at": at, "outcome": solved if status == Status.CLOSED else Outcome.UNSOLVED}
        if status == Status.CLOSED and "executor" in fields and fields["executor"] is None:
            fields["executor"] = agent
    return fields


def _survey(source: random.Random, ticket: Ticket, cast: Cast) -> Survey:
    answered = source.random() < 0.7
    assert ticket.closed_at
    return Survey(
        ticket=ticket,
        ticket_number=ticket.number,
        requester_name=ticket.requester.name,
        agent_name="Somebody",
        agent=ticket.executor,
        # Sometimes the ticket has gone on to another department since.
        department=ticket.department if source.random() < 0.9 else cast.department,
        sector=ticket.requester.sector,
        before_closing=False,
        created_at=ticket.closed_at,
        answered_at=ticket.closed_at + source.randrange(1, 9000) * _MINUTE if answered else None,
        solved=source.random() < 0.8 if answered else None,
        rating=source.randrange(1, 6) if answered else None,
    )


def scopes(cast: Cast) -> dict[str, Scope]:
    """Filters of every kind, and some at once, by name."""
    days = custom(date(2026, 3, 1), date(2026, 4, 30), SAO_PAULO)
    everything, support = Period(UTC), cast.department.pk
    family = (cast.parent.pk, cast.branch.pk)
    return {
        "all time": Scope(everything, None),
        "period": Scope(days, None),
        "department": Scope(days, None, department=cast.other_department.pk),
        "agent": Scope(everything, None, agent=cast.ada.pk),
        "organization": Scope(everything, None, organizations=family),
        "head": Scope(days, Scope.sight_of(cast.again(cast.hugo))),
        "head, elsewhere": Scope(everything, (support,), department=cast.other_department.pk),
        "all at once": Scope(days, (support,), support, cast.bob.pk, family),
    }


# The cohorts that are about surveys, and which instant of a survey puts a ticket into a period.
_OF_SURVEYS = {
    **dict.fromkeys(("surveyed", "answered"), "created_at"),
    **dict.fromkeys(("rated", "said_solved", "said_unsolved", *(f"rated_{n}" for n in range(1, 6))), "answered_at"),
}


class Recount:
    """What the figures of a scope must be; it reads all tickets and asks each of them."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        related = ("requester", "survey", "executor")
        self.tickets = [one for one in Ticket.with_trash.select_related(*related) if self._is_mine(one)]

    def _is_mine(self, ticket: Ticket) -> bool:
        scope = self.scope
        return (
            ticket.trashed_at is None
            and (scope.sight is None or ticket.department_id in scope.sight)
            and (scope.organizations is None or ticket.organization_id in scope.organizations)
        )

    def _fits(self, department: int, agent: int | None) -> bool:
        scope = self.scope
        return scope.department in {None, department} and scope.agent in {None, agent}

    def _in_period(self, at: datetime | None, period: Period) -> bool:
        if at is None:
            return False
        if period.first is None or period.last is None:
            return True
        return period.first <= at.astimezone(period.zone).date() <= period.last

    def cohort(self, name: str, period: Period | None = None) -> list[Ticket]:
        period = period or self.scope.period
        if name in _OF_SURVEYS:
            return [one for one in self.tickets if self._is_asked(one, name, period)]
        return [
            one
            for one in self.tickets
            if self._fits(one.department_id, one.executor_id) and self._belongs(one, name, period)
        ]

    def _is_asked(self, one: Ticket, name: str, period: Period) -> bool:
        survey = getattr(one, "survey", None)
        return (
            survey is not None
            and self._in_period(getattr(survey, _OF_SURVEYS[name]), period)
            and {
                "surveyed": True,
                "rated": True,
                "answered": survey.answered_at is not None,
                "said_solved": survey.solved is True,
                "said_unsolved": survey.solved is False,
            }.get(name, name == f"rated_{survey.rating}")
            and self._fits(survey.department_id, survey.agent_id)
            and (self.scope.sight is None or survey.department_id in self.scope.sight)
        )

    def _belongs(self, one: Ticket, name: str, period: Period) -> bool:
        opened = self._in_period(one.opened_at, period)
        ended = self._in_period(one.closed_at, period)
        judged = self._in_period(one.concluded_at, period) and one.sla_met is not None
        return {
            "open": one.closed_at is None,
            "current": one.status in CURRENT,
            "opened": opened,
            "started": opened and one.first_service_time is not None,
            "assigned": opened and one.assigned_at is not None,
            "by_clock": opened and one.assigned_by_clock,
            "line_2": opened and one.line == 2,
            "ended": ended,
            "served": ended and one.status == Status.CLOSED and one.service_time is not None,
            "solved": ended and one.outcome == Outcome.SOLVED and one.concluded_at is not None,
            "judged": judged,
            "met": judged and one.sla_met is True,
            "missed": judged and one.sla_met is False,
        }[name]

    def by(self, name: str, dimension: str) -> Counter[str]:
        """How many of a cohort each value has; the keys are those of the product."""
        return Counter(_key(one, name, dimension) for one in self.cohort(name))


def _key(one: Ticket, cohort: str, dimension: str) -> str:
    of: Any = one.survey if cohort == "rated" else one
    value = {
        "service": one.service_id,
        "priority": one.priority,
        "department": of.department_id,
        "agent": one.executor_id,
        "sector": of.sector_id if cohort == "rated" else one.requester.sector_id,
        "requester": one.requester_id,
        "status": one.status,
        "line": one.line,
        "outcome": one.outcome,
    }[dimension]
    return "none" if value is None else str(value)


def mean(values: Iterable[timedelta]) -> timedelta | None:
    found = list(values)
    return sum(found, timedelta(0)) / len(found) if found else None


def close(one: timedelta | None, other: timedelta | None) -> bool:
    """The same but for what dividing leaves over."""
    if one is None or other is None:
        return one is other
    return abs(one - other) < timedelta(milliseconds=1)
