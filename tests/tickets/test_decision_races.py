"""Heads, agents, requesters and the clock at once: one decision counts, and whoever was slower reads whose it was
(A41, R4.9, R4.29, R4.33)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

import approvals.actions
import approvals.tasks
import tickets.actions
from approvals.models import PriorityRequest
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast, an_agent
from tests.together import at_once
from tickets.lifecycle import Status
from tickets.models import Event, Ticket
from tickets.tasks import sweep
from tickets.timers import fire_next

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3
Moves = list[Callable[[Cast, Ticket], Any]]


def _only_refusals(answers: list[Any]) -> list[Refused]:
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error for error in failed if not isinstance(error, Refused)] == []
    return failed


def _an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def _act(verb: str, name: str, **words: Any) -> Callable[[Cast, Ticket], Any]:
    return lambda cast, ticket: getattr(tickets.actions, verb)(ticket=ticket, by=cast.again(cast.people[name]), **words)


def _give(name: str, executor: str, verb: str = "give") -> Callable[[Cast, Ticket], Any]:
    return lambda cast, ticket: getattr(tickets.actions, verb)(
        ticket=ticket, by=cast.again(cast.people[name]), executor=cast.people[executor]
    )


def _forward(cast: Cast, ticket: Ticket) -> Any:
    return tickets.actions.forward(ticket=ticket, by=cast.again(cast.ada), service=cast.other_service, text="A cable.")


# Ana decides as administrator; Hugo as head. What they do excludes each other.
ONE_WINS: dict[str, tuple[Callable[..., Ticket], Moves]] = {
    "line change approved twice": (
        walks.line_change_requested,
        [_act("approve_line_change", "hugo"), _act("approve_line_change", "ana")],
    ),
    "line change approved and returned": (
        walks.line_change_requested,
        [_act("approve_line_change", "hugo"), _act("return_line_change", "ana", text="Look again.")],
    ),
    "closing approved and refused": (
        walks.closing_requested,
        [_act("approve_closing", "hugo", text="No parts."), _act("refuse_closing", "ana", text="Look again.")],
    ),
    "given twice": (walks.opened, [_give("hugo", "ada"), _give("ana", "bob")]),
    "given and taken": (walks.opened, [_give("hugo", "ada"), _act("assume", "bob")]),
    "taken back and forwarded": (walks.started, [_act("take_back", "hugo"), _forward]),
    "solved and taken back": (
        walks.started,
        [_act("send_solution", "ada", text="Done."), _act("take_back", "hugo")],
    ),
    "line change asked and solution sent": (
        walks.started,
        [_act("request_line_change", "ada", text="Beyond me."), _act("send_solution", "ada", text="Done.")],
    ),
}


@pytest.mark.parametrize("name", list(ONE_WINS))
def test_two_decisions_of_one_stale_row_one_is_refused(cast: Cast, name: str) -> None:
    """A41, house rule 2: of two heads at once one decides; the other reads a sentence, and nothing is written twice."""
    walk, moves = ONE_WINS[name]
    for _ in range(ROUNDS):
        ticket = walk(cast)
        before = ticket.events.count()
        stale = [(move, Ticket.objects.get(pk=ticket.pk)) for move in moves]
        answers = at_once(*(lambda move=move, row=row: move(cast, row) for move, row in stale))
        assert len(_only_refusals(answers)) == 1, answers
        assert ticket.events.count() == before + 1


def test_second_head_at_once_reads_who_was_first(cast: Cast) -> None:
    """A41: by name, however close it was."""
    names = ("Helga Huber", "Heidi Haas", "Hanna Hell")
    heads = [cast.hugo, *(an_agent(name, cast.department, line=None, is_head=True) for name in names)]
    ticket = walks.closing_requested(cast)
    answers = at_once(
        *(
            lambda head=head: tickets.actions.approve_closing(ticket=ticket, by=cast.again(head), text="No parts.")
            for head in heads
        )
    )
    ticket.refresh_from_db()
    refusals = [str(refusal) for refusal in _only_refusals(answers)]
    assert len(refusals) == len(heads) - 1
    assert all(refusal.startswith(f"{ticket.closed_by} has decided this already") for refusal in refusals)
    assert Letter.objects.filter(kind="closed_without_solution").count() == 1


@pytest.mark.parametrize("line", [1, 2])
def test_head_gives_while_the_timer_fires_and_one_of_them_has_given_it(cast: Cast, line: int) -> None:
    """R4.9: an assignment made by the head in the meantime wins; afterwards he reads who has it."""
    walk, executor = (walks.opened, cast.bob) if line == 1 else (walks.on_line_2, cast.otto)
    for _ in range(5):
        ticket = walk(cast, at=_an_hour_ago())
        answers = at_once(
            lambda ticket=ticket, executor=executor: tickets.actions.give(
                ticket=ticket, by=cast.again(cast.hugo), executor=executor
            ),
            fire_next,
        )
        _only_refusals(answers)
        ticket.refresh_from_db()
        verbs = list(ticket.events.filter(verb__in=["give", "assign"]).values_list("verb", flat=True))
        assert len(verbs) == 1
        assert (ticket.status, ticket.timer_due_at, ticket.timer_error) == (Status.ASSIGNED, None, "")
        assert ticket.assigned_by_clock == (verbs == ["assign"])
        if isinstance(answers[0], Refused):
            assert str(answers[0]) == f"{ticket.executor} already has this ticket."


@pytest.mark.parametrize("walk", [walks.line_change_requested, walks.closing_requested])
def test_customer_cancels_while_the_head_approves(cast: Cast, walk: Callable[..., Ticket]) -> None:
    """R4.28, R4.29: whatever comes first, nothing is left running and each side reads how it ended."""
    for _ in range(5):
        ticket = walk(cast)
        verb = "approve_closing" if ticket.status == Status.CLOSING_REQUESTED else "approve_line_change"
        answers = at_once(
            lambda ticket=ticket: tickets.actions.cancel(ticket=ticket, by=cast.rita),
            lambda ticket=ticket, verb=verb: getattr(tickets.actions, verb)(
                ticket=ticket, by=cast.again(cast.hugo), text="So be it."
            ),
        )
        ticket.refresh_from_db()
        made = [event.verb for event in ticket.events.order_by("pk") if event.verb in {"cancel", verb}]
        if ticket.status == Status.CANCELLED:
            # A line change may have been approved just before; the cancelling then ended the distribution.
            assert made in (["cancel"], ["approve_line_change", "cancel"])
            assert len(_only_refusals(answers)) == 2 - len(made)
        else:
            assert (ticket.outcome, made) == ("closed_without_solution", ["approve_closing"])
            assert "has ended" in str(answers[0])
        assert ticket.timer_due_at is None


def test_two_requests_for_a_priority_at_once_one_waits(cast: Cast) -> None:
    """R4.33: by two clicks of the executor; the other one reads that it waits already, never a database error."""
    for _ in range(ROUNDS):
        ticket = walks.started(cast)
        answers = at_once(
            *(
                lambda priority=priority, ticket=ticket: approvals.actions.request_priority(
                    ticket=ticket, by=cast.again(cast.ada), priority=priority, text="It burns."
                )
                for priority in ("urgent", "low", "high", "urgent")
            )
        )
        assert {str(refusal) for refusal in _only_refusals(answers)} == {
            "A change of priority already waits for the head's decision."
        }
        assert PriorityRequest.objects.waiting().filter(ticket=ticket).count() == 1


def test_former_and_new_executor_ask_for_a_priority_at_once(cast: Cast) -> None:
    """R4.33: only the executor can; who that is, is read under the lock."""
    for _ in range(ROUNDS):
        ticket = walks.started(cast)
        answers = at_once(
            lambda ticket=ticket: approvals.actions.request_priority(
                ticket=ticket, by=cast.again(cast.ada), priority="high", text="It burns."
            ),
            lambda ticket=ticket: tickets.actions.hand_over(ticket=ticket, by=cast.again(cast.hugo), executor=cast.bob),
        )
        _only_refusals(answers)
        order = list(ticket.events.filter(verb__in=["request_priority", "hand_over"]).values_list("verb", flat=True))
        assert order in (["request_priority", "hand_over"], ["hand_over"])


def test_priority_is_decided_once_and_ends_with_a_cancelling_at_the_same_instant(cast: Cast) -> None:
    """R4.29, R4.33, A41: two heads and the requester at once."""
    for _ in range(5):
        request = approvals.actions.request_priority(
            ticket=walks.started(cast), by=cast.ada, priority="urgent", text="It burns."
        )
        answers = at_once(
            lambda request=request: approvals.actions.approve_priority(request=request, by=cast.again(cast.hugo)),
            lambda request=request: approvals.actions.reject_priority(
                request=request, by=cast.again(cast.ana), text="No."
            ),
            lambda request=request: tickets.actions.cancel(ticket=request.ticket, by=cast.rita),
        )
        assert not isinstance(answers[2], Exception)
        assert len(_only_refusals(answers)) in {1, 2}
        request.refresh_from_db()
        ticket = Ticket.objects.get(pk=request.ticket_id)
        assert request.state != "waiting"
        assert (ticket.priority == "urgent") == (request.state == "approved")
        decided = Event.objects.filter(ticket=ticket, verb__in=["approve_priority", "reject_priority"]).count()
        assert decided == (request.state != "cancelled")


def test_four_sweeps_on_line_2_move_each_ticket_once_and_share_evenly(cast: Cast) -> None:
    """R4.15, R1.32: the least loaded of line 2, however many workers there are; line 1 at the same time."""
    zoe = an_agent("Zoe Zimmer", cast.department, line=2)
    at = timezone.now() - timedelta(days=1)
    above = [walks.on_line_2(cast, at=at) for _ in range(12)]
    below = [walks.opened(cast, at=at) for _ in range(8)]
    User.objects.update(last_assigned_at=None)
    counts = at_once(sweep, sweep, sweep, sweep)
    assert sum(counts) == 20
    assigned = Counter(Event.objects.filter(verb="assign").values_list("ticket", flat=True))
    assert assigned == Counter(ticket.pk for ticket in above + below)
    loads = Counter(Ticket.objects.filter(status=Status.ASSIGNED).values_list("executor__name", flat=True))
    assert loads == {"Otto Orlov": 6, zoe.name: 6, "Ada Alves": 4, "Bob Braun": 4}
    assert not Ticket.objects.exclude(timer_error="").exists()


def test_reminders_at_once_are_written_once(cast: Cast) -> None:
    """R4.16: two workers, both kinds of decision."""
    cast.rules(decision_reminder=timedelta(minutes=30))
    at = _an_hour_ago()
    walks.line_change_requested(cast, at=at)
    approvals.actions.request_priority(
        ticket=walks.started(cast, at=at), by=cast.ada, priority="urgent", text="It burns.", at=at
    )
    answers = at_once(*[sweep] * 3, *[approvals.tasks.remind_heads] * 3)
    assert _only_refusals(answers) == []
    assert Letter.objects.filter(kind="decision_overdue").count() == 2
    assert Event.objects.filter(verb__startswith="remind_heads").count() == 2
