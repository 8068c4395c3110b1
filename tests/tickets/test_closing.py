"""Closing without a solution: asked by the last line, decided by a head, with apologies (R4.17 to R4.21, A28, A29)."""

from __future__ import annotations

import pytest

import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock, an_agent, leave_department
from tickets.lifecycle import Outcome, Status
from tickets.models import Ticket
from tickets.tasks import sweep


def test_closing_is_asked_by_line_2_with_a_justification(cast: Cast, clock: Clock) -> None:
    """R4.17: mandatory; the head is told, the requester is not."""
    ticket = walks.started_on_the_last_line(cast, at=clock.now)
    with pytest.raises(Refused) as refusal:
        tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="")
    assert refusal.value.field == "text"
    ticket = walks.closing_requested(cast, at=clock.turn(minutes=1), ticket=ticket)
    assert (ticket.status, ticket.executor, ticket.timer_due_at) == (Status.CLOSING_REQUESTED, cast.otto, None)
    told = Notification.objects.filter(kind="closing_requested").select_related("recipient")
    assert cast.names_of(row.recipient for row in told) == ["hugo"]
    assert ticket.events.latest("pk").is_private


def test_closing_is_not_line_1s_to_ask_where_there_is_a_line_2(cast: Cast) -> None:
    """R4.11, R4.17: line 1 asks for a change of line."""
    with pytest.raises(Refused, match="Line 2 has to look"):
        tickets.actions.request_closing(ticket=walks.started(cast), by=cast.ada, text="Beyond me.")


def test_closing_is_line_1s_to_ask_where_there_is_one_line(cast: Cast) -> None:
    """A29: support_lines = 1."""
    cast.rules(support_lines=1)
    ticket = walks.closing_requested(cast)
    assert (ticket.status, ticket.executor, ticket.line) == (Status.CLOSING_REQUESTED, cast.ada, 1)


def test_refused_closing_returns_to_its_executor_with_the_comment(cast: Cast) -> None:
    """R4.19: and can be asked for again, any number of times."""
    ticket = walks.closing_requested(cast)
    with pytest.raises(Refused) as refusal:
        tickets.actions.refuse_closing(ticket=ticket, by=cast.hugo, text=" ")
    assert refusal.value.field == "text"
    ticket = tickets.actions.refuse_closing(ticket=ticket, by=cast.hugo, text="Ask the maker.")
    assert (ticket.status, ticket.executor, ticket.line) == (Status.IN_SERVICE, cast.otto, 2)
    assert Letter.objects.get(kind="closing_refused", recipient=cast.otto).facts["comment"] == "Ask the maker."
    ticket = walks.closed_without_solution(cast, ticket=walks.closing_requested(cast, ticket=ticket))
    assert ticket.outcome == Outcome.CLOSED_WITHOUT_SOLUTION


def test_refused_closing_without_its_executor_waits_in_its_line(cast: Cast) -> None:
    """A11: in distribution of the same line."""
    ticket = walks.closing_requested(cast)
    cast.deactivate(cast.otto)
    ticket = tickets.actions.refuse_closing(ticket=ticket, by=cast.hugo, text="Go on.")
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, 2)
    assert ticket.timer_due_at is not None


def test_approved_closing_has_its_own_outcome_and_apologizes(cast: Cast, clock: Clock) -> None:
    """R4.18, R4.20, R4.21: the reason in words for the requester, by letter and in his portal; no check by him."""
    ticket = walks.closing_requested(cast, at=clock.now)
    with pytest.raises(Refused) as refusal:
        tickets.actions.approve_closing(ticket=ticket, by=cast.hugo, text="")
    assert refusal.value.field == "text"
    ticket = walks.closed_without_solution(cast, at=clock.turn(hours=1), ticket=ticket)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.CLOSED_WITHOUT_SOLUTION)
    assert (ticket.closed_at, ticket.closed_by, ticket.approved_at) == (clock.now, cast.hugo, None)
    letter = Letter.objects.get(kind="closed_without_solution")
    assert (letter.recipient, letter.facts["comment"]) == (cast.rita, "It cannot be repaired.")
    assert letter.facts["path"] == f"/tickets/{ticket.number}/"
    assert Notification.objects.filter(kind="closed_without_solution", recipient=cast.rita).count() == 1
    assert not Notification.objects.filter(kind="ticket_closed").exists(), "that one says solved"
    event = ticket.events.latest("pk")
    assert (event.verb, event.is_private, event.comment) == ("approve_closing", False, "It cannot be repaired.")


