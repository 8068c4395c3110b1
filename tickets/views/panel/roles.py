"""Who may do what, on one page: every role out of the moves tables, every profile out of its row (R2.46, R3.25).

The moves of the floors above are added in the template.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from helpdesk.people.models import Department, Profile
from helpdesk.people.models.profiles import SEES_HELP
from tickets import conditions
from tickets.lifecycle import MOVES, Move, Who
from tickets.models import Ticket

from .doors import for_heads

# Conditions that ask for nothing but the ticket's line.
_OF_LINE = frozenset({"has_a_second_line", "is_on_the_last_line"})


@dataclass(frozen=True)
class Part:
    """What a role is towards some tickets, and what it may do with these."""

    who: Who
    label: Any
    moves: list[Move]


@dataclass(frozen=True)
class Role:
    name: Any
    about: Any
    parts: list[Part]


def _part(who: Who, label: Any, *, line: int | None = None) -> Part:
    return Part(who, label, [move for move in MOVES.values() if who in move.who and _fits(move, line)])


def _fits(move: Move, line: int | None) -> bool:
    """Whether a support line has the move at all, where there are two of them."""
    if line is None or move.condition not in _OF_LINE:
        return True
    ticket = Ticket(line=line, department=Department(support_lines=2))
    return getattr(conditions, move.condition)(ticket) is None


def _agent(name: Any, about: Any, line: int) -> Role:
    parts = [
        _part(Who.MEMBER, _("With tickets of the line"), line=line),
        _part(Who.EXECUTOR, _("With the agent's own tickets"), line=line),
    ]
    return Role(name, about, parts)


def all_roles() -> list[Role]:
    """Every role; somebody who has several may do what any of them may."""
    of_organization = [_part(Who.MANAGER, _("With tickets of the organization"))]
    of_branches = [_part(Who.MANAGER, _("With tickets of the organization and of its branches"))]
    return [
        Role(
            _("Requester"),
            _("Everybody. Sees the tickets that the person has opened."),
            [_part(Who.REQUESTER, _("With the person's own tickets"))],
        ),
        Role(
            _("Organization manager"),
            _("A customer who is asked to approve actions; reads the ticket while it is asked about."),
            of_organization,
        ),
        Role(_("Manager of a parent organization"), _("The same, for the branches too."), of_branches),
        _agent(
            _("Agent, line 1"),
            _("A member of a department. Sees what the agent's profile says; can take what waits for line 1."),
            1,
        ),
        _agent(
            _("Agent, line 2"),
            _("A member of a department. Sees what the agent's profile says; can take what waits for line 2."),
            2,
        ),
        Role(
            _("Head"),
            _("Sees the departments that he or she heads whole, whatever the profile; sees and edits customers."),
            [_part(Who.HEAD, _("With tickets of the department"))],
        ),
        Role(
            _("Administrator"),
            _("Sees every ticket and configures everything, whatever the profile."),
            [_part(Who.ADMINISTRATOR, _("With every ticket"))],
        ),
    ]


@require_safe
@for_heads
def roles(request: HttpRequest) -> HttpResponse:
    """Roles and profiles, for those who give them or ask for them: heads and administrators."""
    profiles = [
        {
            "profile": profile,
            "sees_help": SEES_HELP[profile.sees],
            "permissions": [
                {"label": field.verbose_name, "help": field.help_text, "given": getattr(profile, field.name)}
                for field in Profile.permissions()
            ],
        }
        for profile in Profile.objects.all()
    ]
    return render(request, "panel/roles.html", {"roles": all_roles(), "profiles": profiles})
