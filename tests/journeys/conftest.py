"""People in front of real browsers: each has a window of his own, and every page he comes to is examined."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT as AXE
from django.test import Client
from playwright.sync_api import Browser, Error, Page, Request, expect

from approvals.models import ActionRequest
from helpdesk.notifications import tasks as letter_tasks
from helpdesk.notifications.models import Letter
from helpdesk.people.models import User
from tests.approvals.consents import NAME
from tests.browser import chromium, sign_in
from tests.cast import Cast
from tests.core.processes import until
from tests.live import web_process
from tests.notifications.conftest import Post as MailServer

# Playwright's loop runs in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

expect.set_options(timeout=30_000)

# Of which kinds of elements in which places pages consist that were examined, by the pages' addresses without numbers;
# for all windows of this process.
_EXAMINED: dict[str, set[str]] = {}
_PLACE = """e => {
  const kind = one => one.tagName + '.' + one.getAttribute('class') + one.getAttribute('role')
  return (e.parentElement ? kind(e.parentElement) : '') + '>' + kind(e)
}"""
_PLACES = f"() => [...new Set([...document.querySelectorAll('*')].map({_PLACE}))]"

# Contrast takes longest, and changes with what an element lies in: it is asked of the outermost elements in new places.
_CONTRAST = f"""async places => {{
  const place = {_PLACE}, all = [document.body, ...document.body.querySelectorAll('*')]
  const fresh = new Set(all.filter(e => places.includes(place(e))))
  const lies_in = e => e && (fresh.has(e) || lies_in(e.parentElement))
  const include = [...fresh].filter(e => !lies_in(e.parentElement))
  if (!include.length) return []
  return (await axe.run({{include}}, {{resultTypes: ['violations'], runOnly: ['color-contrast']}})).violations
}}"""
_ALL_ELSE = """() =>
  axe.run({resultTypes: ['violations'], rules: {'color-contrast': {enabled: false}}}).then(found => found.violations)
"""

_CHANGING = "document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling') !== null"

# Lets a test look away from a page, and writes down what floats up for a moment and what the browser is asked to show.
LOOK_AWAY = """
    window.awayFromPage = false;
    Object.defineProperty(document, "visibilityState", { get: () => window.awayFromPage ? "hidden" : "visible" });
    window.lookAway = (away) => { window.awayFromPage = away; document.dispatchEvent(new Event("visibilitychange")); };
    const later = window.setTimeout;  // what floats up stays, however long the machine takes to press it
    window.setTimeout = (what, wait, ...more) =>
      later(what, String(what).includes("toast.remove") ? 300_000 : wait, ...more);
    window.raised = [];
    window.floated = [];
    document.addEventListener("toast", ({ detail }) => window.floated.push(detail.text ?? detail.node.textContent));
    class Notice extends EventTarget {
      static permission = "default";
      static async requestPermission() { window.asked = (window.asked ?? 0) + 1; return Notice.permission = "granted"; }
      constructor(title, options) { super(); window.raised.push(options.body); window.lastNotice = this; }
      close() {}
    }
    window.Notification = Notice;
