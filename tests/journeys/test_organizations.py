"""A parent organization's manager at her own page, and what the one sees whom she makes a manager (R2.43, R2.44)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from helpdesk.people.models import User
from tests import walks
from tests.cast import PASSWORD, Cast

from .conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_petra_adds_a_member_makes_her_manager_and_both_read_along(cast: Cast, window: Callable[..., Window]) -> None:
    cast.branch.managers_see_tickets = True
    cast.branch.monthly_quota = 10
    cast.branch.save()
    ticket = walks.started(cast)
    petra = window(cast.petra)
    petra.visit("/")
    petra.page.get_by_role("button", name="Your account").click()
    petra.page.get_by_role("link", name="Members of your organization").click()
    petra.page.wait_for_url("**/organization/")
    petra.examine()
    petra.press("Horizonte Sul")
    petra.press("Add a member")
    petra.page.fill("[name=name]", "Zoë Zander")
    petra.page.fill("[name=email]", cast.eve.email)
    petra.press("Add and invite")
    petra.sees("There is an account with this address already.")
    assert petra.page.input_value("[name=name]") == "Zoë Zander"
    petra.page.fill("[name=email]", "zoe@demo.example")
    petra.press("Add and invite")
    petra.sees("An invitation goes to zoe@demo.example.")

    zoe = User.objects.get(email="zoe@demo.example")
    zoe.set_password(PASSWORD)  # as the link in her letter lets her
    zoe.save(update_fields=["password"])
    hers = window(zoe)
    hers.visit("/tickets/")
    expect(hers.page.locator("main .tabs")).not_to_contain_text("Organization")
    hers.visit("/tickets/new/")
    hers.sees("Horizonte Sul has opened 1 of its 10 tickets of this month.")

    petra.page.locator(f'a[href="/organization/members/{zoe.pk}/appoint/"]').click()
    petra.page.wait_for_url("**/appoint/")
    petra.examine()
    petra.press("Yes, make a manager")
    petra.sees("Zoë Zander manages Horizonte Sul now.")

    for reader in (hers, petra):
        reader.visit("/tickets/")
        reader.press("Organization", within="main .tabs")
        reader.sees("Rita Ramos")
        reader.page.get_by_role("link", name="Printer is on fire").click()
        reader.page.wait_for_url(f"**/tickets/{ticket.number}/")
        reader.examine()
        reader.sees("A ticket of Rita Ramos, Horizonte Sul.")
        reader.sees("Only those involved in the ticket can open its files.")
    expect(hers.page.locator("header.masthead")).not_to_contain_text("Members of your organization")
