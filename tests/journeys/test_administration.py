"""An administrator sets a desk up in the browser: pickers, dialogs and inline rows work under the page's policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django_q.models import OrmQ

from helpdesk.people.actions import save_department
from helpdesk.people.models import Department, User
from tests import walks
from tests.cast import Cast

from .conftest import pick

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_administrator_sets_up_a_department_and_invites_a_person(cast: Cast, window: Callable[..., Any]) -> None:
    ana = window(cast.ana)
    ana.visit("/admin/")

    ana.visit("/admin/people/department/add/")
    page = ana.page
    page.fill("#id_name", "Finance")
    page.fill("#id_approval_period_0", "36")
    page.select_option("#id_approval_period_1", "hours")
    page.get_by_text("Add another Member").click()
    assert pick(page, "#id_memberships-0-user", "ramos") == ["Rita Ramos · rita@demo.example"]
    page.locator(".select2-results__option").first.click()
    page.get_by_text("Add another Service").click()
    page.fill("#id_services-0-name", "Invoices")
    page.locator("button[name=_save]").click()
    page.wait_for_url("**/admin/people/department/")
    ana.examine()
    finance = Department.objects.get(name="Finance")
    assert list(finance.group.user_set.values_list("name", flat=True)) == ["Rita Ramos"]
    assert (finance.services.get().name, finance.approval_period.total_seconds()) == ("Invoices", 36 * 3600)

    ana.visit("/admin/people/user/add/")
    page.fill("#id_name", "Zoë Zander")
    page.fill("#id_email", "zoe@demo.example")
    assert pick(page, "#id_organization", "horizonte s") == ["Horizonte Sul (Horizonte)"]
    page.locator(".select2-results__option").first.click()
    page.locator("button[name=_continue]").click()
    page.wait_for_url("**/change/")
    zoe = User.objects.get(email="zoe@demo.example")
    assert zoe.organization == cast.branch
    assert OrmQ.objects.count() == 1

    page.get_by_text("Send a link for the password").click()
    page.locator("#modal-content button[type=submit]").click()
    page.get_by_text("A letter goes to zoe@demo.example.").wait_for()
    ana.examine()
    assert OrmQ.objects.count() == 2


def test_every_page_of_the_administration_stands_up_to_a_look(cast: Cast, window: Callable[..., Any]) -> None:
    """No complaint of the browser about its policy, no finding of axe."""
    ticket = walks.closed(cast)
    ana = window(cast.ana)
    for path in (
        "people/account/1/change/", "people/user/", f"people/user/{cast.ada.pk}/change/", "people/absence/",
        "people/absence/add/", "people/sector/", "people/organization/", f"people/organization/{cast.branch.pk}/change/",
        "people/department/", f"people/department/{cast.department.pk}/change/", "tickets/ticket/",
        f"tickets/ticket/{ticket.number}/change/", "surveys/survey/", "attachments/auditentry/", "core/auditrecord/",
        "notifications/letter/", "django_q/schedule/", "django_q/ormq/", "django_q/failure/",
    ):  # fmt: skip
        ana.visit(f"/admin/{path}")


def test_folder_pages_stand_up_to_a_look(cast: Cast, window: Callable[..., Any]) -> None:
    """Requester and administrator, each in his own frame; the administrator removes a copy."""
    ticket = walks.assumed(cast)
    rita, ana = window(cast.rita), window(cast.ana)
    for person in (rita, ana):
        person.visit("/profile/")
        person.visit("/help/")
        person.visit("/help/tickets/")
        person.visit("/folders/")
        person.visit(f"/folders/{ticket.number}/")
    ana.visit("/panel/letters/texts/")
    ana.visit("/panel/letters/texts/ticket_started/en/")
    ana.page.get_by_role("button", name="Preview").click()
    ana.sees("Preview: not saved yet")
    ana.examine()
    ana.visit("/help/service/")
    ana.visit("/help/registering/")
    ana.visit(f"/folders/{ticket.number}/")
    ana.page.get_by_role("link", name="Remove").first.click()
    ana.page.wait_for_url("**/remove/")
    ana.examine()
    ana.press("Remove")
    ana.sees("Removed files")
    with rita.page.expect_download() as download:
        rita.page.goto(f"{rita.base_url}/folders/{ticket.number}/")
        rita.page.get_by_text("No files").wait_for()
        rita.page.evaluate(f"location.href = '/attachments/{ticket.folder.attachments.get().pk}/'")
    assert download.value.suggested_filename == "screen.txt"


def test_administrator_reads_and_exports_the_audit_log(cast: Cast, window: Callable[..., Any]) -> None:
    """R2.47: what was changed is found by its filters, read from what to what, and taken along as a file."""
    cast.department.description = "Everything that breaks"
    save_department(department=cast.department, by=cast.ana)
    ana = window(cast.ana)
    ana.visit("/admin/core/auditrecord/?what=department_changed&by=andrade")
    page = ana.page
    page.locator("#result_list th a").first.click()
    page.wait_for_url("**/change/?**")
    ana.examine()
    assert page.locator(".audit-changes tbody tr").all_inner_texts() == ["description\t–\tEverything that breaks"]
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export this list as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), lines[1].split(",")[2:5]) == (2, ["department_changed", str(cast.ana.pk), "Ana Andrade"])
