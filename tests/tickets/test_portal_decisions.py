"""What a requester reads of what the desk decides: who serves him and how it ended, and no justification."""

from __future__ import annotations

import pytest

import tickets.actions
from tests import walks
from tests.cast import Cast
from tests.pages import as_, text_of
from tickets.models import Ticket


def decided(cast: Cast) -> Ticket:
    """A ticket that a head has decided about in every way; Otto has it on line 2, and gave it up."""
    ticket = tickets.actions.hand_over(ticket=walks.assumed(cast), by=cast.hugo, executor=cast.bob, text="SECRET 1")
    ticket = tickets.actions.start(ticket=ticket, by=cast.bob)
    ticket = tickets.actions.request_line_change(ticket=ticket, by=cast.bob, text="SECRET 2")
    ticket = tickets.actions.return_line_change(ticket=ticket, by=cast.hugo, text="SECRET 3")
    ticket = tickets.actions.request_line_change(ticket=ticket, by=cast.bob, text="SECRET 4")
    ticket = tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo, text="SECRET 5")
    ticket = tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.otto)
    ticket = tickets.actions.start(ticket=ticket, by=cast.otto)
    ticket = tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="SECRET 6")
    ticket = tickets.actions.refuse_closing(ticket=ticket, by=cast.hugo, text="SECRET 7")
    return tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="SECRET 8")


def test_ticket_that_waits_for_a_head_is_under_review_and_tells_no_justification(cast: Cast) -> None:
    """The requester reads who serves him, and nothing of what the desk's people decide among themselves."""
    ticket = decided(cast)
    page = as_(cast.rita).get(f"/tickets/{ticket.number}/")
    text = text_of(page)
    assert "under review" in text
    assert "Hugo Hahn gave the ticket to Bob Braun" in text
    assert "Hugo Hahn gave the ticket to Otto Orlov" in text
    hidden = ("SECRET", "asked for line 2", "sent the ticket to line 2", "asked to close", "refused to close")
    assert [words for words in hidden if words in page.content.decode()] == []
    assert "Current status: in service." in text
    assert "under review" in text_of(as_(cast.rita).get("/tickets/"))
    staff = text_of(as_(cast.hugo).get(f"/panel/tickets/{ticket.number}/"))
    assert [n for n in range(1, 9) if f"SECRET {n}" not in staff] == []


def test_ticket_forwarded_names_both_departments_and_not_the_reason(cast: Cast) -> None:
    ticket = tickets.actions.forward(
        ticket=walks.assumed(cast), by=cast.hugo, service=cast.other_service, text="SECRET"
    )
    page = as_(cast.rita).get(f"/tickets/{ticket.number}/")
    assert "Hugo Hahn forwarded the ticket from Support to Network" in text_of(page)
    assert "SECRET" not in page.content.decode()


@pytest.mark.parametrize("needs_head", [True, False])
def test_ticket_closed_without_solution_shows_the_apology_and_the_reason(cast: Cast, needs_head: bool) -> None:
    """R4.18, R4.21: apologies in the portal as well, with the reason and the way on; no survey (R4.20)."""
    cast.rules(closing_without_solution_needs_head=needs_head, support_lines=1)
    ticket = tickets.actions.request_closing(ticket=walks.started(cast), by=cast.ada, text="Out of print.")
    if needs_head:
        ticket = tickets.actions.approve_closing(ticket=ticket, by=cast.hugo, text="The maker has closed down.")
    page = text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))
    assert "We are sorry that we could not help" in page
    assert ("The reason: The maker has closed down." if needs_head else "The reason: Out of print.") in page
    assert ("Out of print." in page) is not needs_head
    assert "closed the ticket without a solution" in page
    assert "Open a new ticket" in page
    assert "How was our service" not in page
    assert "closed without solution" in text_of(as_(cast.rita).get("/tickets/?show=closed"))
