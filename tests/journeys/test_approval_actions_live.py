"""Approval actions at open windows: nobody reloads, and each learns what is his to know (R2.23 to R2.39)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from approvals.models import ActionRequest
from helpdesk.notifications.models import Letter
from tests import walks
from tests.approvals.consents import NAME, an_action, switched_on
from tests.cast import Cast
from tests.core.processes import until

from .conftest import Window, ask_consent, toast

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

TAB, BELL = "#consents-tab", "#bell .count"


class Bystander:
    """Somebody with a page open whom nothing of it concerns: the server does not even hint at anything."""

    def __init__(self, window: Window, path: str) -> None:
        window.visit(path)
        window.rest()
        self._window = window
        self._before = self._sees()

    def _sees(self) -> dict[str, object]:
        page = self._window.page
        return {
            "asked": self._window.asked,
            "floated": page.evaluate("window.floated"),
            "raised": page.evaluate("window.raised"),
            "masthead": page.locator("header.masthead").inner_text(),
            "page": page.locator("main").inner_text(),
        }

    def has_learnt_nothing(self) -> None:
        assert self._sees() == self._before
        assert self._before["floated"] == self._before["raised"] == []
        assert "Approve actions" not in str(self._before["masthead"])


def _stays(one: Window) -> None:
    """Leave a mark on the open page, which a reload would wipe away."""
    one.page.evaluate("window.isTheSame = true")


def _stayed(one: Window) -> bool:
    return bool(one.page.evaluate("window.isTheSame === true"))


def test_managers_and_agent_follow_an_action_at_open_windows(cast: Cast, live_window: Callable[..., Window]) -> None:
    """R2.23 to R2.28, R2.33 to R2.35, A34: tab, toast, notice of the browser, bell; who was first; outsiders nothing."""
    switched_on(cast)
    an_action()
    ticket = walks.started(cast)
    ada, max_, petra = (live_window(person) for person in (cast.ada, cast.max, cast.petra))
    max_.visit("/tickets/")
    petra.visit("/")
    rita = Bystander(live_window(cast.rita), f"/tickets/{ticket.number}/")
    eve = Bystander(live_window(cast.eve), "/tickets/")
    expect(max_.page.locator(TAB)).to_be_empty()
    _stays(max_)
    _stays(petra)

    # Ada asks: both open portals have the tab and say so, and Petra's start page shows it, too.
    first = ask_consent(ada, ticket.number, "On Saturday at eight.")
    for manager in (max_, petra):
        expect(manager.page.locator(TAB)).to_have_text("Approve actions (1)")
        toast(manager, f"asks you to approve “{NAME}”")
        assert _stayed(manager)
    petra.sees(f"Approve or reject: {NAME}")
    max_.examine()

    # What floats up leads to the action. Max rejects; Ada's page, bell and letter-box have it, Petra's tab has gone.
    seen = int(ada.page.locator(BELL).inner_text()) if ada.page.locator(BELL).count() else 0
    max_.page.locator("#toasts button", has_text=NAME).click()
    max_.page.wait_for_url(f"**/approvals/{first.pk}/")
    max_.press("Reject")
    max_.page.fill("[name=text]", "Not before Monday.")
    _stays(ada)
    max_.press("Yes, reject")
    ada.sees("Not before Monday.")
    toast(ada, f"Max Moreira rejected “{NAME}”")
    expect(ada.page.locator(BELL)).to_have_text(str(seen + 1))
    assert _stayed(ada)
    letter = Letter.objects.get(kind="action_rejected")
    assert (letter.recipient, letter.facts["text"]) == (cast.ada, "Not before Monday.")
    expect(petra.page.locator(TAB)).to_be_empty()
    expect(petra.page.locator("main")).not_to_contain_text(NAME)
    assert _stayed(petra)

    # Asked again while Max looks elsewhere: the browser tells him, and its notice leads to the action.
    max_.visit("/notifications/")
    max_.press("Allow")
    max_.page.evaluate("lookAway(true)")
    second = ask_consent(ada, ticket.number, "On Monday at eight.")
    raised = until(lambda: max_.page.evaluate("window.raised"), 30, "a notice of the browser")
    assert [f"approve “{NAME}”" in words for words in raised] == [True]
    assert max_.page.evaluate("window.floated") == []
    max_.page.evaluate("lookAway(false); lastNotice.dispatchEvent(new Event('click'))")
    max_.page.wait_for_url(f"**/approvals/{second.pk}/")

    # Petra approves while Max writes why not: his page says who was quicker, when and how, and keeps what he wrote.
    max_.press("Reject")
    reason = max_.page.locator("[name=text]")
    reason.click()
    max_.page.keyboard.type("Monday is too early.")
    _stays(max_)
    petra.visit(f"/approvals/{second.pk}/")
    petra.press("Approve")
    petra.press("Yes, approve")
    max_.sees("Petra Prado approved it on")
    expect(reason).to_have_value("Monday is too early.")
    expect(max_.page.locator(TAB)).to_be_empty()
    assert _stayed(max_)
    max_.examine()
    max_.page.get_by_role("button", name="Yes, reject").click()
    max_.sees("What you have just sent was not counted.")
    max_.troubles.clear()  # the browser mentions the conflict
    expect(ada.page.locator(BELL)).to_have_text(str(seen + 2))
    found = ActionRequest.objects.get(pk=second.pk)
    assert (found.state, found.evaluated_by, found.reason) == ("approved", cast.petra, "")

    for bystander in (rita, eve):
        bystander.has_learnt_nothing()
