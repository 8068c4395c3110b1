"""Two support lines and a head in real browsers: giving, escalating, deciding, giving up, and what ends it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import PriorityRequest
from tests import walks
from tests.cast import Cast
from tickets import tasks
from tickets.models import Ticket

from .conftest import Post, Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

_Open = Callable[..., Window]


def _from_menu(person: Window, ticket: Ticket, item: str) -> None:
    """Open the ticket and choose something under "More"."""
    person.visit(f"/panel/tickets/{ticket.number}/")
    person.page.get_by_role("button", name="More", exact=True).click()
    person.press(item)


def _decide(head: Window, section: str, words: str, button: str) -> None:
    """Decide the one thing that stands in a section of the decisions page."""
    head.visit("/panel/decisions/")
    if words:
        head.page.locator(f"section[aria-labelledby={section}] textarea").fill(words)
    head.press(button, within=f"section[aria-labelledby={section}]")


def _now(ticket: Ticket) -> tuple[str, str, int]:
    """Status, executor's first name, line."""
    ticket = Ticket.objects.select_related("executor").get(pk=ticket.pk)
    return ticket.status, str(ticket.executor or "nobody").split()[0], ticket.line


def test_journey_of_a_head_who_gives_within_the_window(cast: Cast, window: _Open, post: Post) -> None:
    """D1: where only heads give (`push`), nobody can take it; the head sees loads and time left, and gives it."""
    cast.rules(distribution_mode="push")
    walks.started(cast, ticket=walks.given(cast, to=cast.ada))  # Ada has one task already
    ticket = walks.opened(cast)
    post.letters()
    ada, hugo = window(cast.ada), window(cast.hugo)
    ada.visit(f"/panel/tickets/{ticket.number}/")
    expect(ada.page.locator("main").get_by_role("button", name="Take")).to_be_disabled()

    hugo.visit("/")
    assert hugo.page.url.endswith("/panel/decisions/")
    row = hugo.page.locator(".decision", has_text=f"#{ticket.number}")
    expect(row).to_contain_text("min")
    names = row.get_by_role("button").all_inner_texts()
    assert [name.split()[2] for name in names] == ["Bob", "Ada"]  # the least loaded first (R4.7)
    row.get_by_role("button", name="Give to Bob").click()
    hugo.sees("Nothing waits for your decision")
    hugo.examine()
    assert _now(ticket) == ("assigned", "Bob", 1)
    assert post.letters() == [("ticket_assigned", "bob"), ("ticket_assumed", "rita")]
    assert tasks.sweep(at=timezone.now() + timedelta(minutes=20)) == 0  # his word ended the window


def test_journey_of_a_ticket_that_climbs_to_line_2_by_the_clock(cast: Cast, window: _Open, post: Post) -> None:
    """D2: nobody gives it, the clock does; line change asked and approved; nobody gives it, the clock does again."""
    cast.rules(distribution_mode="push")
    walks.started(cast, ticket=walks.given(cast, to=cast.bob))
    ticket = walks.opened(cast)
    assert tasks.sweep(at=timezone.now() + timedelta(minutes=16)) == 1
    assert _now(ticket) == ("assigned", "Ada", 1)
    post.letters()

    ada, hugo = window(cast.ada), window(cast.hugo)
    ada.visit(f"/panel/tickets/{ticket.number}/")
    ada.press("Start")
    _from_menu(ada, ticket, "Request change of line")
    ada.press("Request the change")  # without a justification
    expect(ada.page.locator(".field__error").first).to_be_visible()
    ada.page.fill("[name=text]", "It needs the vendor's tools.")
    ada.press("Request the change")
    ada.reads_status("line change requested")
    assert post.letters() == [("line_change_requested", "hugo"), ("ticket_started", "rita")]

    hugo.visit("/panel/decisions/")
    hugo.sees("It needs the vendor's tools.")
    _decide(hugo, "line-changes", "", "Approve")
    assert _now(ticket) == ("awaiting_distribution", "nobody", 2)
    assert post.letters() == [
        ("distribution_needed", "hugo"),
        ("line_change_approved", "ada"),
        ("ticket_opened", "otto"),
    ]
    assert tasks.sweep(at=timezone.now() + timedelta(minutes=14)) == 0
    assert tasks.sweep(at=timezone.now() + timedelta(minutes=16)) == 1
    assert _now(ticket) == ("assigned", "Otto", 2)
    assert post.letters() == [("ticket_assigned", "otto"), ("ticket_assumed", "rita")]

    # Rita learns who serves her, and nothing of what was decided among the desk.
    rita = window(cast.rita)
    rita.visit(f"/tickets/{ticket.number}/")
    rita.sees("Otto")
    expect(rita.page.locator("main")).not_to_contain_text("It needs the vendor's tools.")


