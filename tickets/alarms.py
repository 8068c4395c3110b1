"""Telling people that a target is near, or missed: once each, whoever has the ticket by then (R3.58)."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from helpdesk.core.clock import CLOCK
from helpdesk.notifications.actions import Notices
from helpdesk.people.models import Membership, User

from . import sla
from .funnel import facts_of, with_relations
from .lifecycle import TICKING
from .models import Ticket

logger = logging.getLogger(__name__)


def ring(*, at: datetime | None = None, at_most: int = 500) -> int:
    """Tell of what is due, oldest first; rows that another worker holds are his.

    What fails is left for the next run and holds up nothing else.

    Returns:
        For how many tickets somebody was told something.
    """
    at, count = at or timezone.now(), 0
    due = Ticket.objects.filter(sla_alarm_at__lte=at).order_by("sla_alarm_at", "number")
    for number in list(due.values_list("pk", flat=True)[:at_most]):
        try:
            with transaction.atomic():
                row = due.filter(pk=number).select_for_update(skip_locked=True).only("pk").order_by().first()
                count += row is not None and _ring_for(with_relations(number), at)
        except Exception:  # whatever ails one ticket, people are told of the others
            logger.exception("a warning about a service level failed", extra={"ticket": number})
    return count


def _ring_for(ticket: Ticket, at: datetime) -> bool:
    """Tell what has become due on a locked ticket since it was told last; returns whether there was anything."""
    since = ticket.sla_alarm_at
    assert since is not None  # a due ticket has an alarm
    rung = [one for one in sla.alarms(ticket) if since <= one.at <= at]
    missed = {one.target for one in rung if one.is_breach}
    told = [one for one in rung if one.is_breach or (one.target not in missed and ticket.status in TICKING)]
    notices = Notices(by=CLOCK, at=at)
    for alarm in told:
        _tell(notices, ticket, alarm)
    following = sla.next_alarm_at(ticket, at) if ticket.status in TICKING else None
    Ticket.objects.filter(pk=ticket.number).update(sla_alarm_at=following)
    notices.write()
    return bool(told)


def _tell(notices: Notices, ticket: Ticket, alarm: sla.Alarm) -> None:
    """A warning goes to who has the ticket, a breach to the heads as well; what nobody has is the heads' business."""
    people: list[Any] = [ticket.executor] if ticket.executor and ticket.executor.is_active else []
    if alarm.is_breach or not people:
        heads = Membership.objects.filter(department=ticket.department_id, is_head=True, user__is_active=True)
        people += [one.user for one in heads.select_related("user").order_by("pk")]
    facts = facts_of(ticket) | {
        "actor": "",
        "target": alarm.target,
        "due_at": alarm.due_at.isoformat(),
        "path": reverse("panel:ticket", args=[ticket.number]),
    }
    notices.tell(
        "sla_breached" if alarm.is_breach else "sla_warning",
        people or User.objects.administrators(),
        facts=facts,
        key=f"ticket-{ticket.number}-{alarm.target}-{int(alarm.at.timestamp())}",
        thread=f"ticket-{ticket.number}",
    )
