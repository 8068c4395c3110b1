"""The daily look at the audit log, and how its finding is told (R2.47).

Each time, what has come since the last time is verified, beginning at the head that was remembered then; that finds an
end that was cut off, too. Of the rest a part is verified again, from the beginning once the end is reached: a log of
up to ``REREAD`` records whole every day, a longer one in turns. Each head is written to the server's log, which is one
place outside of the database to keep it; ``manage.py verify_audit`` walks all of it at any time.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.health import OK, Finding
from helpdesk.core.models import AuditCheck

from . import chain
from .chain import Broken, Head

logger = logging.getLogger(__name__)

REREAD = 100_000
OVERDUE_AFTER = timedelta(days=3)
_PAGE = "admin:core_auditrecord_changelist"


def check(*, at: datetime | None = None, reread: int = REREAD) -> AuditCheck:
    """Verify what is new and a part of what is old, and keep the finding.

    A fault stays found until the log is whole again there: the next look begins at the same places.
    """
    row = AuditCheck.objects.filter(pk=1).first() or AuditCheck(pk=1, head_hash=chain.GENESIS)
    row.checked_at = at or timezone.now()
    try:
        head = Head(row.head_seq, row.head_hash)
        if chain.head_at(head.seq) != head:
            raise Broken(head.seq, "unknown_head")
        head = chain.verify(start=head, until=head.seq + reread)
        place = chain.head_at(row.reread_seq)
        if place is None:
            raise Broken(row.reread_seq, "missing")
        place = chain.verify(start=place, until=min(place.seq + reread, head.seq))
    except Broken as broken:
        row.broken_seq, row.fault = broken.seq, broken.fault
        logger.error("the audit log is not whole", extra={"facts": {"record": broken.seq, "fault": broken.fault}})
    else:
        row.broken_seq, row.fault = None, ""
        row.head_seq, row.head_hash = head.seq, head.hash
        row.reread_seq = 0 if place.seq == head.seq else place.seq
        logger.info("the audit log is whole", extra={"facts": {"head": str(head)}})
    row.save()
    return row


def audit_log() -> Finding:
    """Degraded while the last look has found a fault, or there has been none for days."""
    found = AuditCheck.objects.filter(pk=1).first()
    if found is None:
        return OK
    if found.fault:
        return Finding(
            "degraded",
            str(Broken(found.broken_seq or 0, found.fault)),  # type: ignore[arg-type]  # written by check() alone
            notice=_("The audit log is not whole: records were changed or removed in the database."),
            link=_PAGE,
        )
    if timezone.now() - found.checked_at > OVERDUE_AFTER:
        return Finding(
            "degraded",
            "the audit log has not been verified for days",
            notice=_("The audit log has not been verified for days: look at the failed tasks."),
            link="admin:django_q_failure_changelist",
        )
    return OK
