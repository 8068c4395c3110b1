"""``/live/``: Server-Sent Events, beside the pages and without a thread or a database connection for each tab."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from . import presence
from .exchange import AGAIN, BEAT, BYE, PAGE, Exchange, Tab
from .listening import listen
from .visitors import Visitor, admit, unwelcome

logger = logging.getLogger("helpdesk.live")

# From one page to the next a tab is away for a moment; nobody needs to hear of that.
LEAVES_AFTER = 3.0
# Browsers come back after this many milliseconds, not all at once.
RETRY = (1000, 4000)
# So many tabs get their heartbeat at once; pages are served in between.
_AT_ONCE = 50

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class LiveDoor:
    """The live channel of one process, between ``open`` and ``close``."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.name = uuid.uuid4().hex
        self._is_open = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._side: ThreadPoolExecutor | None = None

    async def open(self) -> None:
        """Begin to listen; before that, and after ``shut``, whoever comes is sent away."""
        self._side = ThreadPoolExecutor(2, thread_name_prefix="live")
        self._begin(listen(self.exchange.call_out, partial(self.exchange.hint_all, AGAIN)))
        self._begin(self._beat())
        self._is_open = True

    def shut(self) -> None:
        """End all streams now, so that the server can stop; they would be the requests that it waits for."""
        self._is_open = False
        self.exchange.close()

    async def close(self) -> None:
        """Forget everybody who was here, and give everything back."""
        self.shut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ask(presence.forget, self.name)
        if self._side:
            self._side.shutdown()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request: a stream, or in a word why not."""
        began = time.monotonic()
        answer = await self._admit(scope)
        if isinstance(answer, HTTPStatus):
            await _refuse(send, answer)
        else:
            await self._stream(answer, receive, send)
        status = answer if isinstance(answer, HTTPStatus) else HTTPStatus.OK
        facts = {"route": "live", "status": int(status), "seconds": round(time.monotonic() - began, 1)}
        logger.info("stream", extra={"facts": facts})

    async def _admit(self, scope: Any) -> Visitor | HTTPStatus:
        if scope["path"] != "/live/":
            return HTTPStatus.NOT_FOUND
        if scope["method"] != "GET":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if not self._is_open or len(self.exchange.tabs) >= settings.LIVE_CHANNELS:
            return HTTPStatus.SERVICE_UNAVAILABLE
        query = parse_qs(scope["query_string"].decode("latin-1"))
        seen = query.get("seen", [""])[0]
        visitor = await self._ask(
            admit, _session_key(scope), query.get("page", [""])[0], int(seen) if _is_key(seen) else None
        )
        if isinstance(visitor, HTTPStatus):
            return visitor
        if visitor is None:
            return HTTPStatus.UNAUTHORIZED
        if not self.exchange.has_room_for(visitor.person):
            return HTTPStatus.TOO_MANY_REQUESTS
        return visitor if self._is_open else HTTPStatus.SERVICE_UNAVAILABLE

    async def _stream(self, visitor: Visitor, receive: Any, send: Any) -> None:
        tab = self.exchange.enter(visitor)
        watch = asyncio.create_task(_until_gone(receive, tab))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            # The id comes back as Last-Event-ID, but the tab remembers it anyway, over pages and pauses.
            hello = f"retry: {random.randint(*RETRY)}\nid: {visitor.newest}\nevent: hello\ndata: {visitor.newest}\n\n"  # noqa: S311 - spreads load, guards nothing
            await send({"type": "http.response.body", "body": hello.encode(), "more_body": True})
            if visitor.page.is_stale:
                tab.hint(PAGE)
            if visitor.page.place:
                self._begin(self._arrive(visitor.page.place, visitor.person))
            while not tab.closed:
                words = await tab.next()
                if words:
                    await send({"type": "http.response.body", "body": _written(words), "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            pass  # gone while we were speaking
        finally:
            watch.cancel()
            self.exchange.leave(tab)
            if visitor.page.place and self._is_open:
                self._begin(self._leave(visitor.page.place, visitor.person))

    async def _arrive(self, place: str, person: int) -> None:
        await self._ask(presence.arrive, self.name, [(place, person)])

    async def _leave(self, place: str, person: int) -> None:
        await asyncio.sleep(LEAVES_AFTER)
        if not self.exchange.is_present(place, person):
            await self._ask(presence.leave, self.name, [(place, person)])

    async def _beat(self) -> None:
        """Every heartbeat: who may not stay goes, who is here is said again, and every line is used once."""
        while True:
            await asyncio.sleep(settings.LIVE_HEARTBEAT)
            gone = await self._ask(unwelcome, {tab.visitor for tab in self.exchange.tabs})
            if isinstance(gone, set):
                self.exchange.dismiss(gone)
            await self._ask(presence.arrive, self.name, self.exchange.present)
            await self._ask(presence.forget)
            for number, tab in enumerate(list(self.exchange.tabs)):
                tab.hint(BEAT)
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0.01)

    async def _ask[**P, R](self, question: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | HTTPStatus:
        """Ask the database on the side; where it is away, nobody is sent off and nobody is let in."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._side, partial(_on_the_side, question, *args, **kwargs))
        except DatabaseError:
            logger.warning("live channel could not ask the database", extra={"facts": {"question": question.__name__}})
            return HTTPStatus.SERVICE_UNAVAILABLE

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _on_the_side[**P, R](question: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """In a thread of ours: nothing keeps a connection between two questions."""
    try:
        return question(*args, **kwargs)
    finally:
        connection.close()


def _written(words: list[str]) -> bytes:
    """Hints as events; a heartbeat is a comment, and speaks only when nothing else does."""
    events = [word for word in words if word != BEAT]
    if BYE in events:
        events = [BYE]
    return "".join(f"event: {word}\ndata:\n\n" for word in events).encode() or b":\n\n"


async def _until_gone(receive: Any, tab: Tab) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    tab.close()


async def _refuse(send: Any, status: HTTPStatus) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"GET"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": status.phrase.encode()})


def _session_key(scope: Any) -> str:
    """The session named by the request's cookie; empty where there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            except CookieError:
                return ""
            if morsel:
                return morsel.value
    return ""


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) <= 18
