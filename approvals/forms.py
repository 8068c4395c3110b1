"""What people fill in beside a ticket. Forms carry input; what is allowed is the actions' business."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from tickets.forms import MoveForm
from tickets.lifecycle import PRIORITY_HELP, Move, Priority
from tickets.models import Ticket


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
