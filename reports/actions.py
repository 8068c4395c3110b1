"""What people do with reports: ask, ask again, throw away; schedule and stop. Making them is ``making``'s."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.actions import Notices, wake_worker
from helpdesk.people.models import User

from . import permissions
from .kinds import KINDS
from .models import Report, ReportSchedule
from .periods import next_due, resolved

logger = logging.getLogger(__name__)

# So many reports of one person wait at a time.
MOST_WAITING = 5
# So many are sent to one person regularly.
MOST_REGULAR = 20
# Making one may take so many seconds before the worker stops it; ``making`` hears of that by its silence.
SECONDS = 900


@transaction.atomic
def ask(
    *,
    by: User,
    kind: str,
    form: str,
    facts: Mapping[str, str],
    at: datetime | None = None,
    schedule: ReportSchedule | None = None,
) -> Report:
    """Have the worker make a report. Who asks for the same while it waits gets the one that waits.

    Args:
        schedule: what asks in its owner's place; then a relative period means the days that it means at ``at``.

    Raises:
        Refused: there is no such report, ``by`` may not have it, or too many of his wait already.
    """
    at = at or timezone.now()
    entry = KINDS.get(kind)
    reason = permissions.reason_not_kind(by, kind, form, facts)
    if reason or entry is None:
        raise Refused(reason or "")
    said = entry.chosen(resolved(facts, at, ZoneInfo(by.time_zone)))
    User.objects.select_for_update(no_key=True).filter(pk=by.pk).first()  # one at a time, so that the limit holds
    waiting = list(Report.objects.under_way().filter(owner=by))
    same = [one for one in waiting if (one.kind, one.form, one.facts, one.schedule_id) == (kind, form, said, None)]
    if same and schedule is None:
        return same[0]
    if schedule is None and sum(one.schedule_id is None for one in waiting) >= MOST_WAITING:
        raise Refused(
            _("%(count)d of your reports are still being made. Wait until one is ready.") % {"count": MOST_WAITING}
        )
    with translation.override(by.language), timezone.override(ZoneInfo(by.time_zone)):
        title = entry.title_of(by, said)
    report = Report.objects.create(
        owner=by,
        schedule=schedule,
        kind=kind,
        form=form,
        facts=said,
        title=title,
        language=by.language,
        time_zone=by.time_zone,
        asked_at=at,
    )
    begin(report.pk)
    return report


def begin(report_id: int) -> None:
    """Give a report to the worker; part of the caller's transaction."""
    async_task("reports.tasks.make", report_id, timeout=SECONDS, save=False)


@transaction.atomic
def throw_away(*, report: Report, by: User) -> None:
    """Forget a report and its file; one that is being made stops being made.

    Raises:
        Refused: it is somebody else's.
    """
    reason = permissions.reason_not(by, "throw_away", report)
    if reason:
        raise Refused(reason)
    found = Report.objects.select_for_update().filter(pk=report.pk).first()
    if found is None:
        return
    stored_as = found.stored_as
    found.delete()
    if stored_as:
        transaction.on_commit(lambda: default_storage.delete(stored_as), robust=True)  # else the sweep finds it


# --- Regularly


@transaction.atomic
def schedule(
    *,
    by: User,
    kind: str,
    form: str,
    facts: Mapping[str, str],
    rhythm: str,
    hour: int,
    weekday: int | None = None,
    day: int | None = None,
    at: datetime | None = None,
) -> ReportSchedule:
    """Send ``by`` a report every week on a weekday, or every month on a day, at an hour of his own time.

    Raises:
        Refused: he may not have it, it is none that is sent regularly, or he is sent too many already.
    """
    entry = KINDS.get(kind)
    reason = permissions.reason_not_kind(by, kind, form, facts)
    if reason is None and entry and not entry.is_regular:
        reason = _("This report cannot be sent regularly.")
    if reason or entry is None:
        raise Refused(reason or "")
    User.objects.select_for_update(no_key=True).filter(pk=by.pk).first()  # one at a time, so that the limit holds
    if ReportSchedule.objects.filter(owner=by).count() >= MOST_REGULAR:
        raise Refused(
            _("%(count)d reports are sent to you regularly already. Delete one of them first.")
            % {"count": MOST_REGULAR}
        )
    at = at or timezone.now()
    is_weekly = rhythm == ReportSchedule.Rhythm.WEEKLY
    found = ReportSchedule(
        owner=by,
        kind=kind,
        form=form,
        facts=entry.chosen(facts),
        rhythm=rhythm,
        weekday=weekday if is_weekly else None,
        day=None if is_weekly else day,
        hour=hour,
        created_at=at,
    )
    found.next_due_at = next_due(found, at)
    found.save(force_insert=True)
    return found


@transaction.atomic
def pause_schedule(*, this: ReportSchedule, by: User) -> None:
    """Send nothing until it is resumed.

    Raises:
        Refused: it is somebody else's.
    """
    found = _own_schedule(this, by)
    found.is_active, found.stopped_because = False, ""
    found.save(update_fields=["is_active", "stopped_because"])


