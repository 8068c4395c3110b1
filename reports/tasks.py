"""What the worker runs for reports. Every task may run twice, late, or after its report is gone."""

from __future__ import annotations

from datetime import datetime

from . import actions, making


def make(report_id: int) -> bool:
    """Make one report; True where it is ready."""
    return making.make(report_id)


def look_after(at: datetime | None = None) -> int:
    """Ask for what is due by schedule, and find what was forgotten on the way; scheduled every minute.

    Also after the end of the plan: reports only read (R3.18).
    """
    sent = actions.send_due(at=at)
    return sent + making.look_after(at=at)


def throw_away_old(at: datetime | None = None) -> int:
    """Throw away what was kept long enough; scheduled every hour."""
    return actions.throw_away_old(at=at)
