"""Who may make which move beside a ticket, and whether an approval action can be asked for there at all.

Whether something waits already is the actions' business.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

import tickets.permissions
from helpdesk.people.models import Account, User
from tickets.lifecycle import Who
from tickets.models import Ticket
from tickets.permissions import AvailableMove

from .lifecycle import MOVES
from .models import ActionRequest, PriorityRequest

# In the order of the menu.
_IN_MENU = ("request_priority", "set_priority")
_DECISIONS = ("approve_priority", "reject_priority")


def reason_not(user: Any, verb: str, ticket: Ticket, *, roles: frozenset[Who] = frozenset()) -> Any:
    """None, or the sentence why ``user`` may not make a move beside ``ticket``.

    Args:
        roles: what ``user`` is towards what waits there.
    """
    return tickets.permissions.reason_not(user, MOVES[verb], ticket, roles=roles)


def available_moves(ticket: Ticket, user: User, waiting: PriorityRequest | None) -> list[AvailableMove]:
    """What ``user`` may begin beside ``ticket``; a second request is refused while one waits (R4.33)."""
    refusals = {"request_priority": _("A change of priority waits for the head's decision.")} if waiting else {}
    return [AvailableMove(MOVES[verb], refusals.get(verb)) for verb in _IN_MENU if _is_offered(ticket, user, verb)]


def available_decisions(ticket: Ticket, user: User) -> list[AvailableMove]:
    """How ``user`` may decide what waits beside ``ticket`` (R4.32, A41)."""
    return [AvailableMove(MOVES[verb]) for verb in _DECISIONS if _is_offered(ticket, user, verb)]


def _is_offered(ticket: Ticket, user: User, verb: str) -> bool:
    return ticket.status in MOVES[verb].sources and reason_not(user, verb, ticket) is None


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
    return _is_offered(ticket, user, "request_action") and reason_not_offered(ticket, account) is None


def reason_not_on_action(user: User, verb: str, request: ActionRequest) -> Any:
    """None, or the sentence why ``user`` may not approve, reject or cancel (R2.20, R2.30)."""
    return reason_not(user, verb, request.ticket, roles=roles_of(user, request))


def roles_of(user: User, request: ActionRequest) -> frozenset[Who]:
    """What ``user`` is towards a request, which its ticket does not know of."""
    return frozenset({Who.ASKER}) if user.pk == request.requested_by_id else frozenset()
