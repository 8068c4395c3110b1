"""The SLA clock by itself, without a database: pauses, nights in which clocks change, and the count minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.people.models import Calendar, Department
from tickets import sla
from tickets.lifecycle import TICKING, Status
from tickets.models import Ticket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
S = Status
# Friday before the clocks of Europe change on Sunday morning; the shift of Saturday goes over that night.
OPENED = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
CALENDARS = {
    "every hour": None,
    "office": Calendar(time_zone="UTC"),
    "nights": Calendar(time_zone="Europe/Berlin", monday="", saturday="22:00-06:00", sunday="20:00-24:00"),
    "São Paulo": Calendar(time_zone="America/Sao_Paulo", friday="09:00-12:00, 13:00-17:00", country="BR"),
}
SUPPORT = [S.IN_SERVICE, S.LINE_CHANGE_REQUESTED, S.CLOSING_REQUESTED]
AWAY = [S.AWAITING_REQUESTER, S.AWAITING_APPROVAL]


def a_ticket(calendar: Calendar | None, start: timedelta | None = None, conclusion: timedelta | None = None) -> Ticket:
    """Opened and taken, with these targets, which no database knows."""
    ticket = Ticket(department=Department(calendar=calendar), opened_at=OPENED, clock_read_at=OPENED)
    worktime = ticket.department.worktime
    ticket.start_target, ticket.conclusion_target = start, conclusion
    ticket.start_due_at = worktime.after(OPENED, start) if start else None
    ticket.conclusion_due_at = worktime.after(OPENED, conclusion) if conclusion else None
    ticket.sla_alarm_at = sla.next_alarm_at(ticket, OPENED)
    return ticket


def enter(ticket: Ticket, status: Status, at: datetime) -> None:
    sla.follow(ticket, status, at)
    if status == S.IN_SERVICE and ticket.started_at is None:
        ticket.started_at = at
    if status == S.AWAITING_APPROVAL:
        ticket.concluded_at = at
    setattr(ticket, "status", status)  # noqa: B010 - nobody but the funnel assigns it, and this ticket is never saved


def counted(calendar: Calendar | None, passes: list[tuple[datetime, datetime, Status]]) -> timedelta:
    """The minutes in which support had it and the wall's clock read a working hour."""
    count = 0
    for begin, end, status in passes:
        at = begin
        while at < end and status in TICKING:
            count += calendar is None or _works(calendar, at)
            at += MINUTE
    return count * MINUTE


def _works(calendar: Calendar, at: datetime) -> bool:
    hours, wall = calendar.worktime, at.astimezone(ZoneInfo(calendar.time_zone))
    into = wall.hour * 60 + wall.minute
    late = hours.hours_on(wall.date() - timedelta(days=1))
    return any(a <= into < b for a, b in hours.hours_on(wall.date())) or any(a <= into + 1440 < b for a, b in late)


moves = st.lists(
    st.tuples(st.sampled_from([S.ASSIGNED, *SUPPORT, *AWAY]), st.integers(0, 1500)), min_size=1, max_size=7
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(CALENDARS)), moves, st.integers(1, 3000))
def test_clock_equals_a_count_minute_by_minute(name: str, way: list[tuple[Status, int]], target: int) -> None:
    """R3.58: whatever it went through; a pause in a pause adds nothing."""
    calendar = CALENDARS[name]
    ticket = a_ticket(calendar, conclusion=target * MINUTE)
    at, passes = OPENED, []
    for status, minutes in way:
        began, was = at, Status(ticket.status)
        at += minutes * MINUTE
        passes.append((began, at, was))
        spent = sla.spent(ticket, at)
        assert spent == counted(calendar, passes)
        if was == S.AWAITING_APPROVAL and status == S.AWAITING_REQUESTER:
            continue  # no move leads there
        enter(ticket, status, at)
        assert sla.spent(ticket, at) == spent
        if status == S.AWAITING_APPROVAL != was and spent != target * MINUTE:
            assert ticket.conclusion_met == (spent < target * MINUTE)
        elif ticket.conclusion_due_at and ticket.conclusion_due_at > at:
            left = ticket.department.worktime.elapsed(at, ticket.conclusion_due_at)
            assert left == target * MINUTE - spent


@pytest.mark.parametrize("pause", AWAY)
@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_pause_never_ticks_and_twice_adds_nothing(name: str, pause: Status) -> None:
    """R3.58, R1.30."""
    ticket = a_ticket(CALENDARS[name], conclusion=10 * HOUR)
    enter(ticket, S.IN_SERVICE, OPENED + HOUR)
    at = OPENED + 3 * HOUR
    enter(ticket, pause, at)
    spent = ticket.clock_spent
    assert ticket.conclusion_due_at is None
    for days in (1, 2, 30):
        assert sla.spent(ticket, at + timedelta(days=days)) == spent
    enter(ticket, pause, at + HOUR)
    enter(ticket, S.IN_SERVICE, at + timedelta(days=30))
    worktime = ticket.department.worktime
    assert ticket.conclusion_due_at == worktime.after(at + timedelta(days=30), 10 * HOUR - spent)


def test_night_in_which_clocks_change_is_as_long_as_it_is() -> None:
    """Saturday's shift from 22 to 6 has seven hours that night."""
    ticket = a_ticket(CALENDARS["nights"], conclusion=23 * HOUR)
    # Nine hours on Friday, seven in that night, four on Sunday evening, none on Monday: three on Tuesday.
    assert ticket.conclusion_due_at == datetime(2026, 3, 31, 10, 0, tzinfo=UTC)
    assert sla.spent(ticket, datetime(2026, 3, 29, 12, 0, tzinfo=UTC)) == 16 * HOUR


def test_hours_that_change_meanwhile_leave_the_end_that_people_were_told() -> None:
    """A8: what is left when it stands still is what was left of the promise."""
    ticket = a_ticket(None, conclusion=10 * HOUR)
    ticket.department.calendar = CALENDARS["office"]
    assert ticket.conclusion_due_at == OPENED + 10 * HOUR  # six in the evening
    enter(ticket, S.IN_SERVICE, OPENED + HOUR)
    enter(ticket, S.AWAITING_REQUESTER, OPENED + 8 * HOUR)
    assert ticket.clock_spent == 8 * HOUR
    enter(ticket, S.IN_SERVICE, OPENED + 9 * HOUR)
    assert ticket.conclusion_due_at == datetime(2026, 3, 30, 10, 0, tzinfo=UTC)


def test_late_solution_that_comes_back_stays_late() -> None:
    ticket = a_ticket(None, conclusion=HOUR)
    enter(ticket, S.IN_SERVICE, OPENED)
    enter(ticket, S.AWAITING_APPROVAL, OPENED + 2 * HOUR)
    assert (ticket.conclusion_met, ticket.sla_met) == (False, False)
    enter(ticket, S.IN_SERVICE, OPENED + 3 * HOUR)
    assert (ticket.conclusion_met, ticket.sla_met) == (None, None)
    assert ticket.conclusion_due_at is not None
    assert ticket.conclusion_due_at < OPENED + 2 * HOUR
    enter(ticket, S.AWAITING_APPROVAL, OPENED + 3 * HOUR)
    assert ticket.sla_met is False
