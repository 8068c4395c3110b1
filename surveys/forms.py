"""What a requester says about the service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

RATINGS = [
    (1, _("Very poor")),
    (2, _("Poor")),
    (3, _("Fair")),
    (4, _("Good")),
    (5, _("Very good")),
]


def _is_yes(value: Any) -> bool:
    return value == "yes"


class SurveyForm(forms.Form):
    """The three questions of R1.39; cleans to the arguments of ``actions.answer``."""

    solved = forms.TypedChoiceField(
        label=_("Problem solved"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=_is_yes,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether your problem is solved.")},
    )
    rating = forms.TypedChoiceField(
        label=_("Your rating"),
        choices=RATINGS,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five."), "invalid_choice": _("Choose one of the five.")},
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
