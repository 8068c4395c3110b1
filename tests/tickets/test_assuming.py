"""Taking a ticket and starting with it."""

from __future__ import annotations

import pytest

import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import join_department
from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.permissions import available_moves


def test_assume_makes_the_agent_executor(cast: Cast, clock: Clock) -> None:
    """R1.22, R1.23, R3.8: it leaves the pool, its timer ends, and the time is kept."""
    ticket = walks.opened(cast, at=clock.now)
    tickets.actions.assume(ticket=ticket, by=cast.ada, at=clock.turn(minutes=3))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.executor) == (Status.ASSIGNED, cast.ada)
    assert (ticket.assigned_at, ticket.assigned_by_clock, ticket.timer_due_at) == (clock.now, False, None)
    event = ticket.events.last()
    assert (event.verb, event.actor, event.subject) == ("assume", cast.ada, cast.ada)
    assert cast.again(cast.ada).last_assigned_at == clock.now


def test_assume_when_somebody_was_quicker_names_him(cast: Cast) -> None:
    """R1.23: the loser sees who has it."""
    ticket = walks.opened(cast)
    tickets.actions.assume(ticket=ticket, by=cast.ada)
    with pytest.raises(Refused, match=r"^Ada Alves already has this ticket\.$"):
        tickets.actions.assume(ticket=ticket, by=cast.bob)
    assert ticket.events.filter(verb="assume").count() == 1


def test_assume_twice_by_the_same_agent_is_refused_without_a_second_event(cast: Cast) -> None:
    """R6.23: a second identical click gives a refusal."""
    ticket = walks.opened(cast)
    tickets.actions.assume(ticket=ticket, by=cast.ada)
    with pytest.raises(Refused, match="already has this ticket"):
        tickets.actions.assume(ticket=ticket, by=cast.ada)
    assert ticket.events.filter(verb="assume").count() == 1


@pytest.mark.parametrize("name", ["rita", "cora", "max", "petra", "eve", "nora", "hugo", "ana", "otto"])
def test_assume_by_somebody_outside_the_line_is_refused(cast: Cast, name: str) -> None:
    """R1.23: only members of the group; line 2 has its own pool (R4.5)."""
    ticket = walks.opened(cast)
    with pytest.raises(Refused, match="Only agents of this department"):
        tickets.actions.assume(ticket=ticket, by=cast.people[name])


def test_assume_by_a_deactivated_agent_is_refused(cast: Cast) -> None:
    """R6.26: a session that outlives the account changes nothing."""
    ticket = walks.opened(cast)
    cast.deactivate(cast.ada)
    with pytest.raises(Refused):
        tickets.actions.assume(ticket=ticket, by=cast.again(cast.ada))


def test_assume_by_a_head_with_a_line_succeeds(cast: Cast) -> None:
    """Spec section 1: one person may hold several roles; permissions are the union."""
    join_department(department=cast.department, user=cast.hugo, line=1, is_head=True)
    assert walks.assumed(cast, by=cast.hugo).executor == cast.hugo


def test_assume_in_a_department_with_one_line_ignores_lines(cast: Cast) -> None:
    """A29: without a second line everybody is in the one pool."""
    cast.rules(support_lines=1)
    assert walks.assumed(cast, by=cast.otto).executor == cast.otto


def test_assume_in_push_mode_is_refused_and_drawn_disabled(cast: Cast) -> None:
    """A2: push means head and system only; the button says why."""
    cast.rules(distribution_mode="push")
    ticket = walks.opened(cast)
    with pytest.raises(Refused, match="cannot be taken"):
        tickets.actions.assume(ticket=ticket, by=cast.ada)
    moves = {entry.move.verb: str(entry.refusal or "") for entry in available_moves(ticket, cast.ada)}
    assert "cannot be taken" in moves["assume"]


def test_assume_of_the_own_request_is_allowed(cast: Cast) -> None:
    """Spec section 1: permissions are the union of the roles; the clock gives nobody his own where others are."""
    ticket = walks.opened(cast, by=cast.ada)
    assert walks.assumed(cast, ticket=ticket, by=cast.ada).executor == cast.ada


def test_start_keeps_both_times(cast: Cast, clock: Clock) -> None:
    """R3.9: a step of its own after assuming; both times are stored."""
    ticket = walks.assumed(cast, at=clock.now)
    tickets.actions.start(ticket=ticket, by=cast.ada, at=clock.turn(minutes=7))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.started_at) == (Status.IN_SERVICE, clock.now)
    assert (ticket.started_at - ticket.assigned_at).total_seconds() == 7 * 60


def test_start_without_assuming_is_impossible(cast: Cast) -> None:
    """R3.9: for whoever tries."""
    ticket = walks.opened(cast)
    for person in (cast.ada, cast.hugo, cast.ana):
        with pytest.raises(Refused):
            tickets.actions.start(ticket=ticket, by=person)


def test_start_of_a_second_round_keeps_the_first_time(cast: Cast, clock: Clock) -> None:
    """A4: "first service" is the first start."""
    ticket = walks.solved(cast, at=clock.now)
    cast.deactivate(cast.ada)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(hours=1))
    ticket = walks.started(cast, ticket=Ticket.objects.get(pk=ticket.pk), by=cast.bob, at=clock.turn(hours=1))
    assert (ticket.executor, ticket.started_at) == (cast.bob, ticket.opened_at)


def test_stale_page_is_told_what_the_ticket_is_now(cast: Cast) -> None:
    """R6.23: a button of yesterday's page gets a friendly sentence, not an accident."""
    ticket = walks.assumed(cast)
    stale = Ticket.objects.get(pk=ticket.pk)
    tickets.actions.start(ticket=ticket, by=cast.ada)
    with pytest.raises(Refused, match="This is not possible now: the ticket is in service"):
        tickets.actions.start(ticket=stale, by=cast.ada)
    tickets.actions.cancel(ticket=stale, by=cast.rita)
    with pytest.raises(Refused, match="This ticket has ended: it is cancelled"):
        tickets.actions.send_solution(ticket=stale, by=cast.ada, text="done")


def test_refusal_to_an_outsider_says_nothing_of_the_ticket(cast: Cast) -> None:
    """R6.26: whoever may not, learns neither status nor names."""
    ticket = walks.solved(cast)
    for verb in ("start", "approve", "ask", "finalize"):
        words = {"text": "x"} if verb == "ask" else {}
        with pytest.raises(Refused) as refusal:
            getattr(tickets.actions, verb)(ticket=ticket, by=cast.eve, **words)
        assert "Ada" not in str(refusal.value)
        assert "approval" not in str(refusal.value)


def test_outsider_who_tries_to_assume_learns_no_name(cast: Cast) -> None:
    """R6.26: "who has it" is for those who could have had it."""
    ticket = walks.assumed(cast)
    with pytest.raises(Refused) as refusal:
        tickets.actions.assume(ticket=ticket, by=cast.eve)
    assert "Ada" not in str(refusal.value)


def test_head_who_takes_no_tickets_learns_that_instead(cast: Cast) -> None:
    """R1.23: his right is missing whoever has the ticket."""
    ticket = walks.assumed(cast)
    with pytest.raises(Refused, match="Only agents of this department and support line"):
        tickets.actions.assume(ticket=ticket, by=cast.hugo)
