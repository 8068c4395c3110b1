"""``manage.py up``: everything comes up together, stays up, and ends together."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from pathlib import Path

import psutil
import pytest
from django.core.management.base import CommandError

from helpdesk.core.management.commands import up

from .processes import environment, free_port, get, manage, start, until

pytestmark = pytest.mark.slow


def _child(parent: psutil.Process, word: str) -> psutil.Process | None:
    try:
        for process in parent.children():
            # Leaders only: for a moment the supervisor is the parent of what a dead child has left behind, too.
            if word in " ".join(process.cmdline()) and os.getpgid(process.pid) == process.pid:
                return process
    except (psutil.NoSuchProcess, ProcessLookupError):  # gone while we looked; the caller looks again
        pass
    return None


@pytest.mark.timeout(180)
def test_up_serves_restarts_what_dies_and_leaves_nothing_behind(open_path):
    port = free_port()
    log = open_path / "log"
    process = start("up", "--port", str(port), env=environment(open_path / "data"), log=log)
    try:
        _walk(psutil.Process(process.pid), port, log)
    except BaseException:
        process.kill()
        raise
    finally:
        process.wait()


def _walk(parent: psutil.Process, port: int, log: Path) -> None:
    url = f"http://127.0.0.1:{port}"
    until(lambda: "is open at" in log.read_text(), 90, "the greeting")
    assert get(f"{url}/healthz") == (200, {"status": "ok"})
    until(lambda: get(f"{url}/readyz")[0] == 200, 20, "ready")

    # A worker killed outright is swept up with what it had forked, and replaced.
    worker = _child(parent, "qcluster")
    assert worker is not None
    forked = worker.children(recursive=True)
    assert forked
    os.kill(worker.pid, signal.SIGKILL)
    replaced = until(lambda: (new := _child(parent, "qcluster")) and new.pid != worker.pid and new, 20, "a new worker")
    until(lambda: not any(orphan.is_running() for orphan in forked), 10, "no orphans")
    until(lambda: replaced.children(recursive=True), 20, "the new worker at work")
    assert "The worker has ended (SIGKILL); starting it again" in log.read_text()

    web = _child(parent, "manage.py web")
    assert web is not None
    os.kill(web.pid, signal.SIGKILL)
    until(lambda: (new := _child(parent, "manage.py web")) and new.pid != web.pid, 20, "a new web process")
    until(lambda: get(f"{url}/healthz")[0] == 200, 20, "the web is back")

    postmaster = int((log.parent / "data" / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    until(lambda: "PostgreSQL had ended and is started again." in log.read_text(), 20, "PostgreSQL is back")
    until(lambda: get(f"{url}/readyz")[0] == 200, 30, "ready again")

    everything = [parent, *parent.children(recursive=True)]
    parent.terminate()
    _gone, alive = psutil.wait_procs(everything, timeout=15)
    assert [process.pid for process in alive] == []
    assert log.read_text().rstrip().endswith("Stopped.")
    assert not (log.parent / "data" / "postgres" / "postmaster.pid").exists()
    assert get(f"{url}/healthz") == (0, None)


def test_up_interrupted_while_starting_stops_postgresql(open_path):
    log = open_path / "log"
    data = open_path / "data"
    process = start("up", "--port", str(free_port()), env=environment(data), log=log)
    until((data / "postgres" / "postmaster.pid").exists, 30, "PostgreSQL starting")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_up_port_taken_says_so(open_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = manage("up", "--port", str(port), env=environment(open_path / "data"))
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"CommandError: Port {port} is taken by another program; stop it or choose another one with --port."
    )


def test_up_postgresql_of_another_version_says_so(open_path):
    data = open_path / "data"
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("15\n")
    done = manage("up", "--port", str(free_port()), env=environment(data))
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"CommandError: The data in {data}/postgres are of PostgreSQL 15 and this is 18; "
        "dump them with the old version and restore them here."
    )


def test_up_broken_postgresql_says_so(open_path):
    data = open_path / "data"
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("18\n")
    done = manage("up", "--port", str(free_port()), env=environment(data), timeout=100)
    assert done.returncode == 1
    assert done.stderr.startswith(f"CommandError: PostgreSQL did not come up in {data}/postgres: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_up_database_away_says_so(open_path):
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    env = environment(open_path, DATABASE_URL=away, HELPDESK_DATABASE_WAIT="0")
    done = manage("up", "--port", str(free_port()), env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: PostgreSQL does not answer: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_up_full_disk_says_so(monkeypatch, settings, open_path):
    settings.DATA_DIR = open_path
    usage = shutil.disk_usage(open_path)._replace(free=3 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(CommandError, match=r"is full \(3 MB left\); make some room first\.$"):
        up._refuse_full_disk()