def test_journey_of_a_line_change_that_is_returned(cast: Cast, window: _Open, post: Post) -> None:
    """D3: the head returns it with a comment, and the very agent goes on."""
    ticket = walks.line_change_requested(cast)
    post.letters()
    hugo, ada = window(cast.hugo), window(cast.ada)
    _decide(hugo, "line-changes", "", "Return")  # a return needs its comment
    hugo.sees("Write something")
    _decide(hugo, "line-changes", "Try the spare cable first.", "Return")
    assert _now(ticket) == ("in_service", "Ada", 1)
    assert post.letters() == [("line_change_returned", "ada")]
    ada.visit(f"/panel/tickets/{ticket.number}/")
    ada.sees("Try the spare cable first.")
    ada.reads_status("in service")


def test_journey_of_a_closing_without_solution(cast: Cast, window: _Open, post: Post) -> None:
    """D4: line 2 gives up, the head refuses, then closes; the requester reads the apology and gets no survey."""
    ticket = walks.started_on_the_last_line(cast)
    post.letters()
    otto, hugo, rita = window(cast.otto), window(cast.hugo), window(cast.rita)
    for reason in ("No spare parts.", "The vendor is gone."):
        _from_menu(otto, ticket, "Request closing without solution")
        otto.page.fill("[name=text]", reason)
        otto.press("Request the closing")
        otto.reads_status("closing requested")
        assert post.letters() == [("closing_requested", "hugo")]
        if reason == "No spare parts.":
            _decide(hugo, "closings", "Ask the vendor.", "Refuse")
            assert _now(ticket) == ("in_service", "Otto", 2)
            assert post.letters() == [("closing_refused", "otto")]
    _decide(hugo, "closings", "The printer is no longer made.", "Close without solution")
    assert post.letters() == [("closed_without_solution", "rita"), ("closing_approved", "otto")]
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome, ticket.closed_by) == ("closed", "closed_without_solution", cast.hugo)
    rita.visit(f"/tickets/{ticket.number}/")
    rita.sees("sorry")
    rita.sees("The printer is no longer made.")
    for inside in ("No spare parts.", "The vendor is gone.", "Ask the vendor."):
        expect(rita.page.locator("main")).not_to_contain_text(inside)
    otto.visit("/panel/closed/")
    otto.sees("closed without solution")


