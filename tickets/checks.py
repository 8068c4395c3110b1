"""Whether a move is possible now, asked in one order: the right, the status, the condition, the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.base import File
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused

from . import conditions
from .lifecycle import DECISIONS, FINAL, MOVES, STAFF, Move, Text, Who
from .models import Event, Ticket
from .permissions import reason_not, who_is


def check(
    move: Move, ticket: Ticket, by: Any, text: str, files: Sequence[File], roles: frozenset[Who] = frozenset()
) -> None:
    """Refuse what the table, the permissions or the condition do not allow.

    Raises:
        Refused: with the sentence for the person.
    """
    reason = reason_not_now(move, ticket, by, roles)
    if reason:
        raise Refused(reason)
    check_text(move, text, files, is_staff=ticket.requester_id != by.pk and bool(who_is(by, ticket) & STAFF))


def reason_not_now(move: Move, ticket: Ticket, by: Any, roles: frozenset[Who] = frozenset()) -> Any:
    """None, or the sentence why ``by`` cannot make ``move`` as the ticket stands, whatever he writes or chooses."""
    reason = reason_not(by, move, ticket, roles=roles)
    if reason:
        return reason  # first, so that whoever may not learns no more than that
    if ticket.status not in move.sources:
        return too_late(move, ticket)
    return getattr(conditions, move.condition)(ticket) if move.condition else None


def check_text(move: Move, text: str, files: Sequence[File], *, is_staff: bool) -> None:
    """Refuse a move whose words are missing.

    Raises:
        Refused: with field ``text``, or ``files`` where no files belong.
    """
    if files and not move.files:
        raise Refused(_("Files cannot be sent here."), field="files")
    if text:
        return
    if move.text is Text.REQUIRED or (move.text is Text.REQUIRED_FROM_STAFF and is_staff):
        raise Refused(
            _("Give the reason.") if move.verb == "cancel" else _("Write something: the text is needed."),
            field="text",
        )
    if move.text is Text.TEXT_OR_FILES and not files:
        raise Refused(_("Write something or add a file."), field="text")


def too_late(move: Move, ticket: Ticket) -> str:
    """The friendly sentence for a move that somebody else's move has overtaken (R1.23, A41)."""
    decision = _decision_before(move, ticket)
    if decision:
        return _("%(name)s has decided this already (%(move)s, %(when)s): the ticket is %(status)s.") % {
            "name": decision.actor,
            "move": MOVES[decision.verb].label,
            "when": date_format(timezone.localtime(decision.at), "SHORT_DATETIME_FORMAT"),
            "status": ticket.get_status_display(),
        }
    if ticket.status in FINAL:
        return _("This ticket has ended: it is %(status)s.") % {"status": ticket.get_status_display()}
    if move.verb in {"assume", "give"} and ticket.executor:
        return _("%(name)s already has this ticket.") % {"name": ticket.executor}
    return _("This is not possible now: the ticket is %(status)s.") % {"status": ticket.get_status_display()}


def _decision_before(move: Move, ticket: Ticket) -> Event | None:
    """The decision that ``move`` comes too late for; None where it is none, or the waiting ended undecided."""
    if not move.sources <= DECISIONS:
        return None
    events = ticket.events.filter(from_status__in=move.sources).exclude(to_status=F("from_status"))
    event = events.select_related("actor").last()
    return event if event and MOVES[event.verb].sources <= DECISIONS else None
