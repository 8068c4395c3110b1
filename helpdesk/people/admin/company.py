"""The one company of this deployment, and its sectors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from helpdesk.core.admin import HouseAdmin
from helpdesk.core.refusals import Refused
from helpdesk.people import actions, zones
from helpdesk.people.models import Account, Plan, PlanRenewal, Sector, User

from .first_steps import FirstSteps

SWITCHES = tuple(f"mail_p{number}" for number in range(1, 9))


class ZoneForm(forms.ModelForm):
    """A form with a time zone, chosen by typing."""

    time_zone = forms.ChoiceField(label=_("Time zone"), widget=UnfoldAdminSelect2Widget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (field := self.fields.get("time_zone")) is not None:
            assert isinstance(field, forms.ChoiceField)
            field.choices = zones.choices(self.instance.time_zone)
            field.help_text = self.instance._meta.get_field("time_zone").help_text


class AccountForm(ZoneForm):
    class Meta:
        model = Account
        fields = (
            "name",
            "support_email",
            "language",
            "time_zone",
            "plan",
            "plan_reminder_days",
            "agents_limit",
            "approve_actions_enabled",
            "trash_retention",
            "report_retention",
            *SWITCHES,
        )
        widgets = dict.fromkeys(("approve_actions_enabled", *SWITCHES), UnfoldBooleanSwitchWidget())


class RenewalForm(BaseDialogForm):
    """What an administrator records when the plan was renewed (R3.18, A37)."""

    plan = forms.ChoiceField(label=_("Plan"), choices=Plan, widget=UnfoldAdminSelectWidget())
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=UnfoldAdminSingleDateWidget(),
        help_text=_("The last day of the plan. Empty: it has no end."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=PlanRenewal._meta.get_field("note").max_length,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("A contract or an order, for example."),
    )

    def clean_until(self) -> Any:
        account, until = Account.current(), self.cleaned_data["until"]
        reason = actions.reason_not_to_renew(account, until=until) if account else None
        if reason:
            raise forms.ValidationError(reason)
        return until


@admin.register(Account)
class AccountAdmin(FirstSteps, HouseAdmin):
    """One row, made by the first-run page (R3.15 to R3.18, R3.35 to R3.43).

    What belongs to a plan that the account does not have is not shown (R2.1).
    """

    form = AccountForm
    readonly_fields = ("plan_starts_on", "plan_ends_on", "renewals")
    actions_detail = ("renew_plan",)
    fieldsets = (
        (_("Company"), {"fields": ("name", "support_email", "language", "time_zone")}),
        (
            _("E-mail notifications"),
            {
                "fields": SWITCHES,
                "description": _(
                    "Each switch acts on e-mail only and takes effect at once; notifications inside the helpdesk are "
                    "always made. Who causes something gets no e-mail about it. Survey and closing notice have no "
                    "switch."
                ),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        plan = {
            "fields": ("plan", ("plan_starts_on", "plan_ends_on"), "plan_reminder_days", "agents_limit", "renewals"),
            "description": _(
                "When the plan has ended, everything can be read and nothing changed, and deadlines stand still, until "
                "an administrator renews it. Payment is arranged elsewhere."
            ),
        }
        found = [*self.fieldsets, (_("Trash"), {"fields": ("trash_retention",)})]
        found += [(_("Reports"), {"fields": ("report_retention",)}), (_("Plan"), plan)]
        if obj and obj.plan == Plan.ENTERPRISE:
            found.append(
                (
                    _("Ticket flow by organization"),
                    {"fields": ("approve_actions_enabled",), "description": _register_of_actions()},
                )
            )
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Account.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        account = Account.current()
        if account is None:
            return redirect(reverse("admin:people_account_add"))
        return redirect(reverse("admin:people_account_change", args=[account.pk]))

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        assert isinstance(obj, Account)
        actions.save_account(account=obj, by=request.user)

    @display(description=_("renewals"))
    def renewals(self, account: Account) -> Any:
        """What was recorded so far, newest first."""
        rows = account.renewals.select_related("by") if account.pk else ()
        return render_to_string("admin/plan_renewals.html", {"rows": rows})

    @action(
        description=_("Renew the plan"),
        icon="autorenew",
        dialog={
            "title": _("Renew the plan"),
            "description": _(
                "What was agreed and paid elsewhere is recorded here. Where the plan has ended, work goes on at once, "
                "and deadlines with what was left of them."
            ),
            "form_class": RenewalForm,
            "form_submit_text": _("Renew"),
        },
    )
    def renew_plan(self, request: HttpRequest, form: RenewalForm, object_id: str) -> HttpResponse:
        """Record a renewal (R3.18)."""
        assert isinstance(request.user, User)  # the administration lets nobody else in
        data = form.cleaned_data
        try:
            actions.renew_plan(by=request.user, until=data["until"], plan=data["plan"], note=data["note"])
        except Refused as refusal:  # somebody was quicker
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The plan was renewed."))
        return HttpResponseClientRedirect(reverse("admin:people_account_change", args=[object_id]))


def _register_of_actions() -> Any:
    words = _('Which actions agents can ask for is said in the <a class="text-link" href="{}">register of actions</a>.')
    return format_html(str(words), reverse("admin:approvals_approvalaction_changelist"))


@admin.register(Sector)
class SectorAdmin(HouseAdmin):
    """The units of the own company (R3.23)."""

    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    fields = ("name", "is_active")
