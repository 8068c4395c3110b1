"""Giving a ticket to somebody: modes, the fifteen minutes, and the choice of the least loaded."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department
from helpdesk.people.models import Absence, User
from tests import walks
from tests.cast import Cast, Clock, an_agent
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.querysets import candidates
from tickets.tasks import sweep

MINUTE = timedelta(minutes=1)


def _in_order(cast: Cast, at: datetime, *, line: int = 1) -> list[str]:
    return [cast.name_of(person) for person in candidates(cast.department, line, at)]


def _given(cast: Cast, person: User, at: datetime) -> None:
    User.objects.filter(pk=person.pk).update(last_assigned_at=at)


# Modes


@pytest.mark.parametrize(("mode", "minutes"), [("both", 15), ("push", 15), ("pull", None)])
def test_distribution_timer_runs_as_the_mode_says(cast: Cast, clock: Clock, mode: str, minutes: int | None) -> None:
    """A2, R4.5: ``pull`` has no timer; in the others fifteen minutes run."""
    cast.rules(distribution_mode=mode)
    ticket = walks.opened(cast, at=clock.now)
    assert ticket.timer_due_at == (clock.now + timedelta(minutes=minutes) if minutes else None)


def test_pull_mode_waits_for_ever(cast: Cast, clock: Clock) -> None:
    """A2: group only; the job has nothing to do."""
    cast.rules(distribution_mode="pull")
    ticket = walks.opened(cast, at=clock.now)
    assert sweep(clock.turn(days=365)) == 0
    assert Ticket.objects.get(pk=ticket.pk).status == Status.AWAITING_DISTRIBUTION


@pytest.mark.parametrize(("mode", "is_told"), [("both", ["hugo"]), ("push", ["hugo"]), ("pull", [])])
def test_head_gets_a_task_with_its_deadline(cast: Cast, clock: Clock, mode: str, is_told: list[str]) -> None:
    """R4.7, A2: in-app and e-mail, where there is something to distribute."""
    cast.rules(distribution_mode=mode)
    walks.opened(cast, at=clock.now)
    rows = Notification.objects.filter(kind="distribution_needed")
    assert cast.names_of(row.recipient for row in rows) == is_told
    assert cast.names_of(row.recipient for row in Letter.objects.filter(kind="distribution_needed")) == is_told
    assert {row.facts["due_at"] for row in rows} <= {(clock.now + timedelta(minutes=15)).isoformat()}


def test_every_head_gets_the_task(cast: Cast) -> None:
    """A41: several heads are possible."""
    an_agent("Gina Gold", cast.department, line=None, is_head=True)
    walks.opened(cast)
    rows = Notification.objects.filter(kind="distribution_needed").select_related("recipient")
    assert sorted(str(row.recipient) for row in rows) == ["Gina Gold", "Hugo Hahn"]


def test_minutes_are_the_departments(cast: Cast, clock: Clock) -> None:
    """R1.42: the value is a setting."""
    cast.rules(distribution_minutes=90)
    assert walks.opened(cast, at=clock.now).timer_due_at == clock.now + timedelta(minutes=90)


# The instant


def test_assignment_happens_at_the_due_instant_and_not_before(cast: Cast, clock: Clock) -> None:
    """R4.6, R4.9, house rule 10: deadlines are compared "at or before"."""
    ticket = walks.opened(cast, at=clock.now)
    due = clock.now + timedelta(minutes=15)
    assert sweep(due - timedelta(microseconds=1)) == 0
    assert sweep(due) == 1
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.executor, ticket.assigned_by_clock) == (Status.ASSIGNED, cast.ada, True)
    assert (ticket.assigned_at, ticket.timer_due_at) == (due, None)
    event = ticket.events.last()
    assert (event.verb, event.actor, event.subject, event.at) == ("assign", None, cast.ada, due)


def test_assignment_made_in_the_meantime_wins(cast: Cast, clock: Clock) -> None:
    """A2, R4.9: whichever happens first ends the timer."""
    ticket = walks.assumed(cast, by=cast.bob, at=clock.now)
    assert sweep(clock.turn(hours=1)) == 0
    assert Ticket.objects.get(pk=ticket.pk).executor == cast.bob


def test_sweeping_twice_changes_nothing_more(cast: Cast, clock: Clock) -> None:
    """R1.32, house rule 9: every task may run twice."""
    ticket = walks.opened(cast, at=clock.now)
    clock.turn(minutes=15)
    assert [sweep(clock.now), sweep(clock.now)] == [1, 0]
    assert list(ticket.events.values_list("verb", flat=True)) == ["open", "assign"]


def test_group_may_assume_until_the_clock_has_given_it(cast: Cast, clock: Clock) -> None:
    """A2, R1.32: a due ticket that the job has not moved yet can still be taken."""
    ticket = walks.opened(cast, at=clock.now)
    walks.assumed(cast, ticket=ticket, by=cast.bob, at=clock.turn(minutes=20))
    assert sweep(clock.now) == 0


# The choice


def test_candidates_are_the_agents_of_the_line(cast: Cast, clock: Clock) -> None:
    """R4.6, R4.8: line 1 for a new ticket; the head without a line and the other department are none."""
    assert _in_order(cast, clock.now) == ["ada", "bob"]
    assert _in_order(cast, clock.now, line=2) == ["otto"]


def test_candidates_of_one_line_are_everybody(cast: Cast, clock: Clock) -> None:
    """A29: a department without a second line has one pool."""
    cast.rules(support_lines=1)
    assert _in_order(cast, clock.now) == ["ada", "bob", "otto"]


def test_head_with_a_line_is_a_candidate(cast: Cast, clock: Clock) -> None:
    """R4.8: who is on the line takes part, whatever else he is."""
    join_department(department=cast.department, user=cast.hugo, line=1, is_head=True)
    assert _in_order(cast, clock.now) == ["ada", "bob", "hugo"]


def test_least_loaded_comes_first(cast: Cast, clock: Clock) -> None:
    """R4.6, R4.8: the smallest number of current tasks."""
    walks.assumed(cast, by=cast.ada)
    assert _in_order(cast, clock.now) == ["bob", "ada"]


@pytest.mark.parametrize(
    ("walk", "is_load"),
    [
        (walks.assumed, True),
        (walks.started, True),
        (walks.asked, True),
        (walks.solved, False),
        (walks.awaiting_rating, False),
        (walks.closed, False),
    ],
)
def test_load_is_where_support_has_to_act(cast: Cast, clock: Clock, walk: object, is_load: bool) -> None:
    """R4.8: assigned, in service, awaiting requester's information; what the client checks is no load."""
    walk(cast, by=cast.ada)
    _given(cast, cast.ada, clock.now - timedelta(days=9))
    _given(cast, cast.bob, clock.now - timedelta(days=1))
    assert _in_order(cast, clock.now) == (["bob", "ada"] if is_load else ["ada", "bob"])


