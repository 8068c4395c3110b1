"""The form of a regular report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User

from .kinds import KINDS
from .models import Form, ReportSchedule
from .periods import RELATIVE

# What can be sent regularly without a report to begin with: kind and facts.
OFFERS: dict[str, tuple[Any, str, dict[str, str]]] = {
    "queue": (_("Queue"), "tickets", {"list": "queue"}),
    "closed": (_("Closed tickets"), "tickets", {"list": "closed"}),
}


class ScheduleForm(forms.Form):
    """How often, when, and of which period; what, where it is not settled by a report that there is already.

    Args:
        kind, facts: of the report that is to be sent regularly; without them the form asks which it is.
    """

    what = forms.ChoiceField(label=_("Report"))
    form = forms.ChoiceField(label=_("Format"), choices=Form)
    period = forms.ChoiceField(
        label=_("Period"),
        choices=[*RELATIVE.items(), ("30", _("the last 30 days")), ("all", _("all time"))],
        help_text=_("Seen from the day on which the report is sent."),
    )
    rhythm = forms.ChoiceField(label=_("How often"), choices=ReportSchedule.Rhythm)
    weekday = forms.TypedChoiceField(
        label=_("Day of the week"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        required=False,
        empty_value=None,
        help_text=_("If it is sent every week."),
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("If it is sent every month. A month that is shorter counts to its last day."),
    )
    hour = forms.TypedChoiceField(
        label=_("At"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        help_text=_("In your own time zone."),
    )

    def __init__(
        self, data: Any = None, *, reader: User, kind: str = "", form: str = "", facts: dict[str, str] | None = None
    ) -> None:
        usual = {"rhythm": "monthly", "weekday": 0, "day": 1, "hour": 7, "form": form or "xlsx", "period": "last_month"}
        super().__init__(data, initial=usual)
        self._kind, self._facts = kind, facts or {}
        if kind:
            del self.fields["what"]
            forms_of_it = KINDS[kind].forms
        else:
            offered = [
                (name, label)
                for name, (label, of, said) in OFFERS.items()
                if KINDS[of].reason_not(reader, said) is None
            ]
            self.fields["what"] = forms.ChoiceField(label=_("Report"), choices=offered)
            forms_of_it = (Form.XLSX, Form.CSV)
        self.fields["form"] = forms.ChoiceField(
            label=_("Format"), choices=[(one.value, one.label) for one in forms_of_it]
        )
        if not (kind and KINDS[kind].has_period(self._facts)):
            del self.fields["period"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        needed = {"weekly": "weekday", "monthly": "day"}.get(cleaned.get("rhythm", ""))
        if needed and cleaned.get(needed) is None and needed not in self.errors:
            self.add_error(needed, _("Choose a day."))
        return cleaned

    def said(self) -> dict[str, Any]:
        """What ``actions.schedule`` is told."""
        chosen = dict(self.cleaned_data)
        _label, kind, facts = OFFERS[chosen["what"]] if "what" in chosen else ("", self._kind, self._facts)
        if period := chosen.get("period"):
            facts = {name: value for name, value in facts.items() if name not in {"since", "until"}}
            facts |= {"period": period}
        return {
            "kind": kind,
            "facts": facts,
            **{name: chosen[name] for name in ("form", "rhythm", "weekday", "day", "hour")},
        }
