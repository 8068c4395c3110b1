"""The trash in real browsers: a head deletes, an administrator restores, and deletes for good by typing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests import walks
from tests.cast import Cast
from tickets.models import Ticket, TrashEntry

from .conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


def test_journey_of_a_ticket_into_the_trash_and_out_of_the_world(cast: Cast, window: Callable[..., Window]) -> None:
    """R2.40 to R2.42: Hugo deletes; Ana restores it, deletes it again, mistypes, and deletes it for good."""
    ticket = walks.started(cast)
    address = f"/panel/tickets/{ticket.number}/"
    hugo, ana = window(cast.hugo), window(cast.ana)

    hugo.visit(address)
    hugo.page.get_by_role("button", name="More", exact=True).click()
    hugo.press("Move to the trash")
    hugo.sees(f"Move ticket #{ticket.number} to the trash?")
    hugo.press("Move to the trash", within="main form")
    hugo.sees("An administrator can restore it.")
    assert not Ticket.objects.exists()

    ana.visit("/panel/trash/")
    row = ana.page.locator("tbody tr", has_text=f"#{ticket.number}")
    expect(row).to_contain_text("Hugo Hahn")
    row.get_by_role("link", name="Restore").click()
    ana.sees(f"Restore ticket #{ticket.number}?")
    ana.press("Restore", within="main form")
    ana.sees("is back")
    assert ana.page.url.endswith(address)
    hugo.visit(address)

    ana.visit(f"{address}trash/")
    ana.press("Move to the trash", within="main form")
    ana.sees("is in the trash")
    entry = TrashEntry.objects.get()
    ana.visit(f"/panel/trash/{entry.pk}/delete/")
    ana.page.get_by_label("Type the ticket's number").fill("12345")
    ana.press("Delete for good", within="main form")
    ana.sees("This is not the ticket's number.")
    ana.page.get_by_label("Type the ticket's number").fill(str(ticket.number))
    ana.press("Delete for good", within="main form")
    ana.sees("was deleted for good")
    ana.sees("The trash is empty")
    assert not Ticket.with_trash.exists()
