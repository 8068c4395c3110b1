"""Short help pages inside the product (R3.59): each reader finds those that speak of what he can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from helpdesk.people.models import User
from helpdesk.people.requests import SignedInRequest


@dataclass(frozen=True, slots=True)
class Guide:
    """One page: its name in addresses and templates, and for whom it is."""

    name: str
    title: Any
    about: Any
    icon: str
    is_for: Callable[[User], bool]

    @property
    def view(self) -> str:
        return f"people:help_{self.name}"


GUIDES = (
    Guide(
        "tickets",
        _("Opening and following tickets"),
        _("For everybody: ask for something, answer, approve the solution, rate the service."),
        "ticket",
        lambda person: True,
    ),
    Guide(
        "service",
        _("Serving and following tickets"),
        _("For those who work here: take a ticket, work on it, send the solution, finalize."),
        "inbox",
        lambda person: person.works_here,
    ),
    Guide(
        "registering",
        _("Registering departments, services and agents"),
        _("For administrators: from the empty helpdesk to the first ticket."),
        "settings",
        lambda person: person.is_administrator,
    ),
)


def guides_for(person: User) -> list[Guide]:
    return [guide for guide in GUIDES if guide.is_for(person)]


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """The pages that are for this reader."""
    return render(request, "help/overview.html", {"guides": guides_for(request.user)})


@require_safe
def page(request: SignedInRequest, name: str) -> HttpResponse:
    """One page; for whom it is not, there is none: its links would lead nowhere."""
    guide = next((guide for guide in guides_for(request.user) if guide.name == name), None)
    if guide is None:
        raise Http404
    return render(request, f"help/{guide.name}.html", {"guide": guide})
