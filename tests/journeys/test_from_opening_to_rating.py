"""The main job in real browsers: from the opening of a ticket to its rating, with script and without."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from attachments.models import Attachment, FolderFile
from surveys.models import Survey
from tests.cast import Cast
from tickets import tasks
from tickets.models import Ticket

from .conftest import Post, Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

SCREEN = {"name": "screen.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 400}
LOG = {"name": "printer.log", "mimeType": "text/plain", "buffer": b"12:00 out of paper\n12:01 still out of paper\n"}


def fill_opening(rita: Window, cast: Cast, files: list[dict[str, Any]]) -> None:
    """Fill in the opening form and send it."""
    page = rita.page
    page.select_option("[name=department]", label=cast.department.name)
    page.select_option("[name=service]", label=cast.service.name)
    page.check("input[name=priority][value=high]", force=True)
    page.fill("[name=subject]", "The printer on floor 3 is silent")
    page.fill("[name=description]", "It prints nothing since this morning.")
    if files:
        page.set_input_files("form[data-opening] input[type=file]", files)
    rita.press("Open ticket")


@pytest.mark.parametrize("javascript", [True, False], ids=["with_script", "without_script"])
def test_journey_from_opening_to_rating_with_a_return(
    cast: Cast, window: Callable[..., Window], post: Post, javascript: bool
) -> None:
    """Journeys A and C: two files, one refusal, take, start, ask, answer, two solutions, approval, survey.

    What an agent does (R3.30) and what a requester does (R3.31), but for finalizing (R3.32) and cancelling (R3.34).
    """
    rita, ada = window(cast.rita, javascript=javascript), window(cast.ada, javascript=javascript)

    # Without a file the opening is refused, and nothing typed is lost (R1.4).
    rita.visit("/")
    rita.visit("/tickets/new/")
    fill_opening(rita, cast, [])
    rita.sees("Attach at least 1 file")
    expect(rita.page.locator("[name=subject]")).to_have_value("The printer on floor 3 is silent")
    expect(rita.page.locator("[name=description]")).to_have_value("It prints nothing since this morning.")
    assert (Ticket.objects.count(), FolderFile.objects.count(), post.letters()) == (0, 0, [])

    # With two it is opened; its folder holds the copies; the group and the head are told (R1.7, R1.8, R1.18).
    fill_opening(rita, cast, [SCREEN, LOG])
    ticket = Ticket.objects.get()
    rita.page.wait_for_url(f"**/tickets/{ticket.number}/")
    originals = list(Attachment.objects.order_by("name").values_list("name", "blob"))
    assert originals == list(FolderFile.objects.order_by("name").values_list("name", "blob"))
    assert [name for name, _blob in originals] == ["printer.log", "screen.png"]
    assert post.letters() == [
        ("distribution_needed", "hugo"),
        ("ticket_opened", "ada"),
        ("ticket_opened", "bob"),
        ("ticket_opened", "otto"),
    ]

    # Ada finds it in the queue, takes it, starts, asks.
    ada.visit("/panel/")
    ada.visit("/notifications/")
    ada.visit("/panel/queue/")
    ada.page.get_by_role("link", name="The printer on floor 3 is silent").click()
    ada.page.wait_for_url(f"**/panel/tickets/{ticket.number}/")
    ada.examine()
    ada.press("Take")
    ada.reads_status("assigned")
    assert post.letters() == [("ticket_assumed", "rita")]
    ada.press("Start")
    ada.reads_status("in service")
    assert post.letters() == [("ticket_started", "rita")]
    ada.say("Which tray do you use?", mode="ask", button="Ask the requester")
    ada.reads_status("awaiting requester")
    assert post.letters() == [("agent_asked", "rita")]

    # Rita reads the question on her start page and answers with a file.
    rita.visit("/")
    rita.press("Answer a question")
    rita.sees("Which tray do you use?")
    rita.say("The upper one, see the picture.", button="Send answer", files=[SCREEN | {"name": "tray.png"}])
    rita.sees("The upper one, see the picture.")
    assert post.letters() == [("requester_wrote", "ada")]
    assert FolderFile.objects.filter(name="tray.png").exists()

    # A note stays inside; the first solution goes out and comes back with a question.
    ada.visit(f"/panel/tickets/{ticket.number}/")
    ada.say("Same model as on floor 2.", mode="note", button="Add internal note")
    assert post.letters() == []
    ada.say("The upper tray was empty. It is filled.", mode="solution", button="Send solution")
    ada.reads_status(re.compile("awaiting approval"))
    assert post.letters() == [("solution_sent", "rita")]
    rita.visit(post.link("solution_sent", f"/tickets/{ticket.number}/"))
    rita.sees("the solution counts as approved on")
    expect(rita.page.locator("main")).not_to_contain_text("Same model as on floor 2.")
    rita.say("It prints, but upside down. Why?", button="Return with questions / not solved")
    assert post.letters() == [("solution_returned", "ada")]

    # The second one is approved; the ticket closes, and the survey goes out by itself (R1.34, R1.35).
    ada.visit(f"/panel/tickets/{ticket.number}/")
    ada.reads_status("in service")
    ada.say("The paper was turned. Please try again.", mode="solution", button="Send solution")
    assert post.letters() == [("solution_sent", "rita")]
    rita.visit(f"/tickets/{ticket.number}/")
    rita.sees("The upper tray was empty. It is filled.")
    rita.press("Approve solution")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome, ticket.closed_by) == ("closed", "solved", cast.rita)
    assert post.letters() == [("solution_approved", "ada"), ("survey_invited", "rita"), ("ticket_closed", "rita")]

    # Opening the link answers nothing; sending answers once (R1.39).
    stranger = window(None, javascript=javascript)
    link = post.link("survey_invited", "/surveys/")
    stranger.visit(link)
    assert Survey.objects.get().answered_at is None
    stranger.press("Send")
    stranger.sees("Choose one of the five")
    stranger.page.locator("input[name=solved]").first.check(force=True)
    stranger.page.locator("input[name=rating][value='5']").check(force=True)
    stranger.page.fill("[name=comment]", "Quick and friendly.")
    stranger.press("Send")
    stranger.sees("Thank you!")
    survey = Survey.objects.get()
    assert (survey.solved, survey.rating, survey.comment) == (True, 5, "Quick and friendly.")
    assert post.letters() == [("survey_answered", "ada"), ("survey_answered", "hugo")]

    # Everybody finds the whole story again.
    rita.visit("/tickets/?show=closed")
    rita.visit(f"/folders/{ticket.number}/")
    rita.visit("/notifications/")
    ada.visit(f"/panel/tickets/{ticket.number}/")
    ada.sees("Same model as on floor 2.")
    ada.visit("/panel/closed/")


def test_journey_of_silence_is_led_by_the_clock(cast: Cast, window: Callable[..., Window], post: Post) -> None:
    """Journey B: nobody takes it, the least-loaded agent has it; nobody answers, it is closed by System."""
    rita, ada, bob = window(cast.rita), window(cast.ada), window(cast.bob)
    rita.visit("/tickets/new/")
    fill_opening(rita, cast, [SCREEN])
    first = Ticket.objects.get()
    ada.visit(f"/panel/tickets/{first.number}/")
    ada.press("Take")  # Ada has one task now, Bob none

    cora = window(cast.cora)
    cora.visit("/tickets/new/")
    fill_opening(cora, cast, [LOG])
    ticket = Ticket.objects.exclude(pk=first.pk).get()
    post.letters()
    now = timezone.now()
    assert tasks.sweep(at=now + timedelta(minutes=14)) == 0
    assert tasks.sweep(at=now + timedelta(minutes=16)) == 1
    assert post.letters() == [("ticket_assigned", "bob"), ("ticket_assumed", "cora")]

    bob.visit("/panel/")
    bob.page.get_by_role("link", name="The printer on floor 3 is silent").click()
    bob.page.wait_for_url(f"**/panel/tickets/{ticket.number}/")
    bob.examine()
    bob.sees("automatically")
    bob.press("Start")
    bob.say("Paper is in.", mode="solution", button="Send solution")
    assert post.letters() == [("solution_sent", "cora"), ("ticket_started", "cora")]

    assert tasks.sweep(at=now + timedelta(days=1)) == 0
    assert tasks.sweep(at=timezone.now() + timedelta(days=2, minutes=1)) == 1
    ticket.refresh_from_db()
    assert (ticket.status, ticket.approved_by_clock, ticket.closed_by) == ("closed", True, None)
    assert post.letters() == [("solution_approved", "bob"), ("survey_invited", "cora"), ("ticket_closed", "cora")]
    cora.visit(f"/tickets/{ticket.number}/")
    cora.sees("System")
    cora.sees("approved automatically")
    cora.press("Rate the service")
    cora.sees("How was our service?")
    assert tasks.sweep(at=timezone.now() + timedelta(days=30)) == 0
