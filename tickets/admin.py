"""Tickets as administrators find them: records. Whatever changes a ticket goes through its moves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from helpdesk.core.admin import RecordAdmin

from .models import Ticket


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("open")), ("no", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "yes":
            return queryset.open()
        return queryset.ended() if self.value() == "no" else queryset


@admin.register(Ticket)
class TicketAdmin(RecordAdmin):
    """Every ticket, newest first, found by number or by words of its subject and conversation."""

    list_display = ("number", "subject", "status_badge", "department", "requester", "executor", "opened_at")
    list_display_links = ("number", "subject")
    list_select_related = ("department", "requester", "executor")
    list_filter = (
        OpenFilter,
        ("department", AutocompleteSelectFilter),
        ("requester", AutocompleteSelectFilter),
        ("executor", AutocompleteSelectFilter),
        ("organization", AutocompleteSelectFilter),
    )
    search_fields = ("number",)
    search_help_text = _("Number, or words of the subject and the conversation")
    ordering = ("-number",)
    fieldsets = (
        (None, {"fields": ("page", "number", "subject", "department", "service", "priority", "line")}),
        (_("People"), {"fields": ("requester", "organization", "executor")}),
        (
            _("State"),
            {"fields": ("status", "outcome", "timer_due_at", "timer_retry_at", "timer_error", "alerted_at")},
        ),
        (
            _("Times"),
            {
                "fields": (
                    "opened_at", "assigned_at", "assigned_by_clock", "started_at", "concluded_at", "approved_at",
                    "approved_by_clock", "closed_at", "closed_by", "finalized_at", "finalized_by", "last_message_at",
                )
            },
        ),
    )  # fmt: skip
    readonly_fields = ("page",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        words = search_term.replace("\x00", "").strip()
        if not words:
            return queryset, False
        number = words.lstrip("#")
        if number.isdecimal() and len(number) < 19:
            return queryset.filter(number=int(number)), False
        return queryset.matching(words, notes=True), False

    @display(
        description=_("status"),
        label={
            "awaiting_distribution": "warning",
            "assigned": "info",
            "in_service": "info",
            "awaiting_requester": "warning",
            "line_change_requested": "danger",
            "closing_requested": "danger",
            "awaiting_approval": "warning",
            "awaiting_rating": "warning",
            "closed": "success",
            "closed_without_solution": "danger",
            "cancelled": "danger",
        },
    )
    def status_badge(self, ticket: Ticket) -> tuple[str, Any]:
        return ticket.shown_status.value, ticket.shown_status.label

    @display(description=_("page"))
    def page(self, ticket: Ticket) -> Any:
        url = reverse("panel:ticket", args=[ticket.number])
        return format_html('<a class="text-link" href="{}">{}</a>', url, _("Open in the service desk"))
