"""What is promised of a ticket, for those who serve it: targets, what is left of them, what became of them (R3.58)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.core.templatetags.ui import in_words
from tickets import sla
from tickets.lifecycle import TICKING, Outcome, Status
from tickets.models import Ticket

LABELS: dict[str, Any] = {
    sla.FIRST_START: gettext_lazy("First start"),
    sla.CONCLUSION: gettext_lazy("Conclusion"),
}
_WHY_IT_STANDS: dict[str, Any] = {
    Status.AWAITING_REQUESTER: gettext_lazy("stands still while the requester is asked"),
}


@dataclass(frozen=True)
class Promise:
    """One target of a ticket.

    Attributes:
        within: how much time there is for it, in words.
        due_at: when it is due, while its clock runs or once it is missed.
        met: None as long as it is not decided.
        standing: what is left and why the clock stands, in words; empty while it runs.
    """

    label: Any
    within: str
    due_at: datetime | None
    met: bool | None
    standing: str = ""


def promises(ticket: Ticket) -> list[Promise]:
    """The targets of a ticket; of one that ended without a solution only those that were decided before."""
    found = []
    for name, target, due_at, met in (
        (sla.FIRST_START, ticket.start_target, ticket.start_due_at, ticket.start_met),
        (sla.CONCLUSION, ticket.conclusion_target, ticket.conclusion_due_at, ticket.conclusion_met),
    ):
        is_over = ticket.status == Status.CANCELLED or ticket.outcome == Outcome.CLOSED_WITHOUT_SOLUTION
        if target is None or (met is None and is_over):
            continue
        stands = met is None and due_at is None
        found.append(Promise(LABELS[name], in_words(target), due_at, met, _standing(ticket, target) if stands else ""))
    return found


def _standing(ticket: Ticket, target: timedelta) -> str:
    left = _("%s left") % in_words(max(target - ticket.clock_spent, timedelta(0)))
    why = _WHY_IT_STANDS.get(ticket.status)
    return f"{left}, {why}" if why else left


def nearest(ticket: Ticket) -> dict[str, Any] | None:
    """The target that is due next, or was missed first, while support has the ticket."""
    if ticket.status not in TICKING:
        return None
    dues = ((sla.FIRST_START, ticket.start_due_at), (sla.CONCLUSION, ticket.conclusion_due_at))
    running = [(due_at, name) for name, due_at in dues if due_at]
    if not running:
        return None
    due_at, name = min(running)
    return {"label": LABELS[name], "due_at": due_at}
