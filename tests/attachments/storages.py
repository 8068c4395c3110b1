"""Storages that fail, as real ones do."""

from __future__ import annotations

import errno
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage


class FullStorage(FileSystemStorage):
    """Has room for so many bytes; what does not fit any more is left half written, as on a disk."""

    def __init__(self, *, room: int, **options: Any) -> None:
        super().__init__(**options)
        self.room = room

    def _save(self, name: str, content: Any) -> str:
        data = b"".join(content.chunks())
        fits, self.room = data[: self.room], max(0, self.room - len(data))
        saved = super()._save(name, ContentFile(fits))
        if len(fits) < len(data):
            raise OSError(errno.ENOSPC, "No space left on device", name)
        return saved


class AwayStorage(FileSystemStorage):
    """Out of reach, in the words of a library and not of an operating system."""

    def _save(self, name: str, content: Any) -> str:
        raise RuntimeError("EndpointConnectionError")

    def _open(self, name: str, mode: str = "rb") -> Any:
        raise RuntimeError("EndpointConnectionError")

    def exists(self, name: str) -> bool:
        raise RuntimeError("EndpointConnectionError")
