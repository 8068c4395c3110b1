"""The product's processes, started as production starts them, and what they weigh."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STARTS_WITHIN = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def web(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The web process: one, with its threads, as ``manage.py web`` serves."""
    command = [
        sys.executable, "-m", "uvicorn", "tests.bench.asgi:application", "--host", "127.0.0.1", "--port", str(port),
        "--log-level", "error", "--no-access-log", "--no-server-header", "--no-proxy-headers", "--ws", "none",
        "--timeout-keep-alive", "600",  # on a busy machine a browser may wait long for its turn
    ]  # fmt: skip
    with _process(command, HELPDESK_POOL="1") as process:
        deadline = time.monotonic() + _STARTS_WITHIN
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The web process did not start; its lines stand above.")
            time.sleep(0.1)
        yield process


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """The worker with all its processes."""
    with _process([sys.executable, "manage.py", "qcluster"]) as process:
        yield process


@contextmanager
def _process(command: list[str], **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "HELPDESK_SERVER_HELD": "1", **extra}
    process = subprocess.Popen(command, start_new_session=True, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        link.request("GET", "/bare/?upto=2")
        return link.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        link.close()


@contextmanager
def children(command: list[str], count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that wait for a line before they begin."""
    started = [
        subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "HELPDESK_SERVER_HELD": "1"},
        )
        for _one in range(count)
    ]
    try:
        yield started
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
            process.wait()


def family(pid: int) -> list[int]:
    """A process and everything that it has started."""
    found = [pid]
    for children_file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children_file.read_text().split():
            found += family(int(child))
    return found


def weight(pid: int) -> dict[str, float]:
    """What one process weighs, in MB: its own and its share of what it has in common (PSS), and all it sees (RSS)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup if line.startswith(("Pss:", "Rss:"))}
    return {"pss": kilobytes["Pss"] / 1024, "rss": kilobytes["Rss"] / 1024}
