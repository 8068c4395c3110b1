"""Working time against a count minute by minute, in places whose clocks change in every possible way (A8)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from helpdesk.core.worktime import RUNNING, Hours, WorkingHours, public_holidays

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = ("America/Sao_Paulo", "Europe/Moscow", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu", "UTC")
# Clocks changed then: by night, at midnight (a day without one), by a day left out, for good, by an odd quarter.
NIGHTS = {
    "America/Sao_Paulo": [datetime(2018, 2, 18, 2, tzinfo=UTC), datetime(2018, 11, 4, 3, tzinfo=UTC)],
    "Europe/Moscow": [datetime(2011, 3, 26, 23, tzinfo=UTC), datetime(2014, 10, 25, 22, tzinfo=UTC)],
    "Europe/Berlin": [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)],
    "Pacific/Apia": [datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2021, 4, 3, 14, tzinfo=UTC)],
    "Asia/Kathmandu": [datetime(1985, 12, 31, 18, 30, tzinfo=UTC)],
    "UTC": [datetime(2027, 1, 1, tzinfo=UTC)],
}
OFFICE: Hours = ((540, 720), (780, 1080))
WEEK = (OFFICE,) * 4 + (((540, 780),),) + ((), ())


def _office(zone: str = "UTC", **more: object) -> WorkingHours:
    return WorkingHours(zone, WEEK, **more)  # type: ignore[arg-type]  # whatever the test says


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@st.composite
def _hours(draw: st.DrawFn) -> Hours:
    """None, one or two shifts; the last one may go over midnight."""
    edges = sorted(draw(st.lists(st.integers(0, 2000), max_size=4, unique=True)))
    shifts = list(zip(edges[::2], edges[1::2], strict=False))
    return tuple((start, end) for start, end in shifts if start < 1440)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingHours:
    week = tuple(draw(st.lists(_hours(), min_size=7, max_size=7)))
    assume(any(week))
    zone = draw(st.sampled_from(ZONES))
    near = draw(st.sampled_from(NIGHTS[zone])).date()
    days = draw(st.dictionaries(st.integers(-3, 3), _hours(), max_size=2))
    return WorkingHours(zone, week, special=tuple((near + n * DAY, hours) for n, hours in days.items()))


def _instants(hours: WorkingHours, draw: st.DrawFn, most: int) -> tuple[datetime, datetime]:
    night = draw(st.sampled_from(NIGHTS[hours.zone]))
    start = night + draw(st.integers(-3 * 1440, 2 * 1440)) * MINUTE
    return start, start + draw(st.integers(0, most)) * MINUTE


def counted(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    """The same, by looking at the clock on the wall once a minute."""
    zone, count = ZoneInfo(hours.zone), 0
    while start < end:
        wall = start.astimezone(zone)
        into = wall.hour * 60 + wall.minute
        today, day_before = hours.hours_on(wall.date()), hours.hours_on(wall.date() - DAY)
        works = any(first <= into < last for first, last in today)
        count += works or any(first <= into + 1440 < last for first, last in day_before)
        start += MINUTE
    return count * MINUTE


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_elapsed_equals_a_count_minute_by_minute(data: st.DataObject) -> None:
    hours = data.draw(calendars())
    start, end = data.draw(st.composite(lambda draw: _instants(hours, draw, 3 * 1440))())
    assert hours.elapsed(start, end) == counted(hours, start, end)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_elapsed_adds_up_and_after_is_its_inverse(data: st.DataObject) -> None:
    hours = data.draw(calendars())
    start, end = data.draw(st.composite(lambda draw: _instants(hours, draw, 600 * 1440))())
    between = start + (end - start) * data.draw(st.floats(0, 1))
    whole = hours.elapsed(start, end)
    assert hours.elapsed(start, between) + hours.elapsed(between, end) == whole
    assert timedelta(0) <= hours.elapsed(start, between) <= whole <= end - start
    due = hours.after(start, whole)
    assert start <= due <= end
    assert hours.elapsed(start, due) == whole
    if whole:
        assert hours.elapsed(start, due - timedelta(microseconds=1)) < whole


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 9))
def test_after_and_end_of_never_come_earlier_for_more_or_later(
    data: st.DataObject, some: int, more: int, days: int
) -> None:
    hours = data.draw(calendars())
    start, later = data.draw(st.composite(lambda draw: _instants(hours, draw, 3 * 1440))())
    some, more = sorted((some, more))
    assert hours.after(start, some * MINUTE) <= hours.after(start, more * MINUTE)
    assert hours.after(start, some * MINUTE) <= hours.after(later, some * MINUTE)
    assert start <= hours.end_of(start, days * DAY) <= hours.end_of(start, (days + 1) * DAY)


@pytest.mark.parametrize(
    ("zone", "night", "length"),
    [
        ("Europe/Berlin", "2026-03-28", 7),
        ("Europe/Berlin", "2026-10-24", 9),
        ("Europe/Berlin", "2026-10-23", 8),
        ("America/Sao_Paulo", "2018-11-03", 7),  # there is no midnight
        ("Pacific/Apia", "2011-12-29", 2),  # the next day there was the 31st
    ],
)
def test_night_shift_is_as_long_as_the_night(zone: str, night: str, length: int) -> None:
    hours = WorkingHours(zone, (((22 * 60, 30 * 60),),) * 7, special=((date(2011, 12, 30), ()),))
    begin = at(f"{night} 12:00", zone)
    assert hours.elapsed(begin, begin + (DAY if zone != "Pacific/Apia" else 12 * 60 * MINUTE)) == length * 60 * MINUTE


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-03-10 09:00", 15, "2026-03-10 09:15"),
        ("2026-03-10 11:50", 15, "2026-03-10 13:05"),
        ("2026-03-10 17:55", 15, "2026-03-11 09:10"),
        ("2026-03-13 12:55", 15, "2026-03-16 09:10"),  # Friday ends at one
        ("2026-03-14 10:00", 15, "2026-03-16 09:15"),
        ("2026-03-10 10:00", 60 * 24, "2026-03-13 10:00"),  # 24 working hours are no day
        ("2026-03-10 17:00", 60, "2026-03-10 18:00"),  # the end of the day, not the next morning
        ("2026-03-10 20:00", 0, "2026-03-10 20:00"),
    ],
)
def test_minutes_are_working_minutes(start: str, minutes: int, due: str) -> None:
    """A8, A30."""
    assert _office().after(at(start), minutes * MINUTE) == at(due)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-10 10:30", 2, "2026-03-12 10:30"),
        ("2026-03-12 10:30", 2, "2026-03-16 10:30"),  # Thursday, Friday, and the weekend does not count
        ("2026-03-13 15:00", 1, "2026-03-17 09:00"),  # after hours on Friday: it begins on Monday at nine
        ("2026-03-14 10:00", 1, "2026-03-17 09:00"),
        ("2026-03-12 16:00", 1, "2026-03-13 16:00"),
        ("2026-12-23 10:00", 2, "2026-12-28 10:00"),  # Christmas is a Friday
    ],
)
def test_days_are_working_days_at_the_same_time_of_the_day(start: str, days: int, due: str) -> None:
    """A8, R1.27."""
    assert _office(country="DE", subdivision="BY").end_of(at(start), days * DAY) == at(due)


def test_days_keep_the_wall_time_when_clocks_change() -> None:
    hours = _office("Europe/Berlin")
    start = at("2026-03-27 10:00", "Europe/Berlin")
    assert hours.end_of(start, DAY) == at("2026-03-30 10:00", "Europe/Berlin")
    assert hours.end_of(start, DAY) - start == timedelta(days=3, hours=-1)


def test_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    hours = WorkingHours("UTC", (((1320, 1800),),) * 5 + ((), ()), special=((date(2026, 3, 11), ()),))
    assert hours.elapsed(at("2026-03-10 12:00"), at("2026-03-11 12:00")) == timedelta(hours=8)
    assert hours.elapsed(at("2026-03-11 12:00"), at("2026-03-12 12:00")) == timedelta(0)
    # Friday's shift at two in the morning, a day later: Monday's shift at two in the morning.
    assert hours.end_of(at("2026-03-14 02:00"), DAY) == at("2026-03-17 02:00")


def test_days_with_hours_of_their_own_win_over_week_and_holidays() -> None:
    hours = _office(country="BR", subdivision="SP", special=((date(2026, 4, 21), OFFICE), (date(2026, 4, 22), ())))
    assert date(2026, 4, 21) in public_holidays("BR", "SP", 2026)
    assert hours.elapsed(at("2026-04-20 00:00"), at("2026-04-25 00:00")) == timedelta(hours=8 + 8 + 0 + 8 + 4)


def test_running_time_counts_everything() -> None:
    """A8: 2 days are 48 hours."""
    start = at("2026-03-28 12:00", "Europe/Berlin")
    assert RUNNING.end_of(start, 2 * DAY) - start == timedelta(hours=48)
    assert RUNNING.after(start, MINUTE) - start == MINUTE
    assert (RUNNING.elapsed(start, start + DAY), RUNNING.elapsed(start + DAY, start)) == (DAY, timedelta(0))


@example(start="2026-03-10 09:00", minutes=5)
@given(st.sampled_from(["2026-03-10 09:00", "2026-03-14 09:00"]), st.integers(0, 10_000))
def test_every_hour_of_the_week_is_running_time(start: str, minutes: int) -> None:
    always = WorkingHours("Europe/Berlin", (((0, 1440),),) * 7)
    assert always.after(at(start), minutes * MINUTE) == RUNNING.after(at(start), minutes * MINUTE)
    assert always.elapsed(at(start), at(start) + minutes * MINUTE) == minutes * MINUTE


def test_hours_without_an_hour_are_refused_and_never_comes_some_time() -> None:
    with pytest.raises(ValueError, match="never let a deadline come"):
        WorkingHours("UTC", ((),) * 7)
    rarely = WorkingHours("UTC", (((0, 1),),) + ((),) * 6)
    assert rarely.after(at("2026-03-10 09:00"), timedelta(days=3650)).year == 2227


def test_a_year_takes_no_time_to_speak_of() -> None:
    """Whole years are looked up: far less than a millisecond each, once a calendar is known."""
    hours, start = _office("America/Sao_Paulo", country="BR"), at("2026-01-02 10:00")
    hours.after(start, timedelta(hours=1900))
    began = time.perf_counter()
    for _round in range(1000):
        due = hours.after(start, timedelta(hours=1700))
        assert hours.elapsed(start, due) == timedelta(hours=1700)
    assert time.perf_counter() - began < 1
