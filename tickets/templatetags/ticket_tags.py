"""What the portal's and the panel's pages of a ticket have in common."""

from __future__ import annotations

from typing import Any

from django import template

from tickets import timeline as reading
from tickets.lifecycle import PRIORITY_HELP
from tickets.models import Ticket

register = template.Library()


@register.inclusion_tag("tickets/timeline.html")
def timeline(history: reading.History) -> dict[str, Any]:
    """The conversation and what happened, oldest first, with a rule wherever the process went on."""
    return {"entries": history.entries}


@register.inclusion_tag("components/status_strip.html")
def process_strip(ticket: Ticket, history: reading.History) -> dict[str, Any]:
    """The process as a strip of activities, the current one marked (R1.1, R1.41)."""
    return {"steps": reading.strip(ticket, history.passes)}


@register.filter
def priority_help(value: str) -> Any:
    """The sentence that says when a priority fits."""
    return PRIORITY_HELP.get(value, "")  # type: ignore[call-overload]  # stored values are the enum's
