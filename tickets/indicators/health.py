"""Does somebody add up? Without, figures stay right and pages become slow, so the worst finding is "degraded"."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from helpdesk.core.health import OK, Finding
from tickets.models import Change, Counting

LATE_AFTER = timedelta(minutes=15)


def daily_totals() -> Finding:
    """Degraded while changes wait to be added to the dashboard's totals, or the totals are not complete."""
    if not Counting.objects.filter(is_complete=True).exists():
        return Finding("degraded", "the dashboard's totals are being counted")
    oldest = Change.objects.order_by("pk").values_list("made_at", flat=True).first()
    if oldest is not None and oldest < timezone.now() - LATE_AFTER:
        return Finding("degraded", "changes wait to be added to the dashboard's totals")
    return OK
