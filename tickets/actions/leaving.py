"""Somebody leaves: what he was working on is handed over in the same transaction (R3.24, R6.21)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from helpdesk.people.models import User
from tickets.funnel import instant
from tickets.lifecycle import MOVES, OPEN
from tickets.models import Ticket
from tickets.querysets import agents_of_line

from .distribution import hand_over, take_back

# In the other open statuses somebody else has the word; what comes back finds its executor gone (R4.23, R6.7).
_HELD = MOVES["take_back"].sources


def count_held(person: User) -> tuple[int, int]:
    """How many tickets ``person`` would hand over, and how many more are his in which somebody else has the word."""
    mine = Ticket.objects.filter(executor=person, status__in=sorted(OPEN))
    counts = mine.aggregate(held=models.Count("pk", filter=models.Q(status__in=sorted(_HELD))), all=models.Count("pk"))
    return counts["held"], counts["all"] - counts["held"]


def hand_over_all(person: User, to: User | None, by: Any, at: datetime | None = None) -> int:
    """Give what a deactivated executor holds to a colleague, or back to the distribution of its line.

    A ticket whose department and line the colleague does not serve goes into distribution.

    Args:
        by: an administrator; what nobody in particular does hands over nothing.

    Returns:
        How many tickets were handed over.
    """
    if by.pk is None:
        return 0
    at = instant(at)
    held = Ticket.objects.filter(executor=person, status__in=sorted(_HELD)).select_related("department")
    text, count = _("%(name)s was deactivated.") % {"name": person}, 0
    for ticket in held.order_by("pk"):
        fits = to is not None and agents_of_line(ticket.department, ticket.line, at).filter(pk=to.pk).exists()
        if to is not None and fits:
            hand_over(ticket=ticket, by=by, executor=to, text=text, at=at)
        else:
            take_back(ticket=ticket, by=by, text=text, at=at)
        count += 1
    return count
