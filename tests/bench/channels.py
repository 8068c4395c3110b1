"""Open live channels: what one weighs, how soon a commit is in the tab, what pages cost beside
them, and what a restart of PostgreSQL does to them."""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from helpdesk.core.clock import CLOCK
from helpdesk.core.embedded import EmbeddedServer
from helpdesk.notifications.actions import Notices
from helpdesk.notifications.models import Notification
from helpdesk.people.models import User

from . import serving
from .client import Browser, session_of

_AT_ONCE = 20  # so many come at the same instant
_WITHIN = 30.0
_WARM_UP = 8  # every thread of the process has drawn both pages once
_LOOKING = 50  # so many people look again after the restart
_SOON = 2.0  # seconds in which a hint has to be in the tab
_NOISE = 1.2  # what the same measurement differs by from one time to the next


@dataclass(frozen=True)
class Finding:
    """Of ``channels`` open tabs in one web process.

    Attributes:
        kilobytes: what each adds to the web process.
        p50, p95: seconds from the commit to the tab.
        page_alone, page_beside: the queue's median time before they came and while they are open.
        ratio_alone, ratio_beside: the same, compared with the bare view's at the same moment.
        opened: seconds until all were open.
        recovered: seconds from stopping PostgreSQL until it was there again and all had been told to look.
        lost: how many people did not find in their hub what was written before the channel had its connection again.
    """

    channels: int
    kilobytes: float
    p50: float
    p95: float
    page_alone: float
    page_beside: float
    ratio_alone: float
    ratio_beside: float
    opened: float
    recovered: float
    lost: int


class Tabs:
    """Many tabs at one web process, read by one thread."""

    def __init__(self, port: int, people: list[User]) -> None:
        self.heard: defaultdict[int, dict[str, float]] = defaultdict(dict)
        self._cookies = {person.pk: f"{settings.SESSION_COOKIE_NAME}={session_of(person)}" for person in people}
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._tasks: list[asyncio.Task[None]] = []
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def open(self) -> None:
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    def close(self) -> None:
        async def end() -> None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def all_heard(self, word: str, people: list[int]) -> None:
        """Wait until all of ``people`` have heard ``word``."""
        deadline = time.perf_counter() + _WITHIN
        while not all(word in self.heard[pk] for pk in people):
            if time.perf_counter() > deadline:
                missing = sum(word not in self.heard[pk] for pk in people)
                raise SystemExit(f"{missing} of {len(people)} open channels never heard “{word}”.")
            time.sleep(0.005)

    async def _open(self) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)
        opening = []
        for pk, cookie in self._cookies.items():
            is_open = self._loop.create_future()
            self._tasks.append(self._loop.create_task(self._read(pk, cookie, gate, is_open)))
            opening.append(is_open)
        await asyncio.gather(*opening)

    async def _read(self, pk: int, cookie: str, gate: asyncio.Semaphore, is_open: asyncio.Future[None]) -> None:
        try:
            async with gate:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                head = f"GET /live/?page=tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nCookie: {cookie}\r\n\r\n"
                writer.write(head.encode())
                status = await reader.readline()
                if b" 200 " not in status:
                    raise SystemExit(f"A live channel was answered {status.decode().strip()}.")
                while not (await reader.readline()).startswith(b"event: hello"):
                    pass
            is_open.set_result(None)
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    self.heard[pk].setdefault(line[7:].strip().decode(), time.perf_counter())
        except BaseException as failure:
            if not is_open.done():
                is_open.set_exception(failure)
            raise


def measure(
    port: int,
    pid: int,
    server: EmbeddedServer,
    people: list[User],
    agent: User,
    *,
    upto: int,
    rounds: int,
    say: Callable[[str], None],
) -> Finding:
    """Open a channel for each of ``people`` and look at everything that it changes; then restart PostgreSQL."""
    _allow_many(len(people) + 256)
    page_alone, ratio_alone = _queue(port, agent, upto, rounds)
    before = serving.weight(pid)["pss"]
    tabs = Tabs(port, people)
    began = time.perf_counter()
    tabs.open()
    opened = time.perf_counter() - began
    say(f"{len(people):,} live channels open after {opened:.1f} s")
    kilobytes = (serving.weight(pid)["pss"] - before) * 1024 / len(people)
    delays = [_delay(tabs, people) for _turn in range(rounds)]
    page_beside, ratio_beside = _queue(port, agent, upto, rounds)
    recovered, lost = _restart(server, tabs, people, port)
    _delay(tabs, people)  # it hears as before
    tabs.close()
    return Finding(
        channels=len(people),
        kilobytes=kilobytes,
        p50=statistics.median(delays),
        p95=statistics.quantiles(delays, n=20, method="inclusive")[-1],
        page_alone=page_alone,
        page_beside=page_beside,
        ratio_alone=ratio_alone,
        ratio_beside=ratio_beside,
        opened=opened,
        recovered=recovered,
        lost=lost,
    )


