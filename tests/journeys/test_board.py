"""The board in a browser: cards go by hand, by keyboard and without script, and what is refused goes back (R4.37 to R4.39)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import tickets.actions
from tests import walks
from tests.cast import Cast
from tickets.lifecycle import Status
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOARD = "/panel/board/"
ALL = f"{BOARD}?kept=1&whose=all"


def card(window: Any, ticket: Ticket) -> Locator:
    return window.page.locator(f"#card-{ticket.number}")


def link(window: Any, ticket: Ticket) -> Locator:
    return card(window, ticket).locator("[data-card-link]")


def column(window: Any, name: str) -> Locator:
    return window.page.locator(f"#column-{name}")


def drag(window: Any, ticket: Ticket, name: str) -> None:
    card(window, ticket).drag_to(column(window, name).locator(".board__head"))


def stands_in(window: Any, ticket: Ticket, name: str) -> None:
    expect(column(window, name).locator(f"#card-{ticket.number}")).to_have_count(1)


def status_of(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return ticket.status


def test_cards_go_by_hand(cast: Cast, window: Callable[..., Any]) -> None:
    """R4.39: a drop makes the move or opens its form; every other one is refused with a sentence, and the card goes back."""
    new, assigned, served = walks.opened(cast), walks.assumed(cast), walks.started(cast)
    ada = window(cast.ada)
    ada.page.set_viewport_size({"width": 1800, "height": 900})
    ada.visit(BOARD)

    # Without words: made at once, and the card keeps the focus.
    drag(ada, new, "assigned")
    ada.sees("The ticket is yours.")
    stands_in(ada, new, "assigned")
    expect(link(ada, new)).to_be_focused()
    assert ada.page.url.endswith(BOARD)
    drag(ada, assigned, "service")
    ada.sees("You have started.")
    stands_in(ada, assigned, "service")
    ada.examine()

    # Nothing leads there: the sentence, and nothing happens.
    drag(ada, served, "rating")
    expect(ada.page.locator("#toasts")).to_contain_text("No step leads from “in service” to “Awaiting rating”.")
    stands_in(ada, served, "service")

    # A form: given up, the card goes back; sent, it stays.
    drag(ada, served, "decision")
    dialog = ada.page.locator("#board-step")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2").first).to_have_text("Ask for the second support line?")
    stands_in(ada, served, "decision")
    ada.examine()
    ada.page.keyboard.press("Escape")
    stands_in(ada, served, "service")
    expect(link(ada, served)).to_be_focused()
    drag(ada, served, "decision")
    dialog.locator("textarea").fill("   ")
    dialog.locator("button[type=submit]").last.click()
    expect(dialog.locator(".error-summary")).to_be_visible()
    ada.examine()
    dialog.locator("textarea").fill("It is the cable in the wall.")
    dialog.locator("button[type=submit]").last.click()
    ada.sees("The heads of Support were told")
    stands_in(ada, served, "decision")
    assert status_of(served) == Status.LINE_CHANGE_REQUESTED
    ada.examine()

    # The solution is written in the ticket's own box.
    drag(ada, assigned, "checking")
    expect(dialog.locator("#composer")).to_be_visible()
    expect(dialog.locator("[data-mode=solution]")).to_be_checked()
    ada.examine()
    dialog.locator("textarea").fill("A new cable lies in the wall.")
    dialog.get_by_role("button", name="Send solution").click()
    ada.sees("Your solution was sent to Rita Ramos.")
    stands_in(ada, assigned, "checking")
    assert status_of(assigned) == Status.AWAITING_APPROVAL


def test_who_comes_too_late_reads_why(cast: Cast, window: Callable[..., Any]) -> None:
    new, served = walks.opened(cast), walks.started(cast)
    ada, hugo = window(cast.ada), window(cast.hugo)
    for one in (ada, hugo):
        one.page.set_viewport_size({"width": 1800, "height": 900})
    ada.visit(BOARD)
    hugo.visit(ALL)
    tickets.actions.assume(ticket=new, by=cast.bob)
    drag(ada, new, "assigned")
    expect(ada.page.locator(".notice--error, .toast--error").first).to_contain_text("Bob Braun")
    expect(card(ada, new)).to_have_count(0)

    # Several moves lead to the pool: the card's menu asks which.
    drag(hugo, served, "distribution")
    menu = hugo.page.locator(f"#moves-{served.number}")
    expect(menu).to_be_visible()
    assert menu.locator("[data-word]:visible").all_inner_texts() == [
        "Take back into distribution",
        "Forward to another department",
    ]
    hugo.page.keyboard.press("Escape")
    stands_in(hugo, served, "service")


def test_board_by_keyboard(cast: Cast, window: Callable[..., Any]) -> None:
    """R4.39, look.md section 5: from card to card with arrows, and to its moves, without a hand on the mouse."""
    first, second = walks.assumed(cast), walks.assumed(cast)
    served = walks.started(cast)
    ada = window(cast.ada)
    ada.visit("/panel/")
    ada.page.keyboard.press("g")
    ada.page.keyboard.press("b")
    ada.page.wait_for_url(f"**{BOARD}")
    link(ada, first).focus()
    for key, ticket in (
        ("ArrowDown", second), ("ArrowDown", second), ("ArrowRight", served), ("ArrowLeft", first), ("j", second),
    ):  # fmt: skip
        ada.page.keyboard.press(key)
        expect(link(ada, ticket)).to_be_focused()
    ada.page.keyboard.press("m")
    expect(ada.page.locator(f"#moves-{second.number} [data-step]").first).to_be_focused()
    ada.page.keyboard.press("Enter")
    ada.sees("You have started.")  # the card stands there before the answer has come
    stands_in(ada, second, "service")
    expect(link(ada, second)).to_be_focused()
    assert status_of(second) == Status.IN_SERVICE

    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("End")
    ada.page.keyboard.press("Enter")
    dialog = ada.page.locator("#board-step")
    expect(dialog).to_contain_text("Cancel this ticket?")
    expect(dialog.locator("textarea")).to_be_focused()
    ada.page.keyboard.press("Escape")
    expect(link(ada, second)).to_be_focused()
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url(f"**/panel/tickets/{second.number}/")


def test_board_without_script(cast: Cast, window: Callable[..., Any]) -> None:
    """look.md, section 4: plain links and forms first."""
    new = walks.opened(cast)
    ada = window(cast.ada, javascript=False)
    ada.visit(BOARD)
    card(ada, new).get_by_role("button", name="Move").click()
    ada.page.locator(f"#moves-{new.number}").get_by_role("button", name="Take").click()
    ada.sees("The ticket is yours.")
    stands_in(ada, new, "assigned")
    card(ada, new).get_by_role("button", name="Move").click()
    ada.page.locator(f"#moves-{new.number}").get_by_role("link", name="Cancel ticket").click()
    ada.page.locator("main textarea").fill("It was the other printer.")
    ada.page.locator("main form button[type=submit]").click()
    ada.page.wait_for_url(f"**{BOARD}")
    expect(card(ada, new)).to_have_count(0)
