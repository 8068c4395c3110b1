"""Who is told what became of a report; and the file that goes with a letter."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.urls import reverse

from helpdesk.core.clock import CLOCK
from helpdesk.notifications.actions import Notices, wake_worker
from helpdesk.notifications.enclosures import Enclosure

from . import permissions
from .models import Report

logger = logging.getLogger(__name__)

# Who waited longer has probably gone on to something else.
_LONG = timedelta(seconds=10)
# What mail servers usually take, with what the encoding adds.
MOST_ENCLOSED = 10 * 1024 * 1024


def ready(report: Report, at: datetime) -> None:
    """A scheduled one is sent; of one that took long its owner is told."""
    if report.schedule_id:
        _tell("report_scheduled", report, at)
    elif at - report.asked_at > _LONG:
        _tell("report_ready", report, at)


def failed(report: Report, at: datetime) -> None:
    _tell("report_failed", report, at, why=report.error)


def _tell(kind: str, report: Report, at: datetime, **more: str) -> None:
    facts: dict[str, Any] = {
        "report": report.title,
        "report_id": report.pk,
        "path": reverse("reports:report", args=[report.pk]),
        **more,
    }
    notices = Notices(by=CLOCK, at=at)
    notices.tell(kind, [report.owner], facts=facts, key=f"report-{report.pk}")
    if notices.write():
        wake_worker()


def enclosed(facts: Mapping[str, Any]) -> Enclosure | None:
    """The file that a letter about a report brings along; None where the link has to do.

    Read when the letter is sent: by then it may be gone, too large, or its reader may not have it any more.
    """
    report = (
        Report.objects.filter(pk=facts.get("report_id") or 0, state=Report.State.READY).select_related("owner").first()
    )
    if report is None or report.size > MOST_ENCLOSED or permissions.reason_not(report.owner, "fetch", report):
        return None
    try:
        with default_storage.open(report.stored_as) as file:
            content = file.read()
    except Exception:  # whatever the storage has: the letter goes, with its link
        logger.exception("a report could not be enclosed", extra={"facts": {"report": report.pk}})
        return None
    return Enclosure(report.name, report.content_type, content)
