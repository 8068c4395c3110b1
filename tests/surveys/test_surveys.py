"""The satisfaction survey: one for each finished ticket, answered once."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core import signing

import surveys.actions
import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from surveys import links
from surveys.models import Survey
from surveys.tasks import end_unanswered
from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import Outcome, Status
from tickets.models import Ticket
from tickets.tasks import sweep


def _answer(survey: Survey, cast: Cast, **fields: object) -> Survey:
    wanted = {"by": cast.rita, "solved": True, "rating": 5} | fields
    return surveys.actions.answer(survey=survey, **wanted)


def test_survey_follows_the_closing_with_its_three_values(cast: Cast, clock: Clock) -> None:
    """R1.35, R1.36, R1.37, R1.38: no human step; number, requester, agent; the agent is the executor at the closing."""
    cast.rita.sector = cast.sector
    cast.rita.save()
    ticket = walks.closed(cast, at=clock.now, by=cast.bob)
    survey = Survey.objects.get()
    assert (survey.ticket_number, survey.requester_name, survey.agent_name) == (
        ticket.number,
        "Rita Ramos",
        "Bob Braun",
    )
    assert (survey.agent, survey.department, survey.sector) == (cast.bob, cast.department, cast.sector)
    assert (survey.created_at, survey.before_closing, survey.state) == (clock.now, False, Survey.State.WAITING)


def test_values_of_the_survey_never_change_afterwards(cast: Cast) -> None:
    """R1.38: read-only, whatever people are called later."""
    walks.closed(cast)
    cast.ada.name = "Ada Amaral"
    cast.ada.save()
    assert Survey.objects.get().agent_name == "Ada Alves"


def test_survey_after_silence_is_sent_too(cast: Cast, clock: Clock) -> None:
    """A15, R1.38: exactly one, also after automatic approval."""
    walks.solved(cast, at=clock.now)
    sweep(clock.turn(days=2))
    assert Survey.objects.count() == 1
    assert cast.names_of(letter.recipient for letter in Letter.objects.filter(kind="survey_invited")) == ["rita"]


def test_survey_of_a_cancelled_ticket_is_none(cast: Cast) -> None:
    """A15, A14."""
    walks.cancelled(cast, ticket=walks.solved(cast))
    assert Survey.objects.count() == 0


def test_survey_before_closing_is_sent_on_approval(cast: Cast) -> None:
    """A5, R4.24, R4.27: one record for both modes, one survey for each ticket."""
    ticket = walks.awaiting_rating(cast)
    survey = Survey.objects.get()
    assert (survey.before_closing, survey.state) == (True, Survey.State.WAITING)
    tickets.actions.rate(ticket=ticket, by=cast.rita)
    assert Survey.objects.count() == 1


def test_answer_is_stored_and_linked(cast: Cast, clock: Clock) -> None:
    """R1.39: solved or not, 1 to 5, a comment."""
    walks.closed(cast, at=clock.now)
    _answer(Survey.objects.get(), cast, solved=False, rating=2, comment="  Slow. ", at=clock.turn(days=400))
    survey = Survey.objects.get()
    assert (survey.solved, survey.rating, survey.comment, survey.answered_at) == (False, 2, "Slow.", clock.now)
    assert survey.state == Survey.State.ANSWERED


def test_answer_after_closing_finalizes(cast: Cast, clock: Clock) -> None:
    """R3.32: it happens automatically after the survey was answered, by "System"."""
    ticket = walks.closed(cast, at=clock.now)
    _answer(Survey.objects.get(), cast, at=clock.turn(days=1))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.finalized_at, ticket.finalized_by) == (clock.now, None)
    assert (ticket.events.last().verb, ticket.events.last().actor) == ("finalize", None)


def test_answer_after_finalizing_by_hand_is_welcome(cast: Cast) -> None:
    """A7: in after_closing the survey stays open."""
    ticket = walks.finalized(cast)
    _answer(Survey.objects.get(), cast)
    assert ticket.events.filter(verb="finalize").count() == 1


def test_answer_before_closing_closes_as_solved(cast: Cast, clock: Clock) -> None:
    """R4.24, R4.25, R6.19: rated, closed, told, finalized."""
    ticket = walks.awaiting_rating(cast, at=clock.now)
    _answer(Survey.objects.get(), cast, rating=1, solved=False, at=clock.turn(hours=23))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.outcome, ticket.closed_at, ticket.closed_by) == (
        Status.CLOSED,
        Outcome.SOLVED,
        clock.now,
        cast.rita,
    )
    assert (ticket.finalized_at, ticket.finalized_by) == (clock.now, None)
    assert Notification.objects.filter(kind="ticket_closed", recipient=cast.rita).count() == 1
    assert sweep(clock.turn(days=9)) == 0


def test_late_rating_before_closing_is_refused(cast: Cast, clock: Clock) -> None:
    """A7: the period is over, and the link says so."""
    walks.awaiting_rating(cast, at=clock.now)
    sweep(clock.turn(days=1))
    with pytest.raises(Refused, match="The time for rating this ticket is over"):
        _answer(Survey.objects.get(), cast, at=clock.turn(minutes=1))
    assert Survey.objects.get().answered_at is None


def test_late_rating_after_closing_is_welcome(cast: Cast, clock: Clock) -> None:
    """A7: no end by default."""
    walks.closed(cast, at=clock.now)
    assert _answer(Survey.objects.get(), cast, at=clock.turn(days=1000)).rating == 5


def test_rating_after_closing_ends_where_the_department_says_so(cast: Cast, clock: Clock) -> None:
    """A7, R3.32: a period for the survey, kept with it; its end finalizes the engagement, once."""
    cast.rules(survey_period=timedelta(days=30))
    ticket = walks.closed(cast, at=clock.now)
    cast.rules(survey_period=timedelta(0))
    survey = Survey.objects.get()
    assert survey.open_until == clock.now + timedelta(days=30)
    assert Letter.objects.get(kind="survey_invited").facts["open_until"] == survey.open_until.isoformat()
    clock.turn(days=30)
    assert survey.state_at(clock.now - timedelta(seconds=1)) == Survey.State.WAITING
    assert end_unanswered(clock.now - timedelta(seconds=1)) == 0
    with pytest.raises(Refused, match="The time for rating this ticket is over"):
        _answer(survey, cast, at=clock.now)
    assert [end_unanswered(clock.now), end_unanswered(clock.now)] == [1, 0]
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.finalized_at, ticket.finalized_by, ticket.status) == (clock.now, None, Status.CLOSED)
    assert Survey.objects.get().answered_at is None


def test_end_of_a_survey_leaves_what_was_answered_or_finalized_before(cast: Cast, clock: Clock) -> None:
    """R3.32, R1.39: in time it is answered as ever; a survey before the closing has the ticket's own clock."""
    cast.rules(survey_period=timedelta(days=30))
    answered, finalized = walks.closed(cast, at=clock.now), walks.finalized(cast, at=clock.now)
    assert _answer(Survey.objects.get(ticket=answered), cast, at=clock.turn(days=29)).rating == 5
    assert end_unanswered(clock.turn(days=9)) == 0
    assert Ticket.objects.get(pk=finalized.pk).finalized_by == cast.ada
    walks.awaiting_rating(cast, at=clock.now)
    assert Survey.objects.latest("pk").open_until is None


