"""Who may make which move beside a ticket. Whether something waits already is the actions' business."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

import tickets.permissions
from helpdesk.people.models import User
from tickets.models import Ticket
from tickets.permissions import AvailableMove

from .lifecycle import MOVES
from .models import PriorityRequest

# In the order of the menu.
_IN_MENU = ("request_priority", "set_priority")
_DECISIONS = ("approve_priority", "reject_priority")


def reason_not(user: Any, verb: str, ticket: Ticket) -> Any:
    """None, or the sentence why ``user`` may not make a move beside ``ticket``."""
    return tickets.permissions.reason_not(user, MOVES[verb], ticket)


def available_moves(ticket: Ticket, user: User, waiting: PriorityRequest | None) -> list[AvailableMove]:
    """What ``user`` may begin beside ``ticket``; a second request is refused while one waits (R4.33)."""
    refusals = {"request_priority": _("A change of priority waits for the head's decision.")} if waiting else {}
    return [AvailableMove(MOVES[verb], refusals.get(verb)) for verb in _IN_MENU if _is_offered(ticket, user, verb)]


def available_decisions(ticket: Ticket, user: User) -> list[AvailableMove]:
    """How ``user`` may decide what waits beside ``ticket`` (R4.32, A41)."""
    return [AvailableMove(MOVES[verb]) for verb in _DECISIONS if _is_offered(ticket, user, verb)]


def _is_offered(ticket: Ticket, user: User, verb: str) -> bool:
    return ticket.status in MOVES[verb].sources and reason_not(user, verb, ticket) is None
