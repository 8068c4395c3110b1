"""Stored deadlines: when they are due, what they do, and that days are counted in hours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

import tickets.actions
from helpdesk.notifications.models import Notification
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import TIMER_VERBS, TIMERS, Outcome, Status, Timer
from tickets.models import Ticket
from tickets.tasks import sweep

TWO_DAYS = timedelta(days=2)
INSTANT = timedelta(microseconds=1)


def _again(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("department").get(pk=ticket.pk)


# The approval period


def test_approval_is_due_two_days_after_the_solution(cast: Cast, clock: Clock) -> None:
    """R1.27, R1.33, A8: counted from the sending of the solution, not from the opening; shown as a deadline."""
    ticket = walks.started(cast, at=clock.now)
    walks.solved(cast, ticket=ticket, at=clock.turn(days=3, minutes=7))
    assert _again(ticket).deadline_at == clock.now + TWO_DAYS
    assert _again(ticket).timer is Timer.APPROVAL


def test_silence_is_approval_at_the_due_instant(cast: Cast, clock: Clock) -> None:
    """R1.28, R1.32, R1.34: approved automatically and closed, by "System"."""
    ticket = walks.solved(cast, at=clock.now)
    due = clock.now + TWO_DAYS
    assert sweep(due - INSTANT) == 0
    assert _again(ticket).status == Status.AWAITING_APPROVAL
    assert sweep(due) == 1
    ticket = _again(ticket)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.SOLVED)
    assert (ticket.approved_at, ticket.approved_by_clock) == (due, True)
    assert (ticket.closed_at, ticket.closed_by) == (due, None)
    event = ticket.events.last()
    assert (event.verb, event.actor, event.at) == ("approve_automatically", None, due)


def test_silence_closes_in_both_survey_modes(cast: Cast, clock: Clock) -> None:
    """R6.18, A15: no waiting for a rating after silence; the survey goes out all the same."""
    cast.rules(survey_mode="before_closing")
    ticket = walks.solved(cast, at=clock.now)
    sweep(clock.turn(days=2))
    assert _again(ticket).status == Status.CLOSED
    survey = Survey.objects.get(ticket=ticket)
    assert (survey.before_closing, survey.state) == (False, Survey.State.WAITING)


def test_running_the_job_again_changes_nothing_more(cast: Cast, clock: Clock) -> None:
    """R1.32: neither events nor notices."""
    ticket = walks.solved(cast, at=clock.now)
    sweep(clock.turn(days=2))
    before = (ticket.events.count(), Notification.objects.count())
    assert [sweep(clock.now), sweep(clock.turn(days=99))] == [0, 0]
    assert (ticket.events.count(), Notification.objects.count()) == before


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(days=30)])
def test_client_can_act_until_the_job_has_moved_the_ticket(cast: Cast, clock: Clock, late: timedelta) -> None:
    """R1.32: a due ticket is not yet approved."""
    ticket = walks.solved(cast, at=clock.now)
    at = clock.now + TWO_DAYS + late
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=at)
    assert sweep(at) == 0
    assert _again(ticket).status == Status.IN_SERVICE


def test_return_stops_the_timer_and_the_next_solution_starts_a_full_one(cast: Cast, clock: Clock) -> None:
    """R1.29, R1.30: a fresh, full period."""
    ticket = walks.solved(cast, at=clock.now)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(days=1, hours=23))
    assert _again(ticket).timer_due_at is None
    assert sweep(clock.turn(days=10)) == 0
    tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Now?", at=clock.now)
    assert _again(ticket).timer_due_at == clock.now + TWO_DAYS


def test_period_is_the_departments(cast: Cast, clock: Clock) -> None:
    """R1.27: the period is a setting; a running timer keeps its stored instant (R6.24)."""
    first = walks.solved(cast, at=clock.now)
    cast.rules(approval_period=timedelta(hours=5))
    second = walks.solved(cast, at=clock.now)
    assert _again(first).timer_due_at == clock.now + TWO_DAYS
    assert _again(second).timer_due_at == clock.now + timedelta(hours=5)


def test_without_a_period_the_requester_is_reminded_and_nothing_closes(cast: Cast, clock: Clock) -> None:
    """A9: 0 = never automatically; the ticket waits, and the requester is reminded again and again."""
    cast.rules(approval_period=timedelta(0))
    ticket = walks.solved(cast, at=clock.now)
    assert (_again(ticket).timer, _again(ticket).deadline_at) == (Timer.REMINDER, None)
    assert sweep(clock.now + TWO_DAYS - INSTANT) == 0
    for round_ in (1, 2, 3):
        assert sweep(clock.turn(days=2)) == 1
        assert _again(ticket).status == Status.AWAITING_APPROVAL
        rows = Notification.objects.filter(kind="approval_reminder").select_related("recipient")
        assert cast.names_of(row.recipient for row in rows) == ["rita"] * round_
        assert ticket.events.filter(verb="remind", actor=None).count() == round_
    tickets.actions.approve(ticket=ticket, by=cast.rita, at=clock.now)
    assert sweep(clock.turn(days=9)) == 0


# The rating period


def test_unrated_ticket_closes_after_one_day(cast: Cast, clock: Clock) -> None:
    """R4.24, R4.26, A7: solved without rating, the notice goes out, and the engagement ends (R3.32)."""
    ticket = walks.awaiting_rating(cast, at=clock.now)
    due = clock.now + timedelta(days=1)
    assert (_again(ticket).timer, _again(ticket).deadline_at) == (Timer.RATING, due)
    assert sweep(due - INSTANT) == 0
    assert sweep(due) == 1
    ticket = _again(ticket)
    assert (ticket.status, ticket.outcome, ticket.closed_at, ticket.closed_by) == (
        Status.CLOSED,
        Outcome.SOLVED,
        due,
        None,
    )
    assert (ticket.finalized_at, ticket.finalized_by) == (due, None)
    assert (ticket.approved_by_clock, Survey.objects.get().state) == (False, Survey.State.OVER)
    verbs = list(ticket.events.values_list("verb", "actor")[4:])
    assert verbs == [("approve", cast.rita.pk), ("close_unrated", None), ("finalize", None)]
    assert Notification.objects.filter(kind="ticket_closed", recipient=cast.rita).count() == 1


def test_rating_period_is_the_departments(cast: Cast, clock: Clock) -> None:
    """R4.24: 1 day is the default of a setting."""
    cast.rules(rating_period=timedelta(hours=3))
    assert walks.awaiting_rating(cast, at=clock.now).timer_due_at == clock.now + timedelta(hours=3)


# Hours are hours


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("UTC", "2026-03-10T23:59:59.999999"),
        ("UTC", "2026-03-11T00:00:00"),
        ("UTC", "2026-12-31T23:59:00"),
        ("UTC", "2028-02-28T12:00:00"),
        ("Europe/Lisbon", "2026-03-28T12:00:00"),  # an hour is missing the next night
        ("Europe/Lisbon", "2026-03-29T00:59:59"),
        ("Europe/Lisbon", "2026-10-24T12:00:00"),  # an hour comes twice the next night
        ("Europe/Lisbon", "2026-10-25T01:30:00"),
        ("America/Sao_Paulo", "2026-12-31T23:59:00"),
        ("Asia/Vladivostok", "2026-03-10T00:00:00"),
    ],
)
def test_two_days_are_48_hours_and_fifteen_minutes_fifteen(cast: Cast, zone: str, local: str) -> None:
    """A8: running time, whatever clocks and calendars do meanwhile, in whatever zone the instant was said."""
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    opened = walks.opened(cast, at=at)
    waited = opened.timer_due_at.astimezone(UTC) - at.astimezone(UTC)
    assert waited == timedelta(minutes=15)
    solved = walks.solved(cast, at=at)
    due = at.astimezone(UTC) + timedelta(hours=48)
    assert _again(solved).timer_due_at == due
    assert sweep(due - INSTANT) == 1, "the one that was opened only"
    assert sweep(due) == 1
    assert _again(solved).status == Status.CLOSED


def test_instants_are_stored_with_the_event(cast: Cast) -> None:
    """R6.23: the history holds the instant, not the zone it was said in."""
    at = datetime(2026, 12, 31, 23, 59, tzinfo=ZoneInfo("America/Sao_Paulo"))
    event = walks.opened(cast, at=at).events.get()
    event.refresh_from_db()
    assert event.at == datetime(2027, 1, 1, 2, 59, tzinfo=UTC)


# One timer, and it fits


@pytest.mark.parametrize("status", list(Status))
def test_timer_runs_in_three_statuses_only(cast: Cast, clock: Clock, status: Status) -> None:
    """R6.24: entering a status starts its timer, leaving it stops it."""
    ticket = _again(walks.to(status, cast, at=clock.now))
    waits = {
        Status.AWAITING_DISTRIBUTION: timedelta(minutes=15),
        Status.AWAITING_APPROVAL: TWO_DAYS,
        Status.AWAITING_RATING: timedelta(days=1),
    }
    assert ticket.timer_due_at == (clock.now + waits[status] if status in waits else None)
    assert ticket.timer is (TIMERS[status] if status in waits else None)  # decisions have none by default (R4.16)


def test_every_timer_has_a_verb() -> None:
    """R6.24: a timer without one would never fire."""
    assert set(TIMER_VERBS) == set(Timer)


def test_cancelling_stops_every_timer(cast: Cast, clock: Clock) -> None:
    """R4.29: timers of the ticket end."""
    for walk in (walks.opened, walks.solved, walks.awaiting_rating):
        ticket = walk(cast, at=clock.now)
        tickets.actions.cancel(ticket=ticket, by=cast.rita)
        assert _again(ticket).timer_due_at is None
    assert sweep(clock.turn(days=30)) == 0


# What goes wrong stays where it is


@contextmanager
def _poisoned(ticket: Ticket) -> Iterator[None]:
    """Let the database refuse every event of one ticket."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION test_poison() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'poisoned' USING ERRCODE = 'XX000'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER test_poison BEFORE INSERT ON tickets_event FOR EACH ROW "
            f"WHEN (NEW.ticket_id = {int(ticket.pk)}) EXECUTE FUNCTION test_poison()"
        )
        yield
        cursor.execute("DROP TRIGGER test_poison ON tickets_event")