def test_load_counts_all_departments(cast: Cast, clock: Clock) -> None:
    """R4.8: who works elsewhere too is not free."""
    join_department(department=cast.other_department, user=cast.ada, line=1)
    ticket = walks.opened(cast, department=cast.other_department, service=cast.other_service)
    walks.assumed(cast, ticket=ticket, by=cast.ada)
    assert _in_order(cast, clock.now) == ["bob", "ada"]


def test_cancelled_tickets_are_no_load(cast: Cast, clock: Clock) -> None:
    """R4.8, R4.29: open tasks end with the ticket."""
    walks.cancelled(cast, ticket=walks.started(cast, by=cast.ada, at=clock.now))
    _given(cast, cast.bob, clock.now + MINUTE)
    assert _in_order(cast, clock.now) == ["ada", "bob"]


def test_tie_goes_to_who_was_given_a_ticket_longest_ago(cast: Cast, clock: Clock) -> None:
    """R4.8, A31: then to who never had one, which is longest of all; then the lowest identifier."""
    assert cast.ada.pk < cast.bob.pk
    assert _in_order(cast, clock.now) == ["ada", "bob"]
    _given(cast, cast.ada, clock.now - timedelta(hours=1))
    assert _in_order(cast, clock.now) == ["bob", "ada"]
    _given(cast, cast.bob, clock.now - timedelta(minutes=1))
    assert _in_order(cast, clock.now) == ["ada", "bob"]
    _given(cast, cast.bob, clock.now - timedelta(hours=1))
    assert _in_order(cast, clock.now) == ["ada", "bob"]


