"""Two support lines: a change asked for, returned or approved, and line 2's own window (R4.11 to R4.16, A29)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import save_department
from helpdesk.people.models import Absence
from tests import walks
from tests.cast import Cast, Clock, an_agent, leave_department
from tickets.lifecycle import Status, Timer, Who, moves_from
from tickets.models import Ticket
from tickets.querysets import agents_of_line
from tickets.tasks import sweep

FIFTEEN = timedelta(minutes=15)
INSTANT = timedelta(microseconds=1)


def _again(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("department", "executor").get(pk=ticket.pk)


# Asking


def test_line_change_is_asked_with_a_justification_and_stops_the_work(cast: Cast, clock: Clock) -> None:
    """R4.11: mandatory; nobody works on it until a head has decided, and no deadline runs (R4.16)."""
    ticket = walks.started(cast, at=clock.now)
    with pytest.raises(Refused) as refusal:
        tickets.actions.request_line_change(ticket=ticket, by=cast.ada, text="  ")
    assert refusal.value.field == "text"
    ticket = walks.line_change_requested(cast, at=clock.turn(minutes=1), ticket=ticket)
    assert (ticket.status, ticket.executor, ticket.line) == (Status.LINE_CHANGE_REQUESTED, cast.ada, 1)
    assert ticket.timer_due_at is None
    with pytest.raises(Refused, match="not possible now"):
        tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Done after all.")
    event = ticket.events.latest("pk")
    assert (event.comment, event.is_private, event.at) == ("Beyond me.", True, clock.now)


def test_line_change_is_asked_while_the_requester_is_asked_too(cast: Cast) -> None:
    """R6.9: from both."""
    ticket = walks.asked(cast)
    ticket = tickets.actions.request_line_change(ticket=ticket, by=cast.ada, text="No answer needed.")
    assert ticket.status == Status.LINE_CHANGE_REQUESTED


def test_line_change_from_line_2_or_in_one_line_is_refused(cast: Cast) -> None:
    """A29: there is no line above."""
    ticket = walks.started_on_the_last_line(cast)
    with pytest.raises(Refused, match="last support line"):
        tickets.actions.request_line_change(ticket=ticket, by=cast.otto, text="Beyond me.")
    cast.rules(support_lines=1)
    ticket = walks.started(cast)
    with pytest.raises(Refused, match="has one support line"):
        tickets.actions.request_line_change(ticket=ticket, by=cast.ada, text="Beyond me.")


# Deciding


def test_returned_line_change_gives_the_ticket_back_for_rework(cast: Cast, clock: Clock) -> None:
    """R4.12, R4.13: to the line-1 employee, with the head's comment, by letter too."""
    ticket = walks.line_change_requested(cast, at=clock.now)
    with pytest.raises(Refused) as refusal:
        tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="")
    assert refusal.value.field == "text"
    ticket = tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="Try the fuse.", at=clock.now)
    assert (ticket.status, ticket.executor, ticket.line) == (Status.IN_SERVICE, cast.ada, 1)
    assert Letter.objects.get(kind="line_change_returned", recipient=cast.ada).facts["comment"] == "Try the fuse."
    assert ticket.events.last().comment == "Try the fuse."
    walks.solved(cast, ticket=ticket)


@pytest.mark.parametrize("is_inactive", [True, False])
def test_returned_line_change_without_its_executor_waits_in_its_line(
    cast: Cast, clock: Clock, is_inactive: bool
) -> None:
    """A11: deactivated or gone from the department; nothing waits for somebody who is not there."""
    ticket = walks.line_change_requested(cast, at=clock.now)
    if is_inactive:
        cast.deactivate(cast.ada)
    else:
        leave_department(cast.department, cast.ada)
    ticket = tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="Look again.", at=clock.now)
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, 1)
    assert ticket.timer_due_at == clock.now + FIFTEEN
    sweep(clock.turn(minutes=15))
    assert _again(ticket).executor == cast.bob


