"""A web process of its own on the test's database, and tabs that listen to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client

from helpdesk.notifications.live.listening import NAME
from helpdesk.notifications.live.topics import CHANNEL
from helpdesk.people.models import User
from tests.core.processes import free_port, start, until

# What arrives on this machine arrives within this time, however busy it is.
SOON = 30.0
# So long nothing comes to those who are not meant.
QUIET = 0.7


@contextmanager
def web_process(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """``manage.py web`` as production starts it, on the database of this test; its address and the process."""
    database, port = connection.settings_dict, free_port()
    address = urlunsplit(
        (
            "postgresql",
            f"{quote(database['USER'])}:{quote(database['PASSWORD'] or '')}@:{database['PORT'] or ''}",
            f"/{database['NAME']}",
            urlencode({"host": database["HOST"]}),
            "",
        )
    )
    env = {name: value for name, value in os.environ.items() if name != "HELPDESK_LIVE"} | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": address,
        "SECRET_KEY": settings.SECRET_KEY,
        "LIVE_HEARTBEAT": "1",
        "HELPDESK_FILES": str(folder / "files"),
        "HELPDESK_STATIC": str(folder / "static"),
    }
    process = start("web", "--port", str(port), env=env, log=folder / "web.log")
    try:
        until(lambda: _answers(port, process), 120, f"the web process; see {folder / 'web.log'}")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the web process has ended"
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == 200 and listeners() != []
    except OSError:
        return False
    finally:
        link.close()


def listeners() -> list[int]:
    """The processes of PostgreSQL that serve the listening connections to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database() "
            "AND query LIKE 'LISTEN%%'",
            [NAME],
        )
        return [pid for (pid,) in cursor.fetchall()]


class Tab:
    """One open tab of a person: a stream, read by a thread."""

    def __init__(self, base: str, person: User | None, page: str = "", *, cookie: str = "") -> None:
        self.heard: list[str] = []
        self.ended = threading.Event()
        client = Client()
        if person is not None:
            client.force_login(person)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.session = cookie
        host, _colon, port = base.removeprefix("http://").partition(":")
        self._link = socket.create_connection((host, int(port)), timeout=120)
        lines = [f"GET /live/?page={page} HTTP/1.1", f"Host: {host}"]
        if cookie:
            lines.append(f"Cookie: {settings.SESSION_COOKIE_NAME}={cookie}")
        self._link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._lines = self._link.makefile("rb")
        self.status = int(self._lines.readline().split()[1])
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()
            self.hears("hello")

    def _read(self) -> None:
        # Events stand on lines of their own, between the sizes of the pieces that carry them.
        with suppress(OSError, ValueError):
            for line in self._lines:
                if line.startswith(b"event: "):
                    self.heard.append(line[7:].strip().decode())
                elif line == b"0\r\n":
                    break
        self.ended.set()

    def hears(self, *words: str) -> None:
        """These events arrive, in any order and beside others; then they are forgotten."""
        until(lambda: set(words) <= set(self.heard), SOON, f"{words} among {self.heard}")
        for word in words:  # in place: the thread may be adding to the list
            while word in self.heard:
                self.heard.remove(word)

    def hears_nothing(self) -> None:
        time.sleep(QUIET)
        assert self.heard == []

    def close(self) -> None:
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        self._link.close()


@contextmanager
def link_to_database() -> Iterator[psycopg.Connection]:
    """A connection to the database of this test that belongs to nobody else."""
    database = connection.settings_dict
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"] or None,
        user=database["USER"],
        password=database["PASSWORD"] or None,
        dbname=database["NAME"],
        autocommit=True,
    ) as link:
        yield link


@contextmanager
def listening() -> Iterator[Callable[[], list[str]]]:
    """What is called out from now on: call it for what came since the last time, one payload an item, sorted."""
    with link_to_database() as link:
        link.execute(f"LISTEN {CHANNEL}")
        yield lambda: sorted(one.payload for one in link.notifies(timeout=0.3))


def terminate_listeners() -> None:
    """As a restart of PostgreSQL would: the listening connections are cut."""
    with link_to_database() as link:
        for pid in listeners():
            link.execute("SELECT pg_terminate_backend(%s)", [pid])
