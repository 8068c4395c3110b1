"""Time that counts for nothing: a stay in the trash, and what lies between the end of a plan and its renewal.

Afterwards as much is left of everything that ran as was left before (R2.41, R3.18).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from . import sla
from .lifecycle import TICKING
from .models import Ticket
from .querysets import TicketQuerySet

# Instants towards which time runs.
_DEADLINES = ("timer_due_at", "timer_retry_at", "start_due_at", "conclusion_due_at", "sla_alarm_at")


def go_on(tickets: TicketQuerySet, since: datetime, until: datetime) -> None:
    """Deadlines are as far ahead, and clocks say the same, as at ``since``.

    Where a department has working hours, these are counted; elsewhere one statement does it for all.

    Args:
        tickets: of ``Ticket.with_trash`` where they lie there.
    """
    for ticket in tickets.exclude(department__calendar=None).select_related("department__calendar").iterator(500):
        left: dict[str, Any] = {name: _later(ticket, getattr(ticket, name), since, until) for name in _DEADLINES}
        if ticket.status in TICKING:
            left |= {"clock_spent": sla.spent(ticket, since), "clock_read_at": until}
        Ticket.with_trash.filter(pk=ticket.number).update(**left)
    stay = max(until - since, timedelta(0))
    around_the_clock = tickets.filter(department__calendar=None)
    around_the_clock.filter(status__in=sorted(TICKING)).update(clock_read_at=F("clock_read_at") + stay)
    around_the_clock.update(**{name: F(name) + stay for name in _DEADLINES})


def _later(ticket: Ticket, due: datetime | None, since: datetime, until: datetime) -> datetime | None:
    """A deadline with as much of the department's hours ahead as it had; what was over stays over as long."""
    if due is None or due <= since:
        return due and due + (until - since)
    return ticket.department.worktime.after(until, ticket.department.worktime.elapsed(since, due))
