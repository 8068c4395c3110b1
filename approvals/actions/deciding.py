"""What every decision on a request beside a ticket has in common."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals.lifecycle import State
from approvals.models import SideRequest
from helpdesk.core.refusals import Refused
from tickets.funnel import Passage


def decide[R: SideRequest](request: R, state: State, step: Passage, *, reason: str = "", **values: Any) -> R:
    """Read the request again under its ticket's lock and decide it; the first decision counts (R2.33).

    Args:
        values: fields of the kind's own that change with the decision.

    Raises:
        Refused: it is decided or has ended already; says by whom, when and how.
    """
    fresh: Any = type(request).objects.select_related("evaluated_by", "requested_by").get(pk=request.pk)
    refuse_decided(fresh)
    settle(fresh, state, step, reason=reason)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=["state", "evaluated_by", "evaluated_at", "reason", *values])
    return fresh


def settle(request: SideRequest, state: State, step: Passage, *, reason: str = "") -> None:
    """Put the decision of the passage's actor on the request, which is not saved here."""
    request.state, request.evaluated_by, request.evaluated_at, request.reason = state, step.by, step.at, reason


def refuse_decided(request: SideRequest) -> None:
    """Refuse whoever comes late, and say who was first.

    Raises:
        Refused: the request waits no more.
    """
    reason = reason_decided(request)
    if reason:
        raise Refused(reason)


def reason_decided(request: SideRequest) -> str:
    """Empty while the request waits, else the sentence that says what became of it, and nothing more (A20)."""
    if request.state == State.WAITING:
        return ""
    if request.evaluated_by is None:
        return _("This request has ended without a decision.")
    return _("%(name)s has decided this already: %(state)s on %(when)s.") % {
        "name": request.evaluated_by,
        "state": request.get_state_display(),
        "when": date_format(timezone.localtime(request.evaluated_at), "SHORT_DATETIME_FORMAT"),
    }
