"""R3.24, R6.21: whoever is deactivated hands his open tickets over, in the same transaction."""

from __future__ import annotations

import pytest
from django.test import Client

import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.notifications import rendering
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people import actions
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast
from tests.pages import as_, text_of
from tests.people.sent import change_url, sent_for
from tickets.models import Ticket


def deactivated(cast: Cast, person: User, *, to: User | None = None) -> None:
    person.is_active = False
    actions.save_person(person=person, fields=["is_active"], by=cast.ana, tickets_to=to)


def now(ticket: Ticket) -> tuple[str, User | None]:
    found = Ticket.objects.select_related("executor").get(pk=ticket.pk)
    return found.status, found.executor


def test_tickets_go_back_into_distribution(cast: Cast) -> None:
    """R3.24, R6.21: as if an administrator took each of them back; those who can take it are told."""
    his = [walks.assumed(cast), walks.started(cast)]
    Notification.objects.all().delete()
    deactivated(cast, cast.ada)
    assert [now(ticket) for ticket in his] == [("awaiting_distribution", None)] * 2
    events = [ticket.events.latest("pk") for ticket in his]
    assert {(event.verb, event.actor, event.comment) for event in events} == {
        ("take_back", cast.ana, "Ada Alves was deactivated.")
    }
    told = set(Notification.objects.values_list("recipient__name", "kind"))
    assert ("Bob Braun", "ticket_opened") in told
    assert ("Hugo Hahn", "distribution_needed") in told
    assert not Notification.objects.filter(recipient=cast.ada).exists()


def test_tickets_go_to_a_colleague_where_he_serves_them(cast: Cast) -> None:
    """R3.24: on another line they are distributed."""
    ticket = walks.started(cast)
    deactivated(cast, cast.ada, to=cast.bob)
    assert now(ticket) == ("assigned", cast.bob)
    assert ticket.events.latest("pk").verb == "hand_over"
    assert Notification.objects.filter(recipient=cast.bob, kind="ticket_assigned").exists()
    deactivated(cast, cast.again(cast.bob), to=cast.otto)  # of line 2
    assert now(ticket) == ("awaiting_distribution", None)


def test_what_waits_for_others_comes_back_into_distribution(cast: Cast) -> None:
    """R4.23: nothing of it is changed now."""
    ticket = walks.solved(cast)
    assert actions.burden_of(cast.ada) == (0, 1)
    deactivated(cast, cast.ada)
    assert now(ticket) == ("awaiting_approval", cast.ada)


@pytest.mark.parametrize("to", [None, "bob"])
def test_answer_to_who_has_left_goes_into_distribution(cast: Cast, to: str | None) -> None:
    """R6.7, R4.23: it waits for the requester as before; with his words, those who can take it are told."""
    ticket = walks.asked(cast)
    deactivated(cast, cast.ada, to=cast.people[to] if to else None)
    assert now(ticket) == ("awaiting_requester", cast.ada)
    Notification.objects.all().delete()
    page = as_(cast.rita).post(f"/tickets/{ticket.number}/answer/", {"text": "The big one."}, follow=True)
    assert "Your answer was sent to Support." in text_of(page)
    assert now(ticket) == ("awaiting_distribution", None)
    ticket.refresh_from_db()
    assert ticket.timer_due_at is not None
    told = set(Notification.objects.values_list("recipient__name", "kind"))
    assert {("Bob Braun", "ticket_opened"), ("Hugo Hahn", "distribution_needed")} <= told
    letter = Letter.objects.filter(kind="ticket_opened", recipient=cast.bob).latest("pk")
    assert "Its agent is no longer here" in rendering.render(letter, cast.account).text
    ticket = tickets.actions.assume(ticket=ticket, by=cast.bob)
    assert ticket.messages.latest("pk").text == "The big one."


def test_refused_deactivation_hands_nothing_over(cast: Cast) -> None:
    """R3.19: all of it is one transaction."""
    ticket = walks.assumed(cast)
    Ticket.objects.filter(pk=ticket.pk).update(executor=cast.ana)
    with pytest.raises(Refused, match="last active administrator"):
        deactivated(cast, cast.ana)
    assert now(ticket) == ("assigned", cast.ana)


def test_form_says_how_many_and_asks_to_whom(cast: Cast, client: Client) -> None:
    """R3.24: the page of a person, for administrators."""
    started, _solved = walks.started(cast), walks.solved(cast)
    client.force_login(cast.ana)
    page = client.get(change_url(cast.ada)).content.decode()
    assert "1 open ticket is handed over" in page
    assert "1 more waits for its requester" in page
    assert 'name="tickets_to"' not in client.get(change_url(cast.bob)).content.decode()
    sent = sent_for(cast.ada, is_active=None, tickets_to=cast.bob.pk)
    answer = client.post(change_url(cast.ada), sent, follow=True)
    assert "1 ticket was handed over." in answer.content.decode()
    assert now(started) == ("assigned", cast.bob)


def test_saving_without_deactivating_hands_nothing_over(cast: Cast, client: Client) -> None:
    ticket = walks.started(cast)
    client.force_login(cast.ana)
    client.post(change_url(cast.ada), sent_for(cast.ada, name="Ada A.", tickets_to=cast.bob.pk))
    assert now(ticket) == ("in_service", cast.ada)


@pytest.mark.parametrize("name", ["rita", "nora"])
def test_nobody_who_does_not_serve_with_him_is_offered(cast: Cast, client: Client, name: str) -> None:
    ticket = walks.started(cast)
    client.force_login(cast.ana)
    sent = sent_for(cast.ada, is_active=None, tickets_to=cast.people[name].pk)
    answer = client.post(change_url(cast.ada), sent)
    assert "tickets_to" in answer.context["adminform"].form.errors
    assert (now(ticket)[1], cast.again(cast.ada).is_active) == (cast.ada, True)
