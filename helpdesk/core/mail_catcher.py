"""A small mail server that delivers to a folder, so that mail is real where no mail server is."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count(1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        to = re.sub(r"[^a-zA-Z0-9@._-]", "_", ",".join(envelope.rcpt_tos))[:80]
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{next(self.numbers):05d}-{to}.eml"
        content = envelope.content if isinstance(envelope.content, bytes) else envelope.content.encode()
        part = self.folder / f".{name}.part"
        part.write_bytes(content)
        part.rename(self.folder / name)  # a reader never sees half a letter
        return "250 Message accepted for delivery"


class MailCatcher:
    """Accepts every letter at ``host:port`` and keeps it as an .eml file in ``folder``."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.host = host
        self.port = port or _free_port(host)
        self._controller = Controller(_Folder(folder), hostname=host, port=self.port, decode_data=False)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
