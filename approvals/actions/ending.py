"""What waits beside a ticket ends with it, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse

from approvals.lifecycle import State
from approvals.models import ActionRequest, PriorityRequest
from helpdesk.core.clock import CLOCK
from helpdesk.people.models import User
from tickets.funnel import Passage
from tickets.models import Event

from .access import withdraw_access


def end_with_ticket(steps: Sequence[Passage]) -> None:
    """Follows tickets into their end: requests for a priority end as cancelled, actions expire (R4.29, R2.22)."""
    by_ticket = {step.ticket.number: step for step in steps}
    for at in {step.at for step in steps}:
        cancel_priority_requests([number for number, step in by_ticket.items() if step.at == at], at=at)
    waiting = ActionRequest.objects.waiting().filter(ticket__in=by_ticket).select_related("action", "requested_by")
    for request in waiting:
        _expire(request, by_ticket[request.ticket_id])


def _expire(request: ActionRequest, step: Passage) -> None:
    request.state, request.evaluated_at = State.EXPIRED, step.at
    request.save(update_fields=["state", "evaluated_at"])
    withdraw_access(request, step)
    Event.objects.create(
        ticket=step.ticket,
        verb="expire_action",
        actor_id=CLOCK.pk,
        at=step.at,
        from_status=step.ticket.status,
        to_status=step.ticket.status,
        is_private=True,
        facts={"action": request.action.name},
    )
    step.tell(
        "action_expired",
        request.requested_by,
        action=request.action.name,
        path=reverse("approvals:request", args=[request.pk]),
    )


def cancel_priority_requests(tickets: Iterable[int], *, at: datetime, evaluated_by: User | None = None) -> None:
    """What still waits for a head's word on the priority needs none any more.

    Args:
        tickets: their numbers.
        evaluated_by: who made it needless by deciding himself; None where the ticket has just ended.
    """
    PriorityRequest.objects.waiting().filter(ticket__in=tickets).update(
        state=State.CANCELLED, evaluated_at=at, evaluated_by=evaluated_by, remind_due_at=None
    )