def test_journey_of_another_priority(cast: Cast, window: _Open, post: Post) -> None:
    """D5: rejected with a reason, asked again, approved; lists, board and ticket follow."""
    ticket = walks.started(cast)
    post.letters()
    ada, hugo, rita = window(cast.ada), window(cast.hugo), window(cast.rita)
    for justification in ("Ten people wait.", "Now a hundred people wait."):
        _from_menu(ada, ticket, "Request change of priority")
        ada.page.check("input[name=priority][value=urgent]", force=True)
        ada.page.fill("[name=text]", justification)
        ada.press("Request the change")
        ada.sees(justification)
        ada.reads_status("in service")  # the ticket's own flow goes on (R6.25)
        assert post.letters() == [("priority_requested", "hugo")]
        if justification == "Ten people wait.":
            _decide(hugo, "priorities", "Ten can use the other printer.", "Reject")
            assert post.letters() == [("priority_rejected", "ada")]
            ada.visit(f"/panel/tickets/{ticket.number}/")
            ada.sees("Ten can use the other printer.")
            assert Ticket.objects.get(pk=ticket.pk).priority == "normal"
    _decide(hugo, "priorities", "", "Approve")
    assert post.letters() == [("priority_approved", "ada")]
    ada.visit("/panel/")
    ada.sees("urgent")
    ada.visit("/panel/board/")
    ada.sees("urgent")
    rita.visit(f"/tickets/{ticket.number}/")
    rita.sees("urgent")
    expect(rita.page.locator("main")).not_to_contain_text("people wait")
    hugo.visit(f"/panel/tickets/{ticket.number}/")
    for words in ("Ten people wait.", "Ten can use the other printer.", "Now a hundred people wait."):
        hugo.sees(words)


@pytest.mark.parametrize("is_gone", [False, True], ids=["executor_is_there", "executor_is_gone"])
def test_journey_of_a_requester_who_is_not_satisfied(cast: Cast, window: _Open, post: Post, *, is_gone: bool) -> None:
    """D6: back to the very executor; when he was deactivated meanwhile, to the distribution of the same line."""
    ticket = walks.solved(cast, ticket=walks.started_on_the_last_line(cast))
    post.letters()
    if is_gone:
        cast.deactivate(cast.otto)
    rita = window(cast.rita)
    rita.visit(f"/tickets/{ticket.number}/")
    rita.say("It is still dark.", button="Return with questions / not solved")
    if not is_gone:
        assert _now(ticket) == ("in_service", "Otto", 2)
        assert post.letters() == [("solution_returned", "otto")]
        return
    assert _now(ticket) == ("awaiting_distribution", "nobody", 2)
    hugo = window(cast.hugo)
    hugo.visit("/panel/decisions/")
    hugo.sees(f"#{ticket.number}")
    hugo.sees("Nobody serves on this line.")
    assert ("distribution_needed", "hugo") in post.letters()


def test_journey_of_a_requester_who_cancels_while_heads_have_to_decide(cast: Cast, window: _Open, post: Post) -> None:
    """D7: everything that waits ends with the ticket, and no clock runs on; the head who comes late is told."""
    cast.rules(decision_reminder=timedelta(hours=1))
    ticket = walks.started(cast)
    ada, hugo, rita = window(cast.ada), window(cast.hugo), window(cast.rita)
    _from_menu(ada, ticket, "Request change of priority")
    ada.page.check("input[name=priority][value=high]", force=True)
    ada.page.fill("[name=text]", "The boss waits too.")
    ada.press("Request the change")
    walks.line_change_requested(cast, ticket=Ticket.objects.get(pk=ticket.pk))
    hugo.visit("/panel/decisions/")  # both decisions lie open before him
    post.letters()

    rita.visit(f"/tickets/{ticket.number}/")
    rita.page.get_by_role("button", name="More", exact=True).click()
    rita.press("Cancel ticket")
    with rita.page.expect_response(lambda answer: answer.request.method == "POST"):
        rita.page.locator("form[action$='/cancel/'] button[type=submit]").last.click()
    rita.sees("cancelled")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome, ticket.timer_due_at) == ("cancelled", "unsolved", None)
    request = PriorityRequest.objects.get()
    assert (request.state, request.evaluated_by, request.remind_due_at) == ("cancelled", None, None)
    assert post.letters() == [("ticket_cancelled", "ada"), ("ticket_cancelled", "hugo")]

    hugo.press("Approve", within="section[aria-labelledby=line-changes]")
    hugo.sees("This ticket has ended: it is cancelled.")
    hugo.visit("/panel/decisions/")
    hugo.sees("Nothing waits for your decision")
    assert tasks.sweep(at=timezone.now() + timedelta(days=30)) == 0
    assert post.letters() == []
