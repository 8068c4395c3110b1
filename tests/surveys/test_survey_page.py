"""The survey by its signed link: looking answers nothing, one POST answers once, every other link says what it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

import tickets.actions
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rendering import render
from surveys import links
from surveys.forms import SurveyForm
from surveys.models import Survey
from tests import walks
from tests.cast import Cast
from tests.pages import as_, text_of
from tickets.lifecycle import Status
from tickets.models import Event, Ticket

ANSWER = {"solved": "yes", "rating": "4", "comment": "Quick."}


@pytest.fixture
def survey(cast: Cast) -> Survey:
    """Rita's ticket is closed, and she was asked about it."""
    walks.closed(cast)
    return Survey.objects.get()


def test_look_by_link_shows_number_and_names_and_answers_nothing(survey: Survey) -> None:
    response = Client().get(links.path_to(survey))
    page = text_of(response)
    assert response.status_code == 200
    assert f"Ticket #{survey.ticket_number} Opened by Rita Ramos Agent Ada Alves" in page
    assert re.findall(r'name="(\w+)" value="(\w+)"', response.content.decode())[1:] == [
        ("solved", "yes"),
        ("solved", "no"),
        *(("rating", str(figure)) for figure in range(1, 6)),
    ]
    survey.refresh_from_db()
    assert survey.answered_at is None


def test_card_page_and_letter_announce_as_many_questions_as_there_are(cast: Cast, survey: Survey) -> None:
    """R1.39: problem solved, rating, comment."""
    assert len(SurveyForm.base_fields) == 3
    letter = render(Letter.objects.get(kind="survey_invited"), cast.account)
    pages = [Client().get(links.path_to(survey)), as_(cast.rita).get(f"/tickets/{survey.ticket_number}/")]
    said = [*(text_of(page) for page in pages), letter.text, letter.html]
    assert ["Three short questions" in words for words in said] == [True] * 4


def test_look_is_kept_out_of_caches_search_engines_and_other_sites(survey: Survey) -> None:
    response = Client().get(links.path_to(survey))
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response.headers["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_head_and_look_many_times_answer_nothing(survey: Survey) -> None:
    client = Client()
    assert [client.head(links.path_to(survey)).status_code for _ in range(3)] == [200] * 3
    assert Survey.objects.answered().count() == 0


def test_answer_is_stored_and_thanked_for(survey: Survey) -> None:
    response = Client().post(links.path_to(survey), ANSWER, follow=True)
    assert (response.status_code, response.redirect_chain[0][1]) == (200, 302)
    assert "Thank you!" in text_of(response)
    survey.refresh_from_db()
    assert (survey.solved, survey.rating, survey.comment) == (True, 4, "Quick.")


def test_answer_no_is_stored_as_not_solved(survey: Survey) -> None:
    Client().post(links.path_to(survey), {"solved": "no", "rating": "1"})
    survey.refresh_from_db()
    assert (survey.solved, survey.rating, survey.comment) == (False, 1, "")


def test_answer_is_checked_by_the_cookie_of_the_form(survey: Survey) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(links.path_to(survey), ANSWER).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(links.path_to(survey)).content.decode())
    assert token
    assert client.post(links.path_to(survey), ANSWER | {"csrfmiddlewaretoken": token[1]}).status_code == 302


def test_answer_twice_counts_once(survey: Survey) -> None:
    client = Client()
    client.post(links.path_to(survey), ANSWER)
    again = client.post(links.path_to(survey), {"solved": "no", "rating": "1"})
    assert (again.status_code, "It can be given once." in text_of(again)) == (409, True)
    survey.refresh_from_db()
    assert survey.rating == 4


@pytest.mark.parametrize(
    ("missing", "message"),
    [("solved", "Say whether your problem is solved."), ("rating", "Choose one of the five.")],
)
def test_answer_without_a_needed_word_is_refused_and_keeps_the_rest(survey: Survey, missing: str, message: str) -> None:
    response = Client().post(links.path_to(survey), {k: v for k, v in ANSWER.items() if k != missing})
    assert (response.status_code, message in text_of(response)) == (422, True)
    assert ">\nQuick.</textarea>" in response.content.decode()
    assert len(re.findall(r" checked", response.content.decode())) == 1
    assert Survey.objects.answered().count() == 0


def test_answer_with_a_rating_beyond_five_is_refused(survey: Survey) -> None:
    for rating in ("0", "6", "-1", "five", "4.5"):
        assert Client().post(links.path_to(survey), ANSWER | {"rating": rating}).status_code == 422
    assert Survey.objects.answered().count() == 0


def test_answer_before_closing_closes_the_ticket(cast: Cast) -> None:
    ticket = walks.awaiting_rating(cast)
    Client().post(links.path_to(Survey.objects.get()), ANSWER)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.finalized_at is not None) == (Status.CLOSED, True)
    assert list(Event.objects.filter(verb="rate").values_list("actor__name", flat=True)) == ["Rita Ramos"]


