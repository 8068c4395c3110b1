"""What is called out, and which tabs hear it: the parts of the live channel that need no process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from helpdesk.core.clock import CLOCK
from helpdesk.notifications.actions import Notices, write_all
from helpdesk.notifications.live import topics
from helpdesk.notifications.live.exchange import BEAT, BYE, HUB, PAGE, PEOPLE, Exchange, Tab
from helpdesk.notifications.live.topics import NOTHING, Following
from helpdesk.notifications.live.visitors import Visitor
from tests import walks
from tests.cast import Cast
from tests.live import listening
from tests.pages import as_
from tickets import actions


@pytest.fixture
def heard(transactional_db: None) -> Iterator[Callable[[], list[str]]]:
    """What is called out."""
    with listening() as called_out:
        yield called_out


def visitor(person: int, page: Following = NOTHING) -> Visitor:
    return Visitor(person, f"session-{person}", "proof", 0, page)


def hints(tab: Tab) -> list[str]:
    return sorted(tab.hints)


# What is called out


@pytest.mark.django_db(transaction=True)
def test_move_calls_out_its_ticket_and_those_told(cast: Cast, heard: Callable[[], list[str]]) -> None:
    """Each person once, and the ticket in one notification, however many letters and lines were written."""
    ticket = walks.opened(cast)
    everybody = sorted(f"person-{person.pk}" for person in (cast.ada, cast.bob, cast.otto, cast.hugo))
    place = (
        f"desk-{ticket.number} department-{cast.department.pk} ticket-{ticket.number} requester-{cast.rita.pk} "
        f"organization-{cast.branch.pk}"
    )
    assert heard() == sorted([place, *everybody])


@pytest.mark.django_db(transaction=True)
def test_note_calls_out_nothing_that_its_requester_hears(cast: Cast, heard: Callable[[], list[str]]) -> None:
    """R2.46: an internal note reaches the panel's pages only."""
    ticket = walks.started(cast)
    heard()
    actions.note(ticket=ticket, by=cast.ada, text="Between us.")
    said = " ".join(heard()).split()
    assert [
        one for one in said if one.startswith(("ticket-", "requester-", "organization-", f"person-{cast.rita.pk}"))
    ] == []
    assert f"desk-{ticket.number}" in said


@pytest.mark.django_db(transaction=True)
def test_writing_for_many_calls_out_once(cast: Cast, heard: Callable[[], list[str]]) -> None:
    """The worker's many moves are one statement, with one hint for each person and each topic."""
    at = timezone.now()
    collected = []
    for key in ("one", "two"):
        notices = Notices(by=CLOCK, at=at)
        notices.tell("ticket_started", [cast.rita], facts={"number": 1, "subject": key, "path": "/"}, key=key)
        notices.announce("ticket-1", "desk-1")
        collected.append(notices)
    write_all(collected)
    assert heard() == [f"person-{cast.rita.pk}", "ticket-1 desk-1"]


@pytest.mark.parametrize(
    ("count", "packets"),
    [(0, 0), (1, 1), (300, 1), (2000, 5)],
)
def test_topics_fit_into_what_postgresql_takes(count: int, packets: int) -> None:
    """At most 7,999 bytes at once; nothing is left out, nothing is said twice."""
    wanted = [f"department-{number}" for number in range(count)]
    packed = topics.payloads([*wanted, *wanted])
    assert len(packed) == packets
    assert max(map(len, packed), default=0) < 7999
    assert " ".join(packed).split() == wanted


# Who hears it


