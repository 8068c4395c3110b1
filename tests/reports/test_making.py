"""Reports on their way: asked for, claimed, made, tried again, kept, thrown away."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.core.refusals import Refused
from helpdesk.core.schedules import JOBS
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Account, Membership
from reports import actions, kinds, making, tasks
from reports.models import Report
from tests import walks
from tests.attachments import storages
from tests.cast import Cast, leave_department
from tests.reports.desk import asked, made, monthly, numbers
from tests.reports.desk import tasks as queued

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
S = Report.State

# What a kind of these tests does instead of making a list; one of the functions below.
_maker: list[Any] = []


def a_maker(**what: Any) -> None:
    _maker[0](**what)


@pytest.fixture
def kind_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Has lists made by a function of the test: the table is what a deployment may extend."""

    def by(function: Any) -> None:
        _maker[:] = [function]
        own = kinds.Kind(
            **{name: getattr(kinds.KINDS["tickets"], name) for name in kinds.Kind.__dataclass_fields__}
            | {"maker": f"{__name__}.a_maker"}
        )
        monkeypatch.setitem(kinds.KINDS, "tickets", own)

    yield by
    _maker.clear()


def test_report_waits_is_made_and_is_ready(cast: Cast) -> None:
    """From the request to the file, with its name, size, checksum and end."""
    ticket = walks.opened(cast)
    report = asked(cast.hugo, at=NOW)
    assert (report.state, report.title, queued()[-1][0]) == (S.WAITING, "Queue", "reports.tasks.make")
    report = made(report, NOW)
    with default_storage.open(report.stored_as) as file:
        content = file.read()
    assert numbers(report) == [ticket.number]
    assert (report.state, report.name, report.content_type, report.size, report.sha256) == (
        S.READY, "tickets-queue-2026-03-10.csv", "text/csv; charset=utf-8", len(content),
        hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    assert (report.done, report.total, report.expires_at) == (1, 1, NOW + timedelta(days=14))


def test_report_is_made_once_however_often_its_task_runs(cast: Cast) -> None:
    report = asked(cast.hugo)
    assert (tasks.make(report.pk), tasks.make(report.pk), tasks.make(report.pk + 1)) == (True, False, False)
    assert Report.objects.get().attempts == 1


def test_who_asks_twice_for_the_same_gets_the_one_that_waits(cast: Cast) -> None:
    report = asked(cast.hugo)
    assert asked(cast.hugo).pk == report.pk
    assert asked(cast.hugo, form="xlsx").pk != report.pk
    made(report)
    assert asked(cast.hugo).pk != report.pk


def test_five_wait_and_the_sixth_is_refused(cast: Cast) -> None:
    for priority in ("low", "normal", "high", "urgent"):
        asked(cast.hugo, priority=priority)
    first = asked(cast.hugo)
    with pytest.raises(Refused, match="5 of your reports"):
        asked(cast.hugo, form="xlsx")
    assert asked(cast.ada, form="xlsx").state == S.WAITING
    made(first)
    assert asked(cast.hugo, form="xlsx").state == S.WAITING


@pytest.mark.parametrize(("kind", "form"), [("tickets", "pdf"), ("secrets", "csv"), ("record", "csv")])
def test_what_there_is_not_is_refused(cast: Cast, kind: str, form: str) -> None:
    with pytest.raises(Refused, match="no such report"):
        actions.ask(by=cast.ana, kind=kind, form=form, facts={})


def test_facts_that_the_kind_does_not_know_are_left_out(cast: Cast) -> None:
    assert asked(cast.hugo, line="1", password="x", stored_as="/etc/passwd").facts == {"line": "1", "list": "queue"}


def test_rights_are_asked_again_when_it_is_made(cast: Cast) -> None:
    report = asked(cast.ada)
    leave_department(cast.department, cast.ada)
    report = made(report)
    assert (report.state, report.error) == (S.FAILED, "Only people of the service desk have lists of tickets.")
    assert Letter.objects.filter(kind="report_failed", recipient=cast.ada).exists()


def test_progress_is_stored_while_it_is_made(cast: Cast, kind_of: Any) -> None:
    seen = []

    def maker(*, progress: Any, **_what: Any) -> None:
        progress(500, 2000)
        seen.append(Report.objects.values_list("state", "done", "total").get())
        progress(1000, 2000)  # within the same second: not stored
        seen.append(Report.objects.values_list("done", flat=True).get())

    kind_of(maker)
    report = made(asked(cast.hugo))
    assert seen == [(S.MAKING, 500, 2000), 500]
    assert (report.done, report.total) == (2000, 2000)


def test_report_that_is_thrown_away_meanwhile_stops(cast: Cast, kind_of: Any) -> None:
    def maker(*, progress: Any, **_what: Any) -> None:
        actions.throw_away(report=Report.objects.get(), by=cast.hugo)
        progress(1, 2)
        raise AssertionError("it went on")

    kind_of(maker)
    assert not making.make(asked(cast.hugo).pk)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (ImportError("no weasyprint"), "lacks a part"),
        (OSError("cannot load library 'pango'"), "lacks a part"),
        (ValueError("a bug"), "finds the reason in the log"),
        (Refused("There is no such ticket."), "There is no such ticket."),
    ],
)
def test_what_no_second_attempt_mends_fails_at_once(cast: Cast, kind_of: Any, trouble: Exception, words: str) -> None:
    """The reader reads a sentence; the log has the rest."""

    def maker(**_what: Any) -> None:
        raise trouble

    kind_of(maker)
    report = made(asked(cast.hugo))
    assert (report.state, report.attempts) == (S.FAILED, 1)
    assert words in report.error
    notice = Notification.objects.get(kind="report_failed")
    assert (notice.recipient_id, notice.path) == (cast.hugo.pk, f"/reports/{report.pk}/")
    assert words in notice.sentence