def test_rating_that_is_due_but_not_swept_still_counts(cast: Cast, clock: Clock) -> None:
    """R1.32 for ratings: until the job has moved the ticket the client can act."""
    ticket = walks.awaiting_rating(cast, at=clock.now)
    _answer(Survey.objects.get(), cast, at=clock.turn(days=1, minutes=1))
    assert Ticket.objects.get(pk=ticket.pk).closed_by == cast.rita


def test_rating_of_a_cancelled_ticket_is_refused(cast: Cast) -> None:
    """A14: no survey; an invitation that was already out is over."""
    ticket = walks.awaiting_rating(cast)
    tickets.actions.cancel(ticket=ticket, by=cast.rita)
    with pytest.raises(Refused, match="over"):
        _answer(Survey.objects.get(), cast)


def test_answering_twice_is_refused(cast: Cast) -> None:
    """R1.39: answered once; the first answer stays, nobody is told twice."""
    walks.closed(cast)
    _answer(Survey.objects.get(), cast, rating=4)
    before = Notification.objects.count()
    with pytest.raises(Refused, match="answered already"):
        _answer(Survey.objects.get(), cast, rating=1)
    assert Survey.objects.get().rating == 4
    assert Notification.objects.count() == before


@pytest.mark.parametrize("name", ["cora", "max", "eve", "ada", "hugo", "ana"])
def test_answer_by_somebody_else_is_refused(cast: Cast, name: str) -> None:
    """R3.14: the requester's own voice."""
    walks.closed(cast)
    with pytest.raises(Refused, match="Only the requester"):
        _answer(Survey.objects.get(), cast, by=cast.people[name])


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_rating_outside_the_scale_is_refused(cast: Cast, rating: int) -> None:
    """R1.39: 1 to 5."""
    walks.closed(cast)
    with pytest.raises(Refused) as refusal:
        _answer(Survey.objects.get(), cast, rating=rating)
    assert refusal.value.field == "rating"
    assert Survey.objects.get().state == Survey.State.WAITING


def test_answer_tells_executor_and_heads(cast: Cast) -> None:
    """R3.42: P8."""
    walks.closed(cast)
    _answer(Survey.objects.get(), cast, rating=3)
    rows = Notification.objects.filter(kind="survey_answered").select_related("recipient")
    assert cast.names_of(row.recipient for row in rows) == ["ada", "hugo"]
    assert {row.facts["rating"] for row in rows} == {3}


def test_survey_of_a_second_round_names_the_last_agent(cast: Cast) -> None:
    """R1.38: agent = executor at the closing."""
    ticket = walks.solved(cast, by=cast.ada)
    cast.deactivate(cast.ada)
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.")
    walks.closed(cast, ticket=walks.assumed(cast, ticket=ticket, by=cast.bob))
    assert Survey.objects.get().agent == cast.bob


# The link


def test_link_leads_to_its_survey(cast: Cast) -> None:
    """R1.35: the invitation carries it."""
    walks.closed(cast)
    survey = Survey.objects.get()
    letter = Letter.objects.get(kind="survey_invited")
    token = letter.facts["path"].rstrip("/").rsplit("/", 1)[-1]
    assert links.survey_id(token) == survey.pk


def test_changed_link_is_refused(cast: Cast) -> None:
    """A guessed or altered link opens nothing."""
    walks.closed(cast)
    token = links.path_to(Survey.objects.get()).rstrip("/").rsplit("/", 1)[-1]
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "1", signing.dumps(1), ""):
        with pytest.raises(signing.BadSignature):
            links.survey_id(wrong)


def test_link_ends_after_a_while(cast: Cast) -> None:
    """Signed links expire; on the ticket the survey can still be found."""
    walks.closed(cast)
    survey = Survey.objects.get()
    old = signing.TimestampSigner(salt="surveys.link")
    old.timestamp = lambda: signing.b62_encode(int(time.time() - timedelta(days=91).total_seconds()))
    token = old.sign_object(survey.pk)
    with pytest.raises(signing.SignatureExpired):
        links.survey_id(token)
