"""Reports of a customer who lies in the trash: nothing is made or sent, and he comes back to the same (R2.42)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage

from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import User
from reports import actions, making, tasks
from reports.models import Report, ReportSchedule
from tests import walks
from tests.cast import Cast
from tests.pages import as_
from tests.reports.desk import asked, made
from tickets.actions import trash
from tickets.models import TrashEntry

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
S = Report.State


def _record(cast: Cast) -> Report:
    """Of a ticket of her own; to be made yet."""
    ticket = walks.opened(cast, at=NOW)
    facts = {"ticket": str(ticket.number)}
    return actions.ask(by=cast.again(cast.rita), kind="record", form="pdf", facts=facts, at=NOW)


def _put(cast: Cast, at: datetime = NOW) -> TrashEntry:
    return trash.put_customer(customer=cast.rita, by=cast.ana, at=at)


def _rows() -> list[list[dict[str, Any]]]:
    return [list(kind._base_manager.order_by("pk").values()) for kind in (Report, ReportSchedule)]


def _a_schedule(owner: User) -> ReportSchedule:
    """As is left of the time when its owner still worked here."""
    given = {"kind": "tickets", "form": "csv", "facts": {"list": "queue"}, "rhythm": "monthly", "day": 1, "hour": 7}
    return ReportSchedule.objects.create(owner=owner, next_due_at=NOW + timedelta(days=22), **given)


def test_customer_comes_back_to_the_same_reports(cast: Cast) -> None:
    """R2.42: one that is ready, one that waits, one that is sent regularly; nobody fetches it meanwhile."""
    ready, client = made(_record(cast), NOW), as_(cast.rita)
    address = f"/reports/{ready.pk}/file/"
    assert ready.state == S.READY
    assert client.get(address).status_code == 200
    waiting, schedule = _record(cast), _a_schedule(cast.rita)
    before = _rows()
    entry = _put(cast)
    assert client.get(address).status_code == 302  # to the door
    later = NOW + timedelta(days=5)
    tasks.look_after(later)
    assert made(waiting, later).state == S.WAITING
    assert _rows() == before
    trash.restore(entry=entry, by=cast.ana, at=later)
    assert _rows() == before
    assert as_(cast.rita).get(address).status_code == 200
    assert made(waiting, later).state == S.READY
    assert ReportSchedule.objects.get(pk=schedule.pk).is_active


def test_nothing_is_sent_to_who_lies_in_the_trash_and_once_when_he_is_back(cast: Cast) -> None:
    """R2.42: his schedule stands still; what was due meanwhile comes once."""
    schedule = _a_schedule(cast.rita)
    entry = _put(cast)
    long_after = schedule.next_due_at + timedelta(days=70)
    assert actions.send_due(at=long_after) == 0
    assert not Report.objects.exists()
    assert not Letter.objects.filter(recipient=cast.rita, kind__startswith="report").exists()
    trash.restore(entry=entry, by=cast.ana, at=long_after)
    assert [actions.send_due(at=long_after), actions.send_due(at=long_after)] == [1, 0]


def test_what_was_being_made_is_made_when_he_is_back(cast: Cast) -> None:
    """R2.42: its ticket went with him."""
    report = _record(cast)
    claimed = making._claim(report.pk, NOW)
    assert claimed is not None
    entry = _put(cast)
    assert not making._make(claimed, NOW + timedelta(minutes=1))
    assert Report.objects.get().state == S.WAITING
    trash.restore(entry=entry, by=cast.ana, at=NOW)
    assert made(report, NOW + timedelta(minutes=2)).state == S.READY
    assert not Notification.objects.filter(recipient=cast.rita, kind="report_failed").exists()


def test_reports_expire_in_the_trash_too(cast: Cast) -> None:
    report = made(_record(cast), NOW)
    _put(cast)
    assert report.expires_at is not None
    assert tasks.throw_away_old(report.expires_at) == 1
    assert Report.objects.get().state == S.EXPIRED


def test_deleting_for_good_takes_reports_schedules_and_files(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    """R2.42: nothing keeps his name for their sake."""
    walked_in = User.objects.create_user("vera@demo.example", "Vera Vogel", organization=cast.branch)
    cast.rita = walked_in
    report = made(_record(cast), NOW)
    _record(cast)
    _a_schedule(walked_in)
    kept = made(asked(cast.hugo, at=NOW), NOW)
    entry = _put(cast)
    with django_capture_on_commit_callbacks(execute=True):
        trash.delete_for_good(entry=entry, by=cast.ana, typed=walked_in.email)
    assert not User.with_trash.filter(pk=walked_in.pk).exists()
    assert [one.pk for one in Report.objects.all()] == [kept.pk]
    assert not ReportSchedule.objects.exists()
    assert [default_storage.exists(one.stored_as) for one in (report, kept)] == [False, True]
