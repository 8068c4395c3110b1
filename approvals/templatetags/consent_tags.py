"""Approval actions on pages of the floors below: the portal's frame and start, the ticket in the panel, the folder."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.lifecycle import MOVES, State
from approvals.models import ActionRequest
from approvals.permissions import may_request_action, reason_not_on_action
from helpdesk.people.models import User
from tickets.lifecycle import FINAL, Move
from tickets.models import Ticket

register = template.Library()

_ON_START = 5
# Nobody reads beyond it, so nothing counts beyond it.
_MOST = 99


@register.simple_tag(takes_context=True)
def waiting_consents(context: template.Context) -> str:
    """``{% waiting_consents as x %}``: how many actions wait for the reader; empty for none, and nobody else is asked.

    Counted on every page, so that the tab comes and goes without a new sign-in (R2.27, R2.28, A36).
    """
    user = context.get("user")
    if user is None or not user.is_authenticated or not user.manages_organization:
        return ""
    waiting = ActionRequest.objects.waiting().decided_by_managers_like(user)
    count = waiting.order_by()[: _MOST + 1].count()
    return f"{_MOST}+" if count > _MOST else str(count or "")


@register.simple_tag
def consents_to_give(user: User) -> list[ActionRequest]:
    """``{% consents_to_give user as consents %}``: what has waited longest for this manager, for the start page."""
    if not user.manages_organization:
        return []
    waiting = ActionRequest.objects.waiting().decided_by_managers_like(user).in_order()
    return list(waiting.select_related("action", "ticket", "requested_by")[:_ON_START])


@register.simple_tag
def asked_actions(ticket: Ticket) -> list[ActionRequest]:
    """``{% asked_actions ticket as asked_actions %}``: every request of a ticket, newest first (R2.39)."""
    if ticket.organization_id is None:
        return []
    requests = list(
        ActionRequest.objects.filter(ticket=ticket)
        .select_related("action", "requested_by", "evaluated_by")
        .order_by("-pk")
    )
    for request in requests:
        request.ticket = ticket  # which has been read already
    return requests


@register.simple_tag(takes_context=True)
def with_action_moves(
    context: template.Context, menu: list[dict[str, Any]], ticket: Ticket, asked: list[ActionRequest]
) -> list[dict[str, Any]]:
    """The items of a ticket's menu with "Request action" before what ends the ticket (R2.11, R2.14)."""
    if not may_request_action(context["user"], ticket, context.get("account")):
        return menu
    item = {
        "label": MOVES["request_action"].label,
        "url": reverse("approvals:request_action", args=[ticket.number]),
        "icon": "approve",
        "danger": False,
        "reason": _("An action already waits for approval.") if _waiting(asked) else None,
    }
    end = next((index for index, one in enumerate(menu) if one.get("danger")), len(menu))
    return [*menu[:end], item, *menu[end:]]


@register.inclusion_tag("approvals/action_banner.html", takes_context=True)
def action_banner(context: template.Context, asked: list[ActionRequest]) -> dict[str, Any]:
    """The action that waits: who asked for what, when, and the way to take it back for the four (R2.16, R2.20)."""
    request = _waiting(asked)
    if request is None:
        return {}
    refused = reason_not_on_action(context["user"], "cancel_action", request)
    return {"asked": request, "may_cancel": refused is None}


@register.inclusion_tag("approvals/action_cards.html")
def action_cards(asked: list[ActionRequest]) -> dict[str, Any]:
    """Every request with its state, who evaluated it, when and why (R2.39)."""
    return {"requests": asked}


@register.inclusion_tag("approvals/action_warning.html")
def ending_warning(ticket: Ticket, move: Move | None = None) -> dict[str, Any]:
    """A word before a ticket is ended while an action waits (R2.38, A18).

    Args:
        move: what is about to be made; without it, or where it cannot end the ticket, nothing is said.
    """
    if move is None or not {move.target, move.otherwise} & FINAL or ticket.organization_id is None:
        return {}
    waiting = ActionRequest.objects.waiting().filter(ticket=ticket).select_related("action")
    return {"asked": waiting.first()}


@register.inclusion_tag("approvals/action_warning.html")
def solution_warning(asked: list[ActionRequest], modes: list[dict[str, Any]]) -> dict[str, Any]:
    """The same word above the writing box, where a solution can be sent from it (R2.38, A18)."""
    may_solve = any(mode["value"] == "solution" for mode in modes)
    return {"asked": _waiting(asked) if may_solve else None, "solution": True}


@register.simple_tag(takes_context=True)
def consent_path(context: template.Context, ticket: Ticket) -> str:
    """``{% consent_path ticket as path %}``: where a manager reads a ticket of which he was shown the folder."""
    user = context["user"]
    if not user.manages_organization:
        return ""
    request = ActionRequest.objects.waiting().decided_by_managers_like(user).filter(ticket=ticket).first()
    return reverse("approvals:action", args=[request.pk]) if request else ""


def _waiting(asked: list[ActionRequest]) -> ActionRequest | None:
    return next((request for request in asked if request.state == State.WAITING), None)
