"""Another priority: the executor asks, a head decides; the old one stays in force meanwhile (R4.30 to R4.35)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.lifecycle import MOVES, State
from approvals.models import PriorityRequest
from helpdesk.core import audit
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Department, User
from tickets.actions.distribution import involve_head
from tickets.actions.escalation import ask_heads, remind_of_decision
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


@transaction.atomic
def set_priority(*, ticket: Ticket, by: User, priority: str, text: str, at: datetime | None = None) -> Ticket:
    """An administrator changes the priority at once, on record (R4.35). A request that waits ends.

    Raises:
        Refused: ``by`` is no administrator, the reason is missing, or the priority is the same.
    """
    with passage(MOVES["set_priority"], ticket=ticket, by=by, at=at, text=text) as step:
        _check_priority(step, priority)
        step.facts |= {"old_priority": step.ticket.priority, "new_priority": priority}
        cancel_priority_requests([step.ticket.number], at=step.at, evaluated_by=by)
        facts = {"priority": [step.ticket.priority, priority], "reason": step.text}
        step.set(priority=priority)
    audit.record("priority_set", by=by, about="ticket", key=ticket.pk, name=step.ticket, facts=facts, at=at)
    return step.ticket


def remind_heads(*, request: PriorityRequest, by: Any, at: datetime | None = None) -> PriorityRequest:
    """The decision is overdue: the heads are reminded (R4.16).

    Raises:
        Refused: nothing waits any more, or somebody has just been reminded.
    """
    with passage(MOVES["remind_heads_of_priority"], ticket=request.ticket, by=by, at=at) as step:
        request = PriorityRequest.objects.select_related("requested_by").get(pk=request.pk)
        refuse_decided(request)
        if request.remind_due_at is None or request.remind_due_at > step.at:
            raise Refused(_("It is not time for a reminder."))
        request.remind_due_at = _reminder(step)
        request.save(update_fields=["remind_due_at"])
        remind_of_decision(step, "priority", asker=request.requested_by)
    return request


def follow_forwarded(steps: Sequence[Passage]) -> None:
    """Follows tickets into another department: what still waits is now for the heads there to decide (R4.31)."""
    for step in steps:
        if step.move.verb == "forward":
            _ask_other_heads(step)


def _ask_other_heads(step: Passage) -> None:
    request = PriorityRequest.objects.waiting().filter(ticket=step.ticket).select_related("requested_by").first()
    if request is None:
        return
    request.remind_due_at = _reminder(step)
    request.save(update_fields=["remind_due_at"])
    ask_heads(
        step,
        "priority_requested",
        actor=str(request.requested_by),
        text=request.justification,
        comment=request.justification,
        old_priority=request.old_priority,
        new_priority=request.new_priority,
    )


def refit(department: Department, was: Department, at: datetime | None = None) -> None:
    """A department's rules have changed: waiting requests are reminded of as it says now (R4.16).

    What was reminded of goes on as it is; what was not, and is now, waits a full time first.

    Args:
        was: the department as it was before.
    """
    after = department.decision_reminder
    if bool(after) == bool(was.decision_reminder):
        return
    waiting = PriorityRequest.with_trash.waiting().filter(ticket__department=department)
    if not after:
        waiting.update(remind_due_at=None)
        return
    waiting.filter(ticket__trashed_at=None).update(
        remind_due_at=department.worktime.end_of(at or timezone.now(), after)
    )
    # In the trash time stands still: restoring adds the time that the ticket has lain there.
    lain = waiting.exclude(ticket__trashed_at=None).values_list("ticket__trashed_at", flat=True)
    for since in {one for one in lain if one is not None}:
        waiting.filter(ticket__trashed_at=since).update(remind_due_at=department.worktime.end_of(since, after))


def _check_priority(step: Passage, priority: str) -> None:
    if priority not in Priority.values:
        raise Refused(_("Choose a priority."), field="priority")
    if priority == step.ticket.priority:
        raise Refused(_("The ticket has this priority already."), field="priority")


def _decide(request: PriorityRequest, state: State, step: Passage) -> PriorityRequest:
    request = decide(request, state, step, reason=step.text if state == State.REJECTED else "", remind_due_at=None)
    involve_head(step)
    step.facts |= {"old_priority": request.old_priority, "new_priority": request.new_priority}
    kind = "priority_approved" if state == State.APPROVED else "priority_rejected"
    step.tell(kind, request.requested_by)
    return request


def _reminder(step: Passage) -> datetime | None:
    department = step.ticket.department
    after = department.decision_reminder
    return department.worktime.end_of(step.at, after) if after else None
