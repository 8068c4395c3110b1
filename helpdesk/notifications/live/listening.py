"""The one connection of this process that hears what is called out in the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import psycopg
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from .topics import CHANNEL

logger = logging.getLogger("helpdesk.live")

NAME = "helpdesk live"  # as pg_stat_activity shows the connection
_BACK_OFF = (0.2, 0.5, 1, 2, 5)
# A line that is cut without a word is noticed after about a minute (over a network; a local socket ends at once).
_ALIVE = {"keepalives": 1, "keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 4}
# What only Django's own connections understand.
_DJANGOS = ("cursor_factory", "context", "prepare_threshold")


async def listen(heard: Callable[[str], None], deaf_no_more: Callable[[], None]) -> None:
    """Listen until cancelled, whatever becomes of the connection.

    Args:
        heard: is given each payload.
        deaf_no_more: called when a lost connection is there again; what was called out meanwhile was not heard.
    """
    attempt, was_lost = 0, False
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as link:
                await link.execute(f"LISTEN {CHANNEL}")
                if was_lost:
                    deaf_no_more()
                    logger.info("live channel hears again")
                attempt = 0
                async for notification in link.notifies():
                    heard(notification.payload)
        except (psycopg.Error, OSError) as error:
            if attempt == 0:
                logger.warning("live channel lost its connection", extra={"facts": {"error": type(error).__name__}})
        was_lost = True
        await asyncio.sleep(_BACK_OFF[min(attempt, len(_BACK_OFF) - 1)])
        attempt += 1


def _parameters() -> dict[str, Any]:
    parameters = cast(DatabaseWrapper, connection).get_connection_params()
    for name in _DJANGOS:
        parameters.pop(name, None)
    return _ALIVE | parameters | {"application_name": NAME}
