"""Approval actions for tests: an account that has them, a registered action, one that waits for Max and Petra."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import approvals.actions
from approvals.models import ActionRequest, ApprovalAction
from helpdesk.notifications.models import Notification
from helpdesk.people.models import Account, Plan, User
from tests import walks
from tests.cast import Cast
from tickets.models import Ticket

NAME = "Change the domain controller"
COMMENT = "It needs the office's consent, on Saturday."


def switched_on(cast: Cast, **settings: Any) -> Account:
    """The account as Enterprise with the switch on; ``settings`` replace either."""
    for name, value in ({"plan": Plan.ENTERPRISE, "approve_actions_enabled": True} | settings).items():
        setattr(cast.account, name, value)
    cast.account.save()
    return cast.account


def an_action(name: str = NAME, **fields: Any) -> ApprovalAction:
    """The registered action of that name."""
    found, _made = ApprovalAction.objects.get_or_create(name=name, defaults=fields)
    return found


def asked(
    cast: Cast,
    *,
    ticket: Ticket | None = None,
    by: User | None = None,
    at: datetime | None = None,
    text: str = COMMENT,
    action: ApprovalAction | None = None,
) -> ActionRequest:
    """Ada, or the ticket's executor, asks the managers of Rita's organization; the account has the feature then."""
    switched_on(cast)
    ticket = ticket or walks.started(cast, at=at)
    by = by or walks.executor_of(ticket)
    return approvals.actions.request_action(ticket=ticket, by=by, action=action or an_action(), text=text, at=at)


def again(request: ActionRequest) -> ActionRequest:
    """The request as it now stands, with a ticket that remembers nothing."""
    return ActionRequest.objects.get(pk=request.pk)


def told(cast: Cast, kind: str) -> list[str]:
    """Who has a notice of this kind, by name."""
    return cast.names_of(row.recipient for row in Notification.objects.filter(kind=kind).select_related("recipient"))
