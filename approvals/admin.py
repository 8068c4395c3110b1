"""What was asked beside tickets, as administrators find it: records. Priorities change by their verbs only (R4.35)."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from helpdesk.core.admin import RecordAdmin

from .models import PriorityRequest


@admin.register(PriorityRequest)
class PriorityRequestAdmin(RecordAdmin):
    """Every request to change a priority, newest first, found by its ticket's number (R4.34)."""

    list_display = (
        "ticket", "old_priority", "new_priority", "state_badge", "requested_by", "requested_at", "evaluated_by",
        "evaluated_at",
    )  # fmt: skip
    list_display_links = ("ticket",)
    list_select_related = ("ticket", "requested_by", "evaluated_by")
    list_filter = ("state", ("requested_by", AutocompleteSelectFilter), ("evaluated_by", AutocompleteSelectFilter))
    search_fields = ("ticket__number",)
    search_help_text = _("Ticket number")
    ordering = ("-pk",)
    fields = (
        "ticket", "old_priority", "new_priority", "justification", "requested_by", "requested_at", "state",
        "evaluated_by", "evaluated_at", "reason", "remind_due_at",
    )  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        number = search_term.strip().lstrip("#")
        if not number:
            return queryset, False
        known = number.isdecimal() and len(number) < 19
        return (queryset.filter(ticket=int(number)) if known else queryset.none()), False

    @display(
        description=_("state"),
        label={"waiting": "warning", "approved": "success", "rejected": "danger", "cancelled": "info"},
    )
    def state_badge(self, request: PriorityRequest) -> tuple[str, str]:
        return request.state, request.get_state_display()
