"""Working hours, written in words (A8)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2Widget

from helpdesk.core.admin import HouseAdmin
from helpdesk.people.models import Account, Calendar
from helpdesk.people.models.calendars import DAYS

from .company import ZoneForm


def _countries() -> list[tuple[str, Any]]:
    """Whose public holidays are known, by the name that the library has for them."""
    from holidays.registry import COUNTRIES  # heavy, and only needed on this page

    words = re.compile(r"(?<=[a-z])(?=[A-Z])")
    known = [(codes[1], words.sub(" ", codes[0])) for codes in COUNTRIES.values()]
    return [("", _("no public holidays")), *sorted(known, key=lambda one: one[1])]


class CalendarForm(ZoneForm):
    country = forms.ChoiceField(label=_("Public holidays of"), required=False, widget=UnfoldAdminSelect2Widget())

    class Meta:
        model = Calendar
        fields = ("name", "time_zone", *DAYS, "country", "subdivision", "special_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        account = Account.current()
        if account and not kwargs.get("instance"):
            kwargs["initial"] = {"time_zone": account.time_zone} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = _countries()
        country.help_text = self.instance._meta.get_field("country").help_text
        self.fields["monday"].help_text = _(
            "From – to, several with commas: 09:00-12:00, 13:00-18:00. Over midnight: 22:00-06:00. Empty: a day off."
        )


@admin.register(Calendar)
class CalendarAdmin(HouseAdmin):
    """Hours that departments count their periods and service levels in; deleted only while nobody uses them."""

    form = CalendarForm
    list_display = ("name", "time_zone", "country", "departments_count")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "time_zone")}),
        (
            _("Working hours"),
            {
                "fields": DAYS,
                "description": _("Who changes them changes what is counted from now on; what is due already stays."),
            },
        ),
        (_("Holidays and other days"), {"fields": (("country", "subdivision"), "special_days")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        return super().get_queryset(request).annotate(department_count=Count("departments"))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return isinstance(obj, Calendar) and not obj.departments.exists()

    @display(description=_("departments"))
    def departments_count(self, calendar: Any) -> int:
        return calendar.department_count
