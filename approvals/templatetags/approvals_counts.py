"""What waits for heads on this floor, for the panel's rail: a library of its own, since every page loads it."""

from __future__ import annotations

from django import template

from approvals.models import PriorityRequest
from tickets.templatetags.panel_tags import MOST, counted_words

register = template.Library()


@register.simple_tag(takes_context=True)
def with_requests(context: template.Context, tickets: str) -> str:
    """``{% with_requests counts.decisions as waiting %}``: the tickets that wait for a head, and the requests beside
    tickets that do (R4.43).

    Args:
        tickets: how many tickets, as the rail counts them; empty: none.
    """
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or not (user.is_head or user.is_administrator):
        return ""
    if tickets.endswith("+"):
        return tickets  # nobody counts beyond it
    waiting = PriorityRequest.objects.waiting().decided_by_heads_like(user).order_by()
    return counted_words(int(tickets or 0) + waiting[: MOST + 1].count())
