"""People in front of real browsers: each has a window of his own, and every page he comes to is examined."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpdesk.notifications import tasks as letter_tasks
from helpdesk.notifications.models import Letter
from helpdesk.people.models import User
from tests.browser import chromium, sign_in

# Playwright's loop runs in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with chromium(chromium_path) as started:
        yield started


class Window:
    """One person's browser window on the running product."""

    def __init__(self, browser: Browser, base_url: str, person: User | None, *, javascript: bool = True) -> None:
        self.base_url = base_url
        self.context = browser.new_context(java_script_enabled=javascript, reduced_motion="reduce")
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self._axe = Axe()
        self._examined: set[str] = set()
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._listen)
        if person is not None:
            sign_in(self.page, base_url, person.email)

    def _listen(self, message: Any) -> None:
        # A refused form answers 422 and the browser mentions it; everything else is a fault of ours.
        if message.type == "error" and "422" not in message.text:
            self.troubles.append(message.text)

    def visit(self, path: str) -> None:
        """Go to an address of the site and examine the page."""
        self.page.goto(path if path.startswith("http") else self.base_url + path)
        self.examine()

    def examine(self) -> None:
        """axe finds nothing, in light and dark; the browser has complained of nothing (look.md, section 5)."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            found = self._axe.run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
            faults = [(fault["id"], [node["html"] for node in fault["nodes"][:3]]) for fault in found]
            assert faults == [], f"{self.page.url} in {scheme}: {faults}"
        self.page.emulate_media(color_scheme="light")
        assert self.troubles == [], self.page.url

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Callable[..., Window]]:
    """Opens a window: ``window(cast.rita)``, ``window(None)`` for a stranger, ``javascript=False`` without scripts."""
    opened: list[Window] = []

    def open_window(person: User | None, *, javascript: bool = True) -> Window:
        opened.append(Window(browser, live_server.url, person, javascript=javascript))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()


def deliver_and_list() -> list[tuple[str, str]]:
    """Let the worker's task send what waits; every letter so far as (kind, recipient's name), in order."""
    letter_tasks.deliver_letters()
    assert not Letter.objects.exclude(state=Letter.State.SENT).exists()
    return [
        (letter.kind, letter.recipient.name) for letter in Letter.objects.order_by("pk").select_related("recipient")
    ]
