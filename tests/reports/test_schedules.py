"""Reports that come by themselves: when, with what, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.refusals import Refused
from helpdesk.notifications.delivery import deliver
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Membership, User
from reports import actions, tasks, telling
from reports.models import Report, ReportSchedule
from reports.periods import next_due, resolved
from tests import walks
from tests.cast import Cast
from tests.reports.desk import made, monthly

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FIGURE = {"list": "figure", "figure": "opened", "period": "last_month"}


def a_schedule(zone: str, *, hour: int = 7, weekday: int | None = None, day: int | None = None) -> ReportSchedule:
    rhythm = "weekly" if day is None else "monthly"
    return ReportSchedule(owner=User(time_zone=zone), rhythm=rhythm, weekday=weekday, day=day, hour=hour)


def local(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        (a_schedule("UTC", weekday=0), NOW, datetime(2026, 3, 16, 7, tzinfo=UTC)),
        (a_schedule("UTC", weekday=1, hour=9), NOW, datetime(2026, 3, 17, 9, tzinfo=UTC)),
        (a_schedule("UTC", weekday=1, hour=10), NOW, datetime(2026, 3, 10, 10, tzinfo=UTC)),
        (a_schedule("UTC", day=31), NOW, datetime(2026, 3, 31, 7, tzinfo=UTC)),
        (a_schedule("UTC", day=31), datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 30, 7, tzinfo=UTC)),
        (a_schedule("UTC", day=30), datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 2, 29, 7, tzinfo=UTC)),
        (a_schedule("UTC", day=1), datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2027, 1, 1, 7, tzinfo=UTC)),
        # The hour that a spring night leaves out is the next one; of two the first counts, and only once.
        (a_schedule("Europe/Berlin", day=29, hour=2), NOW, datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (
            a_schedule("Europe/Berlin", day=25, hour=2),
            datetime(2026, 10, 1, tzinfo=UTC),
            datetime(2026, 10, 25, 0, tzinfo=UTC),
        ),
        (
            a_schedule("Europe/Berlin", day=25, hour=2),
            datetime(2026, 10, 25, 0, tzinfo=UTC),
            datetime(2026, 11, 25, 1, tzinfo=UTC),
        ),
        # Days are the owner's: there it is still, or already, another one.
        (a_schedule("Pacific/Auckland", weekday=2, hour=1), NOW, datetime(2026, 3, 10, 12, tzinfo=UTC)),
    ],
)
def test_next_time(schedule: ReportSchedule, after: datetime, due: datetime) -> None:
    assert next_due(schedule, after) == due


@given(
    after=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"]),
    hour=st.integers(0, 23),
    day=st.integers(1, 31),
)
def test_every_month_has_one_time(after: datetime, zone: str, hour: int, day: int) -> None:
    """Whatever the zone does: strictly later, and about a month from one to the next."""
    schedule = a_schedule(zone, hour=hour, day=day)
    first = next_due(schedule, after)
    second = next_due(schedule, first)
    assert after < first < second
    months = [one.astimezone(ZoneInfo(zone)) for one in (first, second)]
    assert (months[1].year * 12 + months[1].month) - (months[0].year * 12 + months[0].month) == 1


@pytest.mark.parametrize(
    ("period", "days"),
    [("last_week", ("2026-03-02", "2026-03-08")), ("last_month", ("2026-02-01", "2026-02-28"))],
)
def test_relative_periods_are_days_of_the_day_on_which_it_is_sent(period: str, days: tuple[str, str]) -> None:
    found = resolved({"period": period, "department": "1"}, NOW, UTC)
    assert found == {"period": "custom", "since": days[0], "until": days[1], "department": "1"}
    assert resolved({"period": "30"}, NOW, UTC) == {"period": "30"}


def test_due_ones_are_asked_for_and_sent_with_their_file(cast: Cast) -> None:
    """The whole way: the hour comes, the worker makes it, the letter brings it."""
    walks.opened(cast)
    Letter.objects.all().delete()
    schedule = monthly(cast.hugo, facts=FIGURE, form="csv")
    due = schedule.next_due_at
    assert tasks.look_after(due - timedelta(seconds=1)) == 0
    assert tasks.look_after(due) == 1
    assert tasks.look_after(due) == 0
    report = made(Report.objects.get(), due)
    assert (report.schedule_id, report.state, report.facts["period"]) == (schedule.pk, "ready", "custom")
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient_id) == ("report_scheduled", cast.hugo.pk)
    deliver()
    [message] = mail.outbox
    [file] = message.attachments
    with default_storage.open(report.stored_as) as stored:
        assert (file[0], file[2]) == (report.name, "text/csv")
        assert (file[1].encode() if isinstance(file[1], str) else file[1]) == stored.read()
    assert message.subject == f"Report: {report.title}"
    assert f"enclosed: {report.name}" in message.body
    assert f"/reports/{report.pk}/" in message.body


def test_letter_goes_with_its_link_where_the_file_cannot(cast: Cast) -> None:
    """Too large, gone, or not to be seen by its reader any more."""
    schedule = monthly(cast.hugo)
    tasks.look_after(schedule.next_due_at)
    report = made(Report.objects.get(), schedule.next_due_at)
    facts = Letter.objects.get().facts
    assert telling.enclosed(facts) is not None
    Report.objects.update(size=telling.MOST_ENCLOSED + 1)
    assert telling.enclosed(facts) is None
    Report.objects.update(size=1)
    Membership.objects.filter(user=cast.hugo).update(is_head=False, line=1)
    assert telling.enclosed(facts) is None
    Membership.objects.filter(user=cast.hugo).update(is_head=True, line=None)
    default_storage.delete(report.stored_as)
    assert telling.enclosed(facts) is None
    assert telling.enclosed({}) is None
    deliver()
    [message] = mail.outbox
    assert message.attachments == []
    assert "Fetch it on its page" in message.body


def test_nothing_is_missed_and_nothing_comes_many_times(cast: Cast) -> None:
    """Half a year without the worker: one report, then the next time."""
    schedule = monthly(cast.hugo, rhythm="weekly", weekday=0)
    late = schedule.next_due_at + timedelta(days=180, hours=5)
    assert tasks.look_after(late) == 1
    assert Report.objects.count() == 1
    schedule.refresh_from_db()
    assert late < schedule.next_due_at <= late + timedelta(days=7)


def test_one_that_goes_wrong_keeps_no_other_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is put off to its next time and stands in the log; who comes after it is sent his."""
    broken, sound = monthly(cast.hugo, at=NOW), monthly(cast.ana, at=NOW)
    ask = actions.ask

    def breaks(**said: Any) -> Report:
        if said["schedule"] == broken:
            raise ValueError("a filter of long ago")
        return ask(**said)

    monkeypatch.setattr(actions, "ask", breaks)
    due = sound.next_due_at
    assert tasks.look_after(due) == 2
    assert Report.objects.get().owner == cast.ana
    broken.refresh_from_db()
    assert (broken.is_active, broken.next_due_at > due) == (True, True)
    assert tasks.look_after(due) == 0