def test_what_may_pass_is_tried_again_and_then_fails(cast: Cast, kind_of: Any) -> None:
    def maker(**_what: Any) -> None:
        raise OSError(errno.ENOSPC, "no room")

    kind_of(maker)
    report, at = asked(cast.hugo, at=NOW), NOW
    for attempt, later in ((1, 1), (2, 5)):
        report = made(report, at)
        assert (report.state, report.attempts, report.retry_at) == (S.WAITING, attempt, at + timedelta(minutes=later))
        assert made(report, at).attempts == attempt  # not before its time
        at += timedelta(minutes=later)
    report = made(report, at)
    assert (report.state, report.attempts) == (S.FAILED, 3)
    assert "try again later" in report.error


def test_storage_that_is_away_fails_with_a_sentence(cast: Cast, settings: Any, caplog: Any) -> None:
    report = asked(cast.hugo, at=NOW)
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{storages.__name__}.AwayStorage"}}
    with caplog.at_level(logging.ERROR, logger="reports"):
        report = made(report, NOW)
    assert (report.state, report.attempts) == (S.WAITING, 1)
    assert "could not be stored" in caplog.text


def test_maker_that_died_is_found_and_the_report_made_again(cast: Cast) -> None:
    """A worker that was killed leaves a silent report; so often, and no oftener."""
    report = asked(cast.hugo)
    now = timezone.now()
    for attempt in (1, 2, 3):
        Report.objects.update(state=S.MAKING, attempts=attempt, started_at=now, alive_at=now, retry_at=None)
        assert tasks.look_after(now + timedelta(minutes=4)) == 0
        assert tasks.look_after(now + timedelta(minutes=6)) == 1
        report.refresh_from_db()
        assert report.state == (S.WAITING if attempt < 3 else S.FAILED)
    Report.objects.update(state=S.WAITING, error="", attempts=1)
    assert made(report, now + timedelta(minutes=20)).state == S.READY


