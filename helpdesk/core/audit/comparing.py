"""What has changed of a thing, said so that it can be read in any language and in ten years (R2.47).

Choices are codes, instants ISO 8601 in UTC, days and hours ISO 8601, periods ISO 8601 durations, and a thing that is
pointed to is ``{"key": …, "name": …}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import ForeignKey, Model
from django.utils.duration import duration_iso_string

from .recording import record
from .words import kind_of

# What a secret is shown as: that it changed is said, what it was is not.
HIDDEN = "•••"
_SECRET = re.compile(r"password|secret|token")


def fields_of(model: type[Model] | Model) -> tuple[str, ...]:
    """The columns that people fill in."""
    return tuple(field.name for field in model._meta.concrete_fields if field.editable and not field.primary_key)


def changes(before: Model | None, after: Model | None, fields: Iterable[str] | None = None) -> dict[str, list[Any]]:
    """Old and new value of each field that differs: ``{"field": [old, new]}``.

    Args:
        before: None for something new, whose empty fields are left out.
        after: None for something that is gone.
        fields: names of concrete fields; default: what people fill in.
    """
    model = after or before
    assert model is not None
    found = {}
    for field in fields_of(model) if fields is None else fields:
        old, new = (None if one is None else _value(one, field) for one in (before, after))
        if old == new or (before is None and new == "") or (after is None and old == ""):
            continue
        if _SECRET.search(field):
            old, new = HIDDEN if old else None, HIDDEN if new else None
        found[field] = [old, new]
    return found


def reference(thing: Model | None) -> dict[str, str] | None:
    """How facts point to something: so that it can be found, and read when it is gone."""
    return None if thing is None else {"key": str(thing.pk), "name": str(thing)}


def record_saved(
    before: Model | None,
    after: Model | None,
    *,
    by: Any,
    about: str = "",
    fields: Iterable[str] | None = None,
    facts: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Record that something was made, changed or deleted: ``<about>_created``, ``…_changed``, ``…_deleted``.

    A save that changed nothing is no operation, and leaves no record.

    Args:
        before: as it was stored; None for something new.
        after: as it is stored now; None for something that is gone.
        about: default: the kind of the model.
        fields: the only ones to compare.
        facts: what the record says besides.
    """
    differing = changes(before, after, fields)
    if before is not None and after is not None and not differing:
        return
    verb = "created" if before is None else "deleted" if after is None else "changed"
    thing = after or before
    assert thing is not None
    about = about or kind_of(thing)
    record(f"{about}_{verb}", by=by, about=about, key=thing.pk, name=thing, facts=(facts or {}) | differing, at=at)


def _value(thing: Model, name: str) -> Any:
    field = thing._meta.get_field(name)
    if isinstance(field, ForeignKey):
        return reference(getattr(thing, name))
    value = getattr(thing, field.attname)  # type: ignore[union-attr]  # a concrete field has it
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, Decimal):
        return str(value)
    return value
