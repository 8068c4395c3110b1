"""What is asked beside a ticket, on pages of the floor below: the ticket and the decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from approvals import permissions
from approvals.lifecycle import MOVES
from approvals.models import PriorityRequest
from helpdesk.people.models import User
from tickets.lifecycle import Move, Who
from tickets.models import Ticket
from tickets.views.panel.paging import PAGE_SIZE

register = template.Library()

_READ = (
    *("ticket_id", "requested_at", "old_priority", "new_priority", "justification", "state"),
    *("requested_by__name", "requested_by__email"),
    *("ticket__subject", "ticket__department__name"),
)


@register.simple_tag
def asked_priority(ticket: Ticket) -> PriorityRequest | None:
    """``{% asked_priority ticket as asked_priority %}``: the change of priority that waits, if one does (R4.33)."""
    if ticket.is_final:
        return None
    return PriorityRequest.objects.waiting().filter(ticket=ticket).select_related("requested_by").first()


@register.simple_tag(takes_context=True)
def with_priority_moves(
    context: template.Context, menu: list[dict[str, Any]], ticket: Ticket, asked: PriorityRequest | None
) -> list[dict[str, Any]]:
    """The items of a ticket's menu with those of this floor before what ends the ticket."""
    items = [
        {
            "label": one.move.label,
            "url": reverse(f"approvals:{one.move.verb}", args=[ticket.number]),
            "icon": "flag",
            "reason": one.refusal,
        }
        for one in permissions.available_moves(ticket, context["user"], asked)
    ]
    end = next((index for index, item in enumerate(menu) if item["danger"]), len(menu))
    return [*menu[:end], *items, *menu[end:]]


@register.inclusion_tag("approvals/banner.html", takes_context=True)
def priority_banner(context: template.Context, ticket: Ticket, asked: PriorityRequest | None) -> dict[str, Any]:
    """What waits beside the ticket: who asked what, why and when, and the decisions of whoever may decide."""
    if asked is None:
        return {}
    return {
        "asked": asked,
        "ticket": ticket,
        "decisions": [
            {
                "label": one.move.label,
                "url": reverse(f"approvals:{one.move.verb}", args=[ticket.number, asked.pk]),
                "icon": "approve" if one.move.verb == "approve_priority" else "return",
            }
            for one in permissions.available_decisions(ticket, context["user"])
        ],
    }


@register.simple_tag
def moves_beside(who: Who) -> list[Move]:
    """``{% moves_beside who as moves %}``: what somebody may do beside a ticket, for the page of roles (R3.25)."""
    return [move for move in MOVES.values() if who in move.who]


@dataclass(frozen=True)
class Waiting:
    """The oldest changes of priority that wait for somebody's decision, and whether there are more."""

    rows: list[PriorityRequest]
    has_more: bool


@register.simple_tag
def waiting_priorities(user: User, department: str = "") -> Waiting:
    """``{% waiting_priorities user department as priorities %}``: what ``user`` may decide, oldest first.

    Args:
        department: the key of one department, as the page's filter has it; empty for all.
    """
    requests = PriorityRequest.objects.waiting().decided_by_heads_like(user)
    if department:
        requests = requests.filter(ticket__department=department)
    related = requests.select_related("ticket__department", "requested_by").only(*_READ)
    rows = list(related.order_by("requested_at", "pk")[: PAGE_SIZE + 1])
    return Waiting(rows[:PAGE_SIZE], has_more=len(rows) > PAGE_SIZE)
