"""The solution: sent, approved, returned; by the requester, by silence never sooner than it may (R1.24 to R1.34)."""

from __future__ import annotations

from datetime import timedelta

import pytest

import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Notification
from helpdesk.people.models import Absence
from tests import walks
from tests.cast import Cast, Clock, a_file, leave_department
from tickets.lifecycle import Outcome, Status
from tickets.models import Message, Ticket


def _again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_send_solution_moves_to_its_approval(cast: Cast, clock: Clock) -> None:
    """R1.24, R3.11, R3.40: the executor concludes; the time is kept."""
    ticket = walks.started(cast, at=clock.now)
    tickets.actions.send_solution(ticket=ticket, by=cast.ada, text=" We put it out. ", at=clock.turn(hours=1))
    ticket = _again(ticket)
    assert (ticket.status, ticket.concluded_at) == (Status.AWAITING_APPROVAL, clock.now)
    message = ticket.messages.last()
    assert (message.kind, message.text, message.author) == (Message.Kind.SOLUTION, "We put it out.", cast.ada)


def test_send_solution_while_waiting_for_an_answer(cast: Cast) -> None:
    """R6.8: the agent may find it out himself."""
    assert walks.solved(cast, ticket=walks.asked(cast)).status == Status.AWAITING_APPROVAL


def test_send_solution_without_words_is_refused(cast: Cast) -> None:
    """R1.25: the text is mandatory, files are optional and no replacement for it."""
    ticket = walks.started(cast)
    with pytest.raises(Refused) as refusal:
        tickets.actions.send_solution(ticket=ticket, by=cast.ada, text=" \n ", files=[a_file()])
    assert refusal.value.field == "text"
    assert _again(ticket).status == Status.IN_SERVICE


def test_all_solutions_of_all_rounds_stay_in_order(cast: Cast) -> None:
    """R1.25: every one with its files."""
    ticket = walks.started(cast)
    for round_ in ("first", "second", "third"):
        tickets.actions.send_solution(ticket=ticket, by=cast.ada, text=round_, files=[a_file(f"{round_}.txt", round_)])
        if round_ != "third":
            tickets.actions.return_solution(ticket=ticket, by=cast.rita, text=f"not {round_}")
    said = [
        (message.kind, message.text, [file.name for file in message.attachments.all()])
        for message in ticket.messages.exclude(kind=Message.Kind.OPENING)
    ]
    assert said == [
        ("solution", "first", ["first.txt"]),
        ("return", "not first", []),
        ("solution", "second", ["second.txt"]),
        ("return", "not second", []),
        ("solution", "third", ["third.txt"]),
    ]


def test_approve_closes_as_solved(cast: Cast, clock: Clock) -> None:
    """R1.26, R1.33, R1.34, R3.12, R4.22: by hand, beside the automatic way."""
    ticket = walks.solved(cast, at=clock.now)
    tickets.actions.approve(ticket=ticket, by=cast.rita, at=clock.turn(hours=2))
    ticket = _again(ticket)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.SOLVED)
    assert (ticket.approved_at, ticket.approved_by_clock) == (clock.now, False)
    assert (ticket.closed_at, ticket.closed_by) == (clock.now, cast.rita)


def test_approve_before_the_rating_waits_for_it(cast: Cast, clock: Clock) -> None:
    """R4.24, A5: before_closing."""
    ticket = _again(walks.awaiting_rating(cast, at=clock.now))
    assert (ticket.status, ticket.outcome, ticket.closed_at) == (Status.AWAITING_RATING, "", None)
    assert (ticket.approved_at, ticket.approved_by_clock) == (clock.now, False)


def test_approve_twice_is_refused_without_a_second_event(cast: Cast) -> None:
    """R6.23: the second click reads that it is closed."""
    ticket = walks.solved(cast)
    tickets.actions.approve(ticket=ticket, by=cast.rita)
    with pytest.raises(Refused, match="This ticket has ended: it is closed"):
        tickets.actions.approve(ticket=ticket, by=cast.rita)
    assert ticket.events.filter(verb="approve").count() == 1


