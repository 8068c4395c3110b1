"""A company begins: from the first-run page to the first solved ticket, by what pages and letters offer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from playwright.sync_api import Page, expect

from helpdesk.people import setup_code
from surveys.models import Survey
from tickets.models import Ticket

from .conftest import Window, pick

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREEN = {"name": "screen.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 400}
PASSWORD = "nine lives of a cat"


def work() -> None:
    """The worker does what waits in its queue."""
    while task := OrmQ.objects.order_by("pk").first():
        import_string(task.task["func"])(*task.task["args"], **task.task["kwargs"])
        task.delete()


class Mailbox:
    """The letters to one address, as its owner opens them."""

    def __init__(self, address: str) -> None:
        self._address, self._read = address, 0

    def link(self, subject: str) -> str:
        """Where the button leads of the one letter, among those since the last look, whose subject says ``subject``."""
        work()
        mine = [letter for letter in mail.outbox if self._address in letter.to[0]]
        new, self._read = mine[self._read :], len(mine)
        (letter,) = [one for one in new if subject in one.subject]
        return re.findall(r"https?://\S+", str(letter.body))[0]


class Steps:
    """The list of first steps on the start page of the administration."""

    def __init__(self, ana: Window) -> None:
        self._ana = ana
        self._next = ana.page.locator(".start__step--next")

    def follow(self, title: str) -> Page:
        """The step that is marked as next is ``title``; go where it leads."""
        expect(self._next.get_by_role("link")).to_have_text(title)
        expect(self._next).to_have_attribute("aria-current", "step")
        self._ana.press(title, within=".start__step--next")
        return self._ana.page

    def save(self) -> None:
        """Save the form; the list is there again, and says what is next."""
        page = self._ana.page
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url("**/admin/")
        self._ana.examine()


def invited(window: Callable[..., Window], letters: Mailbox, email: str) -> Window:
    """Somebody follows the link of the invitation, chooses a password and signs in."""
    one = window(None)
    one.visit(letters.link("You are invited to the helpdesk"))
    one.page.get_by_label("New Password", exact=True).fill(PASSWORD)
    one.page.get_by_label("New Password (again)").fill(PASSWORD)
    one.press("Save the password")
    one.press("Sign in")
    one.page.locator("input[name=login]").fill(email)
    one.page.locator("input[name=password]").fill(PASSWORD)
    one.press("Sign in", within="main form")
    return one


def test_newcomer_gets_from_the_first_run_to_the_first_solved_ticket(
    window: Callable[..., Window], settings: Any, live_server: Any
) -> None:
    """R3.15, R3.16, R3.24: nobody ever types an address but that of the house; pages and letters show all others."""
    settings.TESTING, settings.BASE_URL = False, live_server.url

    # The first-run page; without the code of the machine nobody gets further, and learns where it is.
    ana = window(None)
    page = ana.page
    ana.visit("/")
    page.get_by_label("Company", exact=True).fill("Horizonte")
    page.get_by_label("Your name").fill("Ana Andrade")
    page.get_by_label("Your e-mail address").fill("ana@horizonte.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    ana.press("Set up and sign in")
    ana.sees("the command “manage.py setup_code” prints it")
    ana.sees("Please type it again")
    expect(page.get_by_label("Company", exact=True)).to_have_value("Horizonte")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Set-up code").fill(setup_code.code())
    page.get_by_role("button", name="Set up and sign in").click()
    page.wait_for_url("**/admin/")
    ana.examine()
    steps = Steps(ana)

    # The company is there already; its letters get an address of their own.
    ana.press("The company", within=".start__steps")
    page.locator("#id_support_email").fill("help@horizonte.example")
    steps.save()

    # A department and what it does.
    steps.follow("A department")
    page.locator("#id_name").fill("Support")
    steps.save()
    steps.follow("A service")
    page.get_by_text("Add another Service", exact=True).click()
    page.locator("#id_services-0-name").fill("Printers")
    steps.save()

    # An agent: whoever serves a department.
    steps.follow("Agents")
    page.locator("#id_name").fill("Ada Almeida")
    page.locator("#id_email").fill("ada@horizonte.example")
    page.get_by_text("Add another Department", exact=True).click()
    assert pick(page, "#id_memberships-0-department", "supp") == ["Support"]
    page.locator(".select2-results__option").first.click()
    page.locator("#id_memberships-0-line").select_option(label="line 1")
    steps.save()
    expect(page.locator("body")).to_contain_text("An invitation goes to ada@horizonte.example.")

    # A customer, and somebody who asks for something.
    steps.follow("Customers")
    page.locator("#id_name").fill("Bakery Sol")
    steps.save()
    steps.follow("Requesters")
    page.locator("#id_name").fill("Rita Ramos")
    page.locator("#id_email").fill("rita@sol.example")
    assert pick(page, "#id_organization", "bak") == ["Bakery Sol"]
    page.locator(".select2-results__option").first.click()
    steps.save()
    expect(page.locator(".start__step--next")).to_contain_text("The first ticket")

    # Rita is invited, comes in, and is led to her first ticket.
    of_rita, of_ada = Mailbox("rita@sol.example"), Mailbox("ada@horizonte.example")
    rita = invited(window, of_rita, "rita@sol.example")
    rita.sees("Hello, Rita")
    rita.press("Open a ticket")
    rita.page.locator("[name=department]").select_option(label="Support")
    rita.page.locator("[name=service]").select_option(label="Printers")
    rita.page.locator("input[name=priority][value=high]").check(force=True)
    rita.page.locator("[name=subject]").fill("The printer is silent")
    rita.page.locator("[name=description]").fill("It prints nothing since this morning.")
    rita.page.set_input_files("form[data-opening] input[type=file]", [SCREEN])
    rita.press("Open ticket")
    rita.sees("The printer is silent")

    # Ada comes in, finds it in the queue, reads the file once she has it, and solves it.
    ada = invited(window, of_ada, "ada@horizonte.example")
    ada.press("Open the queue")
    ada.press("The printer is silent")
    ada.press("Take")
    ada.reads_status("assigned")
    ada.sees("screen.png")
    ada.press("Start")
    ada.reads_status("in service")
    ada.say("The plug was loose.", mode="solution", button="Send solution")
    ada.reads_status(re.compile("awaiting approval"))

    rita.visit(of_rita.link("solution"))
    rita.sees("The plug was loose.")
    rita.press("Approve solution")
    rita.press("Rate the service")
    rita.page.locator("input[name=solved]").first.check(force=True)
    rita.page.locator("input[name=rating][value='5']").check(force=True)
    rita.press("Send")
    rita.sees("Thank you!")
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.outcome, ticket.organization.name) == ("closed", "solved", "Bakery Sol")
    assert Survey.objects.get().rating == 5

    # Nothing is left to be set up.
    page.reload()
    ana.examine()
    expect(page.locator(".start__steps")).to_have_count(0)
