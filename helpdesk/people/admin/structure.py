"""The structure that serves: departments with their rules, members and services (R3.21, R3.26 to R3.28)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet

from helpdesk.core.admin import HouseAdmin
from helpdesk.core.periods import PeriodField, in_words
from helpdesk.people import actions
from helpdesk.people.models import Department, Membership, Service

from .customers import is_picker
from .first_steps import FirstSteps


class DepartmentForm(forms.ModelForm):
    """The rules of a department's process, with periods as people say them."""

    approval_period = PeriodField(label=_("Approval period"))
    rating_period = PeriodField(label=_("Rating period"))
    decision_reminder = PeriodField(label=_("Remind heads of decisions after"))
    survey_period = PeriodField(label=_("Survey period"))

    class Meta:
        model = Department
        fields = (
            "name", "description", "is_active", "distribution_mode", "distribution_minutes", "support_lines",
            "attachment_required_on_open", "attachment_min_count", "attachment_extensions", "attachment_access_moment",
            "approval_period", "survey_mode", "rating_period", "survey_period",
            "closing_without_solution_needs_head", "criticality_change_needs_approval", "decision_reminder",
            "calendar", "sla_warning_percent",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("approval_period", "rating_period", "survey_period", "decision_reminder"):
            self.fields[name].help_text = getattr(Department._meta.get_field(name), "help_text", "")
            self.fields[name].initial = getattr(Department(), name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        reason = actions.reason_to_keep_department(self.instance, is_active=data.get("is_active", True))
        if reason:
            self.add_error("is_active", reason)
        return data


class MemberFormSet(PaginationInlineFormSet):
    """Members know their department as the same form is about to change it."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        form.instance.department = self.instance
        return form


class LineChoice:
    """A support line, or none: in words, not as a missing value."""

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["choices"] = [("", _("none: takes no tickets")), *db_field.choices]
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin


class MemberInline(LineChoice, TabularInline):
    model = Membership
    show_title = False
    formset = MemberFormSet
    fields = ("user", "line", "is_head")
    extra = 0
    verbose_name = _("member")
    verbose_name_plural = _("Members: agents of a support line, and heads")
    autocomplete_fields = ("user",)
    ordering = ("user__name", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user", "department")


class ServiceInline(TabularInline):
    model = Service
    fields = ("name", "description", "attachment_required_on_open", "is_active")
    extra = 0
    can_delete = False
    show_title = False
    verbose_name_plural = _("Services: what requesters can ask this department for")

    def formfield_for_nullboolean_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_nullboolean_field(db_field, request, **kwargs)
        field.widget.choices = [("unknown", _("as the department says")), ("true", _("yes")), ("false", _("no"))]
        return field


@admin.register(Department)
class DepartmentAdmin(FirstSteps, HouseAdmin):
    """A unit that serves, together with everything that its process can be adjusted by (R1.42)."""

    form = DepartmentForm
    list_display = ("name", "agents", "heads", "distribution", "approval", "is_active")
    list_filter = ("is_active", "distribution_mode")
    search_fields = ("name",)
    inlines = (MemberInline, ServiceInline)
    fieldsets = (
        (None, {"fields": ("name", "description", "is_active")}),
        (
            _("Working time"),
            {
                "fields": ("calendar", "sla_warning_percent"),
                "description": _("Which hours count for everything below, and for what customers are promised."),
            },
        ),
        (
            _("Distribution"),
            {
                "fields": ("distribution_mode", "distribution_minutes", "support_lines"),
                "description": _("How a new ticket finds its agent."),
            },
        ),
        (
            _("Attachments"),
            {
                "fields": (
                    "attachment_required_on_open",
                    "attachment_min_count",
                    "attachment_extensions",
                    "attachment_access_moment",
                ),
                "description": _("Which files a ticket needs and takes, and who can open them."),
            },
        ),
        (
            _("Approval, survey, closing"),
            {
                "fields": ("approval_period", "survey_mode", "rating_period", "survey_period"),
                "description": _("What happens after the agent has sent a solution."),
            },
        ),
        (
            _("Decisions of the heads"),
            {
                "fields": (
                    "closing_without_solution_needs_head",
                    "criticality_change_needs_approval",
                    "decision_reminder",
                ),
                "description": _(
                    "What agents may do on their own word. Whatever needs a head waits on the page “Decisions” of all "
                    "heads of the department; where it has none, administrators decide."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        departments = super().get_queryset(request).select_related("group")
        match = request.resolver_match
        if match and match.url_name == "people_department_changelist":
            of_active = Q(memberships__user__is_active=True)
            departments = departments.annotate(
                agent_count=Count("memberships", filter=of_active & Q(memberships__line__isnull=False)),
                head_count=Count("memberships", filter=of_active & Q(memberships__is_head=True)),
            )
        return departments

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return (found.filter(is_active=True) if is_picker(request) else found), duplicates

    def save_model(self, request: HttpRequest, obj: Department, form: ModelForm, change: bool) -> None:
        actions.save_department(department=obj, by=request.user)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        with actions.within_agents_limit():
            super().save_related(request, form, formsets, change)
        actions.sync_group(form.instance)

    @display(description=_("agents"))
    def agents(self, department: Any) -> int:
        return department.agent_count

    @display(description=_("heads"))
    def heads(self, department: Any) -> int:
        return department.head_count

    @display(description=_("distribution"))
    def distribution(self, department: Department) -> Any:
        return department.get_distribution_mode_display()

    @display(description=_("approval period"))
    def approval(self, department: Department) -> Any:
        return in_words(department.approval_period) if department.approval_period else _("no end")
