"""Files that go with letters: read when the letter is sent, so that the outbox holds no second copy of them.

Which kind of letter encloses something stands in ``kinds``, as a dotted name: the floor that has the file gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string

from .kinds import ALL


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One file of a letter."""

    name: str
    content_type: str
    content: bytes


def of(kind: str, facts: Mapping[str, Any]) -> Enclosure | None:
    """What goes with a letter; None where its kind encloses nothing, or there is nothing (any more)."""
    entry = ALL.get(kind)
    found: Enclosure | None = import_string(entry.encloses)(facts) if entry and entry.encloses else None
    return found
