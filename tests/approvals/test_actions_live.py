"""Approval actions on the live channel: managers' pages follow, and nobody else's hears a word (R2.23 to R2.39)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

import approvals.actions
import tickets.actions
from helpdesk.notifications.live.exchange import HUB, PAGE, Exchange
from helpdesk.notifications.live.topics import NOTHING, following
from helpdesk.notifications.live.visitors import Visitor
from helpdesk.people.actions import save_person
from helpdesk.people.models import Organization, User
from tests import walks
from tests.approvals.consents import an_action, asked, switched_on
from tests.cast import Cast, a_person
from tests.live import listening
from tests.pages import as_
from tickets.models import Ticket


def test_new_bell_brings_the_tab_to_managers_only(cast: Cast, client: Client) -> None:
    """R2.28: X follows without a new sign-in, also where the bell only polls."""
    switched_on(cast)
    client.force_login(cast.max)
    assert "Approve actions" not in client.get("/notifications/bell/").content.decode()
    asked(cast)
    bell = client.get("/notifications/bell/").content.decode()
    assert 'id="consents-tab"' in bell
    assert "Approve actions (1)" in bell
    client.force_login(cast.rita)
    assert "consents-tab" not in client.get("/notifications/bell/").content.decode()


def _everybody(cast: Cast) -> dict[str, User]:
    sister = Organization.objects.create(name="Horizonte Norte", parent=cast.parent)
    return cast.people | {
        "ruth": a_person("Ruth Reed", organization=cast.rival, manages_organization=True),
        "sina": a_person("Sina Silva", organization=sister, manages_organization=True),
    }


class House:
    """Everybody has every page open that he can think of; who hears what is called out?"""

    def __init__(self, people: dict[str, User], number: int, request: int) -> None:
        self._exchange = Exchange()
        pages = {page: page for page in ("", "hub", "tickets", "start", "queue", "consents")}
        pages |= {"ticket": f"ticket-{number}", "desk": f"desk-{number}", "consent": f"consent-{request}"}
        pages |= {"another": f"consent-{request + 1}", "any": "consent"}
        self._tabs = {
            (name, label): self._exchange.enter(
                Visitor(person.pk, name, "proof", 0, following(person, page, None) if page else NOTHING)
            )
            for name, person in people.items()
            for label, page in pages.items()
        }

    def hears(self, payloads: list[str]) -> dict[str, set[str]]:
        """By person: ``bell``, or the name of the page that is to look at itself again."""
        for payload in payloads:
            self._exchange.call_out(payload)
        found: dict[str, set[str]] = {}
        for (name, page), tab in self._tabs.items():
            words = {"bell" if word == HUB else page for word in tab.hints if word in {HUB, PAGE}}
            if words:
                found.setdefault(name, set()).update(words)
            tab.hints.clear()
        return found


DESK, LISTS, REQUEST = {"queue", "desk"}, {"consents", "start"}, {"consents", "start", "consent"}
AT_WORK = {"bob": DESK, "otto": DESK, "hugo": DESK, "ana": DESK}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["approve", "reject", "cancel"])
def test_asking_and_deciding_are_heard_by_managers_and_desk_only(cast: Cast, verb: str) -> None:
    """R2.23, R2.28, R2.29, R2.35, R2.39: not by requester, colleague, rivals, a sister branch, another department."""
    switched_on(cast)
    people = _everybody(cast)
    ticket = walks.started(cast)
    action = an_action()
    with listening() as called_out:
        request = approvals.actions.request_action(ticket=ticket, by=cast.ada, action=action)
        house = House(people, ticket.number, request.pk)
        managers = {"bell"} | LISTS
        assert house.hears(called_out()) == AT_WORK | {"ada": DESK, "max": managers, "petra": managers}
        getattr(approvals.actions, f"{verb}_action")(request=request, by=cast.petra)
        managers = {"bell"} | REQUEST
        bell = {"bell"}
        assert house.hears(called_out()) == AT_WORK | {"ada": DESK | bell, "max": managers, "petra": managers}


@pytest.mark.django_db(transaction=True)
def test_expiring_is_heard_by_managers_too(cast: Cast) -> None:
    """R2.22, R2.28: their tab goes; Rita hears of her ticket's end and the rest of the world of nothing."""
    people = _everybody(cast)
    request = asked(cast)
    house = House(people, request.ticket_id, request.pk)
    with listening() as called_out:
        tickets.actions.cancel(ticket=Ticket.objects.get(), by=cast.rita)
        heard = house.hears(called_out())
    assert {name for name in heard if name not in AT_WORK} == {"ada", "rita", "max", "petra"}
    assert heard["max"] == {"bell"} | REQUEST
    assert heard["petra"] == heard["max"] | {"ticket"}  # which she reads along (R2.44)


@pytest.mark.django_db(transaction=True)
def test_whoever_becomes_a_manager_or_is_none_any_more_hears_so(cast: Cast) -> None:
    """R2.13, R2.28: tab and list follow the mark; managers whom it does not concern are left in peace."""
    people = _everybody(cast)
    request = asked(cast)
    house = House(people, request.ticket_id, request.pk)
    with listening() as called_out:
        cast.cora.manages_organization = True
        save_person(person=cast.cora, fields=["manages_organization"])
        heard = house.hears(called_out())
        assert {name for name, words in heard.items() if "bell" in words} == {"cora"}
        cast.max.manages_organization = False
        save_person(person=cast.max, fields=["manages_organization"])
        heard = house.hears(called_out())
        assert {name for name, words in heard.items() if "bell" in words} == {"max"}


@pytest.mark.parametrize("name", ["rita", "cora", "eve", "ada", "bob", "hugo", "nora", "ana", "ruth", "sina"])
def test_nobody_else_may_follow_a_request(cast: Cast, name: str) -> None:
    """R2.29, R6.26: asked for by its number, it is answered like one that does not exist."""
    person = _everybody(cast)[name]
    request = asked(cast)
    assert following(person, f"consent-{request.pk}", None) == following(person, "consent-0", None) == NOTHING
    assert (following(person, "consents", None) == NOTHING) == (not person.manages_organization)


@pytest.mark.parametrize(
    "end",
    [
        lambda cast, request: approvals.actions.approve_action(request=request, by=cast.petra),
        lambda cast, request: tickets.actions.cancel(ticket=request.ticket, by=cast.rita),
    ],
    ids=["approved", "expired"],
)
def test_page_of_a_decided_request_is_told_that_it_is_old(cast: Cast, end: Callable[[Cast, object], object]) -> None:
    """R2.22, R2.33: also if it was decided between the drawing of the page and the opening of its stream; A20: it
    listens to its request and not to the ticket."""
    request = asked(cast)
    page = following(cast.max, f"consent-{request.pk}", None)
    assert (page.is_stale, page.topics, page.place) == (False, {f"consent-{request.pk}"}, "")
    end(cast, request)
    assert following(cast.max, f"consent-{request.pk}", None).is_stale
    assert b"data-page" not in as_(cast.max).get(f"/approvals/{request.pk}/").content


def test_pages_of_managers_say_what_they_follow(cast: Cast, settings: object) -> None:
    """R2.28, R2.33: list, request, confirmation and start page."""
    settings.LIVE = True
    request = asked(cast)
    browser = as_(cast.max)
    found = {
        address: browser.get(address).content.decode().partition('data-page="')[2].partition('"')[0]
        for address in ("/", "/approvals/", f"/approvals/{request.pk}/", f"/approvals/{request.pk}/reject/")
    }
    assert list(found.values()) == ["start", "consents", f"consent-{request.pk}", f"consent-{request.pk}"]