def test_overtaken_maker_changes_nothing_and_leaves_no_file(
    cast: Cast, kind_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """He was thought dead; another one makes the report by now."""

    def maker(*, target: Any, **_what: Any) -> None:
        target.write(b"late")
        Report.objects.update(attempts=2)

    kind_of(maker)
    before = set(default_storage.listdir("reports")[1]) if default_storage.exists("reports") else set()
    with django_capture_on_commit_callbacks(execute=True):
        assert not making.make(asked(cast.hugo).pk)
    assert Report.objects.get().state == S.MAKING
    assert set(default_storage.listdir("reports")[1]) == before


def test_one_process_of_the_worker_stays_free(cast: Cast, kind_of: Any, settings: Any) -> None:
    """Two processes: one report at a time; who ends gives the next one to the worker."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
    second = None
    tried = []

    def maker(**_what: Any) -> None:
        tried.append(making.make(second.pk))

    kind_of(maker)
    first, second = asked(cast.hugo), asked(cast.ada)
    assert (making.make(first.pk), tried) == (True, [False])
    assert queued()[-1] == ("reports.tasks.make", (second.pk,))


def test_long_ones_are_told_and_quick_ones_are_not(cast: Cast) -> None:
    """Who waited longer than ten seconds has gone on to something else."""
    made(asked(cast.hugo, at=NOW), NOW + timedelta(seconds=10))
    assert not Notification.objects.filter(kind="report_ready").exists()
    report = made(asked(cast.hugo, at=NOW), NOW + timedelta(seconds=11))
    notice = Notification.objects.get(kind="report_ready")
    assert (notice.path, notice.sentence) == (f"/reports/{report.pk}/", "Your report is ready: Queue")
    assert not Letter.objects.exists()


def test_reports_are_thrown_away_when_their_days_are_over(cast: Cast) -> None:
    """The account says how many; what lies in the storage without a report goes too."""
    Account.objects.update(report_retention=3)
    now = timezone.now()
    kept, old = made(asked(cast.ada, at=now), now + timedelta(days=2)), made(asked(cast.hugo, at=now), now)
    later = now + timedelta(days=4)
    assert tasks.throw_away_old(later) == 1
    gone = Report.objects.get(pk=old.pk)
    assert (gone.state, gone.stored_as, gone.title) == (S.EXPIRED, "", "Queue")
    assert [default_storage.exists(one.stored_as) for one in (kept, old)] == [True, False]
    assert tasks.throw_away_old(later + timedelta(days=40)) == 1
    assert not Report.objects.filter(pk=old.pk).exists()


def test_file_goes_with_its_report(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    report = made(asked(cast.hugo))
    with pytest.raises(Refused, match="somebody else"):
        actions.throw_away(report=report, by=cast.ana)
    with django_capture_on_commit_callbacks(execute=True):
        actions.throw_away(report=report, by=cast.hugo)
    assert not default_storage.exists(report.stored_as)
    actions.throw_away(report=report, by=cast.hugo)


def test_nobody_deactivated_has_reports_made_or_sent(cast: Cast) -> None:
    report, schedule = asked(cast.hugo), monthly(cast.hugo)
    cast.hugo.is_active = False
    cast.hugo.save()
    actions.follow_person(cast.hugo)
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.stopped_because) == (False, "The account was deactivated.")
    assert made(report).state == S.FAILED
    assert not Notification.objects.filter(recipient=cast.hugo, kind__startswith="report").exists()


def test_head_who_is_none_any_more_gets_no_figures(cast: Cast) -> None:
    report = asked(cast.hugo, list="figure", figure="opened")
    Membership.objects.filter(user=cast.hugo).update(is_head=False, line=1)
    assert made(report).state == S.FAILED


@pytest.mark.parametrize(
    "wrong",
    [{"state": "lost"}, {"form": "doc"}, {"state": "making"}, {"state": "ready"}, {"state": "failed"}, {"done": 5}],
)
def test_database_believes_nobody(cast: Cast, wrong: dict[str, Any]) -> None:
    report = asked(cast.hugo)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**wrong)


def test_jobs_look_after_reports() -> None:
    assert {job.func: job.minutes for job in JOBS if job.func.startswith("reports.")} == {
        "reports.tasks.look_after": 1,
        "reports.tasks.throw_away_old": 60,
    }
    assert json.dumps(list(kinds.KINDS)) == '["tickets", "dashboard", "satisfaction", "record"]'
    assert all(re.fullmatch(r"reports(\.\w+)+", kind.maker) for kind in kinds.KINDS.values())
