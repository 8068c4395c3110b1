"""Service levels and calendars for tests, and a clock told anew from the history, stretch by stretch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from helpdesk.core.worktime import RUNNING, WorkTime
from helpdesk.people.models import Calendar, Department
from tickets import sla
from tickets.lifecycle import TICKING
from tickets.models import Event, ServiceLevel, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_level(priority: str = "normal", **fields: Any) -> ServiceLevel:
    """A service level; one hour to start and eight to conclude, unless it is said otherwise."""
    return ServiceLevel.objects.create(**{"priority": priority, "first_start": HOUR, "conclusion": 8 * HOUR} | fields)


def a_calendar(**fields: Any) -> Calendar:
    """Monday to Friday from nine to six."""
    return Calendar.objects.create(**{"name": "Office", "time_zone": "UTC"} | fields)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("department__calendar", "executor").get(pk=ticket.pk)


class Recount:
    """The clock of a ticket as its events tell it: what passes in which status, in which department's hours."""

    def __init__(self, ticket: Ticket) -> None:
        departments = {one.name: one.worktime for one in Department.objects.select_related("calendar")}
        self.ticket = ticket
        self.events = list(Event.objects.filter(ticket=ticket).order_by("pk"))
        names = [one.facts["former_department"] for one in self.events if one.verb == "forward"]
        self.worktime: WorkTime = departments[names[0] if names else str(ticket.department)]
        #: Beginning, end (None: it goes on) and hours of each stretch in which support had the ticket.
        self.stretches: list[tuple[datetime, datetime | None, WorkTime]] = []
        self.started: datetime | None = None
        self.concluded: datetime | None = None
        self.concluded_in: WorkTime = RUNNING
        began: datetime | None = None
        for event in self.events:
            ticks = event.to_status in TICKING
            if began and (not ticks or event.verb == "forward"):
                self.stretches.append((began, event.at, self.worktime))
                began = None
            if event.verb == "forward":
                self.worktime = departments[event.facts["department"]]
            if ticks and began is None:
                began = event.at
            if event.verb == "start" and self.started is None:
                self.started = event.at
            if event.verb == "send_solution":
                self.concluded, self.concluded_in = event.at, self.worktime
        if began:
            self.stretches.append((began, None, self.worktime))

    def spent(self, at: datetime) -> timedelta:
        return sum(
            (hours.elapsed(start, min(end or at, at)) for start, end, hours in self.stretches if start < at),
            timedelta(0),
        )

    def reached(self, amount: timedelta | None) -> datetime | None:
        """When the clock has said, or will say, ``amount``; None where it stands before that."""
        if amount is None:
            return None
        for start, end, hours in self.stretches:
            due = hours.after(start, amount)
            if end is None or due <= end:
                return due
            amount -= hours.elapsed(start, end)
        return None

    def check(self, now: datetime) -> None:
        """Compare it with what is stored; an instant that was missed is only known to be missed."""
        ticket = self.ticket
        targets = sla.targets_for(ticket)
        start, conclusion = (
            one and self.worktime.elapsed(ticket.opened_at, self.worktime.end_of(ticket.opened_at, one))
            for one in targets
        )
        if ticket.closed_at is None:
            assert (ticket.start_target, ticket.conclusion_target) == (start, conclusion)
        assert sla.spent(ticket, now) == self.spent(now)
        if self.started:
            assert ticket.first_service_time == self.spent(self.started)
            assert ticket.start_due_at is None
        elif ticket.closed_at is None:
            self._check_due(ticket.start_due_at, start)
        if ticket.status == "cancelled":
            assert (ticket.start_met, ticket.conclusion_met, ticket.sla_met) == (None, None, None)
            return
        if self.started:
            self._check_verdict(ticket.start_met, ticket.start_target, self.started)
        is_concluded = ticket.status in {"awaiting_approval", "awaiting_rating"} or ticket.outcome == "solved"
        if self.concluded and self.started:
            assert ticket.service_time == self.concluded_in.elapsed(self.started, self.concluded)
        if is_concluded:
            assert self.concluded is not None
            assert ticket.conclusion_due_at is None
            self._check_verdict(ticket.conclusion_met, ticket.conclusion_target, self.concluded)
            verdicts = [one for one in (ticket.start_met, ticket.conclusion_met) if one is not None]
            assert ticket.sla_met == (all(verdicts) if verdicts else None)
        else:
            assert (ticket.conclusion_met, ticket.sla_met) == (None, None)
            if ticket.closed_at is None:
                self._check_due(ticket.conclusion_due_at, conclusion)

    def _check_due(self, due: datetime | None, target: timedelta | None) -> None:
        read_at, reached = self.ticket.clock_read_at, self.reached(target)
        assert read_at is not None
        if reached is None:
            assert due is None
        elif reached > read_at:
            assert due == reached
        elif self.spent(read_at) != target:  # to the instant: nobody can say on which side of it
            assert due is not None
            assert due <= read_at

    def _check_verdict(self, met: bool | None, target: timedelta | None, at: datetime) -> None:
        if target is None:
            assert met is None
        elif self.spent(at) != target:
            reached = self.reached(target)
            assert met == (reached is None or at <= reached)