def test_former_heads_are_sent_nothing_and_told_so(cast: Cast) -> None:
    """Rights are asked at each sending."""
    schedule = monthly(cast.hugo, facts=FIGURE)
    Membership.objects.filter(user=cast.hugo).update(is_head=False, line=1)
    assert tasks.look_after(schedule.next_due_at) == 1
    schedule.refresh_from_db()
    assert (schedule.is_active, Report.objects.exists()) == (False, False)
    assert schedule.stopped_because == "Only heads of departments and administrators have these figures."
    notice = Notification.objects.get()
    assert (notice.kind, notice.path) == ("report_failed", "/reports/schedules/")
    assert "will not be sent any more" in notice.sentence
    with pytest.raises(Refused, match="Only heads"):
        actions.resume_schedule(this=schedule, by=cast.again(cast.hugo))
    assert tasks.look_after(schedule.next_due_at) == 0


def test_paused_is_not_sent_and_resumed_is_sent_next_time(cast: Cast) -> None:
    schedule = monthly(cast.hugo, at=NOW)
    actions.pause_schedule(this=schedule, by=cast.hugo)
    assert tasks.look_after(schedule.next_due_at) == 0
    actions.resume_schedule(this=schedule, by=cast.hugo, at=datetime(2026, 7, 15, tzinfo=UTC))
    schedule.refresh_from_db()
    assert schedule.next_due_at == datetime(2026, 8, 1, 7, tzinfo=UTC)
    actions.stop_schedule(this=schedule, by=cast.hugo)
    assert not ReportSchedule.objects.exists()


@pytest.mark.parametrize("verb", ["pause_schedule", "resume_schedule", "stop_schedule"])
def test_schedules_are_their_owners(cast: Cast, verb: str) -> None:
    schedule = monthly(cast.hugo)
    with pytest.raises(Refused, match="somebody else"):
        getattr(actions, verb)(this=schedule, by=cast.ana)


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("rita", {}, "service desk"),
        ("ada", {"facts": FIGURE}, "heads"),
        ("hugo", {"kind": "nothing"}, "no such report"),
    ],
)
def test_nobody_schedules_what_he_cannot_have(cast: Cast, name: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        monthly(cast.people[name], **more)


def test_records_are_not_sent_regularly(cast: Cast) -> None:
    facts = {"ticket": str(walks.opened(cast).number), "version": "staff"}
    with pytest.raises(Refused, match="cannot be sent regularly"):
        monthly(cast.hugo, kind="record", form="pdf", facts=facts)


def test_nobody_is_sent_more_than_a_number_of_reports(cast: Cast) -> None:
    """A limit against forgetfulness and abuse: the refusal says what to do, and deleting one makes room."""
    for _number in range(actions.MOST_REGULAR):
        last = monthly(cast.hugo)
    with pytest.raises(Refused, match="20 reports are sent to you regularly already"):
        monthly(cast.hugo)
    assert monthly(cast.ana)
    actions.stop_schedule(this=last, by=cast.hugo)
    assert monthly(cast.hugo)
