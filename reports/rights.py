"""Who may have which kind of report: None, or the sentence of refusal. Asked when it is asked for, made and fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import User
from tickets.indicators import Scope

from .documents import record

Facts = Mapping[str, str]
# The panel's lists that can be had as tables.
LISTS = frozenset({"queue", "closed", "search", "figure"})


def at_the_desk(reader: User, facts: Facts) -> str | None:
    """Lists of tickets are the service desk's; those behind the figures of the dashboard its readers' (R3.7, R4.36)."""
    if facts.get("list") not in LISTS:
        return _("There is no such report.")
    if facts.get("list") == "figure":
        return of_figures(reader, facts)
    if not reader.is_active or not reader.works_here:
        return _("Only people of the service desk have lists of tickets.")
    return None


def of_figures(reader: User, facts: Facts) -> str | None:
    """Figures are for heads and administrators (R4.36)."""
    if reader.is_active and (reader.is_head or reader.is_administrator):
        return None
    return _("Only heads of departments and administrators have these figures.")


def of_record(reader: User, facts: Facts) -> str | None:
    """A ticket's record: the customer's version for who reads the ticket, the other one for who serves it (R2.39)."""
    return record.reason_not(reader, facts) if reader.is_active else _("This account is not active.")


def sight_of(reader: User) -> str:
    """What somebody sees, as a word that changes with it, and with nothing else: departments have names, and an order
    by them."""
    sight, figures = reader.sight, Scope.sight_of(reader)
    whole, pool = tuple(sorted(sight.whole)), tuple(sorted(sight.pool))
    seen: tuple[Any, ...] = (
        replace(sight, whole=whole, pool=pool),
        None if figures is None else sorted(figures),
        reader.sees_customers,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()
