"""What every page of the administration has in common, and the records that belong to no app of ours.

Nothing here or in any ``admin.py`` loads or counts a whole table: pages of large tables are cut without a total,
choices are searched as one types. Nothing that has happened can be changed here: tickets, letters, surveys and the
worker's tasks are shown as records.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.paginator import EmptyPage
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from .refusals import Refused

PAGE = 50
PICKED = 20


class UncountedPaginator(InfinitePaginator):
    """Pages of a table whose rows are never counted; deep pages are refused, since filters find what one looks for."""

    deepest = 100

    @property
    def count(self) -> int:
        return self.deepest * self.per_page

    def validate_number(self, number: Any) -> int:
        number = super().validate_number(number)
        if number > self.deepest:
            raise EmptyPage(_("There are no further pages. Use the filters."))
        return number


class HouseChangeList(ChangeList):
    """Says how many rows a search or a filter has found, never how many there are; nothing where none is counted."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        is_whole = not self.query and not self.has_active_filters
        if is_whole or isinstance(self.paginator, UncountedPaginator):
            self.full_result_count = self.result_count


class HouseAdmin(ModelAdmin):
    """A page of the administration; objects are switched off or kept, never deleted, unless a subclass says so."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = PAGE
    list_max_show_all = 0
    list_filter_submit = True
    warn_unsaved_form = True
    compressed_fields = True

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HouseChangeList

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A refusal that comes only on saving (somebody was quicker) is a message, and the form comes again."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())

    def picker_text(self, obj: Any) -> str:
        """How ``obj`` reads in a picker's list."""
        return str(obj)


class RecordAdmin(HouseAdmin):
    """Something that is written by the product itself: it can be looked at, and nothing else."""

    paginator = UncountedPaginator
    actions = None
    sortable_by: tuple[str, ...] = ()
    list_display_links: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PickerView(AutocompleteJsonView):
    """The list behind a picker: the admin page of the model decides how its objects read there. Nothing is counted."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        self.term, self.model_admin, self.source_field, to_field = self.process_request(request)
        if not self.has_perm(request):
            raise PermissionDenied
        self.term = self.term.replace("\x00", "")
        page = request.GET.get("page", "1")
        start = max(0, min(int(page), UncountedPaginator.deepest) - 1) * PICKED if page.isdecimal() else 0
        rows = list(self.get_queryset()[start : start + PICKED + 1])
        return JsonResponse(
            {
                "results": [self.serialize_result(row, to_field) for row in rows[:PICKED]],
                "pagination": {"more": len(rows) > PICKED},
            }
        )

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        describe = getattr(self.model_admin, "picker_text", str)
        return {"id": str(getattr(obj, to_field_name)), "text": describe(obj)}


def _pick(request: HttpRequest) -> HttpResponseBase:
    return PickerView.as_view(admin_site=admin.site)(request)


admin.site.autocomplete_view = _pick  # type: ignore[method-assign, assignment]  # the site has no other hook for it
admin.site.index_title = _("Administration")

# Kept by the product itself: groups stand for departments, addresses for people, and the rest is each person's own.
for model in (Group, EmailAddress, EmailConfirmation, Authenticator, UserSession, Success, Failure, Schedule, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(LogEntry)
class ChangeAdmin(RecordAdmin):
    """Who changed what in the administration (R2.47)."""

    list_display = ("action_time", "user", "action", "content_type", "object_repr", "details")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    fields = ("action_time", "user", "action_flag", "content_type", "object_repr", "details")
    readonly_fields = ("details",)
    ordering = ("-pk",)

    @display(description=_("What"), label={1: "success", 2: "info", 3: "danger"})
    def action(self, entry: LogEntry) -> tuple[int, Any]:
        return entry.action_flag, entry.get_action_flag_display()

    @display(description=_("Details"))
    def details(self, entry: LogEntry) -> str:
        return entry.get_change_message()


@admin.register(Schedule)
class ScheduleAdmin(RecordAdmin):
    """The recurring jobs; they are written by the product at its start (``core.schedules``)."""

    list_display = ("name", "func", "minutes", "next_run")
    fields = ("name", "func", "minutes", "next_run")
    ordering = ("name",)


class TaskAdmin(RecordAdmin):
    """What the worker did. Arguments are left out: they may be personal."""

    list_display = ("name", "func", "started", "stopped", "attempt_count")
    list_display_links = ("name",)
    fields = ("name", "func", "started", "stopped", "attempt_count", "outcome")
    readonly_fields = ("outcome",)
    ordering = ("-stopped",)

    @display(description=_("What it ended with"))
    def outcome(self, task: Failure) -> str:
        return str(task.result or "")


@admin.register(Failure)
class FailureAdmin(TaskAdmin):
    """Tasks that failed for good."""


@admin.register(OrmQ)
class WaitingAdmin(RecordAdmin):
    """Tasks that wait for the worker. Many of them mean that it does not run."""

    list_display = ("id", "what", "lock")
    fields = ("id", "what", "lock")
    readonly_fields = ("what",)
    ordering = ("pk",)

    @display(description=_("Task"))
    def what(self, entry: OrmQ) -> str:
        return str(entry.func())
