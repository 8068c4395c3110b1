"""The SLA clock of a ticket: how long support has had it, against what is promised (R3.58, A39).

It counts the department's working time from the opening and stands still while the requester is asked or checks a
solution. The functions change the ticket they are given; the funnel saves what they have changed. They read nothing
but the ticket and its department, except where a target is looked up, which is one query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from helpdesk.core.worktime import TICK, WorkTime

from .lifecycle import FINAL, TICKING, Status
from .models.service_levels import ServiceLevel, SlaClock

if TYPE_CHECKING:
    from .models import Ticket

# Every column of the clock, for whoever saves what has changed.
FIELDS: tuple[str, ...] = tuple(one.name for one in SlaClock._meta.fields)
# What a level is looked up by, of what may change on a ticket.
LOOKED_UP_BY = frozenset({"priority", "service", "department"})
_CONCLUDED = frozenset({Status.AWAITING_APPROVAL, Status.AWAITING_RATING})
FIRST_START, CONCLUSION = "first_start", "conclusion"


class Targets(NamedTuple):
    """What is promised, as it was set up; None = nothing."""

    first_start: timedelta | None = None
    conclusion: timedelta | None = None


@dataclass(frozen=True)
class Alarm:
    """Something about a target that people are told.

    Attributes:
        is_breach: the target is missed; otherwise it soon will be.
        due_at: when the target is due, or was.
    """

    at: datetime
    target: str
    is_breach: bool
    due_at: datetime


def targets_for(ticket: Ticket) -> Targets:
    """The targets that hold for a ticket (R2.45, R3.58); one query."""
    found = ServiceLevel.objects.for_ticket(ticket).values_list("first_start", "conclusion").first()
    return Targets(*found) if found else Targets()


def spent(ticket: Ticket, at: datetime, worktime: WorkTime | None = None) -> timedelta:
    """What the clock says at an instant that is not before its last reading.

    What people were told counts: where hours have changed meanwhile, it says what is left until the due instant.

    Args:
        worktime: that the clock has counted, where it is not the department's.
    """
    if ticket.status not in TICKING:
        return ticket.clock_spent
    worktime, read_at = worktime or ticket.department.worktime, ticket.clock_read_at or ticket.opened_at
    due, target = ticket.conclusion_due_at, ticket.conclusion_target
    if due is not None and target is not None and due > read_at:
        return max(target - worktime.elapsed(at, due) + worktime.elapsed(due, at), timedelta(0))
    return ticket.clock_spent + worktime.elapsed(read_at, at)


# What happens to a clock


def begin(ticket: Ticket) -> None:
    """A ticket is opened: its targets are looked up, and the clock starts."""
    ticket.clock_read_at = ticket.opened_at
    _promise(ticket, ticket.opened_at)


def follow(ticket: Ticket, target: Status, at: datetime) -> None:
    """The ticket, whose status is still the old one, comes into ``target``."""
    ticked, ticks = ticket.status in TICKING, target in TICKING
    told_late = ticket.sla_alarm_at if ticket.sla_alarm_at and ticket.sla_alarm_at <= at else None
    if target == Status.IN_SERVICE and ticket.started_at is None:
        _start(ticket, at)
    if target == Status.AWAITING_APPROVAL and ticket.status not in _CONCLUDED:
        _conclude(ticket, at)
    if ticked and not ticks:
        _stand_still(ticket, at)
    elif ticks and not ticked:
        _go_on(ticket, at)
    if target in FINAL or target in _CONCLUDED:
        ticket.start_due_at = ticket.conclusion_due_at = ticket.sla_alarm_at = None
        if target == Status.CANCELLED:  # nobody was served, so nothing was met or missed
            ticket.start_met = ticket.conclusion_met = ticket.sla_met = None
        return
    # What is due to be told and was not yet, is told all the same.
    ticket.sla_alarm_at = told_late or (next_alarm_at(ticket, at) if ticks else None)


def look_up_again(ticket: Ticket, at: datetime, was: WorkTime) -> None:
    """Priority, service or department have changed: other targets, counted from the opening (R3.58).

    What was spent in another department was spent in its hours. The change itself tells nobody that a target is
    missed by it: who made it sees so.

    Args:
        was: what has counted until now.
    """
    if ticket.status in TICKING and was != ticket.department.worktime:
        ticket.clock_spent, ticket.clock_read_at = spent(ticket, at, was), at
    _promise(ticket, at)


def _promise(ticket: Ticket, at: datetime) -> None:
    targets, worktime = targets_for(ticket), ticket.department.worktime
    ticket.start_target, ticket.conclusion_target = (_amount(worktime, ticket.opened_at, one) for one in targets)
    if ticket.first_service_time is not None:
        ticket.start_met = _is_within(ticket.first_service_time, ticket.start_target)
    elif ticket.started_at is None:
        ticket.start_due_at = _due_at(ticket, ticket.start_target)
    if ticket.status in _CONCLUDED:
        ticket.conclusion_met = _is_within(ticket.clock_spent, ticket.conclusion_target)
        ticket.sla_met = _verdict(ticket)
    else:
        ticket.conclusion_due_at = _due_at(ticket, ticket.conclusion_target)
    ticket.sla_alarm_at = next_alarm_at(ticket, at) if ticket.status in TICKING else None


def _start(ticket: Ticket, at: datetime) -> None:
    """The first start decides the first target; the clock never stood before it."""
    read_at = ticket.clock_read_at or ticket.opened_at
    ticket.first_service_time = ticket.clock_spent + ticket.department.worktime.elapsed(read_at, at)
    if ticket.start_due_at is not None:
        ticket.start_met, ticket.start_due_at = at <= ticket.start_due_at, None


def _conclude(ticket: Ticket, at: datetime) -> None:
    """A solution is sent: all targets are decided, unless it comes back (A4, A28)."""
    if ticket.started_at is not None:
        ticket.service_time = ticket.department.worktime.elapsed(ticket.started_at, at)
    if ticket.conclusion_target is not None:
        # A clock that stands and has not missed its target has no due instant.
        ticket.conclusion_met = ticket.conclusion_due_at is None or at <= ticket.conclusion_due_at
    ticket.sla_met = _verdict(ticket)


def _stand_still(ticket: Ticket, at: datetime) -> None:
    ticket.clock_spent, ticket.clock_read_at = spent(ticket, at), at
    if ticket.conclusion_due_at is not None and ticket.conclusion_due_at > at:
        ticket.conclusion_due_at = None


def _go_on(ticket: Ticket, at: datetime) -> None:
    """The clock runs again; what was decided by a solution is open once more (R1.30)."""
    if ticket.conclusion_due_at is None and ticket.conclusion_target is not None:
        left = ticket.conclusion_target - ticket.clock_spent
        if ticket.conclusion_met is False:  # a solution came too late, so the next one does too
            ticket.conclusion_due_at = (ticket.clock_read_at or at) - TICK
        else:
            ticket.conclusion_due_at = ticket.department.worktime.after(at, left)
    ticket.clock_read_at = at
    ticket.conclusion_met = ticket.sla_met = None


def _due_at(ticket: Ticket, target: timedelta | None) -> datetime | None:
    """When a target is due that its clock runs towards; of one that is missed already, when it was due at the latest.

    Of what was missed before the last reading nothing else is known: the clock has stood in between.
    """
    if target is None:
        return None
    read_at, left = ticket.clock_read_at or ticket.opened_at, target - ticket.clock_spent
    if left < timedelta(0):
        return read_at - TICK
    return ticket.department.worktime.after(read_at, left) if ticket.status in TICKING else None


def _amount(worktime: WorkTime, opened_at: datetime, period: timedelta | None) -> timedelta | None:
    """How much working time a period is, from the opening on: days are working days (A8)."""
    return worktime.elapsed(opened_at, worktime.end_of(opened_at, period)) if period else None


def _is_within(time: timedelta, target: timedelta | None) -> bool | None:
    return None if target is None else time <= target


def _verdict(ticket: Ticket) -> bool | None:
    """All targets met (R3.48), one of them not (R3.47), or None where there is no target."""
    decided = [met for met in (ticket.start_met, ticket.conclusion_met) if met is not None]
    return all(decided) if decided else None


# What people are told


def alarms(ticket: Ticket) -> Iterator[Alarm]:
    """The warnings and breaches of all targets that are not decided."""
    percent, worktime = ticket.department.sla_warning_percent, ticket.department.worktime
    for name, target, due in (
        (FIRST_START, ticket.start_target, ticket.start_due_at),
        (CONCLUSION, ticket.conclusion_target, ticket.conclusion_due_at),
    ):
        if target is None or due is None:
            continue
        yield Alarm(due, name, is_breach=True, due_at=due)
        if percent:
            left = target * percent / 100 - ticket.clock_spent
            # One that has passed before the last reading is no later than it.
            at = worktime.after(ticket.clock_read_at or ticket.opened_at, left)
            yield Alarm(min(at, due), name, is_breach=False, due_at=due)


def next_alarm_at(ticket: Ticket, at: datetime) -> datetime | None:
    """The next instant after ``at`` at which there is something to tell."""
    return min((one.at for one in alarms(ticket) if one.at > at), default=None)
