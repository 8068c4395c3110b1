"""Quiet hours and the hour of the daily letter, by the wall clock of the person's zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from helpdesk.people.quiet import end_of_quiet, next_daily

SAO_PAULO, BERLIN = "America/Sao_Paulo", "Europe/Berlin"


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "start", "end", "ends"),
    [
        ("2026-03-10 12:59", "UTC", time(13), time(14), None),
        ("2026-03-10 13:00", "UTC", time(13), time(14), "2026-03-10 14:00"),
        ("2026-03-10 14:00", "UTC", time(13), time(14), None),
        # Over midnight: before it, after it, and by the person's clock rather than by ours.
        ("2026-03-10 22:00", "UTC", time(22), time(7), "2026-03-11 07:00"),
        ("2026-03-11 06:59", "UTC", time(22), time(7), "2026-03-11 07:00"),
        ("2026-03-11 07:00", "UTC", time(22), time(7), None),
        ("2026-03-11 01:30", SAO_PAULO, time(22), time(7), "2026-03-11 10:00"),
        ("2026-03-11 00:30", SAO_PAULO, time(22), time(7), None),
        # Clocks go forward in the night of 29 March: seven in the morning comes an hour earlier.
        ("2026-03-28 22:00", BERLIN, time(22), time(7), "2026-03-29 05:00"),
        ("2026-03-27 22:00", BERLIN, time(22), time(7), "2026-03-28 06:00"),
        # An end that this night does not have comes after the jump.
        ("2026-03-29 00:30", BERLIN, time(0), time(2, 30), "2026-03-29 01:30"),
        # Clocks go back on 25 October; the hour that comes twice has two ends.
        ("2026-10-24 22:00", BERLIN, time(22), time(7), "2026-10-25 06:00"),
        ("2026-10-25 00:10", BERLIN, time(0), time(2, 30), "2026-10-25 00:30"),
        ("2026-10-25 01:10", BERLIN, time(0), time(2, 30), "2026-10-25 01:30"),
        ("2026-03-10 13:00", "UTC", None, None, None),
    ],
)
def test_end_of_quiet_hours(now: str, zone: str, start: time | None, end: time | None, ends: str | None) -> None:
    assert end_of_quiet(_utc(now), zone, start, end) == (_utc(ends) if ends else None)


@pytest.mark.parametrize(("hour", "zone"), [(time(2, 30), BERLIN), (time(7), BERLIN), (time(0), SAO_PAULO)])
def test_daily_letter_comes_once_on_every_day_of_the_year(hour: time, zone: str) -> None:
    now, days = _utc("2026-01-01 12:00"), []
    for _day in range(365):
        now = next_daily(now, zone, hour)
        days.append(now)
    assert len({(one - timedelta(hours=3)).date() for one in days}) == 365
    assert all(timedelta(hours=22) < later - one < timedelta(hours=26) for one, later in pairwise(days))