def test_apology_has_no_switch(cast: Cast) -> None:
    """A23: whatever the account says about P1 to P8."""
    for number in range(1, 9):
        setattr(cast.account, f"mail_p{number}", False)
    cast.account.save()
    walks.closed_without_solution(cast)
    assert Letter.objects.filter(kind="closed_without_solution", recipient=cast.rita).count() == 1


@pytest.mark.parametrize("mode", ["after_closing", "before_closing"])
def test_closing_without_solution_asks_nobody_how_it_was(cast: Cast, clock: Clock, mode: str) -> None:
    """A15: no survey, in neither mode, and nothing runs any more."""
    cast.rules(survey_mode=mode)
    ticket = walks.closed_without_solution(cast, at=clock.now)
    assert not Survey.objects.exists()
    assert Ticket.objects.get(pk=ticket.pk).timer_due_at is None
    assert sweep(clock.turn(days=30)) == 0


def test_closed_without_solution_is_not_finalized(cast: Cast) -> None:
    """R3.32: only a solved ticket's engagement ends so."""
    with pytest.raises(Refused, match="solved ticket"):
        tickets.actions.finalize(ticket=walks.closed_without_solution(cast), by=cast.otto)


@pytest.mark.parametrize("lines", [1, 2])
def test_closing_where_no_head_is_needed_closes_at_once(cast: Cast, clock: Clock, lines: int) -> None:
    """A28: a setting per department; the reason reaches the requester, who sees how it ended."""
    cast.rules(closing_without_solution_needs_head=False, support_lines=lines)
    ticket = walks.closing_requested(cast, at=clock.now)
    executor = cast.ada if lines == 1 else cast.otto
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.CLOSED_WITHOUT_SOLUTION)
    assert (ticket.closed_by, ticket.closed_at) == (executor, clock.now)
    assert Letter.objects.get(kind="closed_without_solution").facts["comment"] == "No spare parts."
    assert not Notification.objects.filter(kind="closing_requested").exists()
    assert not ticket.events.latest("pk").is_private
    assert not Survey.objects.exists()


def test_closing_setting_that_changes_meanwhile_leaves_the_decision_to_the_head(cast: Cast) -> None:
    """A28: what was asked under the old rule is still decided."""
    ticket = walks.closing_requested(cast)
    cast.rules(closing_without_solution_needs_head=False)
    assert walks.closed_without_solution(cast, ticket=ticket).closed_by == cast.hugo


def test_closing_where_nobody_heads_is_the_administrators_to_decide(cast: Cast) -> None:
    """A41: the administrators are asked, and one of them decides."""
    ticket = walks.started_on_the_last_line(cast)
    leave_department(cast.department, cast.hugo)
    ticket = walks.closing_requested(cast, ticket=ticket)
    told = Notification.objects.filter(kind="closing_requested").select_related("recipient")
    assert cast.names_of(row.recipient for row in told) == ["ana"]
    assert tickets.actions.approve_closing(ticket=ticket, by=cast.ana, text="No parts.").closed_by == cast.ana


def test_second_head_reads_who_was_first(cast: Cast) -> None:
    """A41: also where the ticket has ended with the first decision."""
    helga = an_agent("Helga Huber", cast.department, line=None, is_head=True)
    ticket = walks.closing_requested(cast)
    tickets.actions.approve_closing(ticket=ticket, by=helga, text="No parts.")
    with pytest.raises(Refused, match="Helga Huber has decided this already"):
        tickets.actions.refuse_closing(ticket=ticket, by=cast.hugo, text="Go on.")


def test_closed_without_solution_refuses_whatever_comes_later(cast: Cast) -> None:
    """R6: no reopening; a further problem is a new ticket."""
    ticket = walks.closed_without_solution(cast)
    for verb, by in (("write", cast.rita), ("cancel", cast.rita), ("note", cast.hugo), ("reply", cast.otto)):
        with pytest.raises(Refused, match="has ended"):
            getattr(tickets.actions, verb)(ticket=ticket, by=by, text="But …")
