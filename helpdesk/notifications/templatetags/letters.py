"""What the templates of letters need: instants that leave no doubt, and quoted words."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import pgettext

from helpdesk.notifications import rendering

register = template.Library()


@register.filter
def instant(at: str | datetime) -> str:
    """An instant of the facts (ISO) as an absolute local time with its zone: a letter may be read days later.

    "Friday, 20 November 2026, 14:05 (America/Sao Paulo, UTC-03:00)"; nothing for an empty one.
    """
    if not at:
        return ""
    local = timezone.localtime(datetime.fromisoformat(at) if isinstance(at, str) else at)
    words = format_date(local, pgettext("date format of letters", "l, j E Y, H:i"))
    zone = timezone.get_current_timezone_name().replace("_", " ")
    offset = local.strftime("%z")
    return f"{words} ({zone})" if zone == "UTC" else f"{words} ({zone}, UTC{offset[:3]}:{offset[3:5]})"


@register.filter
def absolute(path: str) -> str:
    """A page of this site besides the one that the letter is about."""
    return rendering.absolute(path)


@register.filter
def quoted(text: str) -> str:
    """Somebody's words in a plain letter: every line marked."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
