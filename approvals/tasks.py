"""What the worker runs for approvals."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone

from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import is_read_only

from . import actions
from .models import PriorityRequest

logger = logging.getLogger(__name__)


def remind_heads(at: datetime | None = None) -> int:
    """Remind heads of overdue decisions on priorities; scheduled every minute, off by default (R4.16).

    Returns:
        How many reminders were written; none after the end of the plan, when nobody could decide (R3.18).
    """
    at, count = at or timezone.now(), 0
    if is_read_only(at):
        return count
    for request in PriorityRequest.objects.to_remind_of(at).select_related("ticket")[:500]:
        try:
            actions.remind_heads(request=request, by=CLOCK, at=at)
        except Refused:  # decided or reminded of meanwhile: there is nothing to remind of
            continue
        except Exception:  # whatever ails one request, the others are reminded of
            logger.exception("a reminder failed", extra={"facts": {"request": request.pk}})
            continue
        count += 1
    return count
