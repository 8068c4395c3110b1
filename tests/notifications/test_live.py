"""The live channel as a whole: a real web process, real tabs, PostgreSQL between them."""

from __future__ import annotations

import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from helpdesk.notifications.actions import mark_read
from helpdesk.notifications.live import door as live_door
from helpdesk.notifications.live.exchange import MOST_TABS
from helpdesk.notifications.models import Notification, Presence
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast
from tests.core.processes import until
from tests.live import Tab, listeners, terminate_listeners, web_process
from tests.pages import as_, text_of
from tickets import actions

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with django_db_blocker.unblock(), web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def tab(site: tuple[str, Any], cast: Cast) -> Iterator[Callable[..., Tab]]:
    """Opens a tab: ``tab(cast.ada, "queue")``."""
    opened: list[Tab] = []

    def open_tab(person: User | None, page: str = "", **more: Any) -> Tab:
        opened.append(Tab(site[0], person, page, **more))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()


def test_hub_row_reaches_its_reader_and_nobody_else(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R2.24, R2.35, R2.36: those who are told hear it at once, in all their tabs; others hear nothing."""
    ada, twice, eve, rita = tab(cast.ada), tab(cast.ada), tab(cast.eve), tab(cast.rita)
    walks.opened(cast)
    ada.hears("hub")
    twice.hears("hub")
    assert Notification.objects.filter(recipient=cast.ada).exists()
    eve.hears_nothing()
    assert rita.heard == []


def test_rolled_back_is_never_heard(cast: Cast, tab: Callable[..., Tab]) -> None:
    """The hint is part of the transaction of its cause."""
    ada = tab(cast.ada, "queue")
    with transaction.atomic():
        walks.opened(cast)
        transaction.set_rollback(True)
    ada.hears_nothing()


def test_ticket_page_follows_and_strangers_learn_nothing(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R2.46: asking for somebody else's ticket is answered like asking for nothing at all."""
    ticket = walks.opened(cast)
    rita, bob = tab(cast.rita, f"ticket-{ticket.number}"), tab(cast.bob, f"desk-{ticket.number}")
    eve = [tab(cast.eve, page) for page in (f"ticket-{ticket.number}", f"desk-{ticket.number}", "queue", "tickets")]
    nora, colleague = tab(cast.nora, f"desk-{ticket.number}"), tab(cast.cora, f"ticket-{ticket.number}")
    until(Presence.objects.exists, 10)
    bob.hears("people")
    actions.assume(ticket=ticket, by=cast.ada)
    rita.hears("hub", "page")
    bob.hears("page")
    nora.hears_nothing()
    assert [one.heard for one in (*eve, colleague)] == [[]] * 5


def test_internal_note_is_not_even_hinted_to_the_requester(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R2.46: that something happened would be told, too."""
    ticket = walks.started(cast)
    rita, portal = tab(cast.rita, f"ticket-{ticket.number}"), tab(cast.rita, "tickets")
    otto, queue = tab(cast.otto, f"desk-{ticket.number}"), tab(cast.hugo, "queue")
    actions.note(ticket=ticket, by=cast.ada, text="Difficult customer.")
    otto.hears("page")
    queue.hears("page")
    rita.hears_nothing()
    assert portal.heard == []


def test_lists_follow_those_they_show(cast: Cast, tab: Callable[..., Tab]) -> None:
    """Queue and "my tickets" hear of their own tickets only."""
    hugo, nora, ana = tab(cast.hugo, "queue"), tab(cast.nora, "queue"), tab(cast.ana, "queue")
    rita, cora = tab(cast.rita, "tickets"), tab(cast.cora, "tickets")
    walks.opened(cast)
    for one in (hugo, ana, rita):
        one.hears("page")
    nora.hears_nothing()
    assert cora.heard == []


def test_those_who_read_along_hear_what_requesters_hear(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R2.44, R6.26: a parent's manager follows list and page of a branch's ticket; notes and strangers stay apart."""
    ticket = walks.started(cast)
    petra, page = tab(cast.petra, "organization"), tab(cast.petra, f"ticket-{ticket.number}")
    others = [tab(one, place) for one in (cast.max, cast.eve) for place in ("organization", f"ticket-{ticket.number}")]
    actions.note(ticket=ticket, by=cast.ada, text="Difficult customer.")
    petra.hears_nothing()
    assert page.heard == []
    actions.reply(ticket=ticket, by=cast.ada, text="We are on it.")
    petra.hears("page")
    page.hears("page")
    assert [one.heard for one in others] == [[]] * 4


def test_reading_in_one_tab_is_heard_in_the_others(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R2.36: the bell of every tab counts the same."""
    walks.opened(cast)
    ada, bob = tab(cast.ada), tab(cast.bob)
    mark_read(user=cast.ada)
    ada.hears("hub")
    bob.hears_nothing()


def test_page_that_is_old_already_is_told_so_when_it_comes(cast: Cast, site: tuple[str, Any], tab: Callable[..., Tab]):
    """What happens between the drawing of a page and the opening of its stream is not missed."""
    ticket = walks.opened(cast)
    newest = ticket.events.latest("pk").pk
    tab(cast.rita, f"ticket-{ticket.number}&seen={newest - 1}").hears("page")
    tab(cast.rita, f"ticket-{ticket.number}&seen={newest}").hears_nothing()


def test_people_on_one_page_hear_of_each_other(cast: Cast, tab: Callable[..., Tab]) -> None:
    """Agents see agents come and go; requesters are not seen and see nobody."""
    ticket = walks.opened(cast)
    rita = tab(cast.rita, f"ticket-{ticket.number}")
    ada = tab(cast.ada, f"desk-{ticket.number}")
    ada.hears("people")
    bob = tab(cast.bob, f"desk-{ticket.number}")
    ada.hears("people")
    assert cast.names_of(row.person for row in Presence.objects.all()) == ["ada", "bob"]
    bob.close()
    ada.hears("people")
    assert cast.names_of(row.person for row in Presence.objects.all()) == ["ada"]
    assert rita.heard == []


def test_cut_listener_comes_back_and_everybody_looks_again(cast: Cast, tab: Callable[..., Tab]) -> None:
    """A restart of PostgreSQL loses no notice: the hub is the truth, and every tab is told to look."""
    ada = tab(cast.ada)
    before = listeners()
    assert len(before) == 1
    terminate_listeners()
    ada.hears("again")
    assert until(listeners, 10) != before
    walks.opened(cast)
    ada.hears("hub")


def test_stream_ends_with_its_session(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R6.26: signed out, deactivated or with a new password: at the next heartbeat the stream says so and ends."""
    ada, bob, otto, hugo = tab(cast.ada), tab(cast.bob), tab(cast.otto), tab(cast.hugo)
    Session.objects.filter(session_key=ada.session).delete()
    cast.deactivate(cast.bob)
    cast.otto.set_password("something else entirely")
    cast.otto.save(update_fields=["password"])
    for gone in (ada, bob, otto):
        gone.hears("bye")
        assert gone.ended.wait(5)
    hugo.hears_nothing()
    assert not hugo.ended.is_set()


def test_people_of_a_process_that_died_are_forgotten(cast: Cast, tab: Callable[..., Tab]) -> None:
    """Nobody is seen for longer than a minute after his process has gone."""
    ticket = walks.opened(cast)
    past = timezone.now() - timedelta(seconds=1)
    Presence.objects.create(place=f"desk-{ticket.number}", person=cast.bob, door="dead", until=past)
    ada = tab(cast.ada, f"desk-{ticket.number}")
    until(lambda: cast.names_of(row.person for row in Presence.objects.all()) == ["ada"], 10)
    ada.hears("people")


def test_who_else_is_there_is_shown_to_those_who_serve(cast: Cast) -> None:
    """Names of colleagues who are there now; never one's own, never to anybody outside (R2.46)."""
    ticket = walks.opened(cast)
    address = f"/panel/tickets/{ticket.number}/people/"
    soon = timezone.now() + timedelta(minutes=1)
    for person, door in ((cast.ada, "one"), (cast.bob, "one"), (cast.bob, "two"), (cast.hugo, "one")):
        Presence.objects.create(place=f"desk-{ticket.number}", person=person, door=door, until=soon)
    assert text_of(as_(cast.ada).get(address)) == "Bob Braun , Hugo Hahn have this ticket open, too."
    assert as_(cast.nora).get(address).status_code == 404
    assert as_(cast.rita).get(address).status_code == 403


@pytest.mark.parametrize("cookie", ["", "guessed", "../../etc"])
def test_strangers_are_refused(tab: Callable[..., Tab], cookie: str) -> None:
    """Nobody hears anything without a session."""
    assert tab(None, cookie=cookie).status == 401


def test_ended_session_and_deactivated_people_are_refused(cast: Cast, tab: Callable[..., Tab]) -> None:
    """R6.26: a session that outlives the account opens nothing; nor does one from before the new password."""
    first = tab(cast.ada)
    cast.ada.set_password("something else entirely")
    cast.ada.save(update_fields=["password"])
    assert tab(None, cookie=first.session).status == 401
    second = tab(cast.bob)
    cast.deactivate(cast.bob)
    assert tab(None, cookie=second.session).status == 401
    third = tab(cast.otto)
    Session.objects.filter(session_key=third.session).delete()
    assert tab(None, cookie=third.session).status == 401


def test_one_person_has_so_many_tabs_and_no_more(cast: Cast, tab: Callable[..., Tab]) -> None:
    """The one too many polls; others are not disturbed; a closed tab makes room."""
    tabs = [tab(cast.eve) for _one in range(MOST_TABS)]
    assert tab(cast.eve).status == 429
    assert tab(cast.rita).status == 200
    tabs[0].close()
    until(lambda: tab(cast.eve).status == 200, 10)


def test_only_the_one_address_and_method_is_answered(site: tuple[str, Any], cast: Cast, client: Any) -> None:
    """The channel takes nothing from the browser, and is no place for other addresses; without it they do not exist."""
    link = http.client.HTTPConnection(site[0].removeprefix("http://"), timeout=10)
    found = []
    for method, path in (("POST", "/live/"), ("GET", "/live/more/"), ("HEAD", "/live/")):
        link.request(method, path)
        answer = link.getresponse()
        answer.read()
        found.append((method, path, answer.status))
    link.close()
    assert found == [("POST", "/live/", 405), ("GET", "/live/more/", 404), ("HEAD", "/live/", 405)]
    assert client.get("/live/").status_code == 404


def test_server_told_to_stop_ends_its_streams_at_once(cast: Cast, tmp_path: Any, django_db_blocker: Any) -> None:
    """Open tabs never hold a restart up, and nobody is left standing on a page."""
    ticket = walks.opened(cast)
    with web_process(tmp_path) as (base, process):
        tabs = [Tab(base, cast.ada, f"desk-{ticket.number}"), *(Tab(base, cast.rita) for _one in range(5))]
        until(Presence.objects.exists, 10)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - began < live_door.LEAVES_AFTER
        assert [one.ended.wait(1) for one in tabs] == [True] * 6
        assert "graceful" not in (tmp_path / "web.log").read_text()
    assert not Presence.objects.exists()
