"""What waits beside a ticket while that lies in the trash: for nobody, and as before when it is back (R2.41, A33)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from approvals import live
from approvals.lifecycle import State
from approvals.models import ActionRequest, PriorityRequest
from helpdesk.notifications.live import topics

from .access import refit_requests


def follow_trash(tickets: Sequence[int], since: datetime, until: datetime | None) -> None:
    """Tickets have gone to the trash, or have come back: the managers' tabs follow, and reminders go on.

    Managers who came or went meanwhile are asked, or not, once the tickets are back.

    Args:
        until: when they came back; None where they have just gone.
    """
    waiting = ActionRequest.with_trash.filter(ticket__in=tickets, state=State.WAITING)
    if until is not None:
        reminded = PriorityRequest.with_trash.filter(ticket__in=tickets, remind_due_at__isnull=False)
        reminded.update(remind_due_at=F("remind_due_at") + (until - since))
        refit_requests(waiting.values_list("pk", flat=True), until)
    asked: dict[int, list[int]] = {}
    for request, manager in waiting.order_by("pk").values_list("pk", "asked"):
        asked.setdefault(request, []).extend([manager] if manager else [])
    topics.announce(*(topic for request, people in asked.items() for topic in live.topics_of_change(request, people)))


def go_on(since: datetime, until: datetime) -> None:
    """The plan had ended and was renewed: reminders go on with what was left of their time (R3.18)."""
    reminded = PriorityRequest.objects.filter(remind_due_at__isnull=False)
    reminded.update(remind_due_at=F("remind_due_at") + (until - since))
