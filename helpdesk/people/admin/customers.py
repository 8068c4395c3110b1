"""The customers' organizations."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from helpdesk.core.admin import HouseAdmin, UncountedPaginator
from helpdesk.people import actions
from helpdesk.people.models import Organization

from .first_steps import FirstSteps


def is_picker(request: HttpRequest) -> bool:
    """Whether the rows are for somebody who chooses, and not for a list."""
    return bool(request.resolver_match and request.resolver_match.url_name == "autocomplete")


@admin.register(Organization)
class OrganizationAdmin(FirstSteps, HouseAdmin):
    """A customer's company, and its parent, one level deep (R2.43)."""

    paginator = UncountedPaginator
    list_display = ("name", "parent", "is_active")
    list_select_related = ("parent",)
    list_filter = ("is_active", ("parent", AutocompleteSelectFilter))
    search_fields = ("name",)
    search_help_text = _("Name")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": ("name", "parent", "is_active", "branches", "people")}),
        (_("Who reads its tickets"), {"fields": ("managers_see_tickets", "team_sees_tickets")}),
        (_("Opening tickets"), {"fields": ("may_open_tickets", "monthly_quota")}),
    )
    readonly_fields = ("branches", "people")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        return super().get_queryset(request).select_related("parent")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found = queryset.named(search_term.strip()) if search_term.strip() else queryset
        if is_picker(request):
            found = found.filter(is_active=True)
            if request.GET.get("field_name") == "parent":
                # A branch cannot be anybody's parent, so it is not offered.
                found = found.filter(parent__isnull=True)
        return found, False

    def save_model(self, request: HttpRequest, obj: Organization, form: ModelForm, change: bool) -> None:
        actions.save_organization(organization=obj, by=request.user)

    def picker_text(self, obj: Any) -> str:
        return f"{obj.name} ({obj.parent})" if obj.parent_id else obj.name

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        new = (None, {"fields": ("name", "parent", "is_active")})
        return self.fieldsets if obj else (new, *self.fieldsets[1:])

    @display(description=_("branches"))
    def branches(self, obj: Organization) -> Any:
        return _link("people_organization", f"parent__id__exact={obj.pk}", _("Show its branches"))

    @display(description=_("people"))
    def people(self, obj: Organization) -> Any:
        return _link("people_user", f"organization__id__exact={obj.pk}", _("Show its people and managers"))


def _link(model: str, query: str, words: Any) -> Any:
    return format_html('<a class="text-link" href="{}?{}">{}</a>', reverse(f"admin:{model}_changelist"), query, words)
