"""Who may do what with which report: None, or the sentence of refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import User

from .kinds import KINDS
from .models import Report
from .rights import sight_of


def reason_not_kind(user: User, kind: str, form: str, facts: Mapping[str, str]) -> str | None:
    """Whether ``user`` can have such a report at all."""
    entry = KINDS.get(kind)
    if entry is None or form not in entry.forms:
        return _("There is no such report.")
    if not user.is_active:
        return _("This account is not active.")
    return entry.reason_not(user, facts)


def reason_not(user: User, verb: str, this: Any) -> str | None:
    """Whether ``user`` may do ``verb`` with a report or a schedule: ``fetch``, ``throw_away``, ``change``."""
    if not user.is_active or this.owner_id != user.pk:
        return _("This is somebody else's.")
    if verb == "fetch":
        return _reason_not_to_fetch(user, this)
    return None


def _reason_not_to_fetch(user: User, report: Report) -> str | None:
    reason = reason_not_kind(user, report.kind, report.form, report.facts)
    if reason:
        return reason
    if report.sight != sight_of(user):
        return _("What you may see has changed since this report was made. Ask for it anew.")
    return None
