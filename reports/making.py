"""The worker makes a report: claims it, has it written, stores it, tells its owner. Every step may happen twice.

Whoever makes a report holds no lock meanwhile: it would last for minutes. He is known by the number of his attempt, and
whatever he writes about the report is written only while that is still the newest one. One who was silent for too long
has died, and the report is made again; should he live after all, he finds himself overtaken and stops.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused, StorageUnavailable
from helpdesk.people.models import Account, User

from . import actions, permissions, telling
from .kinds import KINDS
from .models import CONTENT_TYPES, Form, Report
from .querysets import ReportQuerySet
from .rights import sight_of

logger = logging.getLogger(__name__)

ATTEMPTS = 3
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5))
# After so long a silence a maker has died.
SILENCE = timedelta(minutes=5)
# Progress is stored once a second at most.
_BEAT = 1.0
_CHUNK = 1024 * 1024
_CLAIMS = 7_205_001  # names the lock under which claims are made, for PostgreSQL


class Overtaken(Exception):
    """The report was thrown away, or somebody else makes it by now."""


class _PartMissing(Exception):
    """Something that this kind of report is made with is not installed on this machine."""


def make(report_id: int, *, at: datetime | None = None) -> bool:
    """Make one report, unless it is none that waits, or as many are being made as the worker has room for.

    Returns:
        Whether it is ready.
    """
    report = _claim(report_id, at)
    if report is None:
        return False
    try:
        with translation.override(report.language), timezone.override(ZoneInfo(report.time_zone)):
            return _make(report, at)
    finally:
        begin_next(at=at)


def begin_next(*, at: datetime | None = None) -> None:
    """Give the report that waits longest to the worker."""
    waiting = Report.objects.waiting(at or timezone.now()).values_list("pk", flat=True).first()
    if waiting is not None:
        actions.begin(waiting)


def look_after(*, at: datetime | None = None) -> int:
    """Find what waits and was forgotten, and what is being made by nobody any more.

    Returns:
        How many makers had died.
    """
    at, found = at or timezone.now(), 0
    for report in Report.objects.given_up(at - SILENCE):
        found += 1
        with translation.override(report.language):
            _try_again(report, _("The report could not be finished. Ask for less at a time, or try again."), at)
        logger.error("the maker of a report has died", extra={"facts": _about(report)})
    begin_next(at=at)
    return found


def _room() -> int:
    """How many reports are made at a time: one process of the worker stays free for clocks and letters."""
    workers: Any = settings.Q_CLUSTER["workers"]
    return max(1, workers - 1)


@transaction.atomic
def _claim(report_id: int, at: datetime | None) -> Report | None:
    now = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMS])
    if Report.objects.under_way().filter(state=Report.State.MAKING).count() >= _room():
        return None
    claimed = Report.objects.waiting(now).filter(pk=report_id)
    changed = {"started_at": now, "alive_at": timezone.now(), "attempts": F("attempts") + 1, "done": 0, "total": 0}
    if not claimed.update(state=Report.State.MAKING, retry_at=None, **changed):
        return None
    return Report.objects.select_related("owner").get(pk=report_id)


def _make(report: Report, at: datetime | None) -> bool:
    reader = report.owner
    reason = permissions.reason_not_kind(reader, report.kind, report.form, report.facts)
    if reason:
        return _fail(report, reason, at)
    sight = sight_of(reader)
    try:
        with tempfile.TemporaryFile() as file:
            _write(report, reader, file, at or report.asked_at)
            size, sha256 = _measure(file)
            stored_as = _store(file)
    except Overtaken:
        return False
    except Refused as refusal:
        if isinstance(refusal, StorageUnavailable):
            logger.exception("a report could not be stored", extra={"facts": _about(report)})
            return _try_again(report, str(refusal), at)
        return _fail(report, str(refusal), at)
    except _PartMissing:
        logger.exception("a part is missing that reports are made with", extra={"facts": _about(report)})
        return _fail(report, _("This server lacks a part that lays out pages. An administrator can install it."), at)
    except (OSError, OperationalError, InterfaceError):
        logger.exception("a report could not be made now", extra={"facts": _about(report)})
        return _try_again(report, _("The report could not be made at the moment. Please try again later."), at)
    except Exception:  # a maker may fail in any way, and its reader is told in every case
        logger.exception("a report could not be made", extra={"facts": _about(report)})
        return _fail(report, _("The report could not be made. An administrator finds the reason in the log."), at)
    return _finish(report, at, sight=sight, stored_as=stored_as, size=size, sha256=sha256)


def _write(report: Report, reader: User, file: IO[bytes], at: datetime) -> None:
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _BEAT:
            return
        last = now
        told = {"done": min(done, total), "total": total, "alive_at": timezone.now()}
        if not _mine(report).update(**told):
            raise Overtaken

    try:
        KINDS[report.kind].make(
            reader=reader, facts=report.facts, form=report.form, target=file, at=at, progress=progress
        )
    except ImportError as error:
        raise _PartMissing from error
    except OSError as error:
        if error.errno is None:  # a library that was not found; of files and lines the system says a number
            raise _PartMissing from error
        raise


def _mine(report: Report) -> ReportQuerySet:
    return Report.objects.filter(pk=report.pk, state=Report.State.MAKING, attempts=report.attempts)


def _measure(file: IO[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _store(file: IO[bytes]) -> str:
    """Lay the bytes into the storage, under a name that nobody can guess."""
    file.seek(0)
    name = f"reports/{uuid.uuid4().hex}"
    try:
        return default_storage.save(name, File(file, name=name))
    except Exception as error:  # a storage may raise what its library likes
        with suppress(Exception):
            default_storage.delete(name)
        raise StorageUnavailable(_("Files cannot be stored at the moment. Please try again later.")) from error


@transaction.atomic
def _finish(report: Report, at: datetime | None, *, sight: str, stored_as: str, size: int, sha256: str) -> bool:
    now = at or timezone.now()
    account = Account.current()
    kept = timedelta(days=account.report_retention if account else 14)
    ready = {
        "ready_at": now,
        "expires_at": now + kept,
        "sight": sight,
        "stored_as": stored_as,
        "size": size,
        "sha256": sha256,
        "name": _name_of(report, now),
        "content_type": CONTENT_TYPES[Form(report.form)],
        "done": F("total"),
    }
    if not _mine(report).update(state=Report.State.READY, **ready):
        transaction.on_commit(lambda: default_storage.delete(stored_as), robust=True)
        return False
    telling.ready(Report.objects.select_related("owner").get(pk=report.pk), now)
    return True


def _name_of(report: Report, now: datetime) -> str:
    base = KINDS[report.kind].file_name
    about = slugify(report.facts.get("ticket") or report.facts.get("list") or "")
    return "-".join(part for part in (base, about, f"{timezone.localtime(now):%Y-%m-%d}") if part) + f".{report.form}"


@transaction.atomic
def _fail(report: Report, reason: str, at: datetime | None) -> bool:
    """Whoever went to the trash meanwhile did so with his tickets: his report waits until he is back (R2.42)."""
    if User.with_trash.filter(pk=report.owner_id, trashed_at__isnull=False).exists():
        _mine(report).update(state=Report.State.WAITING, retry_at=None)
        return False
    if _mine(report).update(state=Report.State.FAILED, error=reason):
        report.error = reason
        telling.failed(report, at or timezone.now())
    return False


def _try_again(report: Report, reason: str, at: datetime | None) -> bool:
    """Lay it back for a later attempt; the last one has failed."""
    if report.attempts >= ATTEMPTS:
        return _fail(report, reason, at)
    later = (at or timezone.now()) + RETRY_AFTER[report.attempts - 1]
    _mine(report).update(state=Report.State.WAITING, retry_at=later)
    return False


def _about(report: Report) -> dict[str, object]:
    return {"report": report.pk, "kind": report.kind, "form": report.form, "attempt": report.attempts}