def sentence(found: Finding) -> str:
    missed = [
        what
        for what, is_missed in (
            ("from commit to tab", found.p95 > _SOON),
            ("pages beside them", found.ratio_beside > found.ratio_alone * _NOISE),
            ("notices lost", found.lost > 0),
        )
        if is_missed
    ]
    return (
        f"{found.channels:,} live channels: {found.kilobytes:.0f} KB each; from commit to tab p50 "
        f"{found.p50 * 1000:.0f} ms, p95 {found.p95 * 1000:.0f} ms; the queue's p50 {found.page_beside * 1000:.1f} ms "
        f"(ratio {found.ratio_beside:.2f}) beside them and {found.page_alone * 1000:.1f} ms (ratio {found.ratio_alone:.2f}) "
        f"alone; {found.recovered:.1f} s from the stop of PostgreSQL until it is back and all look again, "
        f"{found.lost} notices lost" + (f"  missed: {', '.join(missed)}" if missed else "")
    )


def _delay(tabs: Tabs, people: list[User]) -> float:
    """How long until the slowest of ten people has heard of a notice to them all."""
    told = random.sample(people, min(10, len(people)))
    keys = [person.pk for person in told]
    for pk in keys:
        tabs.heard[pk].clear()
    _tell(told, "Measured")
    committed = time.perf_counter()
    tabs.all_heard("hub", keys)
    return max(tabs.heard[pk]["hub"] for pk in keys) - committed


def _tell(people: list[User], subject: str) -> None:
    at = timezone.now()
    notices = Notices(by=CLOCK, at=at)
    facts = {"number": 1, "subject": subject, "actor": "Somebody", "path": "/tickets/1/"}
    notices.tell("requester_wrote", people, facts=facts, key=f"bench-{at.timestamp()}")
    notices.write()  # autocommit


def _restart(server: EmbeddedServer, tabs: Tabs, people: list[User], port: int) -> tuple[float, int]:
    """Stop PostgreSQL, start it, and write to everybody at once, whether the channel hears already or not."""
    keys = [person.pk for person in people]
    known = Notification.objects.latest("pk").pk
    for pk in keys:
        tabs.heard[pk].clear()
    connection.close()
    began = time.perf_counter()
    server.stop()
    server.start()
    _tell(people, "Meanwhile")
    tabs.all_heard("again", keys)
    recovered = time.perf_counter() - began
    hub = Notification.objects.filter(recipient__in=keys, facts__subject="Meanwhile")
    lost = len(keys) - hub.values("recipient").distinct().count()
    # What a page does that was told to look again.
    for person in random.sample(people, min(_LOOKING, len(people))):
        bell = Browser("127.0.0.1", port, person).get(f"/notifications/bell/?after={known}")
        lost += b"Meanwhile" not in bell.content
    return recovered, lost


def _queue(port: int, agent: User, upto: int, rounds: int) -> tuple[float, float]:
    """The queue's median time, and its ratio to the bare view's, asked in turns."""
    browser, stranger = Browser("127.0.0.1", port, agent), Browser("127.0.0.1", port)
    bare, queue = [], []
    for turn in range(-_WARM_UP, rounds):
        seconds = stranger.get(f"/bare/?upto={upto}").seconds, browser.get("/panel/queue/").seconds
        if turn >= 0:
            bare.append(seconds[0])
            queue.append(seconds[1])
    return statistics.median(queue), statistics.median(queue) / statistics.median(bare)


def _allow_many(files: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (files if hard == resource.RLIM_INFINITY else min(files, hard), hard)
        )
