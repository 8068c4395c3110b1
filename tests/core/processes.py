"""Whole processes of the product for tests: an environment of their own, free ports, waiting."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("HELPDESK_", "DJANGO_", "DATABASE_", "EMAIL_", "S3_", "SECRET_", "ALLOWED_", "BASE_")


def environment(data: Path, **extra: str) -> dict[str, str]:
    """This machine's environment without anything that belongs to the product or to the running suite."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return clean | {"HELPDESK_DATA": str(data), "HELPDESK_STATIC": str(data / "static")} | extra


def manage(*arguments: str, env: dict[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


def start(*arguments: str, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], seconds: float, what: str = "") -> Any:
    """Wait for ``true`` to be so, at most ``seconds``; its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := true():
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what or true}")


def get(url: str) -> tuple[int, Any]:
    """Status and JSON body; (0, None) when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, None
