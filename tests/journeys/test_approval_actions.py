"""Approval actions in real browsers: two managers and an agent, each at a window of his own (R2.14 to R2.34)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from approvals.models import ActionRequest
from tests import walks
from tests.approvals.consents import NAME, an_action, switched_on
from tests.cast import Cast

from .conftest import Post, Window, ask_consent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


def _state(request: ActionRequest) -> tuple[str, str]:
    request = ActionRequest.objects.select_related("evaluated_by").get(pk=request.pk)
    return request.state, str(request.evaluated_by or "")


@pytest.mark.parametrize("javascript", [True, False], ids=["with_script", "without_script"])
def test_journey_of_an_action_from_asking_to_expiring(
    cast: Cast, window: Callable[..., Window], post: Post, javascript: bool
) -> None:
    """Ada asks, Max rejects; asked again, Petra approves while Max's page is open; the third one expires."""
    switched_on(cast)
    an_action(description="All sign-ins stand still for an hour.")
    ticket = walks.started(cast)
    post.letters()
    ada, max_, petra = (window(person, javascript=javascript) for person in (cast.ada, cast.max, cast.petra))

    # The open portal has no tab; with the request it is there, for both managers (R2.23, R2.27, A36).
    max_.visit("/tickets/")
    expect(max_.page.locator("header")).not_to_contain_text("Approve actions")
    first = ask_consent(ada, ticket.number, "On Saturday at eight.")
    assert post.letters() == [("action_requested", "max"), ("action_requested", "petra")]
    for manager in (max_, petra):
        manager.visit("/")
        expect(manager.page.locator("header")).to_contain_text("Approve actions (1)")

    # Max reads everything and rejects, with a confirmation and a reason (R2.30 to R2.32).
    max_.press("Approve actions (1)", within="header")
    max_.page.get_by_role("link", name=NAME).click()
    max_.page.wait_for_url(f"**/approvals/{first.pk}/")
    max_.examine()
    for words in ("Printer is on fire", "It burns since nine o'clock.", "On Saturday at eight.", "screen.txt"):
        max_.sees(words)
    max_.page.get_by_role("link", name="Folder", exact=True).click()
    max_.page.wait_for_url(f"**/folders/{ticket.number}/")
    max_.examine()
    max_.visit(f"/approvals/{first.pk}/")
    max_.press("Reject")
    assert _state(first) == ("waiting", "")
    max_.page.fill("[name=text]", "Not before Monday.")
    max_.press("Yes, reject")
    assert _state(first) == ("rejected", "Max Moreira")
    expect(max_.page.locator("header")).not_to_contain_text("Approve actions")
    assert post.letters() == [("action_rejected", "ada")]
    ada.visit("/notifications/")
    ada.sees(f"Max Moreira rejected “{NAME}”")
    ada.visit(f"/panel/tickets/{ticket.number}/")
    ada.sees("Not before Monday.")

    # Asked again; Petra approves while Max stands before his confirmation: he is told who was first (R2.33).
    second = ask_consent(ada, ticket.number, "On Monday at eight.")
    post.letters()
    max_.visit(post.link("action_requested", f"/approvals/{second.pk}/"))
    max_.press("Reject")
    petra.visit(f"/approvals/{second.pk}/")
    petra.press("Approve")
    petra.press("Yes, approve")
    assert _state(second) == ("approved", "Petra Prado")
    max_.troubles.clear()
    max_.page.get_by_role("button", name="Yes, reject").click()
    max_.sees("Petra Prado approved it on")
    max_.sees("What you have just sent was not counted.")
    max_.troubles.clear()  # the browser mentions the conflict
    max_.examine()
    assert _state(second) == ("approved", "Petra Prado")
    assert post.letters() == [("action_approved", "ada")]

    # The third one is forgotten; the ticket ends, and the old link says what became of it (R2.22, R2.38, A20).
    third = ask_consent(ada, ticket.number, "And the backup too.")
    ada.visit(f"/panel/tickets/{ticket.number}/cancel/")
    ada.sees("still waits for approval")
    ada.page.fill("[name=text]", "Nobody needs it any more.")
    ada.press("Cancel the ticket")
    assert _state(third) == ("expired", "")
    ada.sees("Expired: the ticket ended first")
    max_.visit(f"/approvals/{third.pk}/")
    max_.sees("It expired on")
    expect(max_.page.locator("main")).not_to_contain_text("Printer is on fire")
    expect(max_.page.locator("main")).not_to_contain_text("And the backup too.")

    # Rita's own ticket page says nothing of all that (R2.39).
    rita = window(cast.rita, javascript=javascript)
    rita.visit(f"/tickets/{ticket.number}/")
    for words in (NAME, "Not before Monday.", "And the backup too."):
        expect(rita.page.locator("main")).not_to_contain_text(words)


def test_request_is_taken_back_by_its_four(cast: Cast, window: Callable[..., Window]) -> None:
    """R2.20: an agent from the ticket's page, a manager from the portal; both are asked whether they mean it."""
    switched_on(cast)
    an_action()
    ticket = walks.started(cast)
    ada, max_ = window(cast.ada), window(cast.max)
    first = ask_consent(ada, ticket.number, "By mistake.")
    ada.press("Cancel the request")
    assert _state(first) == ("waiting", "")
    ada.press("Cancel the request")
    assert _state(first) == ("cancelled", "Ada Alves")
    second = ask_consent(ada, ticket.number, "Now really.")
    max_.visit(f"/approvals/{second.pk}/")
    max_.page.get_by_role("button", name="More").click()
    max_.page.get_by_role("link", name="Cancel action").click()
    max_.page.wait_for_url("**/cancel/")
    max_.examine()
    max_.press("Yes, cancel the request")
    assert _state(second) == ("cancelled", "Max Moreira")
