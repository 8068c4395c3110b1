"""Buttons that ask for reports, on pages of the floors below."""

from __future__ import annotations

from typing import Any

from django import template

from reports.kinds import KINDS

register = template.Library()


@register.inclusion_tag("reports/buttons.html", takes_context=True)
def report_buttons(context: template.Context, kind: str, **said: Any) -> dict[str, Any]:
    """``{% report_buttons "tickets" list="queue" %}``: a button for each format of a report of what the page shows.

    What the address says counts as far as the kind knows it; ``said`` comes before it. Whoever cannot have it gets no
    button.
    """
    request, entry = context["request"], KINDS[kind]
    facts = entry.chosen({**request.GET.dict(), **said})
    if entry.reason_not(request.user, facts):
        return {}
    return {
        "kind": kind,
        "facts": list(facts.items()),
        "forms": [(one.value, one.label) for one in entry.forms],
        "csrf_token": context.get("csrf_token"),
    }
