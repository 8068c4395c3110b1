"""Who may do what, read by a head; a customer added by an agent: every new page is examined in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.people.models import Profile, User
from tests import walks
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_agent_adds_a_customer_and_a_head_reads_the_roles(cast: Cast, window: Callable[..., Any]) -> None:
    """R2.46, R3.25."""
    Profile.objects.create(name="Night shift", sees="own", edits_customers=False)
    walks.opened(cast)
    ada = window(cast.ada)
    ada.visit(f"/panel/customers/{cast.rita.pk}/")
    ada.visit("/panel/organizations/")
    ada.visit(f"/panel/organizations/{cast.branch.pk}/")
    ada.visit("/panel/customers/")
    ada.page.get_by_role("link", name="New customer").click()
    ada.page.fill("#id_name", "Carl Cruz")
    ada.page.fill("#id_email", "carl@demo.example")
    ada.page.fill("#id_organization_name", "horizonte s")
    ada.page.get_by_role("button", name="Save").click()
    ada.sees("Is it one of these: Horizonte Sul?")
    ada.examine()
    ada.page.fill("#id_organization_name", "Horizonte Sul")
    ada.page.get_by_role("button", name="Save").click()
    ada.sees("an invitation goes to carl@demo.example")
    assert User.objects.get(email="carl@demo.example").organization == cast.branch
    hugo = window(cast.hugo)
    hugo.visit("/panel/roles/")
    hugo.sees("Night shift")