def test_poisoned_ticket_does_not_block_the_others(cast: Cast, clock: Clock) -> None:
    """R6.24: it is pushed forward with its error stored, the oldest of all though it is; later it is tried again."""
    bad = walks.solved(cast, at=clock.now)
    fine = [walks.solved(cast, at=clock.turn(seconds=1)) for _ in range(3)]
    clock.turn(days=2)
    with _poisoned(bad):
        assert sweep(clock.now) == 4
        assert [_again(ticket).status for ticket in fine] == [Status.CLOSED] * 3
        bad = _again(bad)
        assert (bad.status, bad.approved_at) == (Status.AWAITING_APPROVAL, None)
        assert "poisoned" in bad.timer_error
        assert bad.timer_retry_at == clock.now + timedelta(minutes=10)
        assert sweep(clock.turn(minutes=9)) == 0
        assert sweep(clock.turn(minutes=1)) == 1
    assert sweep(clock.turn(minutes=10)) == 1
    bad = _again(bad)
    assert (bad.status, bad.timer_error, bad.timer_retry_at) == (Status.CLOSED, "", None)


def test_poisoned_ticket_can_be_moved_by_hand(cast: Cast, clock: Clock) -> None:
    """R6.24: the stored error goes when its timer does."""
    bad = walks.solved(cast, at=clock.now)
    with _poisoned(bad):
        sweep(clock.turn(days=2))
    tickets.actions.approve(ticket=bad, by=cast.rita, at=clock.now)
    bad = _again(bad)
    assert (bad.status, bad.timer_error, bad.timer_retry_at) == (Status.CLOSED, "", None)
