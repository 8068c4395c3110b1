"""What administrators are told on every page when something stands still."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.core.cache import caches
from django.urls import reverse

from helpdesk.core.health import Finding, findings

register = template.Library()

_KEY = "system_banner"
_SECONDS = 30


@register.inclusion_tag("components/system_banner.html", takes_context=True)
def system_banner(context: template.Context) -> dict[str, Any]:
    """``{% system_banner %}``: one line for each thing that needs an administrator; nothing for anybody else.

    Each process asks twice a minute at most, so a page costs no query for it.
    """
    user = context.get("user")
    if user is None or not getattr(user, "is_administrator", False):
        return {"lines": []}
    found: list[Finding] | None = caches["process"].get(_KEY)
    if found is None:
        found = [finding for finding in findings(settings.BANNER_CHECKS).values() if finding.notice]
        caches["process"].set(_KEY, found, _SECONDS)
    lines = [
        {
            "text": finding.notice,
            "href": reverse(finding.link) if finding.link else "",
            "is_down": finding.state == "down",
        }
        for finding in found
    ]
    return {"lines": lines}