@transaction.atomic
def resume_schedule(*, this: ReportSchedule, by: User, at: datetime | None = None) -> None:
    """Send it again, at its next time.

    Raises:
        Refused: it is somebody else's, or he may not have the report any more.
    """
    found = _own_schedule(this, by)
    reason = permissions.reason_not_kind(by, found.kind, found.form, found.facts)
    if reason:
        raise Refused(reason)
    found.is_active, found.stopped_because = True, ""
    found.next_due_at = next_due(found, at or timezone.now())
    found.save(update_fields=["is_active", "stopped_because", "next_due_at"])


@transaction.atomic
def stop_schedule(*, this: ReportSchedule, by: User) -> None:
    """Forget a schedule; what it has sent stays.

    Raises:
        Refused: it is somebody else's.
    """
    _own_schedule(this, by).delete()


def _own_schedule(this: ReportSchedule, by: User) -> ReportSchedule:
    found = ReportSchedule.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=this.pk).first()
    if found is None:
        raise Refused(_("This was deleted already."))
    reason = permissions.reason_not(by, "change", found)
    if reason:
        raise Refused(reason)
    return found


def send_due(*, at: datetime | None = None, at_most: int = 100) -> int:
    """Ask for every report that is due by its schedule; each in a transaction of its own.

    After a time without the worker each is sent once and then at its next time: nothing is left out, and nothing comes
    many times over. One that goes wrong goes wrong alone: it is put off to its next time, and the others are sent.

    Returns:
        How many schedules were looked at.
    """
    at, count = at or timezone.now(), 0
    while count < at_most and _send_next(at):
        count += 1
    return count


@transaction.atomic
def _send_next(at: datetime) -> bool:
    due = ReportSchedule.objects.due(at).select_related("owner")
    found = due.select_for_update(of=("self",), skip_locked=True).first()
    if found is None:
        return False
    try:
        with transaction.atomic():
            _send(found, at)
    except Exception:  # whatever is wrong with one of them, the others wait behind it
        logger.exception("a scheduled report could not be asked for", extra={"facts": {"schedule": found.pk}})
    found.next_due_at = next_due(found, at)
    found.save(update_fields=["next_due_at"])
    return True


def _send(found: ReportSchedule, at: datetime) -> None:
    reader = found.owner
    with translation.override(reader.language):
        reason = permissions.reason_not_kind(reader, found.kind, found.form, found.facts)
        if reason:
            _stop(found, reason, at)
            return
    ask(by=reader, kind=found.kind, form=found.form, facts=found.facts, at=at, schedule=found)


def _stop(found: ReportSchedule, reason: str, at: datetime) -> None:
    """Send it no more, and say so to its owner."""
    found.is_active, found.stopped_because = False, reason
    found.save(update_fields=["is_active", "stopped_because"])
    entry = KINDS.get(found.kind)
    facts: dict[str, Any] = {
        "report": str(entry.label) if entry else found.kind,
        "why": _("%(reason)s It will not be sent any more.") % {"reason": reason},
        "path": reverse("reports:schedules"),
    }
    notices = Notices(by=CLOCK, at=at)
    notices.tell("report_failed", [found.owner], facts=facts, key=f"report-schedule-{found.pk}-{at:%Y%m%d%H%M}")
    if notices.write():
        wake_worker()


def follow_person(person: User) -> None:
    """Somebody was deactivated: nothing is sent to him any more, until he says so again.

    Who lies in the trash is sent nothing either, and nothing is made for him (``querysets``), but all of it stays as it
    is, so that he comes back to the same (R2.42).
    """
    if person.is_active or person.trashed_at is not None:
        return
    ReportSchedule.objects.filter(owner=person, is_active=True).update(
        is_active=False, stopped_because=_("The account was deactivated.")
    )


def forget_person(person: User) -> None:
    """Somebody is deleted for good, and with him what he asked for, its files and what he was sent (R2.42)."""
    stored = list(Report.objects.filter(owner=person).exclude(stored_as="").values_list("stored_as", flat=True))
    Report.objects.filter(owner=person).delete()
    ReportSchedule.objects.filter(owner=person).delete()

    def delete_files() -> None:
        for stored_as in stored:
            default_storage.delete(stored_as)

    transaction.on_commit(delete_files, robust=True)  # else the sweep finds them


# --- What the clock does


def throw_away_old(*, at: datetime | None = None, forget_after: timedelta = timedelta(days=30)) -> int:
    """Throw away the files that were kept long enough, later also the lines about them, and files without a line.

    Returns:
        How many reports expired.
    """
    at = at or timezone.now()
    expired = Report.objects.kept_too_long(at).update(state=Report.State.EXPIRED, stored_as="", sha256="", size=0)
    Report.objects.filter(state="expired", expires_at__lte=at - forget_after).delete()
    Report.objects.filter(state="failed", asked_at__lte=at - forget_after).delete()
    _sweep(at - timedelta(hours=1))
    return expired


def _sweep(before: datetime) -> None:
    """Remove bytes that no report speaks of: of those that are gone, and of makers that died."""
    try:
        _folders, names = default_storage.listdir("reports")
    except FileNotFoundError:
        return
    places = [f"reports/{name}" for name in names]
    for start in range(0, len(places), 500):
        some = places[start : start + 500]
        known = set(Report.objects.filter(stored_as__in=some).values_list("stored_as", flat=True))
        for place in some:
            if place not in known and default_storage.get_modified_time(place) < before:
                default_storage.delete(place)
