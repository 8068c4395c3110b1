"""Does the mail go out? Pages work without it, so the worst finding is "degraded"."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.health import OK, Finding

from .models import Letter

LATE_AFTER = timedelta(minutes=5)
FAILURES_SHOWN_FOR = timedelta(days=1)


def mail() -> Finding:
    """Degraded while letters are held up, or some were given up within the last day."""
    now = timezone.now()
    if Letter.objects.held_up(now - LATE_AFTER).exists():
        return Finding(
            "degraded",
            "letters wait: the mail server does not take them",
            notice=_("Letters wait because the mail server does not take them."),
            link="notifications:letters",
        )
    if Letter.objects.failed_since(now - FAILURES_SHOWN_FOR).exists():
        return Finding(
            "degraded",
            "letters have failed within the last day",
            notice=_("Letters could not be delivered."),
            link="notifications:letters",
        )
    return OK