def test_approved_line_change_opens_line_2s_window(cast: Cast, clock: Clock) -> None:
    """R4.14: fifteen minutes of its own; the head sees line 2 and gives the ticket to one of it."""
    ticket = walks.line_change_requested(cast, at=clock.now)
    ticket = walks.on_line_2(cast, at=clock.turn(hours=3), ticket=ticket)
    assert (ticket.status, ticket.line, ticket.executor) == (Status.AWAITING_DISTRIBUTION, 2, None)
    assert (ticket.timer, ticket.deadline_at) == (Timer.DISTRIBUTION, clock.now + FIFTEEN)
    task = Letter.objects.filter(kind="distribution_needed", recipient=cast.hugo).latest("pk")
    assert task.facts["due_at"] == (clock.now + FIFTEEN).isoformat()
    assert [agent.name for agent in agents_of_line(ticket.department, 2, clock.now)] == ["Otto Orlov"]
    with pytest.raises(Refused) as refusal:
        tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.bob)
    assert refusal.value.field == "executor"
    ticket = tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.otto, at=clock.now)
    assert (ticket.status, ticket.executor, ticket.assigned_by_clock) == (Status.ASSIGNED, cast.otto, False)
    assert _again(ticket).timer_due_at is None


def test_approved_line_change_where_line_2_is_gone_meanwhile_is_refused(cast: Cast) -> None:
    """A29: the head can still return it."""
    ticket = walks.line_change_requested(cast)
    cast.rules(support_lines=1)
    with pytest.raises(Refused, match="has one support line"):
        tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo)
    assert tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="Yours.").executor == cast.ada


def test_administrator_decides_too_and_another_departments_head_does_not(cast: Cast) -> None:
    """A12, A41: department head ≠ administrator ≠ the head next door."""
    ticket = walks.line_change_requested(cast)
    helga = an_agent("Helga Huber", cast.other_department, line=None, is_head=True)
    for person in (helga, cast.max, cast.otto, cast.ada):
        with pytest.raises(Refused, match="Only a head of the department"):
            tickets.actions.approve_line_change(ticket=ticket, by=person)
    assert tickets.actions.approve_line_change(ticket=ticket, by=cast.ana).line == 2


def test_second_head_reads_who_was_first(cast: Cast, clock: Clock) -> None:
    """A41: any head of the department decides, one of them does."""
    helga = an_agent("Helga Huber", cast.department, line=None, is_head=True)
    ticket = walks.line_change_requested(cast, at=clock.now)
    tickets.actions.approve_line_change(ticket=ticket, by=helga, at=clock.turn(minutes=1))
    with pytest.raises(Refused, match="Helga Huber has decided this already"):
        tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="No.")


def test_decision_about_a_cancelled_ticket_says_that_it_has_ended(cast: Cast) -> None:
    """R4.29: nobody has decided it; the requester has ended it."""
    ticket = walks.cancelled(cast, ticket=walks.line_change_requested(cast))
    with pytest.raises(Refused, match="has ended: it is cancelled"):
        tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo)


# The clock on line 2


def test_whole_way_by_the_clock_least_loaded_of_each_line(cast: Cast, clock: Clock) -> None:
    """R4.5, R4.6, R4.14, R4.15: nobody gives; line 1 has it, asks for line 2, and line 2's least loaded has it."""
    cast.rules(distribution_mode="push")
    zoe = an_agent("Zoe Zimmer", cast.department, line=2)
    other = walks.on_line_2(cast, at=clock.now)  # by way of Ada, so Bob is next on line 1, and Zoe on line 2
    tickets.actions.give(ticket=other, by=cast.hugo, executor=cast.otto, at=clock.now)
    ticket = walks.opened(cast, at=clock.now)
    assert sweep(clock.now + FIFTEEN - INSTANT) == 0
    assert sweep(clock.turn(minutes=15)) == 1
    ticket = _again(ticket)
    assert (ticket.executor, ticket.assigned_by_clock) == (cast.bob, True)
    ticket = walks.line_change_requested(cast, at=clock.turn(hours=1), ticket=tickets.actions.start(
        ticket=ticket, by=cast.bob, at=clock.now
    ))  # fmt: skip
    ticket = walks.on_line_2(cast, at=clock.turn(days=1), ticket=ticket)
    assert sweep(clock.now + FIFTEEN - INSTANT) == 0
    assert sweep(clock.turn(minutes=15)) == 1
    ticket = _again(ticket)
    assert (ticket.executor, ticket.assigned_by_clock, ticket.line) == (zoe, True, 2)
    event = ticket.events.latest("pk")
    assert (event.verb, event.actor, event.subject, event.at) == ("assign", None, zoe, clock.now)
    assert Letter.objects.filter(kind="ticket_assigned", recipient=zoe).count() == 1


