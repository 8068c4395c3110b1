"""PostgreSQL is restarted under a running web process: nobody has to do anything, and no notice is lost."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from helpdesk.core.embedded import EmbeddedServer, database
from helpdesk.notifications.models import Notification
from tests import walks
from tests.cast import make_cast
from tests.core.processes import until
from tests.live import Tab, listeners, web_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_AT_ONCE = 6
_AWAY = 2.5  # seconds, in which the channel wants to beat twice and cannot ask who may stay


@contextmanager
def server_of_its_own(data: Path, blocker: Any) -> Iterator[EmbeddedServer]:
    """A server beside the suite's, which others need; this process works on it meanwhile."""
    server = EmbeddedServer(data, careless=True)
    settings, usual = connection.settings_dict, dict(connection.settings_dict)
    with blocker.unblock(), server:
        connection.close()
        settings.update(
            {name: value for name, value in database(server.data).items() if name in {"NAME", "USER", "HOST"}}
        )
        try:
            call_command("migrate", interactive=False, verbosity=0)
            yield server
        finally:
            connection.close()
            settings.update(usual)


def asks(base: str, path: str, session: str) -> tuple[int, str]:
    """Status and text of one page, over a connection of its own."""
    link = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
    try:
        link.request("GET", path, headers={"Cookie": f"sessionid={session}"})
        answer = link.getresponse()
        return answer.status, answer.read().decode()
    finally:
        link.close()


def test_restart_of_postgresql_loses_no_notice(open_path: Path, tmp_path: Path, django_db_blocker: Any) -> None:
    """R2.36: streams stay, no page fails; everybody looks again, and the hub has what came meanwhile."""
    with server_of_its_own(open_path / "pg", django_db_blocker) as server:
        cast = make_cast()
        with web_process(tmp_path) as (base, process), ThreadPoolExecutor(_AT_ONCE) as people:
            ada, rita = Tab(base, cast.ada, "queue"), Tab(base, cast.rita, "tickets")
            walks.opened(cast, subject="Before")
            ada.hears("hub", "page")
            rita.hears("page")
            known = Notification.objects.latest("pk").pk

            def everybody_asks() -> set[int]:
                """Many at once, so that the process has many connections."""
                pages = [people.submit(asks, base, "/panel/queue/", ada.session) for _one in range(3 * _AT_ONCE)]
                return {page.result()[0] for page in pages}

            assert everybody_asks() == {200}
            connection.close()
            server.stop()
            assert not server.is_running()
            time.sleep(_AWAY)
            assert (ada.ended.is_set(), rita.ended.is_set(), process.poll()) == (False, False, None)

            # It is there again, and something happens before the channel has noticed.
            server.start()
            walks.opened(cast, subject="Meanwhile")
            assert everybody_asks() == {200}
            for tab in (ada, rita):
                until(lambda tab=tab: "again" in tab.heard, 30, "the word to look again")
            status, bell = asks(base, f"/notifications/bell/?after={known}", ada.session)
            assert (status, "Meanwhile" in bell, "Before" in bell) == (200, True, False)
            assert len(until(listeners, 10)) == 1

            # The same streams go on.
            ada.heard.clear()
            walks.opened(cast, subject="Afterwards")
            ada.hears("hub", "page")
            assert (ada.ended.is_set(), rita.ended.is_set(), process.poll()) == (False, False, None)
