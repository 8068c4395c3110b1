"""What the letters are filtered by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.core.text import one_line
from helpdesk.people.models import User

from . import placeholders
from .kinds import ALL
from .models import Letter, LetterText
from .querysets import LetterQuerySet

# How many people of a name are looked for; whoever means another one writes more of the name.
_NAMESAKES = 50


def _kinds() -> list[tuple[str, Any]]:
    return [("", _("all"))] + [(kind.name, kind.title) for kind in ALL.values() if kind.mails]


class LetterTextForm(forms.ModelForm):
    """An administrator's own subject and body of a kind of letter."""

    class Meta:
        model = LetterText
        fields = ("subject", "body")
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
        help_texts = {
            "body": _(
                "Plain text; an empty line begins a paragraph. A line with nothing but {link} becomes the button. The "
                "name of the company is added at the end."
            )
        }

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "subject" in data and "body" in data:
            for field, words in placeholders.faults(self.instance.kind, data["subject"], data["body"]).items():
                for one in words:
                    self.add_error(field, one)
        return data


class LetterFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *Letter.State.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_kinds)
    recipient = forms.CharField(
        label=_("Recipient"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name or e-mail address")}),
    )

    def narrow(self, letters: LetterQuerySet) -> LetterQuerySet:
        """``letters`` without those that the filter leaves out; a choice that does not exist leaves out nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        if chosen.get("state"):
            letters = letters.filter(state=chosen["state"])
        if chosen.get("kind"):
            letters = letters.filter(kind=chosen["kind"])
        if words := chosen.get("recipient"):
            people = User.objects.filter(email=User.objects.normalize_email(words)) if "@" in words else None
            people = User.objects.named(words) if people is None else people
            letters = letters.filter(recipient__in=list(people.values_list("pk", flat=True)[:_NAMESAKES]))
        return letters
