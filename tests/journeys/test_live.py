"""Pages that follow: two people at once in front of real browsers, a real web process between them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests import walks
from tests.cast import Cast
from tests.core.processes import until
from tests.live import listeners, terminate_listeners
from tickets import actions

from .conftest import Window, toast

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_two_agents_and_a_requester_follow_one_ticket(cast: Cast, live_window: Callable[..., Window]) -> None:
    """R2.24 to R2.26, R2.35, R2.36, A34: bell, queue, ticket; who else is there; a reply that comes too late is warned of."""
    ada, rita = live_window(cast.ada), live_window(cast.rita)
    rita.visit("/")
    ada.visit("/panel/queue/")
    expect(ada.page.locator("#bell .count")).to_have_count(0)

    # A ticket is opened: Ada's open queue shows it, her bell counts it, a toast leads to it.
    walks.opened(cast, subject="No paper")
    expect(ada.page.locator("#bell .count")).to_have_text("1")
    ada.page.get_by_role("link", name="No paper").wait_for()
    rita.page.get_by_role("link", name="No paper").wait_for()
    ada.examine()
    ticket = walks.opened(cast)
    ada.page.locator("#toasts button", has_text="Printer is on fire").click()
    ada.page.wait_for_url(f"**/panel/tickets/{ticket.number}/")

    # Hugo opens it as well: both see each other, Rita sees neither.
    hugo = live_window(cast.hugo)
    hugo.visit(f"/panel/tickets/{ticket.number}/")
    expect(ada.page.locator("#presence")).to_contain_text("Hugo Hahn has this ticket open, too.")
    expect(hugo.page.locator("#presence")).to_contain_text("Ada Alves has this ticket open, too.")
    hugo.examine()
    rita.visit(f"/tickets/{ticket.number}/")
    expect(rita.page.locator("#presence")).to_have_count(0)

    # Ada takes it and starts; the other two pages follow without being touched.
    ada.press("Take")
    expect(hugo.page.locator(".page-head__kicker .badge").first).to_have_text("assigned")
    ada.press("Start")
    expect(rita.page.locator(".page-head__kicker .badge").first).to_contain_text("in service")

    # While Ada writes, Rita does, too: Ada keeps text, place and focus, reads the news, and is warned before sending.
    box = ada.page.locator("#composer-text")
    box.click()
    ada.page.keyboard.type("Have you tried water?")
    rita.say("It is out by itself.", button="Send message")
    ada.sees("It is out by itself.")
    toast(ada, "This page has changed meanwhile.")
    expect(box).to_have_value("Have you tried water?")
    expect(box).to_be_focused()
    ada.page.keyboard.type(" Or sand?")
    ada.press("Reply", within="#composer")
    ada.sees("Rita Ramos wrote meanwhile.")
    expect(ada.page.locator("#composer-text")).to_have_value("Have you tried water? Or sand?")
    assert not ticket.messages.filter(text__startswith="Have you tried").exists()
    ada.press("Reply", within="#composer")
    rita.sees("Have you tried water? Or sand?")

    # Hugo goes; nobody has to reload to see that.
    hugo.visit("/panel/")
    expect(ada.page.locator("#presence")).to_be_empty()


def test_notices_of_the_browser_where_nobody_looks(cast: Cast, live_window: Callable[..., Window]) -> None:
    """R2.24 to R2.26, A34: asked once, on a press; raised only while the page is not looked at; missed ones are caught up."""
    ada = live_window(cast.ada)
    ada.visit("/notifications/")
    assert ada.page.evaluate("window.asked ?? 0") == 0

    # Without permission, what came while she looked away is pointed out in the page when she comes back.
    ada.page.evaluate("lookAway(true)")
    first = walks.opened(cast, subject="First")
    ada.page.wait_for_timeout(700)
    assert ada.page.evaluate("window.floated") == []
    ada.page.evaluate("lookAway(false)")
    toast(ada, "First")
    expect(ada.page.locator("main tbody tr")).to_have_count(1)
    assert ada.page.evaluate("window.raised") == []

    # She allows it, and is not asked again.
    ada.press("Allow")
    expect(ada.page.locator("[data-browser-notices]")).to_be_hidden()
    assert ada.page.evaluate("window.asked") == 1
    ada.page.evaluate("lookAway(true)")
    second = walks.opened(cast, subject="Second")
    raised = until(lambda: ada.page.evaluate("window.raised"), 30, "a notice of the browser")
    assert [("Second" in words) for words in raised] == [True]

    # Pressing the notice leads to the ticket, and has read the line.
    ada.page.evaluate("lookAway(false); lastNotice.dispatchEvent(new Event('click'))")
    ada.page.wait_for_url(f"**/panel/tickets/{second.number}/")
    assert first.number != second.number
    expect(ada.page.locator("#bell .count")).to_have_text("1")


def test_channel_that_was_cut_catches_up_and_the_one_that_cannot_open_polls(
    cast: Cast, live_window: Callable[..., Window]
) -> None:
    """The hub is the truth: nothing is lost with the channel, and without it the bell looks by itself."""
    ada, bob = live_window(cast.ada), live_window(cast.bob)
    bob.context.route("**/live/**", lambda route: route.abort())
    ada.visit("/panel/")
    bob.page.goto(bob.base_url + "/panel/")  # where the browser complains of the channel
    terminate_listeners()
    walks.opened(cast)
    expect(ada.page.locator("#bell .count")).to_have_text("1")
    until(listeners, 30, "somebody who listens again")

    # What the bell's clock does every minute, at once.
    expect(bob.page.locator("#bell .count")).to_have_count(0)
    assert "every 60s" in str(bob.page.locator("#bell").get_attribute("hx-trigger"))
    with bob.page.expect_response("**/notifications/bell/"):
        bob.page.evaluate(
            "htmx.ajax('GET', '/notifications/bell/', { source: '#bell', target: '#bell', swap: 'outerHTML' })"
        )
    expect(bob.page.locator("#bell .count")).to_have_text("1")


def test_nothing_typed_or_opened_is_lost_when_lists_follow(cast: Cast, live_window: Callable[..., Window]) -> None:
    """Words in a filter, the focus on a row and an open menu stay where they are while the queue grows."""
    ticket = walks.opened(cast, subject="Old one")
    ada = live_window(cast.ada)
    ada.visit("/panel/queue/")
    row = ada.page.get_by_role("link", name="Old one")
    row.focus()
    walks.opened(cast, subject="New one")
    ada.page.get_by_role("link", name="New one").wait_for()
    expect(row).to_be_focused()

    hugo = live_window(cast.hugo)
    hugo.visit(f"/panel/tickets/{ticket.number}/")
    hugo.page.locator("[popovertarget=ticket-menu]").click()
    expect(hugo.page.locator("#ticket-menu")).to_be_visible()
    actions.assume(ticket=ticket, by=cast.bob)
    expect(hugo.page.locator(".page-head__kicker .badge").first).to_have_text("assigned")
    expect(hugo.page.locator("#ticket-menu")).to_be_visible()
