"""Cancelling and finalizing."""

from __future__ import annotations

import pytest

import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import FINAL, OPEN, Outcome, Status
from tickets.models import Ticket
from tickets.tasks import sweep


@pytest.mark.parametrize("status", sorted(OPEN))
def test_cancel_from_every_open_state_is_unsolved(cast: Cast, clock: Clock, status: Status) -> None:
    """R4.28, R4.29, A14: by the requester without a reason; no timer and no survey is left."""
    ticket = walks.to(status, cast, at=clock.now)
    tickets.actions.cancel(ticket=ticket, by=cast.rita, at=clock.turn(minutes=1))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.outcome) == (Status.CANCELLED, Outcome.UNSOLVED)
    assert (ticket.closed_at, ticket.closed_by, ticket.timer_due_at) == (clock.now, cast.rita, None)
    assert [survey.state for survey in Survey.objects.all()] == (
        [Survey.State.OVER] if status == Status.AWAITING_RATING else []
    )
    assert sweep(clock.turn(days=30)) == 0


@pytest.mark.parametrize("status", sorted(FINAL))
def test_cancel_of_an_ended_ticket_is_refused(cast: Cast, status: Status) -> None:
    """R3.34: not possible once closed."""
    ticket = walks.to(status, cast)
    with pytest.raises(Refused, match="This ticket has ended"):
        tickets.actions.cancel(ticket=ticket, by=cast.rita)


@pytest.mark.parametrize("name", ["ada", "hugo", "ana"])
def test_cancel_by_staff_needs_a_reason(cast: Cast, name: str) -> None:
    """A14, R3.34: executor, head, administrator; the reason stands in the history."""
    ticket = walks.started(cast)
    person = cast.people[name]
    with pytest.raises(Refused, match="Give the reason") as refusal:
        tickets.actions.cancel(ticket=ticket, by=person, text="  ")
    assert refusal.value.field == "text"
    tickets.actions.cancel(ticket=ticket, by=person, text=" Opened twice. ")
    event = ticket.events.last()
    assert (event.verb, event.actor, event.comment, event.message) == ("cancel", person, "Opened twice.", None)


def test_cancel_of_the_own_request_by_staff_needs_no_reason(cast: Cast) -> None:
    """R3.34: who asked may stop asking, also when he works here."""
    ticket = walks.opened(cast, by=cast.ana)
    assert tickets.actions.cancel(ticket=ticket, by=cast.ana).status == Status.CANCELLED


def test_cancel_by_the_requester_may_carry_a_reason(cast: Cast) -> None:
    """R3.34: optional, and kept."""
    ticket = walks.cancelled(cast)
    assert ticket.events.last().comment == "No longer needed."


def test_finalize_by_hand_records_person_and_time(cast: Cast, clock: Clock) -> None:
    """R3.32, R6.22: the executor, on a ticket that was solved; it leaves his list for good."""
    ticket = walks.closed(cast, at=clock.now)
    tickets.actions.finalize(ticket=ticket, by=cast.ada, at=clock.turn(hours=1))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.finalized_at, ticket.finalized_by) == (Status.CLOSED, clock.now, cast.ada)


def test_finalize_twice_is_refused(cast: Cast) -> None:
    """R3.32: a service engagement ends once."""
    ticket = walks.finalized(cast)
    for person in (cast.ada, CLOCK):
        with pytest.raises(Refused, match="already finalized"):
            tickets.actions.finalize(ticket=ticket, by=person)
    assert ticket.events.filter(verb="finalize").count() == 1


def test_finalize_of_a_cancelled_ticket_is_refused(cast: Cast) -> None:
    """R3.32: on a ticket closed with outcome "solved"."""
    ticket = walks.cancelled(cast, ticket=walks.started(cast))
    with pytest.raises(Refused):
        tickets.actions.finalize(ticket=ticket, by=cast.ada)


def test_finalized_ticket_is_read_only(cast: Cast) -> None:
    """R3.32: nobody can say or change anything any more."""
    ticket = walks.finalized(cast)
    for verb, person in (("reply", cast.ada), ("note", cast.ana), ("write", cast.rita), ("cancel", cast.ana)):
        with pytest.raises(Refused, match="This ticket has ended"):
            getattr(tickets.actions, verb)(ticket=ticket, by=person, text="x")
