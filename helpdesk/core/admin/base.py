"""What every page of the administration has in common.

Nothing here or in any ``admin.py`` loads or counts a whole table: pages of large tables are cut without a total,
choices are searched as one types. Nothing that has happened can be changed here: tickets, letters, surveys and the
worker's tasks are shown as records.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.core.paginator import EmptyPage
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from helpdesk.core import audit
from helpdesk.core.refusals import Refused

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
        """A refusal that comes only on saving (somebody was quicker) is a message, and the form comes again.

        What a form saves is recorded when all of it is saved (R2.47).
        """
        if request.method in {"GET", "HEAD"}:
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic(), audit.together():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())

    # What has no action of its own is saved and recorded here (R2.47); a page whose model has one calls it instead.

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        before = _stored(obj) if change else None
        super().save_model(request, obj, form, change)
        audit.record_saved(before, obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        before = copy(obj)  # which keeps its key
        super().delete_model(request, obj)
        audit.record_saved(before, None, by=request.user)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        with audit.together():
            for obj in queryset:
                self.delete_model(request, obj)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        """Save the rows below a form; each that was made, changed or deleted is recorded."""
        keys = [one.instance.pk for one in formset.initial_forms if one.has_changed()]
        rows = formset.model._default_manager
        before = rows.in_bulk(keys) if keys else {}
        super().save_formset(request, form, formset, change)
        keys = [*before, *(obj.pk for obj in formset.new_objects)]
        after = rows.in_bulk(keys) if keys else {}
        for pk in before | after:
            audit.record_saved(before.get(pk), after.get(pk), by=request.user)

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


def _stored(obj: Model) -> Model | None:
    return type(obj)._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=obj.pk).first()


def _pick(request: HttpRequest) -> HttpResponseBase:
    return PickerView.as_view(admin_site=admin.site)(request)


admin.site.autocomplete_view = _pick  # type: ignore[method-assign, assignment]  # the site has no other hook for it
admin.site.index_title = _("Administration")
