"""Where people go back to after a move: the ticket, or the list from which they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket

# Lists that lead to moves and are returned to.
_PLACES: dict[str, Any] = {
    "panel:decisions": _("Decisions"),
    "panel:board": _("Board"),
    "panel:tasks": _("My tasks"),
    "panel:queue": _("Queue"),
}


@dataclass(frozen=True)
class Way:
    """A way back. ``next`` is what a form or an address carries on: empty where the ticket itself is meant."""

    url: str
    label: Any
    next: str = ""


def way_back(request: HttpRequest, ticket: Ticket) -> Way:
    """The list that the request names as ``next``, if it is one of ours; else the ticket."""
    return _asked_for(request) or Way(reverse("panel:ticket", args=[ticket.number]), str(ticket))


def way_to(request: HttpRequest, place: str) -> str:
    """The address of the list that the request names as ``next``; without one, ``place``."""
    way = _asked_for(request)
    return way.url if way else place


def _asked_for(request: HttpRequest) -> Way | None:
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return None
    try:
        label = _PLACES.get(resolve(urlsplit(asked).path).view_name)
    except Resolver404:
        return None
    return Way(asked, label, asked) if label else None
