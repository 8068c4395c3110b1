"""Hours of a person's day: when letters may not come, and when the daily one does. Pure functions of instants."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta


def end_of_quiet(now: datetime, zone: str, start: time | None, end: time | None) -> datetime | None:
    """When the quiet hours end in which ``now`` lies; None outside of them, and where there are none.

    They may go over midnight. Where clocks change, the wall clock counts: an end that this day does not have comes when
    the clocks have jumped over it.
    """
    if start is None or end is None:
        return None
    local = now.astimezone(zoneinfo.ZoneInfo(zone))
    clock = local.time()
    if not is_within(clock, start, end):
        return None
    day = local.date() + timedelta(days=1) if start > end and clock >= start else local.date()
    found = _instant(day, end, zone)
    return found if found > now else _instant(day, end, zone, fold=1)


def is_within(clock: time, start: time, end: time) -> bool:
    """Whether an hour lies between two others, the first of them included, perhaps over midnight."""
    return start <= clock < end if start < end else clock >= start or clock < end


def next_daily(now: datetime, zone: str, at: time) -> datetime:
    """The next instant after ``now`` at which the wall clock says ``at``; once on every day."""
    today = now.astimezone(zoneinfo.ZoneInfo(zone)).date()
    found = _instant(today, at, zone)
    return found if found > now else _instant(today + timedelta(days=1), at, zone)


def _instant(day: date, at: time, zone: str, fold: int = 0) -> datetime:
    return datetime.combine(day, at.replace(fold=fold), tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC)