def test_inactive_agents_are_skipped(cast: Cast, clock: Clock) -> None:
    """R4.8, A31."""
    cast.deactivate(cast.ada)
    assert _in_order(cast, clock.now) == ["bob"]


@pytest.mark.parametrize(
    ("starts", "ends", "is_absent"),
    [(-60, None, True), (-60, 60, True), (0, 60, True), (-60, 0, False), (1, 60, False), (-60, -1, False)],
)
def test_absent_agents_are_skipped(cast: Cast, clock: Clock, starts: int, ends: int | None, is_absent: bool) -> None:
    """R4.8, A31: from the first instant until the end, which is present again."""
    Absence.objects.create(
        user=cast.ada,
        starts_at=clock.now + starts * MINUTE,
        ends_at=None if ends is None else clock.now + ends * MINUTE,
    )
    assert _in_order(cast, clock.now) == (["bob"] if is_absent else ["ada", "bob"])


def test_sweep_shares_the_work_evenly(cast: Cast, clock: Clock) -> None:
    """R4.6: one after the other, each counted for the next; loads differ by at most one."""
    carl = an_agent("Carl Cox", cast.department)
    walks.assumed(cast, by=cast.bob, at=clock.now)
    for _ in range(7):
        walks.opened(cast, at=clock.now)
    assert sweep(clock.turn(minutes=15)) == 7
    loads = {person.pk: Ticket.objects.current_of(person).count() for person in (cast.ada, cast.bob, carl)}
    assert sorted(loads.values()) == [2, 3, 3]


def test_sweep_takes_the_oldest_first(cast: Cast, clock: Clock) -> None:
    """R4.9: who waits longest is served first."""
    newer, older = walks.opened(cast, at=clock.now), walks.opened(cast, at=clock.now - MINUTE)
    assert sweep(clock.turn(minutes=15), at_most=1) == 1
    assert Ticket.objects.get(pk=older.pk).status == Status.ASSIGNED
    assert Ticket.objects.get(pk=newer.pk).status == Status.AWAITING_DISTRIBUTION


@pytest.mark.parametrize("together", [False, True])
def test_own_request_goes_to_somebody_else_however_loaded(cast: Cast, clock: Clock, together: bool) -> None:
    """R1.26, R4.22: who asked checks the solution, so somebody else is to write it."""
    for _ in range(3):
        walks.assumed(cast, by=cast.bob, at=clock.now)
    own = walks.opened(cast, by=cast.ada, at=clock.now)
    other = walks.opened(cast, at=clock.now + MINUTE)
    clock.turn(minutes=20)
    assert [sweep(clock.now)] == [2] if together else [sweep(clock.now, at_most=1) for _ in range(2)] == [1, 1]
    assert Ticket.objects.get(pk=own.pk).executor == cast.bob
    assert Ticket.objects.get(pk=other.pk).executor == cast.ada, "it was not passed over for good"


def test_own_request_goes_to_its_requester_where_nobody_else_is(cast: Cast, clock: Clock) -> None:
    """R4.6: better served by himself than by nobody."""
    own = walks.opened(cast, by=cast.ada, at=clock.now)
    cast.deactivate(cast.bob)
    sweep(clock.turn(minutes=15))
    assert Ticket.objects.get(pk=own.pk).executor == cast.ada


# Nobody there


def _alerts(cast: Cast) -> list[str]:
    rows = Notification.objects.filter(kind="no_candidate").select_related("recipient")
    letters = Letter.objects.filter(kind="no_candidate").select_related("recipient")
    told = cast.names_of(row.recipient for row in rows)
    assert told == cast.names_of(letter.recipient for letter in letters)
    return told


