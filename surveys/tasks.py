"""What the worker runs for surveys. Every task may run twice, late, or beside another worker."""

from __future__ import annotations

from datetime import datetime

from . import actions


def end_unanswered(at: datetime | None = None) -> int:
    """End the engagements whose surveys nobody has answered in time; returns how many."""
    return actions.end_unanswered(at=at)
