"""Calendars: written in words, administered with errors beside the fields, and counted by every timer (A8, A30)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

import approvals.actions
import tickets.actions
from helpdesk.core.worktime import RUNNING
from helpdesk.people import hours
from helpdesk.people.actions import save_department
from helpdesk.people.models import Calendar, Department
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock
from tests.people.sent import errors_of
from tests.tickets.promises import DAY, HOUR, a_calendar, again
from tickets.models import Ticket
from tickets.tasks import sweep

MINUTE = timedelta(minutes=1)
ADD = "/admin/people/calendar/add/"


# --- words


@pytest.mark.parametrize(
    ("text", "shifts"),
    [
        ("", ()),
        (" , ", ()),
        ("09:00-18:00", ((540, 1080),)),
        ("9-12, 13:30–18", ((540, 720), (810, 1080))),
        ("13:00 - 18:00,9.00-12.00", ((540, 720), (780, 1080))),
        ("22:00-06:00", ((1320, 1800),)),
        ("00:00-24:00", ((0, 1440),)),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, shifts: Any) -> None:
    assert hours.read_hours(text) == shifts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nine to five", "“nine to five” is not a time from – to."),
        ("09:00", "“09:00” is not a time from – to."),
        ("09:00-25:00", "In “09:00-25:00” there is a time that no clock shows."),
        ("09:60-10:00", "In “09:60-10:00” there is a time that no clock shows."),
        ("09:00-09:00", "“09:00-09:00” has no length."),
        ("24:00-06:00", "“24:00-06:00” has no length."),
        ("09:00-12:00, 11:00-13:00", "Two of these times overlap."),
    ],
)
def test_hours_that_nobody_understands_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        hours.read_hours(text)
    assert refused.value.messages[0].startswith(reason)


def test_days_that_differ_are_read_line_by_line() -> None:
    text = "2026-12-24\n\n2026-12-28 - 2026-12-30 # company holidays\n2026-12-31 9-12, 13-14\n2027-01-02..2027-01-03"
    off = [date(2026, 12, day) for day in (24, 28, 29, 30)] + [date(2027, 1, 2), date(2027, 1, 3)]
    assert hours.read_special(text) == dict.fromkeys(off, ()) | {date(2026, 12, 31): ((540, 720), (780, 840))}


def test_every_line_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        hours.read_special("tomorrow\n2026-02-30\n2026-12-24\n2026-12-31 - 2026-12-24\n2026-12-31 late")
    assert refused.value.messages == [
        "Line 1: Write a day like 2026-12-24, or the first and the last one like 2026-12-24 - 2027-01-01.",
        "Line 2: There is no day 2026-02-30.",
        "Line 4: The last day must follow the first one, within a year.",
        "Line 5: “late” is not a time from – to. Write it like 09:00-12:00, several of them with commas between.",
    ]


# --- the administration


def _sent(**changes: Any) -> dict[str, Any]:
    office = "09:00-12:00, 13:00-18:00"
    return {
        "name": "São Paulo", "time_zone": "America/Sao_Paulo", "monday": office, "tuesday": office,
        "wednesday": office, "thursday": office, "friday": "09:00-13:00", "saturday": "", "sunday": "",
        "country": "BR", "subdivision": "SP", "special_days": "2026-12-24",
    } | changes  # fmt: skip


def test_calendar_is_made_and_given_to_a_department(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    assert client.post(ADD, _sent()).status_code == 302
    calendar = Calendar.objects.get()
    assert calendar.worktime is Calendar.objects.get().worktime, "equal ones share what was worked out"
    assert cast.department.worktime is RUNNING
    save_department(department=cast.rules(calendar=calendar))
    assert Department.objects.get(pk=cast.department.pk).worktime is calendar.worktime
    page = client.get("/admin/people/calendar/").content.decode()
    assert "São Paulo" in page
    with pytest.raises(ProtectedError):
        calendar.delete()
    assert client.get(reverse("admin:people_calendar_delete", args=[calendar.pk])).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"monday": "9 to 5"}, "monday", "“9 to 5” is not a time from – to. Write it like 09:00-12:00, several of them with commas between."),
        (dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ""), "monday", "Without a single working hour, nothing would ever be due."),
        ({"thursday": "22:00-10:00"}, "thursday", "The last shift runs into the next day's first one."),
        ({"country": "", "subdivision": "SP"}, "__all__", "Choose the country of this region, too."),
        ({"special_days": "24.12."}, "special_days", "Line 1: Write a day like 2026-12-24, or the first and the last one like 2026-12-24 - 2027-01-01."),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Select a valid choice. Mars/Olympus is not one of the available choices."),
        ({"country": "XX", "subdivision": ""}, "country", "Select a valid choice. XX is not one of the available choices."),
    ],
)  # fmt: skip
def test_errors_of_a_calendar_stand_beside_its_fields(
    cast: Cast, client: Client, changes: dict[str, str], field: str, error: str
) -> None:
    client.force_login(cast.ana)
    errors = errors_of(client.post(ADD, _sent(**changes)))
    assert errors[field] == [error]
    assert list(errors) == [field]


def test_region_that_is_none_of_the_country_names_those_that_are(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    (error,) = errors_of(client.post(ADD, _sent(subdivision="BY")))["subdivision"]
    assert error.startswith("Of this country these are known: AC, AL, AM,")


def test_database_refuses_a_calendar_without_hours(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        a_calendar(**dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ""))


# --- every timer counts it


@pytest.fixture
def office(cast: Cast) -> Cast:
    """Support works Monday to Friday from nine to six."""
    cast.rules(calendar=a_calendar())
    return cast


@pytest.fixture
def friday() -> Clock:
    """Ten minutes before the weekend."""
    return Clock(datetime(2026, 3, 13, 17, 50, tzinfo=UTC))


def _due(ticket: Ticket) -> datetime | None:
    return again(ticket).timer_due_at


def test_distribution_waits_for_working_minutes(office: Cast, friday: Clock) -> None:
    """A8, A30: fifteen minutes, ten of them on Friday."""
    ticket = walks.opened(office, at=friday.now)
    due = datetime(2026, 3, 16, 9, 5, tzinfo=UTC)
    assert _due(ticket) == due
    assert (sweep(due - MINUTE), sweep(due)) == (0, 1)
    assert again(ticket).assigned_by_clock


def test_ticket_that_comes_back_gets_a_window_of_working_minutes(office: Cast, friday: Clock) -> None:
    ticket = tickets.actions.take_back(ticket=walks.assumed(office, at=friday.now), by=office.hugo, at=friday.now)
    assert _due(ticket) == datetime(2026, 3, 16, 9, 5, tzinfo=UTC)
    ticket = walks.on_line_2(office, at=friday.now)
    assert _due(ticket) == datetime(2026, 3, 16, 9, 5, tzinfo=UTC)


def test_approval_takes_working_days_and_working_hours(office: Cast, friday: Clock) -> None:
    """R1.27, A8: two days are Monday and Tuesday, at the same time of the day."""
    assert _due(walks.solved(office, at=friday.now)) == datetime(2026, 3, 17, 17, 50, tzinfo=UTC)
    office.rules(approval_period=5 * HOUR)
    assert _due(walks.solved(office, at=friday.now)) == datetime(2026, 3, 16, 13, 50, tzinfo=UTC)


def test_rating_takes_a_working_day(office: Cast, friday: Clock) -> None:
    assert _due(walks.awaiting_rating(office, at=friday.now)) == datetime(2026, 3, 16, 17, 50, tzinfo=UTC)


def test_reminders_come_in_working_time(office: Cast, friday: Clock) -> None:
    """A9, R4.16: of approvals, of decisions, and of changes of priority."""
    monday = datetime(2026, 3, 16, 9, 50, tzinfo=UTC)
    office.rules(decision_reminder=HOUR, approval_period=timedelta(0))
    ticket = walks.line_change_requested(office, at=friday.now)
    assert _due(ticket) == monday
    tickets.actions.remind_heads(ticket=again(ticket), at=monday)
    assert _due(ticket) == monday + HOUR
    ticket = walks.solved(office, at=friday.now)
    tickets.actions.remind(ticket=again(ticket), at=friday.now)
    assert _due(ticket) == datetime(2026, 3, 17, 17, 50, tzinfo=UTC)
    ticket = walks.started(office, at=friday.now)
    request = approvals.actions.request_priority(
        ticket=ticket, by=office.ada, priority="high", text="It burns.", at=friday.now
    )
    assert request.remind_due_at == monday


def test_survey_stays_open_for_working_days(office: Cast, friday: Clock) -> None:
    office.rules(survey_period=3 * DAY)
    walks.closed(office, at=friday.now)
    assert Survey.objects.get().open_until == datetime(2026, 3, 18, 17, 50, tzinfo=UTC)


def test_change_of_calendar_leaves_what_runs(cast: Cast, clock: Clock) -> None:
    """R6.24, A8: people were told its end; what needs a window from now on gets one in working time."""
    ticket = walks.solved(cast, at=clock.now)
    waiting = walks.opened(cast, at=clock.now)
    due = (_due(ticket), _due(waiting))
    department = Department.objects.get(pk=cast.department.pk)
    department.calendar = a_calendar(monday="", tuesday="", wednesday="")
    save_department(department=department)
    assert (_due(ticket), _due(waiting)) == due
    Calendar.objects.update(thursday="")
    assert (_due(ticket), _due(waiting)) == due
    department.distribution_mode = "pull"
    save_department(department=department)
    department.distribution_mode = "both"
    save_department(department=department)
    due_at = _due(waiting)
    assert due_at is not None
    assert due_at.weekday() in {3, 4}  # Thursday as it was read with the department, Friday as it is


def test_requester_is_told_the_instant_that_holds(office: Cast, friday: Clock, client: Client) -> None:
    """R1.33: the ticket shows when a solution counts as approved."""
    ticket = walks.solved(office, at=friday.now)
    client.force_login(office.rita)
    page = client.get(reverse("portal:ticket", args=[ticket.pk])).content.decode()
    assert "2026-03-17T17:50:00Z" in page