def test_look_says_until_when_it_can_be_answered_and_then_that_it_is_over(cast: Cast) -> None:
    """A7: after the closing, where the department gives the survey an end."""
    cast.rules(survey_period=timedelta(days=30))
    number = walks.closed(cast).number
    path = links.path_to(Survey.objects.get())
    for page in (Client().get(path), as_(cast.rita).get(f"/tickets/{number}/")):
        assert "You can answer until" in text_of(page)
    assert "Your answer is possible until" in render(Letter.objects.get(kind="survey_invited"), cast.account).text
    Survey.objects.update(open_until=timezone.now())
    for method in (Client().get, Client().post):
        page = method(path, ANSWER)
        assert page.status_code == 410
        assert "The time for this rating is over" in text_of(page)
    for address in ("/", f"/tickets/{number}/"):
        assert "/surveys/" not in as_(cast.rita).get(address).content.decode()


def test_look_after_the_rating_period_says_that_it_is_over(cast: Cast) -> None:
    ticket = walks.awaiting_rating(cast, at=timezone.now() - timedelta(days=2))
    path = links.path_to(Survey.objects.get())
    tickets.actions.close_unrated(ticket=ticket)
    client = Client()
    answers = [client.get(path), client.post(path, ANSWER)]
    assert [response.status_code for response in answers] == [410, 410]
    assert "The time for this rating is over" in text_of(answers[0])
    assert Survey.objects.answered().count() == 0


def test_look_after_cancelling_says_that_it_is_over(cast: Cast) -> None:
    ticket = walks.awaiting_rating(cast)
    tickets.actions.cancel(ticket=ticket, by=cast.rita)
    assert Client().get(links.path_to(Survey.objects.get())).status_code == 410


def test_expired_link_leads_to_the_ticket_and_answers_nothing(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "VALID_FOR", timedelta(seconds=-1))
    path = links.path_to(survey)
    client = Client()
    answers = [client.get(path), client.post(path, ANSWER)]
    assert [response.status_code for response in answers] == [410, 410]
    assert f'href="/tickets/{survey.ticket_number}/"' in answers[0].content.decode()
    assert "Sign in to rate" in text_of(answers[0])
    assert Survey.objects.answered().count() == 0


def test_wrong_link_is_not_found_in_a_friendly_way(survey: Survey) -> None:
    for token in ("x", "1", "1:2:3", "MTIz:1abc:AAAA"):
        response = Client().get(f"/surveys/{token}/")
        assert (response.status_code, "This link does not work" in text_of(response)) == (404, True)


def test_link_signed_for_something_else_is_not_found(survey: Survey) -> None:
    assert Client().get(f"/surveys/{signing.dumps(survey.pk, salt='other')}/").status_code == 404


def test_link_of_a_survey_that_is_gone_is_not_found(survey: Survey) -> None:
    path = links.path_to(survey)
    survey.delete()
    assert Client().get(path).status_code == 404


def test_link_works_whoever_is_signed_in_and_answers_for_the_requester(cast: Cast, survey: Survey) -> None:
    client = Client()
    client.force_login(cast.eve)
    client.post(links.path_to(survey), ANSWER)
    assert set(Letter.objects.filter(kind="survey_answered").values_list("facts__actor", flat=True)) == {"Rita Ramos"}


def test_ticket_page_offers_a_fresh_link_then_shows_the_rating(cast: Cast, survey: Survey) -> None:
    client = Client()
    client.force_login(cast.rita)
    address = f"/tickets/{survey.ticket_number}/"
    found = re.search(r'href="(/surveys/[^"]+)"', client.get(address).content.decode())
    assert found
    client.post(found[1], ANSWER)
    page = client.get(address)
    assert "You rated our service: 4 of 5." in text_of(page)
    assert "/surveys/" not in page.content.decode()


def test_start_page_names_open_surveys_until_they_are_answered(cast: Cast, survey: Survey) -> None:
    client = Client()
    client.force_login(cast.rita)
    assert "Say how our service was" in text_of(client.get("/"))
    client.post(links.path_to(survey), ANSWER)
    assert "Say how our service was" not in text_of(client.get("/"))


def test_waiting_says_of_many_what_the_state_says_of_one(cast: Cast) -> None:
    before = walks.awaiting_rating(cast)
    late = walks.awaiting_rating(cast)
    tickets.actions.close_unrated(ticket=late)
    dropped = walks.awaiting_rating(cast)
    tickets.actions.cancel(ticket=dropped, by=cast.rita)
    cast.rules(survey_mode="after_closing")
    after = walks.closed(cast)
    answered = walks.closed(cast)
    Client().post(links.path_to(Survey.objects.get(ticket=answered)), ANSWER)

    waiting = sorted(Survey.objects.waiting().values_list("ticket_id", flat=True))
    assert waiting == [before.number, after.number]
    assert waiting == sorted(s.ticket_id for s in Survey.objects.all() if s.state == Survey.State.WAITING)
    assert Ticket.objects.count() == Survey.objects.count() == 5
