"""Tickets as administrators find them: records. Whatever changes a ticket goes through its moves.

Service levels are set up here: what is promised to whom, for what, and how soon.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2Widget

from helpdesk.core.admin import HouseAdmin, RecordAdmin
from helpdesk.core.periods import PeriodField, in_words
from helpdesk.core.text import without_number_sign
from helpdesk.people.models import Service, User

from . import search
from .models import ServiceLevel, Ticket

# Of the tickets that hold some words.
_MOST_FOUND = 500


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
    search_help_text = _("Number, or words of the subject and the conversation: the newest tickets that hold them")
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
        (
            _("Service level"),
            {
                "fields": (
                    "start_target", "start_due_at", "start_met", "conclusion_target", "conclusion_due_at",
                    "conclusion_met", "sla_met", "clock_spent", "clock_read_at", "sla_alarm_at", "first_service_time",
                    "service_time",
                )
            },
        ),
    )  # fmt: skip
    readonly_fields = ("page",)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        words = search_term.replace("\x00", "").strip()
        if not words:
            return queryset, False
        number = without_number_sign(words)
        if number.isdecimal() and len(number) < 19:
            return queryset.filter(number=int(number)), False
        # Not every hit: a frequent word stands in most tickets, and a list begins with the newest.
        found = search.find(words, reader=request.user, size=_MOST_FOUND)  # type: ignore[arg-type]  # signed in
        return queryset.filter(number__in=found.numbers), False

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


class _ServiceChoice(forms.ModelChoiceField):
    """Services of several departments may have the same name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.department} · {obj.name}"


class ServiceLevelForm(forms.ModelForm):
    """A promise in plain words: to whom, for what, and how soon."""

    service = _ServiceChoice(
        label=_("Service"),
        queryset=Service.objects.filter(is_active=True, department__is_active=True)
        .select_related("department")
        .order_by("department__name", "name", "pk"),
        required=False,
        empty_label=_("any service"),
        widget=UnfoldAdminSelect2Widget(),
    )
    first_start = PeriodField(label=_("First start within"), required=False)
    conclusion = PeriodField(label=_("Conclusion within"), required=False)

    class Meta:
        model = ServiceLevel
        fields = ("requester", "organization", "service", "priority", "first_start", "conclusion")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("service", "first_start", "conclusion"):
            self.fields[name].help_text = getattr(ServiceLevel._meta.get_field(name), "help_text", "")
        if self.instance.requester_id:  # who may lie in the trash by now
            picker: Any = self.fields["requester"]
            picker.queryset = User.with_trash.filter(Q(trashed_at=None) | Q(pk=self.instance.requester_id))
        if self.instance.service_id:  # one that is no longer offered stays what it is
            field: Any = self.fields["service"]
            field.queryset = field.queryset | Service.objects.filter(pk=self.instance.service_id)

    def clean_first_start(self) -> timedelta | None:
        return self._longer_than_nothing("first_start")

    def clean_conclusion(self) -> timedelta | None:
        return self._longer_than_nothing("conclusion")

    def _longer_than_nothing(self, name: str) -> timedelta | None:
        period = self.cleaned_data[name]
        if period is not None and not period:
            raise ValidationError(_("Longer than 0, or empty where nothing is promised."))
        return period

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("requester") and data.get("organization"):
            self.add_error("organization", _("Choose a requester or an organization, not both."))
        return data


class ScopeFilter(admin.SimpleListFilter):
    title = _("for")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("general", _("everybody")), ("organization", _("an organization")), ("requester", _("a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        scopes: dict[str | None, dict[str, bool]] = {
            "general": {"requester__isnull": True, "organization__isnull": True},
            "organization": {"organization__isnull": False},
            "requester": {"requester__isnull": False},
        }
        return queryset.filter(**scopes.get(self.value(), {}))


@admin.register(ServiceLevel)
class ServiceLevelAdmin(HouseAdmin):
    """What is promised (R3.28, R3.58). Open tickets keep what they were opened with, so a level can be deleted."""

    form = ServiceLevelForm
    list_display = ("scope", "of_service", "priority", "start_words", "conclusion_words")
    list_select_related = ("requester", "organization", "service__department")
    list_filter = (
        ScopeFilter,
        "priority",
        ("organization", AutocompleteSelectFilter),
        ("requester", AutocompleteSelectFilter),
    )
    autocomplete_fields = ("requester", "organization")
    fieldsets = (
        (
            _("For whom and for what"),
            {
                "fields": ("requester", "organization", "service", "priority"),
                "description": _(
                    "The first level that fits a ticket holds as a whole: that of its requester, of his organization, "
                    "of its parent organization, of everybody; of each first the one for the service."
                ),
            },
        ),
        (
            _("How soon"),
            {
                "fields": ("first_start", "conclusion"),
                "description": _(
                    "Counted in the department's calendar: days are working days, hours are working hours; without a "
                    "calendar every hour counts. Open tickets keep their targets; a change of priority, service or "
                    "department looks them up again."
                ),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    @display(description=_("for"))
    def scope(self, level: ServiceLevel) -> Any:
        return level.requester or level.organization or _("everybody")

    @display(description=_("service"))
    def of_service(self, level: ServiceLevel) -> Any:
        return f"{level.service.department} · {level.service}" if level.service else _("any service")

    @display(description=_("first start within"))
    def start_words(self, level: ServiceLevel) -> str:
        return in_words(level.first_start) if level.first_start else "–"

    @display(description=_("conclusion within"))
    def conclusion_words(self, level: ServiceLevel) -> str:
        return in_words(level.conclusion) if level.conclusion else "–"
