"""Working time: how much of it lies between two instants, and when so much of it has passed (A8).

Nothing here knows a model. Hours are wall times of one place; everything is counted in instants, so nights in which
clocks change are as long as they are: an instant is working time when the clock on that wall reads a working hour.
What is asked most, a year's opening times, is worked out once and looked up from then on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

# Minutes after midnight, the end not included; beyond 1440 they belong to the next day, but to this one's work.
type Hours = tuple[tuple[int, int], ...]

DAY, HOUR, SECOND, TICK = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1), timedelta(microseconds=1)
MINUTES_A_DAY = 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What needs more years than these is never over; then the end of the last of them is as good as any other instant.
_YEARS_AT_MOST = 200
# No zone is further from UTC, and none changes its clocks twice within the second.
_FURTHEST, _STEP = timedelta(hours=26), timedelta(hours=3)


class WorkTime(Protocol):
    """Time that counts."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """How much time that counts lies from ``start`` to ``end``; none where the end comes first."""
        ...

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant at which ``amount`` has passed since ``start``, in UTC."""
        ...

    def end_of(self, start: datetime, period: timedelta) -> datetime:
        """When a period that people have set is over, in UTC.

        Whole days count working days: the same time of the day, so many working days later. Everything else counts
        working hours and minutes.
        """
        ...


@dataclass(frozen=True)
class RunningTime:
    """Every minute counts, day and night; a day is 24 hours."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta(0))

    def after(self, start: datetime, amount: timedelta) -> datetime:
        return start.astimezone(UTC) + amount

    def end_of(self, start: datetime, period: timedelta) -> datetime:
        return start.astimezone(UTC) + period


RUNNING = RunningTime()


@dataclass(frozen=True, slots=True)
class _Year:
    """The opening times of one year of UTC, in order and apart; in microseconds since the epoch.

    Attributes:
        before: how much working time of the year lies before each opening.
    """

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def until(self, tick: int) -> int:
        """How much of the year's working time has passed at ``tick``."""
        at = bisect_right(self.starts, tick) - 1
        return 0 if at < 0 else self.before[at] + min(tick, self.ends[at]) - self.starts[at]

    def when(self, amount: int) -> int:
        """The first instant at which ``amount`` of the year's working time, which is not more than it has, is over."""
        at = max(bisect_left(self.before, amount) - 1, 0)
        return self.starts[at] + amount - self.before[at]


