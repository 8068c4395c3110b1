"""Periods as people say them: a number and its unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
_CHOICES = (("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days")))
LONGEST = timedelta(days=3650)


def split(period: timedelta) -> tuple[int, str]:
    """The number and the largest unit that says ``period`` without a fraction; seconds are dropped."""
    minutes = int(period.total_seconds()) // 60
    for unit in ("days", "hours"):
        whole, rest = divmod(minutes, int(UNITS[unit].total_seconds()) // 60)
        if not rest:
            return whole, unit
    return minutes, "minutes"


def in_words(period: timedelta) -> str:
    """``2 days``, ``36 hours``, ``15 minutes``."""
    number, unit = split(period)
    if unit == "days":
        return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}
    if unit == "hours":
        return ngettext("%(n)d hour", "%(n)d hours", number) % {"n": number}
    return ngettext("%(n)d minute", "%(n)d minutes", number) % {"n": number}


class PeriodWidget(forms.MultiWidget):
    """A number beside its unit, for the administration's forms."""

    template_name = "admin/period.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        number = UnfoldAdminIntegerFieldWidget(attrs={"min": 0, "inputmode": "numeric"})
        unit = UnfoldAdminSelectWidget(attrs={"aria-label": _("Unit")}, choices=_CHOICES)
        super().__init__([number, unit], attrs)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_

    def decompress(self, value: Any) -> list[Any]:
        return list(split(value)) if isinstance(value, timedelta) else [None, "days"]


class PeriodField(forms.MultiValueField):
    """Cleans to a ``timedelta``; where none is required, to None without a number."""

    widget = PeriodWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = (forms.IntegerField(min_value=0), forms.ChoiceField(choices=_CHOICES))
        super().__init__(fields, require_all_fields=True, **kwargs)

    def compress(self, data_list: list[Any]) -> timedelta | None:
        if not data_list or data_list[0] is None:
            return None
        number, unit = data_list
        if number > LONGEST // UNITS[unit]:
            raise ValidationError(_("This is too long: at most ten years."))
        return number * UNITS[unit]