def test_ticket_without_candidate_stays_and_alerts_once(cast: Cast, clock: Clock) -> None:
    """R4.9: head and administrators are alerted; the ticket stays in the queue, and the alarm is not repeated."""
    for agent in (cast.ada, cast.bob):
        Absence.objects.create(user=agent, starts_at=clock.now, ends_at=clock.now + timedelta(hours=1))
    ticket = walks.opened(cast, at=clock.now)
    sweep(clock.turn(minutes=15))
    for _ in range(5):
        sweep(clock.turn(minutes=1))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.executor) == (Status.AWAITING_DISTRIBUTION, None)
    assert ticket.timer_due_at == ticket.opened_at + timedelta(minutes=15)
    assert _alerts(cast) == ["ana", "hugo"]
    assert list(ticket.events.values_list("verb", "is_private")) == [("open", False), ("alert", True)]


def test_ticket_is_given_as_soon_as_somebody_is_back(cast: Cast, clock: Clock) -> None:
    """R4.9: the job looks again every minute."""
    for agent in (cast.ada, cast.bob):
        Absence.objects.create(user=agent, starts_at=clock.now, ends_at=clock.now + timedelta(minutes=16))
    ticket = walks.opened(cast, at=clock.now)
    sweep(clock.turn(minutes=15))
    sweep(clock.turn(minutes=1))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.timer_retry_at, ticket.timer_error, ticket.alerted_at) == (
        Status.ASSIGNED,
        None,
        "",
        None,
    )


def test_ticket_without_candidate_holds_up_nobody(cast: Cast, clock: Clock) -> None:
    """R4.9: a department without people does not stop the others."""
    cast.deactivate(cast.nora)
    stuck = walks.opened(cast, department=cast.other_department, service=cast.other_service, at=clock.now - MINUTE)
    fine = walks.opened(cast, at=clock.now)
    assert sweep(clock.turn(minutes=15)) == 2
    assert Ticket.objects.get(pk=stuck.pk).status == Status.AWAITING_DISTRIBUTION
    assert Ticket.objects.get(pk=fine.pk).status == Status.ASSIGNED


def test_ticket_that_nobody_could_be_given_can_be_taken(cast: Cast, clock: Clock) -> None:
    """R1.22: an absent agent who is there after all may take it by hand."""
    for agent in (cast.ada, cast.bob):
        Absence.objects.create(user=agent, starts_at=clock.now)
    ticket = walks.opened(cast, at=clock.now)
    sweep(clock.turn(minutes=15))
    ticket = walks.assumed(cast, ticket=ticket, by=cast.ada, at=clock.now)
    assert (ticket.status, ticket.timer_retry_at) == (Status.ASSIGNED, None)


def test_second_wait_alerts_again(cast: Cast, clock: Clock) -> None:
    """R4.9, A11: back in distribution, a new wait has its own alarm."""
    ticket = walks.solved(cast, at=clock.now)
    cast.deactivate(cast.ada)
    cast.deactivate(cast.bob)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.now)
    sweep(clock.turn(minutes=15))
    assert _alerts(cast) == ["ana", "hugo"]


# Telling


def test_assigned_executor_and_requester_are_told(cast: Cast, clock: Clock) -> None:
    """R4.10, A3: the executor by e-mail too; the requester as if it had been assumed (P2)."""
    walks.opened(cast, at=clock.now)
    Letter.objects.all().delete()
    sweep(clock.turn(minutes=15))
    told = [(letter.kind, cast.name_of(letter.recipient)) for letter in Letter.objects.order_by("kind")]
    assert told == [("ticket_assigned", "ada"), ("ticket_assumed", "rita")]


def test_assigning_is_nobodys_but_the_clocks(cast: Cast) -> None:
    """R4.6: distribution by hand is another move."""
    ticket = walks.opened(cast)
    assert tickets.actions.assign(ticket=ticket, by=CLOCK).assigned_by_clock is True