def test_line_2_without_candidate_alerts_once_and_not_every_minute(cast: Cast, clock: Clock) -> None:
    """R4.9: heads and administrators, once for each wait; then the first who is back has it."""
    Absence.objects.create(user=cast.otto, starts_at=clock.now, ends_at=clock.now + timedelta(days=1))
    first = walks.opened(cast, at=clock.now)
    tickets.actions.give(ticket=first, by=cast.hugo, executor=cast.bob, at=clock.now)
    ticket = walks.on_line_2(cast, at=clock.now)
    clock.turn(minutes=15)
    for _ in range(30):
        sweep(clock.turn(minutes=1))
    told = Notification.objects.filter(kind="no_candidate").select_related("recipient")
    assert cast.names_of(row.recipient for row in told) == ["ana", "hugo"]
    assert Letter.objects.filter(kind="no_candidate").count() == 2
    assert ticket.events.filter(verb="alert").count() == 1
    sweep(clock.turn(days=1))
    assert _again(ticket).executor == cast.otto


def test_head_gives_to_somebody_absent_if_he_wants(cast: Cast, clock: Clock) -> None:
    """R4.7, R4.8: the clock skips the absent; the head sees that they are, and chooses."""
    Absence.objects.create(user=cast.ada, starts_at=clock.now)
    ticket = walks.opened(cast, at=clock.now)
    agents: Any = agents_of_line(ticket.department, 1, clock.now)
    assert [(agent.name, agent.is_absent) for agent in agents] == [("Ada Alves", True), ("Bob Braun", False)]
    assert walks.given(cast, at=clock.now, ticket=ticket).executor == cast.ada


def test_head_sees_current_tasks_beside_each_agent(cast: Cast, clock: Clock) -> None:
    """R4.7: of all departments, least loaded first."""
    for _ in range(2):
        walks.given(cast, at=clock.now)
    agents: Any = agents_of_line(cast.department, 1, clock.now)
    assert [(agent.name, agent.current_tasks) for agent in agents] == [("Bob Braun", 0), ("Ada Alves", 2)]


def test_waiting_for_the_head_is_no_load(cast: Cast, clock: Clock) -> None:
    """R4.8: assigned, in service, awaiting requester; support cannot act while a head decides."""
    walks.line_change_requested(cast, at=clock.now)
    agents: Any = agents_of_line(cast.department, 1, clock.now)
    assert {agent.current_tasks for agent in agents} == {0}


def test_giving_ends_the_window_and_the_clock_comes_too_late(cast: Cast, clock: Clock) -> None:
    """R4.9, A2, A3: an assignment by the head wins; the requester is told as when somebody takes it."""
    ticket = walks.given(cast, at=clock.now)
    assert sweep(clock.turn(minutes=15)) == 0
    with pytest.raises(Refused, match="Ada Alves already has this ticket"):
        tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.bob)
    assert Notification.objects.filter(kind="ticket_assumed", recipient=cast.rita).count() == 1
    assert _again(ticket).status == Status.ASSIGNED, "starting stays a step of its own (A3)"


def test_giving_to_whom_it_cannot_be_given_is_refused(cast: Cast, clock: Clock) -> None:
    """R4.7: active agents of the line, of this department."""
    ticket = walks.opened(cast, at=clock.now)
    cast.deactivate(cast.bob)
    for person in (cast.bob, cast.otto, cast.hugo, cast.nora, cast.rita):
        with pytest.raises(Refused) as refusal:
            tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.again(person))
        assert refusal.value.field == "executor"
    assert not ticket.events.filter(verb="give").exists()


# Reminders (R4.16)


