"""Moves that have a page of their own: they ask something or carry words, and are no mode of the writing box.

A page says what will happen and who will be told before anybody presses (look.md, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tickets import conditions
from tickets.forms import MoveForm
from tickets.lifecycle import DECISIONS, MOVES, Status, Text
from tickets.models import Event, Ticket

from .ways import Way, way_back

_REASON, _LEAVE = _("Reason"), _("Leave it as it is")


@dataclass(frozen=True)
class MovePage:
    """The words of one move's page; each may name requester, executor and department.

    Attributes:
        note: what will happen, and who will be told.
        done: what is said afterwards, of the ticket as it is then.
        text: the label of the words.
        keep: the way out without doing it.
    """

    heading: Any
    note: Any
    done: Any
    submit: Any
    text: Any = _REASON
    icon: str = ""
    danger: bool = False
    keep: Any = _LEAVE


PAGES: dict[str, MovePage] = {
    "give": MovePage(
        heading=_("Give this ticket to an agent"),
        note=_("The agent is told, and %(requester)s reads who has the ticket."),
        done=_("%(executor)s has the ticket now and was told."),
        submit=_("Give the ticket"),
        icon="user",
    ),
    "hand_over": MovePage(
        heading=_("Give this ticket to another agent"),
        note=_("%(executor)s is told that the ticket is taken away. The new agent is told, and so is %(requester)s."),
        done=_("%(executor)s has the ticket now and was told."),
        submit=_("Give the ticket"),
        text=_("Comment for the agents"),
        icon="user",
    ),
    "take_back": MovePage(
        heading=_("Take this ticket back into distribution?"),
        note=_("%(executor)s is told, and so are the agents of the line: the ticket waits for somebody again."),
        done=_("The ticket waits for an agent again."),
        submit=_("Take it back"),
        text=_("Comment for the agents"),
        icon="queue",
    ),
    "forward": MovePage(
        heading=_("Forward this ticket to another department"),
        note=_(
            "The agents and heads of that department are told, and it is distributed there. %(requester)s does not"
            " read the reason."
        ),
        done=_("The ticket was forwarded to %(department)s."),
        submit=_("Forward the ticket"),
        icon="arrow-right",
    ),
    "request_line_change": MovePage(
        heading=_("Ask for the second support line?"),
        note=_(
            "The heads of %(department)s are told and decide; until then the ticket rests. %(requester)s is not told."
        ),
        done=_("The heads of %(department)s were told; they decide."),
        submit=_("Request the change"),
        text=_("Why line 2 is needed"),
        icon="users",
    ),
    "approve_line_change": MovePage(
        heading=_("Send this ticket to line 2?"),
        note=_("The agents of line 2 are told, and the ticket waits for one of them. %(executor)s is told."),
        done=_("The ticket waits for an agent of line 2."),
        submit=_("Approve the change"),
        text=_("Comment for the agents"),
        icon="approve",
    ),
    "return_line_change": MovePage(
        heading=_("Return this ticket for rework?"),
        note=_("It stays on its line: %(executor)s is told why and goes on with it."),
        done=_("%(executor)s was told and goes on with the ticket."),
        submit=_("Return the ticket"),
        text=_("What is still to be done on this line"),
        icon="return",
    ),
    "request_closing": MovePage(
        heading=_("Ask to close without a solution?"),
        note=_(
            "The heads of %(department)s are told and decide; until then the ticket rests. %(requester)s is not told."
        ),
        done=_("The heads of %(department)s were told; they decide."),
        submit=_("Request the closing"),
        text=_("Why there is no solution"),
        icon="x",
    ),
    "approve_closing": MovePage(
        heading=_("Close this ticket without a solution?"),
        note=_(
            "%(requester)s gets an apology with your reason, and no survey. %(executor)s is told. It cannot be undone."
        ),
        done=_("The ticket is closed without a solution. %(requester)s was told."),
        submit=_("Close without solution"),
        text=_("Reason, in words for %(requester)s"),
        icon="x",
        danger=True,
        keep=_("Keep it open"),
    ),
    "refuse_closing": MovePage(
        heading=_("Refuse the closing?"),
        note=_("%(executor)s is told why and goes on with the ticket. %(requester)s is not told."),
        done=_("%(executor)s was told and goes on with the ticket."),
        submit=_("Refuse the closing"),
        text=_("What is still to be done"),
        icon="return",
    ),
    "cancel": MovePage(
        heading=_("Cancel this ticket?"),
        note=_("It ends as unsolved and cannot be taken up again. %(requester)s is told, with your reason."),
        done=_("The ticket is cancelled. %(requester)s was told."),
        submit=_("Cancel the ticket"),
        icon="x",
        danger=True,
        keep=_("Keep it open"),
    ),
}
# Where no head is needed, the request closes at once (A28).
_CLOSES_AT_ONCE = MovePage(
    heading=_("Close this ticket without a solution?"),
    note=_("It is closed at once. %(requester)s gets an apology with your reason, and no survey. It cannot be undone."),
    done=_("The ticket is closed without a solution. %(requester)s was told."),
    submit=_("Close without solution"),
    text=_("Reason, in words for %(requester)s"),
    icon="x",
    danger=True,
    keep=_("Keep it open"),
)


# By which move a ticket came to wait for a decision.
ASKING: dict[Status, str] = {
    move.target: verb for verb, move in MOVES.items() if move.target in DECISIONS and move.sources
}


def page_of(verb: str, ticket: Ticket) -> MovePage | None:
    """The page of a move on ``ticket``; None where it is made elsewhere."""
    if verb == "request_closing" and conditions.closing_needs_no_head(ticket):
        return _CLOSES_AT_ONCE
    return PAGES.get(verb)


def names_in(ticket: Ticket) -> dict[str, Any]:
    """Whom the words of a page may name."""
    return {
        "requester": ticket.requester,
        "executor": ticket.executor or _("nobody"),
        "department": ticket.department,
    }


def draw(
    request: HttpRequest, ticket: Ticket, form: MoveForm, page: MovePage, *, action: str = "", **more: Any
) -> HttpResponse:
    """The page of a move, with what was typed and chosen where ``form`` was refused.

    Args:
        action: where the form goes; without it, to the move of that name.
        more: what else the template is told.
    """
    back = way_back(request, ticket)
    if "text" in form.fields:
        form.fields["text"].widget.attrs["data-draft-key"] = f"{form.move.verb}-{ticket.number}"
    to_ticket = Way(reverse("panel:ticket", args=[ticket.number]), str(ticket))
    context = {
        "ticket": ticket,
        "form": form,
        "heading": page.heading,
        "note": page.note % names_in(ticket),
        "text_label": page.text % names_in(ticket),
        "text_is_optional": form.move.text is Text.OPTIONAL,
        "submit": page.submit,
        "icon": page.icon,
        "kind": "danger" if page.danger else "primary",
        "keep": page.keep,
        "action": action or reverse("panel:move", args=[ticket.number, form.move.verb]),
        "back": back,
        "ways": [back, to_ticket] if back.next else [to_ticket],
        "missing": _missing(form),
        "asked": asked(ticket) if form.move.sources <= DECISIONS else None,
        **more,
    }
    return render(request, "panel/move.html", context)


def _missing(form: MoveForm) -> Any:
    """The sentence for whoever has nothing to choose from."""
    if "executor" in form.fields and not form.hints:
        return _("There is nobody else on this support line. An administrator can add agents to it.")
    if "service" in form.fields and not form.offers_services:
        return _("No other department offers a service at the moment.")
    return ""


def asked(ticket: Ticket) -> Event | None:
    """What the head is asked to decide: who asked, why and when; None where nothing waits for a decision."""
    verb = ASKING.get(Status(ticket.status))
    if verb is None:
        return None
    return ticket.events.filter(verb=verb).select_related("actor").order_by("-pk").first()