"""


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with chromium(chromium_path) as started:
        yield started


class Window:
    """One person's browser window on the running product."""

    def __init__(self, browser: Browser, base_url: str, person: User | None, *, javascript: bool = True) -> None:
        self.base_url = base_url
        self.context = browser.new_context(java_script_enabled=javascript, reduced_motion="reduce")
        self.context.set_default_timeout(30_000)
        self.page: Page = self.context.new_page()
        # axe needs timers, which stand still where scripts are off: there it examines a copy of the page.
        self._mirror = None if javascript else browser.new_context(reduced_motion="reduce").new_page()
        self.troubles: list[str] = []
        self._under_way: set[Request] = set()
        self.asked = 0
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("request", self._count)
        self.page.on("requestfinished", self._discount)
        self.page.on("requestfailed", self._discount)
        if person is not None:
            self.enter_as(person)

    def enter_as(self, person: User) -> None:
        """Carry a session that the server has opened, to the first page that is visited."""
        client = Client()
        client.force_login(person)
        self.context.add_cookies(
            [{"name": name, "value": cookie.value, "url": self.base_url} for name, cookie in client.cookies.items()]
        )

    def sign_in(self, person: User) -> None:
        """Sign in through the page that people use."""
        sign_in(self.page, self.base_url, person.email)

    def _listen(self, message: Any) -> None:
        # A refused form answers 422 and the browser mentions it; everything else is a fault of ours.
        if message.type == "error" and "422" not in message.text:
            self.troubles.append(message.text)

    def _count(self, request: Request) -> None:
        if request.resource_type == "eventsource":  # the live channel stays open
            return
        self.asked += 1
        self._under_way.add(request)

    def _discount(self, request: Request) -> None:
        self._under_way.discard(request)

    def _settle(self, asked: int) -> None:
        """Wait until the server was asked after ``asked`` requests, and all its answers are on the page."""
        begun = time.monotonic()
        while self.asked == asked and time.monotonic() < begun + 3:  # what only opens something asks nothing
            self.page.wait_for_timeout(10)
        self.rest()

    def rest(self) -> None:
        """Wait until everything is answered, the answers are on the page, and a moment has passed so.

        Half a second of silence, which Playwright waits for, would be most of what a journey does.
        """
        begun, silent = time.monotonic(), 0
        while silent < 5 and time.monotonic() < begun + 30:
            self.page.wait_for_timeout(20)
            silent = 0 if self._under_way or self._is_changing() else silent + 1
        self.page.wait_for_load_state()

    def _is_changing(self) -> bool:
        """An answer that has come is not on the page yet: a busy machine takes its time between the two."""
        try:
            return bool(self.page.evaluate(_CHANGING))
        except Error:  # the page has gone meanwhile, and the next one is coming
            return True

    def visit(self, path: str) -> None:
        """Go to an address of the site and examine the page."""
        self.page.goto(path if path.startswith("http") else self.base_url + path)
        self.examine()

    def press(self, name: str, *, within: str = "main") -> None:
        """Press the one button, or follow the one link, that says ``name``, and examine what comes."""
        place, asked = self.page.locator(within), self.asked
        place.get_by_role("button", name=name, exact=True).or_(
            place.get_by_role("link", name=name, exact=True)
        ).first.click()
        self._settle(asked)
        self.examine()

    def say(
        self, text: str, *, mode: str | None = None, button: str, files: list[dict[str, Any]] | None = None
    ) -> None:
        """Write into the composer, in one of its modes, and send."""
        if mode:
            self.page.locator(f"input[name=mode][value={mode}]").check(force=True)
        self.page.fill("#composer-text", text)
        if files:
            self.page.set_input_files("#composer input[type=file]", files)
        self.press(button, within="#composer")

    def sees(self, text: str) -> None:
        """The page shows ``text`` in its main part."""
        expect(self.page.locator("main")).to_contain_text(text)

    def reads_status(self, word: str | re.Pattern[str]) -> None:
        """The word of the ticket's status at the head of its page becomes ``word``."""
        expect(self.page.locator(".page-head__kicker .badge").first).to_have_text(word)

    def examine(self) -> None:
        """axe finds nothing, in light and dark; the browser has complained of nothing.

        A page that consists of nothing but elements in places that were examined at its kind of address, by whoever
        looked at it, is not examined again.
        """
        assert self.troubles == [], self.page.url
        known = _EXAMINED.setdefault(re.sub(r"[0-9]+", "0", urlsplit(self.page.url).path), set())
        new = set(self.page.evaluate(_PLACES)) - known
        if not new:
            return
        known |= new
        page = self._reflected() if self._mirror else self.page
        page.evaluate(AXE)
        found = {"": page.evaluate(_ALL_ELSE)}
        for scheme in ("dark", "light"):  # where only colours differ
            page.emulate_media(color_scheme=scheme)
            found[scheme] = page.evaluate(_CONTRAST, sorted(new))
        faults = [
            (scheme, fault["id"], [node["html"] for node in fault["nodes"][:3]])
            for scheme, these in found.items()
            for fault in these
        ]
        assert faults == [], f"{self.page.url}: {faults}"
        assert self.troubles == [], self.page.url

    def _reflected(self) -> Page:
        """The page as it stands, in a browser with scripts, at the same address."""
        assert self._mirror is not None
        url, html = self.page.url, self.page.content()
        self._mirror.unroute_all()
        self._mirror.route(url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        self._mirror.goto(url)
        return self._mirror

    def close(self) -> None:
        if self._mirror:
            self._mirror.context.close()
        self.context.close()


@pytest.fixture
def window(
    browser: Browser, live_server: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Window]]:
    """Opens a window: ``window(cast.rita)``, ``window(None)`` for a stranger, ``javascript=False`` without scripts.

    A journey that fails leaves a picture of every window in its temporary folder.
    """
    opened: list[Window] = []

    def open_window(person: User | None, *, javascript: bool = True) -> Window:
        opened.append(Window(browser, live_server.url, person, javascript=javascript))
        return opened[-1]

    failed = request.session.testsfailed
    yield open_window
    for nth, one in enumerate(opened):
        if request.session.testsfailed > failed:
            one.page.screenshot(path=tmp_path / f"window-{nth}.png", full_page=True)
        one.close()


