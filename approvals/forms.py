"""What people fill in beside a ticket. Forms carry input; what is allowed is the actions' business."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.forms import MoveForm
from tickets.lifecycle import PRIORITY_HELP, Move, Priority
from tickets.models import Ticket

from .models import ApprovalAction

_LONGEST = 5_000
_HINT = 200


class PriorityForm(MoveForm):
    """Another priority than the ticket's, and why; cleans to the arguments of the move's action (R4.30, R4.35)."""

    priority = forms.ChoiceField(
        label=_("New priority"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a priority."),
            "invalid_choice": _("Choose another priority than the present one."),
        },
    )

    def __init__(self, move: Move, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(move, *args, ticket=ticket, **kwargs)
        field: Any = self.fields["priority"]
        others = [one for one in Priority if one != ticket.priority]
        field.choices = [(one.value, capfirst(one.label)) for one in others]
        self.hints = {one.value: PRIORITY_HELP[one] for one in others}
        self.order_fields(["priority", "text"])


class RequestActionForm(forms.Form):
    """Which action, and what the managers should know; cleans to the arguments of ``actions.request_action``."""

    action = forms.ModelChoiceField(
        label=pgettext_lazy("approval", "Action"),
        queryset=ApprovalAction.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an action."),
            "invalid_choice": _("This action is not offered any more."),
        },
    )
    text = forms.CharField(
        label=_("Comment to the managers"),
        required=False,
        max_length=_LONGEST,
        help_text=_("What exactly is to be done, what it costs, until when you need to know."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["action"]
        field.queryset = ApprovalAction.objects.active()
        self.offered = list(field.queryset)
        self.hints = {one.pk: Truncator(one.description).chars(_HINT) for one in self.offered}
        if len(self.offered) == 1:
            field.initial = self.offered[0]


class EvaluationForm(forms.Form):
    """A manager's reason, where the move takes one (R2.32)."""

    text = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=_LONGEST,
        help_text=_("The service desk reads it; the requester of the ticket does not."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, asks_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["text"]
