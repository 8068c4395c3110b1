"""Surveys as administrators find them: records."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from helpdesk.core.admin import RecordAdmin
from helpdesk.core.text import without_number_sign

from .models import Survey


@admin.register(Survey)
class SurveyAdmin(RecordAdmin):
    """Every feedback request, newest first, found by its ticket's number (R1.37 to R1.39)."""

    list_display = (
        "ticket_number", "requester_name", "agent_name", "department", "rating", "solved", "created_at", "answered_at",
    )  # fmt: skip
    list_display_links = ("ticket_number",)
    list_select_related = ("department",)
    list_filter = (("department", AutocompleteSelectFilter), ("agent", AutocompleteSelectFilter))
    search_fields = ("ticket_number",)
    search_help_text = _("Ticket number")
    ordering = ("-pk",)
    fields = (
        "ticket", "ticket_number", "requester_name", "agent_name", "department", "sector", "before_closing",
        "created_at", "open_until", "answered_at", "solved", "rating", "comment",
    )  # fmt: skip

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        number = without_number_sign(search_term)
        if not number:
            return queryset, False
        # By the ticket's key, which is its number and has an index.
        known = number.isdecimal() and len(number) < 19
        return (queryset.filter(ticket=int(number)) if known else queryset.none()), False
