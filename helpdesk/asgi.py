"""One port for everything: pages go through to WSGI, where they are twice as fast as under ASGI; beside them stands
the live channel, whose many open streams need no thread.
"""

import asyncio
import os
import resource
import signal
import threading
from types import FrameType
from typing import Any, cast

os.environ.setdefault("HELPDESK_LIVE", "1")  # pages may count on /live/

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from helpdesk import env
from helpdesk.wsgi import application as pages

# isort: split
from helpdesk.notifications.live.door import LiveDoor  # needs the apps, which the pages have made ready

THREADS = env.number("WEB_THREADS", 8, at_least=1, at_most=64)

_pages = WSGIMiddleware(cast(Any, pages), workers=THREADS)
_live = LiveDoor()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers the server's own life signals, and hands every request to the pages or to the live channel."""
    if scope["type"] == "lifespan":
        await _live_and_die(receive, send)
    elif scope["type"] == "http":
        door = _live if settings.LIVE and scope["path"].startswith("/live/") else _pages
        await door(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})


async def _live_and_die(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup" and settings.LIVE:
            _allow_many_streams()
            _end_streams_on_signals()
            await _live.open()
        elif message["type"] == "lifespan.shutdown":
            if settings.LIVE:
                await _live.close()
            cast(DatabaseWrapper, connection).close_pool()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _allow_many_streams() -> None:
    """Every open tab is an open file; the usual 1,024 of a process would be used up by as many tabs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.LIVE_CHANNELS + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _end_streams_on_signals() -> None:
    """A server that is told to stop first waits for all requests to end, and only then tells its application.

    Streams never end by themselves: so they are ended by the same signal.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # where the server hears no signals, neither do we
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers_own = signal.getsignal(number)

        def both(number: int, frame: FrameType | None, then: Any = servers_own) -> None:
            loop.call_soon_threadsafe(_live.shut)
            if callable(then):
                then(number, frame)

        signal.signal(number, both)
