"""The register of approval actions; requests to change a priority, which are records (R2.4 to R2.7, R4.35)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from helpdesk.core.admin import HouseAdmin, RecordAdmin
from helpdesk.core.text import without_number_sign
from helpdesk.people.models import Account, Plan

from .models import ActionRequest, ApprovalAction, PriorityRequest


class ApprovalActionForm(ModelForm):
    class Meta:
        model = ApprovalAction
        fields = ("name", "description", "is_active")
        widgets = {"is_active": UnfoldBooleanSwitchWidget()}

    def clean_name(self) -> str:
        """Say beside the field that the name is taken; the database holds the same rule (R2.6)."""
        name = self.cleaned_data["name"].strip()
        if ApprovalAction.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is an action with this name already."))
        return name


@admin.register(ApprovalAction)
class ApprovalActionAdmin(HouseAdmin):
    """What agents can ask the managers of a customer's organization to approve (R2.4 to R2.7).

    On another plan than Enterprise it is not there (R2.1). An action that was ever asked for is kept for its history:
    it can be switched off, not deleted.
    """

    form = ApprovalActionForm
    list_display = ("name", "description", "is_active", "was_asked")
    list_filter = ("is_active",)
    search_fields = ("name",)
    list_before_template = "approvals/admin_switch.html"
    fields = ("name", "description", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalAction]:
        asked = ActionRequest.objects.filter(action=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_in_use=Exists(asked))

    @display(description=_("was asked for"), boolean=True)
    def was_asked(self, obj: Any) -> bool:
        return obj.is_in_use

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"account": Account.current()} | (extra_context or {}))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and _is_enterprise()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and _is_enterprise()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _is_enterprise()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_enterprise()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_unused = obj is not None and not ActionRequest.objects.filter(action=obj.pk).exists()
        return is_unused and _is_enterprise()


def is_offered(request: HttpRequest) -> bool:
    """Whether the administration's menu has this place."""
    return _is_enterprise()


def _is_enterprise() -> bool:
    account = Account.current()
    return account is not None and account.plan == Plan.ENTERPRISE


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
        number = without_number_sign(search_term)
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
