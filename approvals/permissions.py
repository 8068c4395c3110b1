"""Who may make which move beside a ticket, and whether an approval action can be asked for at all."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import Account, User
from tickets.lifecycle import Who
from tickets.models import Ticket
from tickets.permissions import reason_not

from .lifecycle import MOVES
from .models import ActionRequest


def reason_not_offered(ticket: Ticket, account: Account | None = None) -> Any:
    """None, or the sentence why no approval action can be requested on ``ticket`` (R2.1, R2.2, R2.10, R2.13).

    Args:
        account: the company, where it has been read already.
    """
    account = account or Account.current()
    if account is None or not account.offers_approval_actions:
        return _("Approval actions are not switched on.")
    if ticket.organization is None:
        return _("The requester of this ticket belongs to no organization.")
    if not User.objects.managers_of(ticket.organization).exists():
        return _("The requester's organization has no active manager who could approve.")
    return None


def may_request_action(user: User, ticket: Ticket, account: Account | None = None) -> bool:
    """Whether the entry "Request action" stands in the ticket's menu for ``user`` (R2.10, R2.11, R2.12, A19)."""
    move = MOVES["request_action"]
    if ticket.status not in move.sources or reason_not(user, move, ticket):
        return False
    return reason_not_offered(ticket, account) is None


def reason_not_on_action(user: User, verb: str, request: ActionRequest) -> Any:
    """None, or the sentence why ``user`` may not approve, reject or cancel (R2.20, R2.30)."""
    return reason_not(user, MOVES[verb], request.ticket, roles=roles_of(user, request))


def roles_of(user: User, request: ActionRequest) -> frozenset[Who]:
    """What ``user`` is towards a request, which its ticket does not know of."""
    return frozenset({Who.ASKER}) if user.pk == request.requested_by_id else frozenset()