@dataclass(frozen=True)
class WorkingHours:
    """The hours of a place: its week, its public holidays, and the days that are not as usual.

    Args:
        week: seven days, Monday first. A shift over midnight belongs to the day on which it begins.
        country: whose public holidays are days off (ISO 3166); empty: none are.
        subdivision: its state or region, where holidays differ.
        special: days with hours of their own, whatever the week and the holidays say; without any they are days off.
    """

    zone: str
    week: tuple[Hours, ...]
    country: str = ""
    subdivision: str = ""
    special: tuple[tuple[date, Hours], ...] = ()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not any(self.week):
            raise ValueError("Hours without a single hour would never let a deadline come.")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return timedelta(0)
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        passed = self._year(last).until(_ticks(end)) - self._year(first).until(_ticks(start))
        passed += sum(self._year(year).total for year in range(first, last))
        return passed * TICK

    def after(self, start: datetime, amount: timedelta) -> datetime:
        if amount <= timedelta(0):
            return start.astimezone(UTC)
        year = start.astimezone(UTC).year
        wanted = amount // TICK + self._year(year).until(_ticks(start))
        last = min(year + _YEARS_AT_MOST, MAXYEAR - 1)
        while wanted > self._year(year).total:
            wanted -= self._year(year).total
            year += 1
            if year > last:
                return datetime(year, 1, 1, tzinfo=UTC)
        return _EPOCH + self._year(year).when(wanted) * TICK

    def end_of(self, start: datetime, period: timedelta) -> datetime:
        days, rest = divmod(period, DAY)
        if rest or days <= 0:
            return self.after(start, period)
        # Outside working hours the first day begins with the next of them.
        opening = self.after(start, TICK) - TICK
        day, into = self._place_of(opening)
        while days and day.year < MAXYEAR - 1:
            day += DAY
            days -= bool(self.hours_on(day))
        return _at_wall(day, into, self._zone)

    def hours_on(self, day: date) -> Hours:
        """What is worked on the shifts that begin on ``day``."""
        special = dict(self.special).get(day) if self.special else None
        if special is not None:
            return special
        hours = self.week[day.weekday()]
        return () if hours and day in public_holidays(self.country, self.subdivision, day.year) else hours

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _place_of(self, opening: datetime) -> tuple[date, timedelta]:
        """The day whose work an instant of working time belongs to, and how far from its midnight it is."""
        local = opening.astimezone(self._zone).replace(tzinfo=None)
        midnight = datetime.combine(local.date(), datetime.min.time())
        into = local - midnight
        late = (into + DAY) / timedelta(minutes=1)
        if any(start <= late < end for start, end in self.hours_on(local.date() - DAY)):
            return local.date() - DAY, into + DAY
        return local.date(), into

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._work_out(year)
        return known

    def _work_out(self, year: int) -> _Year:
        begin, end = _ticks(datetime(year, 1, 1, tzinfo=UTC)), _ticks(datetime(year + 1, 1, 1, tzinfo=UTC))
        # Local days around it too: zones lie beside UTC, and shifts run into the next day.
        day, last = date(year, 1, 1) - 3 * DAY, date(year + 1, 1, 1) + 2 * DAY
        spans: list[tuple[int, int]] = []
        while day <= last:
            midnight = datetime.combine(day, datetime.min.time())
            for start, stop in self.hours_on(day):
                spans += _instants(midnight + start * HOUR / 60, midnight + stop * HOUR / 60, self._zone)
            day += DAY
        starts, ends, before, total = [], [], [], 0
        for start, stop in _apart(spans):
            start, stop = max(start, begin), min(stop, end)  # noqa: PLW2901 - cut to the year
            if start < stop:
                starts.append(start)
                ends.append(stop)
                before.append(total)
                total += stop - start
        return _Year(starts, ends, before, total)


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """The days off of a country, or of one of its subdivisions."""
    if not country:
        return frozenset()
    import holidays  # heavy, and only needed where a calendar says so

    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // TICK


def _at_wall(day: date, into: timedelta, zone: ZoneInfo) -> datetime:
    """The instant at which the wall's clock is ``into`` past the midnight of ``day``."""
    return (datetime.combine(day, datetime.min.time()) + into).replace(tzinfo=zone).astimezone(UTC)


def _instants(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """All instants at which the wall's clock reads from ``start`` to before ``end``, as spans of microseconds."""
    offsets = {wall.replace(tzinfo=zone, fold=fold).utcoffset() for wall in (start, end) for fold in (0, 1)}
    if len(offsets) == 1:
        offset = offsets.pop() or timedelta(0)
        yield _ticks((start - offset).replace(tzinfo=UTC)), _ticks((end - offset).replace(tzinfo=UTC))
        return
    # The clocks change nearby: each stretch with an offset of its own gives what of it reads a working hour.
    for begin, stop, offset in _stretches((start - _FURTHEST).replace(tzinfo=UTC), end + _FURTHEST, zone):
        first = max(begin, (start - offset).replace(tzinfo=UTC))
        last = min(stop, (end - offset).replace(tzinfo=UTC))
        if first < last:
            yield _ticks(first), _ticks(last)


def _stretches(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The time from ``start`` to ``end`` in pieces between changes of the clock, each with its distance from UTC."""
    end = end.replace(tzinfo=UTC)

    def offset_at(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta(0)

    begin = at = start
    while at < end:
        following = min(at + _STEP, end)
        offset = offset_at(at)
        if offset_at(following) != offset:
            low, high = at, following
            while high - low > SECOND:
                middle = low + (high - low) // (2 * SECOND) * SECOND
                low, high = (middle, high) if offset_at(middle) == offset else (low, middle)
            yield begin, high, offset
            begin = high
        at = following
    yield begin, end, offset_at(begin)


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """In order, with those that touch or overlap as one."""
    current: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if current and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current
