"""R3.32, A27: "Finalize service engagement", by its button and by itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

import tickets.actions
from surveys.links import path_to as survey_path
from surveys.models import Survey
from surveys.tasks import end_unanswered
from tests import walks
from tests.cast import Cast, Clock
from tests.pages import as_, text_of
from tickets.models import Ticket
from tickets.tasks import sweep

BUTTON = "Finalize service engagement"


def _tasks(cast: Cast) -> dict[str, list[int]]:
    answer = as_(cast.ada).get("/panel/")
    return {one["name"]: [row.number for row in one["rows"]] for one in answer.context["sections"]}


def test_button_is_the_executors_records_him_and_empties_his_list(cast: Cast) -> None:
    """R3.32, R6.22: on a ticket closed as solved; afterwards it is read-only, and says when it ended."""
    ticket = walks.closed(cast)
    path = f"/panel/tickets/{ticket.number}/"
    assert _tasks(cast)["finalize"] == [ticket.number]
    assert BUTTON in text_of(as_(cast.ada).get(path))
    for other in (cast.bob, cast.hugo, cast.ana):
        as_(other).post(f"{path}finalize/")
        assert Ticket.objects.get(pk=ticket.pk).finalized_at is None
    assert as_(cast.ada).post(f"{path}finalize/").status_code == 302
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.finalized_by, ticket.finalized_at is not None) == (cast.ada, True)
    assert _tasks(cast) == {"todo": [], "waiting": [], "finalize": []}
    page = as_(cast.ada).get(path)
    assert "Finalized" in text_of(page)
    assert 'name="text"' not in page.content.decode()


def test_button_is_not_on_tickets_that_were_not_solved(cast: Cast) -> None:
    """R3.32: cancelled or closed without a solution, there is no engagement to finalize."""
    for ticket in (walks.cancelled(cast, ticket=walks.started(cast)), walks.closed_without_solution(cast)):
        assert _tasks(cast)["finalize"] == []
        page = text_of(as_(ticket.executor).get(f"/panel/tickets/{ticket.number}/"))
        assert BUTTON not in page or "Only the service of a solved ticket is finalized." in page


def test_survey_without_end_leaves_it_to_the_executor(cast: Cast, clock: Clock) -> None:
    """R3.32, A7: the time for an answer never passes, so no clock finalizes; the ticket stays in his list."""
    ticket = walks.closed(cast, at=clock.now)
    assert Survey.objects.get().open_until is None
    clock.turn(days=1000)
    assert (sweep(clock.now), end_unanswered(clock.now)) == (0, 0)
    assert _tasks(cast)["finalize"] == [ticket.number]
    assert tickets.actions.finalize(ticket=ticket, by=cast.ada, at=clock.now).finalized_by == cast.ada


def test_ticket_without_a_survey_is_finalized_by_its_executor(cast: Cast, clock: Clock) -> None:
    """R3.32: one that came from another desk, for example."""
    cast.rules(survey_period=timedelta(days=1))
    ticket = walks.closed(cast, at=clock.now)
    Survey.objects.all().delete()
    assert end_unanswered(clock.turn(days=9)) == 0
    assert _tasks(cast)["finalize"] == [ticket.number]
    assert tickets.actions.finalize(ticket=ticket, by=cast.ada, at=clock.now).finalized_by == cast.ada


def test_answer_and_the_end_of_the_period_finalize_by_themselves(cast: Cast) -> None:
    """R3.32: each takes the ticket out of the executor's list, with nobody's name."""
    cast.rules(survey_period=timedelta(days=30))
    answered, silent = walks.closed(cast), walks.closed(cast)
    survey = Survey.objects.get(ticket=answered)
    as_(cast.rita).post(survey_path(survey), {"solved": "yes", "rating": "5"})
    assert _tasks(cast)["finalize"] == [silent.number]
    end_unanswered(timezone.now() + timedelta(days=31))
    assert _tasks(cast)["finalize"] == []
    assert set(Ticket.objects.values_list("finalized_by", flat=True)) == {None}
