"""Reports as administrators find them: that they were made, and not what is in them."""

from __future__ import annotations

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from helpdesk.core.admin import RecordAdmin

from .models import Report, ReportSchedule


@admin.register(Report)
class ReportAdmin(RecordAdmin):
    """Who asked for which kind of report, and what became of it. Title, filters and file are its owner's alone."""

    list_display = ("asked_at", "owner", "kind", "form", "state", "size", "ready_at")
    list_display_links = ("asked_at",)
    list_select_related = ("owner",)
    list_filter = ("state", ("owner", AutocompleteSelectFilter))
    ordering = ("-pk",)
    fields = (
        "owner", "kind", "form", "state", "asked_at", "started_at", "ready_at", "expires_at", "attempts", "done",
        "total", "size", "error",
    )  # fmt: skip


@admin.register(ReportSchedule)
class ReportScheduleAdmin(RecordAdmin):
    """Who is sent which kind of report, and when."""

    list_display = ("created_at", "owner", "kind", "form", "rhythm", "is_active", "next_due_at")
    list_display_links = ("created_at",)
    list_select_related = ("owner",)
    list_filter = ("is_active", ("owner", AutocompleteSelectFilter))
    ordering = ("-pk",)
    fields = (
        "owner", "kind", "form", "rhythm", "weekday", "day", "hour", "is_active", "stopped_because", "next_due_at",
        "created_at",
    )  # fmt: skip