def test_return_goes_to_the_agent_who_sent_the_solution(cast: Cast, clock: Clock) -> None:
    """R1.30, R3.13, R4.23, A10, A11: back in service with the same executor; no timer runs."""
    ticket = walks.solved(cast, by=cast.bob, at=clock.now)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="It still burns.", at=clock.turn(hours=1))
    ticket = _again(ticket)
    assert (ticket.status, ticket.executor, ticket.timer_due_at) == (Status.IN_SERVICE, cast.bob, None)
    message = ticket.messages.last()
    assert (message.kind, message.text) == (Message.Kind.RETURN, "It still burns.")


def test_return_without_words_is_refused(cast: Cast) -> None:
    """R1.30, R3.13, A10: the question is mandatory; a file alone is none."""
    ticket = walks.solved(cast)
    for files in ([], [a_file("again.txt", b"2")]):
        with pytest.raises(Refused) as refusal:
            tickets.actions.return_solution(ticket=ticket, by=cast.rita, text=" ", files=files)
        assert refusal.value.field == "text"
    assert _again(ticket).status == Status.AWAITING_APPROVAL


def test_return_needs_no_file(cast: Cast) -> None:
    """A43, R1.5."""
    ticket = walks.solved(cast)
    assert tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.").status == Status.IN_SERVICE


def test_absent_executor_still_gets_his_return(cast: Cast, clock: Clock) -> None:
    """A11: inactive is gone; absent is not."""
    ticket = walks.solved(cast, at=clock.now)
    Absence.objects.create(user=cast.ada, starts_at=clock.now)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(hours=1))
    assert _again(ticket).executor == cast.ada


@pytest.mark.parametrize("how", ["deactivated", "left"])
def test_return_without_executor_is_distributed_in_the_same_line(cast: Cast, clock: Clock, how: str) -> None:
    """A11, R4.23: a new distribution with a new fifteen minutes, told to the line and the head."""
    ticket = walks.solved(cast, at=clock.now)
    if how == "left":
        leave_department(cast.department, cast.ada)
    else:
        cast.deactivate(cast.ada)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(hours=1))
    ticket = _again(ticket)
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, 1)
    assert (ticket.assigned_by_clock, ticket.alerted_at) == (False, None)
    assert ticket.timer_due_at == clock.now + timedelta(minutes=15)
    rows = Notification.objects.filter(created_at=clock.now).select_related("recipient")
    told = sorted((row.kind, cast.name_of(row.recipient)) for row in rows)
    assert told == [("distribution_needed", "hugo"), ("ticket_opened", "bob")]
    ticket = walks.assumed(cast, ticket=ticket, by=cast.bob)
    assert ticket.executor == cast.bob


def test_requesters_words_during_approval_are_a_return(cast: Cast) -> None:
    """R1.31, A42: there is no other way to say or send something then, so nothing can be said beside the timer."""
    ticket = walks.solved(cast)
    for verb in ("write", "answer"):
        with pytest.raises(Refused):
            getattr(tickets.actions, verb)(ticket=ticket, by=cast.rita, text="By the way …")
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="By the way …", files=[a_file("b.txt", b"2")])
    ticket = _again(ticket)
    assert (ticket.status, ticket.timer_due_at) == (Status.IN_SERVICE, None)


def test_executors_words_during_approval_leave_the_timer_alone(cast: Cast, clock: Clock) -> None:
    """R1.29: only the client stops the automatic approval."""
    ticket = walks.solved(cast, at=clock.now)
    tickets.actions.reply(ticket=ticket, by=cast.ada, text="One more thing.", at=clock.turn(days=1))
    ticket = _again(ticket)
    assert (ticket.status, ticket.timer_due_at) == (Status.AWAITING_APPROVAL, clock.now + timedelta(days=1))


def test_closed_ticket_is_closed_for_good(cast: Cast) -> None:
    """Spec section 7: no seed has a reopening; a further problem is a new ticket."""
    ticket = walks.closed(cast)
    for verb, words in (("return_solution", {"text": "No."}), ("write", {"text": "x"}), ("cancel", {})):
        with pytest.raises(Refused, match="This ticket has ended: it is closed"):
            getattr(tickets.actions, verb)(ticket=ticket, by=cast.rita, **words)
