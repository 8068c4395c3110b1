"""How letters say instants, addresses and other people's words."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import pgettext


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


def absolute(path: str) -> str:
    """The address of a page of this site, for letters; the start page for anything that is none of its paths."""
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        path = "/"
    return f"{settings.BASE_URL}{path}"


def quoted(text: str) -> str:
    """Somebody's words in a plain letter: every line marked."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
