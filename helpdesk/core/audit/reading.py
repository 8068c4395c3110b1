"""The audit log as people read it (R2.47): fields, choices and instants in words of today's language.

What the product has forgotten since (a field, a choice, a kind of thing) is shown as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime, parse_duration
from django.utils.translation import gettext as _

from helpdesk.core.models import AuditRecord
from helpdesk.core.periods import in_words

from .chain import compact
from .words import FACTS, model_of

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: its name, what it was, what it is; ``old`` is None where it did not change but is only said."""

    label: str
    old: str | None
    new: str


def lines(record: AuditRecord) -> list[Line]:
    """The facts of a record in words; a list of two is an old and a new value."""
    model = model_of(record.about)
    found = []
    for name, value in record.facts.items():
        field = _field(model, name)
        label = str(getattr(field, "verbose_name", "") or FACTS.get(name) or name.replace("_", " "))
        if isinstance(value, list) and len(value) == 2:
            found.append(Line(label, in_text(value[0], field), in_text(value[1], field)))
        else:
            found.append(Line(label, None, in_text(value, field)))
    return found


def summary(record: AuditRecord) -> str:
    """What a record is about besides its thing, in a few words: the names of its facts."""
    return ", ".join(line.label for line in lines(record))


def in_text(value: Any, field: Any = None) -> str:
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return str(value["name"]) if "name" in value else compact(value)
    if isinstance(value, list):
        return ", ".join(in_text(one, field) for one in value)
    choices = dict(getattr(field, "flatchoices", ()) or ())
    if value in choices:
        return str(choices[value])
    if isinstance(value, str) and isinstance(field, Field):
        kind = field.get_internal_type()
        if kind == "DateTimeField" and (at := _instant(value)):
            return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")
        if kind == "DurationField" and (period := _period(value)) is not None:
            return in_words(period)
    return str(value)


def _field(model: type[Model] | None, name: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _instant(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _period(text: str) -> timedelta | None:
    return parse_duration(text)
