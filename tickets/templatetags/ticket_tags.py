"""What the portal's and the panel's pages of a ticket have in common."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from attachments.models import Folder
from helpdesk.people.models import User
from tickets import timeline as reading
from tickets.lifecycle import DECISIONS, PRIORITY_HELP, Status
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


@register.simple_tag
def ticket_address(folder: Folder, reader: User) -> str:
    """Where ``reader`` reads the ticket of a folder; empty where he does not see it (R1.43)."""
    ticket = Ticket.objects.visible_to(reader).filter(folder=folder).only("requester_id").first()
    if ticket is None:
        return ""
    in_panel = reader.works_here and ticket.requester_id != reader.pk
    return reverse("panel:ticket" if in_panel else "portal:ticket", args=[ticket.number])


@register.filter
def priority_help(value: str) -> Any:
    """The sentence that says when a priority fits."""
    return PRIORITY_HELP.get(value, "")  # type: ignore[call-overload]  # stored values are the enum's


# A requester reads what it means for him, not the desk's own word for it.
_WORDS = {
    Status.AWAITING_DISTRIBUTION: _("waits for an agent"),
    Status.ASSIGNED: _("an agent has it"),
    Status.IN_SERVICE: _("in service"),
    Status.LINE_CHANGE_REQUESTED: _("under review"),
    Status.CLOSING_REQUESTED: _("under review"),
    Status.AWAITING_REQUESTER: _("waits for your answer"),
    Status.AWAITING_APPROVAL: _("waits for your approval"),
    Status.AWAITING_RATING: _("waits for your rating"),
}
# Who reads along is not the one who is waited for.
_WORDS_OF_OTHERS = _WORDS | {
    Status.AWAITING_REQUESTER: _("waits for the requester's answer"),
    Status.AWAITING_APPROVAL: _("waits for the requester's approval"),
    Status.AWAITING_RATING: _("waits for the requester's rating"),
}
_TO_DO = {
    Status.AWAITING_REQUESTER: _("Answer a question"),
    Status.AWAITING_APPROVAL: _("Approve the solution or return it"),
    Status.AWAITING_RATING: _("Say how our service was"),
}


@register.filter
def status_words(ticket: Ticket) -> Any:
    """The status in the requester's words."""
    return _WORDS.get(Status(ticket.status)) or ticket.shown_status.label


@register.filter
def status_words_of_others(ticket: Ticket) -> Any:
    """The status in words for somebody of the requester's organization who reads along."""
    return _WORDS_OF_OTHERS.get(Status(ticket.status)) or ticket.shown_status.label


@register.filter
def status_mark(ticket: Ticket) -> str:
    """The colour of the status as a requester sees it."""
    return process_status(ticket) if ticket.status in DECISIONS else ticket.shown_status.value


@register.filter
def process_status(ticket: Ticket) -> str:
    """Where the process stands for a requester: what a head decides is between the desk's people (R4.11, R4.17)."""
    return Status.IN_SERVICE.value if ticket.status in DECISIONS else ticket.status


@register.filter
def to_do(ticket: Ticket) -> Any:
    """What the requester has to do with a ticket that waits for him."""
    return _TO_DO.get(Status(ticket.status), "")
