"""Another priority: the executor asks, a head decides; the old one stays in force meanwhile (R4.30 to R4.35)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from approvals.lifecycle import MOVES, State
from approvals.models import PriorityRequest
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User
from tickets.actions.escalation import ask_heads
from tickets.funnel import Passage, passage
from tickets.lifecycle import Priority
from tickets.models import Ticket

from .deciding import decide, refuse_decided, settle
from .ending import cancel_priority_requests


def request_priority(
    *, ticket: Ticket, by: User, priority: str, text: str, at: datetime | None = None
) -> PriorityRequest:
    """The executor asks for another priority; a head decides, unless the department needs none (R4.30, R4.33).

    Args:
        text: the justification.

    Raises:
        Refused: no executor, no justification, the same priority, or one request waits already.
    """
    with passage(MOVES["request_priority"], ticket=ticket, by=by, at=at, text=text) as step:
        _check_priority(step, priority)
        if PriorityRequest.objects.waiting().filter(ticket=step.ticket).exists():
            raise Refused(_("A change of priority already waits for the head's decision."))
        request = PriorityRequest(
            ticket=step.ticket,
            requested_by=by,
            requested_at=step.at,
            old_priority=step.ticket.priority,
            new_priority=priority,
            justification=step.text,
        )
        step.facts |= {"old_priority": request.old_priority, "new_priority": priority}
        if step.ticket.department.criticality_change_needs_approval:
            request.remind_due_at = _reminder(step)
            ask_heads(step, "priority_requested")
        else:
            settle(request, State.APPROVED, step)
            step.set(priority=priority)
        request.save(force_insert=True)
    return request


def approve_priority(
    *, request: PriorityRequest, by: User, text: str = "", at: datetime | None = None
) -> PriorityRequest:
    """A head approves: the new priority is in force at once (R4.32, R4.33).

    Raises:
        Refused: it has been decided or has ended already, or ``by`` is no head.
    """
    with passage(MOVES["approve_priority"], ticket=request.ticket, by=by, at=at, text=text) as step:
        request = _decide(request, State.APPROVED, step)
        step.set(priority=request.new_priority)
    return request


def reject_priority(*, request: PriorityRequest, by: User, text: str, at: datetime | None = None) -> PriorityRequest:
    """A head rejects, with the reason; the old priority stays (R4.32, R4.33).

    Raises:
        Refused: it has been decided or has ended already, ``by`` is no head, or the reason is missing.
    """
    with passage(MOVES["reject_priority"], ticket=request.ticket, by=by, at=at, text=text) as step:
        return _decide(request, State.REJECTED, step)


def set_priority(*, ticket: Ticket, by: User, priority: str, text: str, at: datetime | None = None) -> Ticket:
    """An administrator changes the priority at once, on record (R4.35). A request that waits ends.

    Raises:
        Refused: ``by`` is no administrator, the reason is missing, or the priority is the same.
    """
    with passage(MOVES["set_priority"], ticket=ticket, by=by, at=at, text=text) as step:
        _check_priority(step, priority)
        step.facts |= {"old_priority": step.ticket.priority, "new_priority": priority}
        cancel_priority_requests(step)
        step.set(priority=priority)
    return step.ticket


def remind_heads(*, request: PriorityRequest, by: Any, at: datetime | None = None) -> PriorityRequest:
    """The decision is overdue: the heads are reminded (R4.16).

    Raises:
        Refused: nothing waits any more.
    """
    with passage(MOVES["remind_heads_of_priority"], ticket=request.ticket, by=by, at=at) as step:
        request = PriorityRequest.objects.get(pk=request.pk)
        refuse_decided(request)
        request.remind_due_at = _reminder(step)
        request.save(update_fields=["remind_due_at"])
        step.tell("decision_overdue", *step.heads())
    return request


def _check_priority(step: Passage, priority: str) -> None:
    if priority not in Priority.values:
        raise Refused(_("Choose a priority."), field="priority")
    if priority == step.ticket.priority:
        raise Refused(_("The ticket has this priority already."), field="priority")


def _decide(request: PriorityRequest, state: State, step: Passage) -> PriorityRequest:
    request = decide(request, state, step, reason=step.text if state == State.REJECTED else "")
    step.facts |= {"old_priority": request.old_priority, "new_priority": request.new_priority}
    kind = "priority_approved" if state == State.APPROVED else "priority_rejected"
    step.tell(kind, request.requested_by)
    return request


def _reminder(step: Passage) -> datetime | None:
    after = step.ticket.department.decision_reminder
    return step.at + after if after else None
