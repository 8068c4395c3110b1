"""What the tests of whole processes need."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach: pytest closes its folders to others, again and again."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
