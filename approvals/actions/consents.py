"""Approval actions: the managers of the customer's own organization consent, or do not (R2.9 to R2.39)."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

import attachments.actions
from approvals import live
from approvals.lifecycle import MOVES, State
from approvals.models import ActionRequest, ApprovalAction
from approvals.permissions import reason_not_offered, roles_of
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User
from tickets.funnel import passage
from tickets.models import Ticket

from .access import withdraw_access
from .deciding import decide


def request_action(
    *, ticket: Ticket, by: User, action: ApprovalAction, text: str = "", at: datetime | None = None
) -> ActionRequest:
    """Ask the managers of the requester's organization, and of its parent, to approve an action (R2.14 to R2.18).

    They are told, and may open the ticket's folder while the request waits (R2.23, R1.14).

    Args:
        text: a comment for the managers.

    Raises:
        Refused: the account does not offer actions, nobody could approve, the action is not active, one waits
            already, or ``by`` may not ask (A19).
    """
    with passage(MOVES["request_action"], ticket=ticket, by=by, at=at, text=text) as step:
        reason = reason_not_offered(step.ticket)
        if reason:
            raise Refused(reason)
        offered = ApprovalAction.objects.active().filter(pk=action.pk).first()
        if offered is None:
            raise Refused(_("This action is not offered any more."), field="action")
        if ActionRequest.objects.waiting().filter(ticket=step.ticket).exists():
            raise Refused(_("An action already waits for approval. The next one can be requested when it is decided."))
        request = ActionRequest.objects.create(
            ticket=step.ticket,
            action=offered,
            requested_by=by,
            requested_at=step.at,
            executor=step.ticket.executor,
            comment=step.text,
        )
        managers = list(User.objects.managers_of(step.ticket.organization))
        request.asked.set(managers)
        attachments.actions.grant(folder=step.ticket.folder, by=by, at=step.at, viewers=managers)
        step.notices.announce(*live.topics_of_asking(manager.pk for manager in managers))
        step.tell(
            "action_requested",
            *managers,
            path=reverse("approvals:action", args=[request.pk]),
            description=offered.description,
            organization=str(step.ticket.organization),
        )
        step.facts["action"] = offered.name
    return request


def approve_action(*, request: ActionRequest, by: User, at: datetime | None = None) -> ActionRequest:
    """A manager consents; the first evaluation counts (R2.30, R2.33).

    Raises:
        Refused: it is decided or has ended already, or ``by`` is no manager of the organization.
    """
    return _evaluate("approve_action", State.APPROVED, request, by, "", at)


def reject_action(*, request: ActionRequest, by: User, text: str = "", at: datetime | None = None) -> ActionRequest:
    """A manager does not consent, with a reason if he likes (R2.32, R2.33).

    Raises:
        Refused: it is decided or has ended already, or ``by`` is no manager of the organization.
    """
    return _evaluate("reject_action", State.REJECTED, request, by, text, at)


def cancel_action(*, request: ActionRequest, by: User, at: datetime | None = None) -> ActionRequest:
    """One of the four takes the request back: executor, who asked, the managers, an administrator (R2.20, R2.21).

    Raises:
        Refused: it is decided or has ended already, or ``by`` is none of the four.
    """
    roles = roles_of(by, request)
    with passage(MOVES["cancel_action"], ticket=request.ticket, by=by, at=at, roles=roles) as step:
        request = decide(request, State.CANCELLED, step)
        withdraw_access(request, step)
        if request.requested_by != by:
            step.tell("action_cancelled", request.requested_by, path=reverse("approvals:request", args=[request.pk]))
        step.facts["action"] = request.action.name
    return request


def _evaluate(
    verb: str, state: State, request: ActionRequest, by: User, text: str, at: datetime | None
) -> ActionRequest:
    with passage(MOVES[verb], ticket=request.ticket, by=by, at=at, text=text) as step:
        request = decide(request, state, step, reason=step.text)
        withdraw_access(request, step)
        kind = "action_approved" if state == State.APPROVED else "action_rejected"
        step.tell(kind, step.ticket.executor)
        # Somebody who asked and is not the executor (any more) may not see the ticket itself.
        step.tell(kind, request.requested_by, path=reverse("approvals:request", args=[request.pk]))
        step.facts["action"] = request.action.name
    return request
