"""When a scheduled report is due next, and which days "last week" are on that day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import ReportSchedule
from .rights import Facts

_DAY = timedelta(days=1)
# Which a schedule can ask for beside those of the dashboard.
RELATIVE = {"last_week": _("the week before, from Monday to Sunday"), "last_month": _("the month before")}


def next_due(schedule: ReportSchedule, after: datetime) -> datetime:
    """The first instant after ``after`` at which ``schedule`` is due, where its owner is.

    A day that a month does not have is its last one. An hour that a night of summer time leaves out is the next one,
    and of one that it has twice, the first counts.
    """
    zone = ZoneInfo(schedule.owner.time_zone)
    day = timezone.localtime(after, zone).date()
    while True:
        if _is_its_day(schedule, day):
            due = datetime.combine(day, time(schedule.hour), zone).astimezone(after.tzinfo)
            if due > after:
                return due
        day += _DAY


def _is_its_day(schedule: ReportSchedule, day: date) -> bool:
    if schedule.rhythm == ReportSchedule.Rhythm.WEEKLY:
        return day.weekday() == schedule.weekday
    return day.day == min(schedule.day or 1, monthrange(day.year, day.month)[1])


def resolved(facts: Facts, at: datetime, zone: tzinfo) -> dict[str, str]:
    """``facts`` with days in the place of a relative period, as they are at ``at``."""
    found, period = dict(facts), facts.get("period")
    if period not in RELATIVE:
        return found
    today = timezone.localtime(at, zone).date()
    if period == "last_week":
        first = today - timedelta(days=today.weekday() + 7)
        last = first + 6 * _DAY
    else:
        last = today.replace(day=1) - _DAY
        first = last.replace(day=1)
    return found | {"period": "custom", "since": first.isoformat(), "until": last.isoformat()}
