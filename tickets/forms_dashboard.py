"""The dashboard's filters, whose state is the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.people.models import Department, Organization, User

from .indicators import Period, Scope, custom, preset

_USUAL = "30"
_LONGEST_LIST = 100
_PERIODS = [
    ("7", _("7 days")),
    (_USUAL, _("30 days")),
    ("90", _("90 days")),
    ("month", _("this month")),
    ("year", _("this year")),
    ("all", _("all time")),
    ("custom", _("from … to …")),
]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "min": "1990-01-01", "max": "2199-12-31"}, format="%Y-%m-%d")


class DashboardForm(forms.Form):
    """Period, department, agent, organization; offers what the reader may have figures of (R3.57).

    What is not offered is no choice, whether it exists or not, and then there are no figures.

    Attributes:
        set: what is chosen, as it stands in addresses.
    """

    period = forms.ChoiceField(label=_("Period"), choices=_PERIODS, required=False)
    since = forms.DateField(label=pgettext_lazy("date", "From"), required=False, widget=_day())
    until = forms.DateField(label=pgettext_lazy("date", "To"), required=False, widget=_day())
    department = forms.TypedChoiceField(label=_("Department"), coerce=int, empty_value=None, required=False)
    agent = forms.TypedChoiceField(label=_("Agent"), coerce=int, empty_value=None, required=False)
    organization = forms.CharField(
        label=_("Organization and branches"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "organizations", "autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, reader: User, at: datetime | None = None) -> None:
        given = data.dict() if data is not None else {}
        today = timezone.localdate(at)
        usual = preset(_USUAL, today, timezone.get_current_timezone())
        values = {name: given.get(name, "") for name in self.base_fields}
        values["period"] = values["period"] or _USUAL
        if values["period"] == "custom":
            values["since"] = values["since"] or str(usual.first)
            values["until"] = values["until"] or str(usual.last)
        super().__init__(values)
        self._today, self._sight = today, Scope.sight_of(reader)
        if values["period"] != "custom":
            del self.fields["since"], self.fields["until"]
        departments = Department.objects.all()
        agents = User.objects.filter(memberships__isnull=False)
        if self._sight is not None:
            departments = departments.filter(pk__in=self._sight)
            agents = agents.filter(memberships__department__in=self._sight)
        self._offer("department", departments)
        self._offer("agent", agents.order_by("name", "pk").distinct())
        if self.is_valid():
            left_out = {"period": _USUAL}
            self.set = {name: value for name, value in values.items() if value and name in self.fields}
            self.set = {name: value for name, value in self.set.items() if left_out.get(name) != value}
        else:
            self.set = {}

    def _offer(self, name: str, rows: Any) -> None:
        self.fields[name].choices = [("", _("All")), *rows.values_list("pk", "name")]  # type: ignore[attr-defined]  # a choice field
        self.fields[name].error_messages["invalid_choice"] = _("Choose one of these.")

    def clean_since(self) -> Any:
        return self._clean_day("since")

    def clean_until(self) -> Any:
        return self._clean_day("until")

    def _clean_day(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if not 1990 <= day.year < 2200:
            raise forms.ValidationError(_("Choose a day between 1990 and 2199."))
        return day

    def clean_organization(self) -> tuple[int, ...] | None:
        """The organization of this name and its branches."""
        name = self.cleaned_data["organization"]
        if not name:
            return None
        found = Organization.objects.alias(low=Lower("name")).filter(low=Lower(Value(name))).first()
        if found is None:
            raise forms.ValidationError(_("No organization has this name."))
        family = Organization.objects.filter(Q(pk=found.pk) | Q(parent=found.pk)).order_by("pk")
        return tuple(family.values_list("pk", flat=True))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The period ends before it begins."))
        return cleaned

    def offered_organizations(self) -> list[str]:
        """Names that the field proposes; parents first. Others can be typed."""
        rows = Organization.objects.order_by(F("parent").asc(nulls_first=True), "name")
        return list(rows.values_list("name", flat=True)[:_LONGEST_LIST])

    def scope(self) -> Scope | None:
        """None where something is wrong with the filters."""
        if not self.is_valid():
            return None
        chosen, zone = self.cleaned_data, timezone.get_current_timezone()
        if chosen["period"] == "custom":
            period: Period = custom(chosen["since"], chosen["until"], zone)
        else:
            period = preset(chosen["period"], self._today, zone)
        return Scope(
            period=period,
            sight=self._sight,
            department=chosen["department"],
            agent=chosen["agent"],
            organizations=chosen["organization"],
        )

    def chips(self) -> list[str]:
        """The filters beside the period in words."""
        words = []
        for name in ("department", "agent", "organization"):
            if value := self.set.get(name):
                field = self.fields[name]
                label = dict(getattr(field, "choices", [])).get(int(value)) if name != "organization" else value
                words.append(f"{field.label}: {label}")
        return words