@pytest.mark.parametrize("walk", [walks.line_change_requested, walks.closing_requested])
def test_decisions_are_not_reminded_of_by_default(cast: Cast, clock: Clock, walk: Callable[..., Ticket]) -> None:
    """R4.16: no deadline in the seed; default off."""
    ticket = walk(cast, at=clock.now)
    assert _again(ticket).timer_due_at is None
    assert sweep(clock.turn(days=60)) == 0
    with pytest.raises(Refused, match="not reminded"):
        tickets.actions.remind_heads(ticket=ticket, by=CLOCK)


@pytest.mark.parametrize("walk", [walks.line_change_requested, walks.closing_requested])
def test_decisions_are_reminded_of_where_wanted(cast: Cast, clock: Clock, walk: Callable[..., Ticket]) -> None:
    """R4.16: again and again; a reminder is no deadline, and the decision ends it."""
    cast.rules(decision_reminder=timedelta(hours=2))
    ticket = walk(cast, at=clock.now)
    ticket = _again(ticket)
    assert (ticket.timer, ticket.deadline_at) == (Timer.DECISION, None)
    assert sweep(clock.turn(hours=2)) == 1
    assert sweep(clock.now) == 0
    assert sweep(clock.turn(hours=2)) == 1
    assert Letter.objects.filter(kind="decision_overdue", recipient=cast.hugo).count() == 2
    assert _again(ticket).status == ticket.status
    verb = {"line_change_requested": "return_line_change", "closing_requested": "refuse_closing"}[ticket.status]
    getattr(tickets.actions, verb)(ticket=ticket, by=cast.hugo, text="Go on.", at=clock.now)
    assert sweep(clock.turn(days=1)) == 0


def test_reminders_follow_the_departments_setting(cast: Cast, clock: Clock) -> None:
    """R1.42, R6.24: what waits already gets or loses its clock with the setting."""
    ticket = walks.line_change_requested(cast)
    cast.department.decision_reminder = timedelta(hours=1)
    save_department(department=cast.department)
    assert _again(ticket).timer is Timer.DECISION
    cast.department.decision_reminder = timedelta(0)
    save_department(department=cast.department)
    assert _again(ticket).timer_due_at is None


# The requester meanwhile (D6, D7)


def test_return_of_the_solution_reaches_whoever_sent_it(cast: Cast) -> None:
    """R4.23: line 1 or 2."""
    ticket = walks.solved(cast, ticket=walks.started_on_the_last_line(cast))
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.")
    assert (ticket.status, ticket.executor, ticket.line) == (Status.IN_SERVICE, cast.otto, 2)


def test_return_of_the_solution_without_its_executor_waits_in_the_same_line(cast: Cast, clock: Clock) -> None:
    """R4.23, A11: new distribution on line 2, by its own window, to line 2."""
    zoe = an_agent("Zoe Zimmer", cast.department, line=2)
    ticket = walks.solved(cast, ticket=walks.started_on_the_last_line(cast, at=clock.now), at=clock.now)
    cast.deactivate(cast.otto)
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(hours=1))
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, 2)
    assert ticket.timer_due_at == clock.now + FIFTEEN
    sweep(clock.turn(minutes=15))
    assert _again(ticket).executor == zoe


@pytest.mark.parametrize("walk", [walks.line_change_requested, walks.closing_requested])
def test_cancelling_while_a_head_decides_ends_everything(cast: Cast, clock: Clock, walk: Callable[..., Ticket]) -> None:
    """R4.28, R4.29: the decision is nobody's any more, the reminder stops."""
    cast.rules(decision_reminder=timedelta(hours=1))
    ticket = walk(cast, at=clock.now)
    waited = ticket.status
    ticket = tickets.actions.cancel(ticket=ticket, by=cast.rita, at=clock.turn(minutes=1))
    assert (ticket.status, ticket.outcome) == (Status.CANCELLED, "unsolved")
    assert _again(ticket).timer_due_at is None
    assert sweep(clock.turn(days=9)) == 0
    for verb in (move.verb for move in moves_from(waited) if move.who == {Who.HEAD, Who.ADMINISTRATOR}):
        with pytest.raises(Refused, match="has ended"):
            getattr(tickets.actions, verb)(ticket=ticket, by=cast.hugo, text="So be it.")
