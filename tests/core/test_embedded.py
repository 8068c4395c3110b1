"""The embedded PostgreSQL: shared by its holders, stopped by the last, whoever was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from helpdesk.core import embedded
from helpdesk.core.embedded import EmbeddedServer
from helpdesk.core.supervisor import adopt_orphans

from .processes import ROOT

pytestmark = pytest.mark.slow

HOLD = """
import sys, time
from pathlib import Path
from helpdesk.core.embedded import EmbeddedServer
EmbeddedServer(Path(sys.argv[1]), careless=True).start()
print("held", flush=True)
time.sleep(60)
"""


def test_last_holder_stops_the_server(open_path):
    first, second = (EmbeddedServer(open_path / "pg", careless=True) for _ in range(2))
    first.start()
    second.start()
    first.stop()
    assert second.is_running()
    second.stop()
    assert not second.is_running()


def test_data_survive_a_stop(open_path):
    for expected in (1, 2):
        with EmbeddedServer(open_path / "pg", careless=True) as server:
            link = psycopg.connect(
                host=str(embedded.socket_folder(server.data)), user="postgres", dbname="helpdesk", autocommit=True
            )
            with link:
                link.execute("CREATE TABLE IF NOT EXISTS seen (n int)")
                link.execute("INSERT INTO seen VALUES (1)")
                assert link.execute("SELECT count(*) FROM seen").fetchone() == (expected,)


def test_killed_holder_holds_nothing(open_path):
    data = open_path / "pg"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(data)], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    server = EmbeddedServer(data, careless=True)
    assert server.is_running()  # nobody was left to stop it
    server.start()
    server.stop()
    assert not server.is_running()


def test_crashed_server_comes_back(open_path):
    data = open_path / "pg"
    adopt_orphans()  # how soon the machine's first process buries a zombie is not ours to know
    with EmbeddedServer(data, careless=True) as server:
        postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        os.waitpid(postmaster, 0)
        with EmbeddedServer(data, careless=True) as again:
            assert again.is_running()
        assert server.is_running()


def test_long_path_gets_a_short_socket(open_path):
    data = open_path / ("deep" * 15) / ("folder" * 8) / "pg"
    assert len(str(embedded.socket_folder(data))) < 80
    with EmbeddedServer(data, careless=True) as server:
        assert server.is_running()
