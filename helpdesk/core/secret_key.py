"""A secret for houses that were given none: made once, kept beside the data."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path


def kept_secret_key(data_dir: Path) -> str:
    """The secret kept in ``data_dir``; made at the first call, by one process even when several start."""
    path = data_dir / "secret-key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    return _read(path)


def _read(path: Path) -> str:
    for _attempt in range(50):
        if key := path.read_text(encoding="ascii").strip():
            return key
        time.sleep(0.02)  # its maker has not written it yet
    raise RuntimeError(f"{path} is empty; delete it and start again.")
