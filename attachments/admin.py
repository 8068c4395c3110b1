"""Who got, lost or used access to files: records for administrators (R1.17)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from helpdesk.core.admin import RecordAdmin

from .models import AuditEntry


class RemovalFilter(admin.SimpleListFilter):
    """Removals are rare and looked for; they have an index of their own."""

    title = _("what")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("removed", _("removed files only"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(verb="removed") if self.value() == "removed" else queryset


@admin.register(AuditEntry)
class AuditAdmin(RecordAdmin):
    """The access records of all folders, newest first, found by the folder's number."""

    list_display = ("at", "folder", "who", "verb", "subject", "details")
    list_display_links = ("at",)
    list_select_related = ("folder", "actor")
    list_filter = (RemovalFilter, ("actor", AutocompleteSelectFilter))
    search_fields = ("folder__name",)
    search_help_text = _("Number of the folder")
    ordering = ("-pk",)
    fields = ("at", "folder", "who", "verb", "subject", "details")
    readonly_fields = ("who", "details")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return super().get_queryset(request).filter(folder__trashed_at__isnull=True)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        number = search_term.replace("\x00", "").strip().lstrip("#")
        return (queryset.filter(folder__name=number) if number else queryset), False

    @display(description=_("by"))
    def who(self, entry: AuditEntry) -> str:
        return str(entry.actor or _("System"))

    @display(description=_("detail"))
    def details(self, entry: AuditEntry) -> str:
        return str(entry.detail_in_words)
