"""The people: registered here, invited, deactivated; customers may go to the trash (R3.19, R3.24, R3.25, R2.42)."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from helpdesk.core.admin import HouseAdmin, UncountedPaginator
from helpdesk.core.refusals import Refused
from helpdesk.core.text import Fold
from helpdesk.people import actions
from helpdesk.people.models import Absence, Department, Membership, User

from .customers import is_picker
from .first_steps import FirstSteps
from .person_forms import NewPersonForm, PasswordForm, PersonForm, burden
from .structure import LineChoice


class MembershipInline(LineChoice, TabularInline):
    model = Membership
    show_title = False
    fields = ("department", "line", "is_head")
    extra = 0
    verbose_name = _("department")
    verbose_name_plural = _("Departments that this person serves or heads")
    autocomplete_fields = ("department",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("department", "user")


class AbsenceInline(TabularInline):
    model = Absence
    show_title = False
    fields = ("starts_at", "ends_at", "reason")
    extra = 0
    verbose_name_plural = _("Absences: while they last, no ticket is given automatically")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user")


class RoleFilter(admin.SimpleListFilter):
    """What somebody is follows from facts; this asks for them."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("agent", _("agents")),
            ("head", _("heads")),
            ("manager", _("organization managers")),
            ("administrator", _("administrators")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        memberships = Membership.objects.filter(user=OuterRef("pk"))
        conditions: dict[str | None, Any] = {
            "agent": Exists(memberships.filter(line__isnull=False)),
            "head": Exists(memberships.filter(is_head=True)),
            "manager": Q(manages_organization=True),
            "administrator": Q(is_superuser=True),
        }
        wanted = conditions.get(self.value())
        return queryset if wanted is None else queryset.filter(wanted)


class DepartmentFilter(admin.SimpleListFilter):
    title = _("department")
    parameter_name = "department"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(Department.objects.values_list("pk", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        return queryset.filter(memberships__department=int(value)) if value.isdecimal() else queryset


@admin.register(User)
class PersonAdmin(FirstSteps, HouseAdmin):
    """A person of any role; several roles are the union of their rights."""

    paginator = UncountedPaginator
    form = PersonForm
    list_display = ("who", "organization", "roles", "is_active", "last_login")
    list_display_links = ("who",)
    list_select_related = ("organization",)
    list_filter = ("is_active", RoleFilter, DepartmentFilter, "profile", ("organization", AutocompleteSelectFilter))
    sortable_by = ("who",)
    ordering = ("name", "pk")
    search_fields = ("name", "email")
    search_help_text = _("Part of the name, or the beginning of the e-mail address")
    autocomplete_fields = ("organization", "sector")
    readonly_fields = ("has_password", "has_second_factor", "last_login", "joined_at", "last_assigned_at")
    inlines = (MembershipInline, AbsenceInline)
    actions_detail = ("send_link", "set_password", "remove_second_factor", "move_to_trash")
    fieldsets = (
        (None, {"fields": (("name", "email"), ("language", "time_zone"))}),
        (_("Where the person belongs"), {"fields": ("organization", "manages_organization", "sector")}),
        (_("Rights"), {"fields": ("is_active", "profile", "is_superuser")}),
        (
            _("Sign-in"),
            {"fields": ("has_password", "has_second_factor", "last_login", "joined_at", "last_assigned_at")},
        ),
    )
    add_fieldsets = (
        (None, {"fields": (("name", "email"), ("language", "time_zone"), "send_invitation")}),
        (_("Where the person belongs"), {"fields": ("organization", "manages_organization", "sector")}),
        (_("Rights"), {"fields": ("profile", "is_superuser")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        if not burden(obj)[0]:
            return found
        rights = (_("Rights"), {"fields": ("is_active", "tickets_to", "profile", "is_superuser")})
        return [rights if fieldset[0] == rights[0] else fieldset for fieldset in found]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewPersonForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "people_user_changelist":
            absent = Absence.objects.at(timezone.now()).filter(user=OuterRef("pk"))
            people = people.prefetch_related("memberships__department").annotate(is_absent=Exists(absent))
        return people

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        words = search_term.strip()
        if words:
            queryset = queryset.alias(folded_name=Fold("name")).filter(
                Q(folded_name__contains=Fold(Value(words))) | Q(email__startswith=words.lower())
            )
        if is_picker(request):
            queryset = queryset.filter(is_active=True)
        return queryset, False

    def picker_text(self, obj: Any) -> str:
        return f"{obj.name} · {obj.email}"

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        held = burden(User.objects.get(pk=obj.pk))[0] if change and not obj.is_active else 0
        actions.save_person(
            person=obj, fields=form.changed_data if change else None, by=_who(request),
            tickets_to=form.cleaned_data.get("tickets_to"),
        )  # fmt: skip
        if held:
            words = ngettext("%(count)d ticket was handed over.", "%(count)d tickets were handed over.", held)
            messages.info(request, words % {"count": held})
        if not change and form.cleaned_data.get("send_invitation"):
            actions.invite(person=obj, by=_who(request))
            messages.info(request, _("An invitation goes to %(email)s.") % {"email": obj.email})

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        person = form.instance
        before = set(person.memberships.values_list("department_id", flat=True))
        with actions.within_agents_limit():
            super().save_related(request, form, formsets, change)
        after = set(person.memberships.values_list("department_id", flat=True))
        for department in Department.objects.filter(pk__in=before ^ after).select_related("group"):
            actions.sync_group(department)

    # --- columns

    @display(description=_("person"), header=True, ordering="name")
    def who(self, person: User) -> tuple[str, str]:
        return person.name, person.email

    @display(description=_("roles"))
    def roles(self, person: Any) -> str:
        words: list[Any] = [_("administrator")] if person.is_superuser else []
        if person.manages_organization:
            words.append(_("organization manager"))
        for membership in person.memberships.all():
            parts = [membership.get_line_display()] if membership.line else []
            parts += [_("head")] if membership.is_head else []
            words.append(f"{membership.department}: {', '.join(str(part) for part in parts)}")
        if person.is_absent:
            words.append(_("absent"))
        return " · ".join(str(word) for word in words)

    @display(description=_("password is set"), boolean=True)
    def has_password(self, person: User) -> bool:
        return person.has_usable_password()

    @display(description=_("second factor is on"), boolean=True)
    def has_second_factor(self, person: User) -> bool:
        return is_mfa_enabled(person)

    # --- what can be done

    @action(
        description=_("Send a link for the password"),
        icon="mail",
        dialog={
            "title": _("Send a link for the password?"),
            "description": _("A letter with a link, good for three days, with which the person chooses a password."),
            "form_submit_text": _("Send"),
        },
    )
    def send_link(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        person = get_object_or_404(User, pk=object_id)
        try:
            actions.invite(person=person, by=_who(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, person, str(_("A link for the password was sent.")))
            messages.success(request, _("A letter goes to %(email)s.") % {"email": person.email})
        return _back(person)

    @action(
        description=_("Set a password"),
        icon="key",
        dialog={
            "title": _("Set a password"),
            "description": _("The person is signed out everywhere and signs in with the new password."),
            "form_class": PasswordForm,
            "form_submit_text": _("Set"),
        },
    )
    def set_password(self, request: HttpRequest, form: PasswordForm, object_id: str) -> HttpResponse:
        person = get_object_or_404(User, pk=object_id)
        actions.set_password(person=person, password=form.cleaned_data["password"], by=_who(request))
        if person == request.user:
            update_session_auth_hash(request, person)
        self.log_change(request, person, str(_("The password was set.")))
        messages.success(request, _("The password was set."))
        return _back(person)

    @action(description=_("Move to the trash"), icon="delete", url_path="trash")
    def move_to_trash(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the page that says what will happen, and to whom it cannot."""
        return redirect("panel:trash_customer", object_id)

    @action(
        description=_("Remove the second factor"),
        icon="phonelink_erase",
        dialog={
            "title": _("Remove the second factor?"),
            "description": _(
                "For somebody who has lost telephone and recovery codes. Make sure that it is really the person "
                "who asks. From then on the password alone is enough."
            ),
            "form_submit_text": _("Remove"),
        },
    )
    def remove_second_factor(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        person = get_object_or_404(User, pk=object_id)
        if actions.remove_second_factor(person=person, by=_who(request)):
            self.log_change(request, person, str(_("The second factor was removed.")))
            messages.success(request, _("The second factor was removed."))
        else:
            messages.info(request, _("There was no second factor."))
        return _back(person)


def _who(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the administration lets nobody else in
    return request.user


def _back(person: User) -> HttpResponse:
    return HttpResponseClientRedirect(reverse("admin:people_user_change", args=[person.pk]))


class AbsentFilter(admin.SimpleListFilter):
    title = _("time")
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("now")), ("future", _("to come"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "now":
            return queryset.at(timezone.now())  # type: ignore[attr-defined]  # of absences, so it has it
        return queryset.filter(starts_at__gt=timezone.now()) if self.value() == "future" else queryset


@admin.register(Absence)
class AbsenceAdmin(HouseAdmin):
    """Time in which somebody is given no ticket automatically (R4.8)."""

    paginator = UncountedPaginator
    list_display = ("user", "starts_at", "ends_at", "reason")
    list_select_related = ("user",)
    list_filter = (AbsentFilter, ("user", AutocompleteSelectFilter))
    autocomplete_fields = ("user",)
    fields = ("user", "starts_at", "ends_at", "reason")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Absence]:
        return super().get_queryset(request).select_related("user")
