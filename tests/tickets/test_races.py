"""Two or fifty at once: every ticket moves once, and whoever was slower reads a friendly sentence (R1.23, R1.32)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

import surveys.actions
import tickets.actions
from attachments.models import Blob, Folder
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department
from helpdesk.people.models import Absence, User
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, a_file, an_agent
from tests.together import at_once
from tickets.lifecycle import Status
from tickets.models import Event, Ticket
from tickets.tasks import sweep
from tickets.timers import fire_next

pytestmark = pytest.mark.django_db(transaction=True)

AGENTS = 50


def _only_refusals(answers: list[Any]) -> list[Refused]:
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error for error in failed if not isinstance(error, Refused)] == []
    return failed


def test_fifty_agents_assume_one_ticket_and_one_has_it(cast: Cast) -> None:
    """R1.23: one has it, forty-nine read who; one event, one grant, one letter."""
    agents = [an_agent(f"Agent{number} Fifty", cast.department) for number in range(AGENTS)]
    ticket = walks.opened(cast)
    answers = at_once(
        *(lambda agent=agent: tickets.actions.assume(ticket=ticket, by=cast.again(agent)) for agent in agents)
    )
    refusals = _only_refusals(answers)
    assert len(refusals) == AGENTS - 1
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert {str(refusal) for refusal in refusals} == {f"{ticket.executor} already has this ticket."}
    assert ticket.events.filter(verb="assume").count() == 1
    assert Letter.objects.filter(kind="ticket_assumed").count() == 1
    granted = set(ticket.folder.user_grants.values_list("user", flat=True))
    assert granted & {agent.pk for agent in agents} == {ticket.executor_id}


def test_agent_and_clock_at_once_give_it_to_one(cast: Cast) -> None:
    """A2, R4.9: whichever happens first ends the timer."""
    for _ in range(5):
        ticket = walks.opened(cast, at=timezone.now() - timedelta(hours=1))
        at_once(lambda ticket=ticket: tickets.actions.assume(ticket=ticket, by=cast.again(cast.bob)), fire_next)
        ticket = Ticket.objects.get(pk=ticket.pk)
        assert ticket.status == Status.ASSIGNED
        assert ticket.events.filter(verb__in=["assume", "assign"]).count() == 1


ONE_WINS: dict[str, tuple[Callable[..., Ticket], list[Callable[[Cast, Ticket], Any]]]] = {
    "approved twice": (
        walks.solved,
        [lambda cast, ticket: tickets.actions.approve(ticket=ticket, by=cast.rita)] * 2,
    ),
    "approved and returned": (
        walks.solved,
        [
            lambda cast, ticket: tickets.actions.approve(ticket=ticket, by=cast.rita),
            lambda cast, ticket: tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No."),
        ],
    ),
    "returned and approved by silence": (
        walks.solved,
        [
            lambda cast, ticket: tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No."),
            lambda cast, ticket: tickets.actions.approve_automatically(ticket=ticket),
        ],
    ),
    "cancelled by both sides": (
        walks.started,
        [
            lambda cast, ticket: tickets.actions.cancel(ticket=ticket, by=cast.rita),
            lambda cast, ticket: tickets.actions.cancel(ticket=ticket, by=cast.ada, text="Opened twice."),
        ],
    ),
    "started twice": (
        walks.assumed,
        [lambda cast, ticket: tickets.actions.start(ticket=ticket, by=cast.ada)] * 2,
    ),
    "solved twice": (
        walks.started,
        [lambda cast, ticket: tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Done.")] * 2,
    ),
    "rated and not rated in time": (
        walks.awaiting_rating,
        [
            lambda cast, ticket: surveys.actions.answer(
                survey=Survey.objects.get(ticket=ticket), by=cast.rita, solved=True, rating=5
            ),
            lambda cast, ticket: tickets.actions.close_unrated(ticket=ticket),
        ],
    ),
    "finalized twice": (
        walks.closed,
        [lambda cast, ticket: tickets.actions.finalize(ticket=ticket, by=cast.ada)] * 2,
    ),
}

ENDS_THE_ENGAGEMENT = {"finalized twice", "rated and not rated in time"}


@pytest.mark.parametrize("name", list(ONE_WINS))
def test_two_moves_of_one_stale_row_one_is_refused(cast: Cast, name: str) -> None:
    """House rule 2: lock, re-read, decide; the row that both have read is old for one of them."""
    walk, moves = ONE_WINS[name]
    for _ in range(3):
        ticket = walk(cast)
        before = ticket.events.count()
        stale = [(move, Ticket.objects.get(pk=ticket.pk)) for move in moves]
        answers = at_once(*(lambda move=move, row=row: move(cast, row) for move, row in stale))
        assert len(_only_refusals(answers)) == 1, answers
        assert len(ticket.events.exclude(verb="finalize")[before:]) == (name != "finalized twice")
        assert ticket.events.filter(verb="finalize").count() == (name in ENDS_THE_ENGAGEMENT)


def test_survey_answered_twice_at_once_counts_once(cast: Cast) -> None:
    """R1.39: in both modes."""
    for walk in (walks.closed, walks.awaiting_rating):
        ticket = walk(cast)
        survey = Survey.objects.get(ticket=ticket)
        answers = at_once(
            *(
                lambda rating=rating, survey=survey: surveys.actions.answer(
                    survey=survey, by=cast.rita, solved=True, rating=rating
                )
                for rating in (1, 2, 3, 4, 5)
            )
        )
        assert len(_only_refusals(answers)) == 4
        assert Notification.objects.filter(kind="survey_answered", facts__number=ticket.number).count() == 2
        survey.refresh_from_db()
        winner = next(answer for answer in answers if not isinstance(answer, Exception))
        assert survey.rating == winner.rating


def test_answer_and_finalizing_at_once_both_succeed_or_one_waits(cast: Cast) -> None:
    """R3.32, A7: an answer is never lost because the agent finalizes at the same instant."""
    for _ in range(5):
        ticket = walks.closed(cast)
        survey = Survey.objects.get(ticket=ticket)
        answers = at_once(
            lambda survey=survey: surveys.actions.answer(survey=survey, by=cast.rita, solved=True, rating=5),
            lambda ticket=ticket: tickets.actions.finalize(ticket=ticket, by=cast.ada),
        )
        assert not isinstance(answers[0], Exception), answers
        _only_refusals(answers)
        assert ticket.events.filter(verb="finalize").count() == 1


def test_words_that_wait_for_an_assumption_reach_the_executor(cast: Cast) -> None:
    """R3.38: who waited for the lock reads the ticket as it is, executor and all."""
    for _ in range(5):
        ticket = walks.opened(cast)
        Notification.objects.all().delete()
        at_once(
            lambda ticket=ticket: tickets.actions.assume(ticket=ticket, by=cast.ada),
            lambda ticket=ticket: tickets.actions.write(ticket=ticket, by=cast.rita, text="Hello?"),
        )
        order = list(ticket.events.order_by("pk").values_list("verb", flat=True))
        told = cast.names_of(
            row.recipient for row in Notification.objects.filter(kind="requester_wrote").select_related("recipient")
        )
        assert told == (["ada"] if order == ["open", "assume", "write"] else ["ada", "bob", "hugo", "otto"])


def test_ten_openings_at_once_have_ten_numbers(cast: Cast) -> None:
    """A26, R1.7, R1.8: numbers and folders are different; equal bytes are kept once all the same."""
    answers = at_once(
        *(
            lambda number=number: walks.opened(
                cast, subject=f"Number {number}", files=[a_file("a.txt", b"same"), a_file("b.txt", f"own {number}")]
            )
            for number in range(10)
        )
    )
    assert _only_refusals(answers) == []
    numbers = {ticket.number for ticket in answers}
    assert len(numbers) == 10
    assert set(Folder.objects.values_list("name", flat=True)) == {str(number) for number in numbers}
    assert Blob.objects.count() == 11
    assert all(ticket.folder.files.count() == 2 for ticket in answers)


def test_messages_at_once_all_arrive(cast: Cast) -> None:
    """R3.5, R3.10: what leaves the status alone is refused to nobody; copies of one name all stay."""
    ticket = walks.started(cast)
    answers = at_once(
        *(
            lambda number=number: tickets.actions.write(
                ticket=ticket, by=cast.rita, files=[a_file("screen.txt", f"{number}")]
            )
            for number in range(5)
        ),
        *(lambda: tickets.actions.reply(ticket=ticket, by=cast.ada, text="I see.") for _ in range(5)),
    )
    assert _only_refusals(answers) == []
    assert ticket.messages.count() == 11
    names = sorted(ticket.folder.files.values_list("name", flat=True))
    assert names == [
        "screen (2).txt",
        "screen (3).txt",
        "screen (4).txt",
        "screen (5).txt",
        "screen (6).txt",
        "screen.txt",
    ]


def test_four_sweeps_at_once_move_each_ticket_once_and_share_evenly(cast: Cast) -> None:
    """R4.6, R1.32: any number of workers may sweep."""
    carl = an_agent("Carl Cox", cast.department)
    at = timezone.now() - timedelta(days=3)
    waiting = [walks.opened(cast, at=at) for _ in range(20)]
    for _ in range(5):
        walks.solved(cast, at=at)
    User.objects.update(last_assigned_at=None)
    counts = at_once(sweep, sweep, sweep, sweep)
    assert sum(counts) == 25
    verbs = Counter(Event.objects.filter(actor=None).values_list("verb", flat=True))
    assert verbs == {"assign": 20, "approve_automatically": 5}
    loads = [
        Ticket.objects.filter(executor=person, pk__in=[t.pk for t in waiting]).count()
        for person in (cast.ada, cast.bob, carl)
    ]
    assert sorted(loads) == [6, 7, 7]


def test_sweeps_of_departments_that_share_their_agents_do_not_stop_each_other(cast: Cast) -> None:
    """R4.8: agents serve in several departments; whatever order they are chosen in, every ticket moves once."""
    for agent in (cast.ada, cast.bob):
        join_department(department=cast.other_department, user=agent, line=1)
    join_department(department=cast.department, user=cast.nora, line=1)
    elsewhere = {"department": cast.other_department, "service": cast.other_service}
    at = timezone.now() - timedelta(hours=1)
    for number in range(16):
        walks.opened(cast, at=at, **(elsewhere if number % 2 else {}))
    counts = at_once(*[sweep] * 4)
    assert _only_refusals(counts) == []
    assert Counter(Event.objects.filter(actor=None).values_list("verb", flat=True)) == {"assign": 16}
    assert Ticket.objects.filter(status=Status.ASSIGNED, timer_error="").count() == 16


def test_sweeps_at_once_alert_once(cast: Cast) -> None:
    """R4.9: the alarm is raised once, however many workers find nobody."""
    for agent in (cast.ada, cast.bob):
        Absence.objects.create(user=agent, starts_at=timezone.now() - timedelta(days=1))
    for _ in range(3):
        ticket = walks.opened(cast, at=timezone.now() - timedelta(hours=1))
        answers = at_once(*[fire_next] * 6)
        assert _only_refusals(answers) == []
        assert ticket.events.filter(verb="alert").count() == 1
        assert Ticket.objects.get(pk=ticket.pk).timer_error == ""


def test_taking_a_ticket_that_nobody_could_be_given_stops_no_sweep(cast: Cast) -> None:
    """R4.9: somebody absent takes it while the job raises the alarm; neither fails."""
    for agent in (cast.ada, cast.bob):
        Absence.objects.create(user=agent, starts_at=timezone.now() - timedelta(days=1))
    for _ in range(5):
        ticket = walks.opened(cast, at=timezone.now() - timedelta(hours=1))
        answers = at_once(lambda ticket=ticket: tickets.actions.assume(ticket=ticket, by=cast.bob), fire_next)
        assert _only_refusals(answers) == []
        assert Ticket.objects.get(pk=ticket.pk).executor == cast.bob
