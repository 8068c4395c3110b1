"""Periods: whole days in the reader's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
# Up to how many days a line has a point a day, and a point a week.
_BY_DAY, _BY_WEEK = 45, 200


@dataclass(frozen=True)
class Bucket:
    """A point of a line: the days from ``first`` to ``last``, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to ``last``, both included; all time where they are None.

    Attributes:
        zone: whose midnights begin and end the days.
    """

    zone: tzinfo
    first: date | None = None
    last: date | None = None

    @property
    def start(self) -> datetime | None:
        return datetime.combine(self.first, time.min, self.zone) if self.first else None

    @property
    def end(self) -> datetime | None:
        """The first instant that is outside again."""
        return datetime.combine(self.last + _DAY, time.min, self.zone) if self.last else None

    @property
    def days(self) -> int | None:
        return (self.last - self.first).days + 1 if self.first and self.last else None

    @property
    def before(self) -> Period | None:
        """As many days just before; nothing is before all time."""
        if self.first is None or self.days is None:
            return None
        return Period(self.zone, self.first - self.days * _DAY, self.first - _DAY)

    @property
    def unit(self) -> str:
        """What a point of a line stands for: day, week (from Monday) or month."""
        if self.days is None or self.days > _BY_WEEK:
            return "month"
        return "day" if self.days <= _BY_DAY else "week"

    def buckets(self, first: date, last: date) -> Iterator[Bucket]:
        """The units from the one that holds ``first`` to the one that holds ``last``, cut to these days."""
        while first <= last:
            after = self.begin_of(first)
            if self.unit == "day":
                after += _DAY
            elif self.unit == "week":
                after += 7 * _DAY
            else:
                after = (after + 31 * _DAY).replace(day=1)
            yield Bucket(first, min(after - _DAY, last))
            first = after

    def begin_of(self, day: date) -> date:
        """The first day of the unit that holds ``day``."""
        if self.unit == "month":
            return day.replace(day=1)
        return day - timedelta(days=day.weekday()) if self.unit == "week" else day


def preset(name: str, today: date, zone: tzinfo) -> Period:
    """The period that a choice means: a number of days up to today, ``month``, ``year``, or ``all``."""
    if name == "all":
        return Period(zone)
    if name == "month":
        return Period(zone, today.replace(day=1), today)
    if name == "year":
        return Period(zone, today.replace(month=1, day=1), today)
    return Period(zone, today - (int(name) - 1) * _DAY, today)


def custom(first: date, last: date, zone: tzinfo) -> Period:
    return Period(zone, first, last)