@pytest.fixture
def live_window(browser: Browser, cast: Cast, tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """Opens a window on a web process with a live channel, from which one can look away: ``live_window(cast.rita)``."""
    opened: list[Window] = []
    with web_process(tmp_path) as (base, _process):

        def open_window(person: User) -> Window:
            opened.append(Window(browser, base, None))
            opened[-1].context.add_init_script(LOOK_AWAY)
            opened[-1].enter_as(person)
            return opened[-1]

        yield open_window
        for one in opened:
            one.close()


def ask_consent(ada: Window, number: int, comment: str) -> ActionRequest:
    """More > Request action, the action, a comment; the ticket's page then says that it waits (R2.14 to R2.16)."""
    ada.visit(f"/panel/tickets/{number}/")
    ada.page.get_by_role("button", name="More").click()
    ada.page.get_by_role("link", name="Request action").click()
    ada.page.wait_for_url("**/actions/request/")
    ada.examine()
    ada.page.get_by_label(NAME).check(force=True)
    ada.page.fill("[name=text]", comment)
    ada.press("Request approval")
    ada.sees(f"asked the customer's managers to approve {NAME}")
    return ActionRequest.objects.waiting().get()


def pick(page: Page, near: str, words: str) -> list[str]:
    """Type ``words`` into the picker beside the hidden select ``near`` and return what it offers."""
    page.locator(f"{near} + .select2 .select2-selection").click()
    with page.expect_response(lambda response: parse_qs(urlsplit(response.url).query).get("term") == [words]) as answer:
        page.locator(".select2-search__field").last.fill(words)
    offered = len(answer.value.json()["results"])
    # The picker shows the whole list while it waits for the narrower one: the answer must be on the page, too.
    expect(page.locator(".select2-results__option")).to_have_count(offered)
    return page.locator(".select2-results__option").all_inner_texts()


def toast(one: Window, text: str) -> None:
    """A floating word says ``text``, or has said it on this page."""
    until(lambda: any(text in said for said in one.page.evaluate("window.floated")), 30, f"a toast: {text}")


class Post:
    """The worker's delivery over real SMTP, and what has come out of the letter-box since the last look."""

    def __init__(self, server: MailServer, cast: Cast) -> None:
        self._server, self._cast, self._seen = server, cast, 0

    def letters(self) -> list[tuple[str, str]]:
        """Deliver what waits; the new letters as (kind, name of the recipient), sorted."""
        letter_tasks.deliver_letters()
        assert not Letter.objects.exclude(state=Letter.State.SENT).exists()
        assert len(self._server.letters) == Letter.objects.count()
        new = Letter.objects.order_by("pk").select_related("recipient")[self._seen :]
        self._seen += len(new)
        return sorted((letter.kind, self._cast.name_of(letter.recipient)) for letter in new)

    def link(self, kind: str, path: str) -> str:
        """The address in the newest letter of a kind that leads below ``path``."""
        body = Letter.objects.filter(kind=kind).latest("pk").body_text
        return next(word for word in body.split() if word.startswith("http") and path in word)


@pytest.fixture
def post(settings: Any, cast: Cast, live_server: Any) -> Iterator[Post]:
    """A real mail server, and the worker's hand that brings letters to it."""
    server = MailServer()
    settings.BASE_URL = live_server.url
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": server.port, "timeout": 5},
        }
    }
    server.start()
    yield Post(server, cast)
    server.stop()