def test_tab_hears_its_own_and_nothing_twice() -> None:
    """However much is called out, what waits for a slow line is a word of each kind."""
    exchange = Exchange()
    page = Following(frozenset({"desk-7"}), place="desk-7")
    ada, bob = exchange.enter(visitor(1, page)), exchange.enter(visitor(2))
    for _time in range(1000):
        exchange.call_out("person-1 desk-7 at-desk-7 department-3")
    exchange.call_out("person-20 desk-70")
    assert (hints(ada), hints(bob)) == (sorted([HUB, PAGE, PEOPLE]), [])
    with ThreadPoolExecutor(1) as aside:  # this thread may have a loop already, for a browser
        assert aside.submit(asyncio.run, ada.next()).result() == sorted([HUB, PAGE, PEOPLE])
    assert hints(ada) == []


def test_tab_that_leaves_leaves_nothing_behind() -> None:
    """Days of coming and going cost no memory."""
    exchange = Exchange()
    empty = repr(vars(exchange))
    tabs = [exchange.enter(visitor(person, Following(frozenset({"a", "b"}), place="a"))) for person in (1, 1, 2)]
    assert exchange.present == [("a", 1), ("a", 2)]
    exchange.leave(tabs[0])
    assert exchange.is_present("a", 1)
    for tab in tabs[1:]:
        exchange.leave(tab)
    assert repr(vars(exchange)) == empty


def test_dismissed_tab_is_told_and_closed_and_others_stay() -> None:
    """Goodbye is said to the tabs of one session, not to those of another."""
    exchange = Exchange()
    ada, bob = exchange.enter(visitor(1)), exchange.enter(visitor(2))
    exchange.dismiss({ada.visitor})
    exchange.hint_all(BEAT)
    assert (ada.closed, hints(ada), bob.closed, hints(bob)) == (True, sorted([BEAT, BYE]), False, [BEAT])


@pytest.mark.parametrize(
    "page", ["", "nothing-1", "desk-x", "desk-" + "9" * 30, "desk", "ticket", "ticket-0", "-", "a b"]
)
def test_page_that_is_none_hears_nothing(cast: Cast, page: str) -> None:
    """Whatever is asked for, it is no error and no way in."""
    assert topics.following(cast.ana, page, None) == NOTHING


# What pages say of it


def test_bell_brings_what_has_come_since(cast: Cast) -> None:
    """R2.24, R2.25: the newest unread lines after the one that the page knows, each with its way to the ticket."""
    ada = as_(cast.ada)
    assert b"<template" not in ada.get("/notifications/bell/").content
    assert b"<template" not in ada.get("/notifications/bell/?after=x").content
    assert b'data-newest="0"' in ada.get("/notifications/bell/?after=0").content
    ticket = walks.opened(cast)
    notice = cast.ada.notifications.get()
    answer = ada.get("/notifications/bell/?after=0").content.decode()
    assert f'data-newest="{notice.pk}"' in answer
    assert f"/notifications/{notice.pk}/open/" in answer
    assert ticket.subject in answer
    assert b"<form" not in ada.get(f"/notifications/bell/?after={notice.pk}").content
    assert b"<form" not in as_(cast.eve).get("/notifications/bell/?after=0").content


@pytest.mark.parametrize("is_live", [True, False])
def test_pages_say_whether_there_is_a_channel(cast: Cast, settings: Any, is_live: bool) -> None:
    """Where no server answers /live/, no page asks for it; strangers never do."""
    settings.LIVE = is_live
    page = as_(cast.ada).get("/panel/").content
    assert (b"js/live.js" in page, b'data-address="/live/"' in page) == (is_live, is_live)
    assert b'data-address="/live/"' not in Client().get("/account/login/").content


def test_answer_to_a_press_is_left_to_the_page_that_was_asked_for(cast: Cast) -> None:
    """Another tab that looks again meanwhile does not swallow what is said about a move."""
    ticket = walks.opened(cast)
    ada = as_(cast.ada)
    ada.post(f"/panel/tickets/{ticket.number}/assume/")
    page = f"/panel/tickets/{ticket.number}/"
    assert b"The ticket is yours." not in ada.get(page, headers={"X-Live": "1"}).content
    assert b"The ticket is yours." in ada.get(page).content
    assert b"The ticket is yours." not in ada.get(page).content
