"""The one company of this deployment, and its sectors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldBooleanSwitchWidget

from helpdesk.core.admin import HouseAdmin
from helpdesk.people import zones
from helpdesk.people.models import Account, Sector

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
        fields = ("name", "support_email", "language", "time_zone", *SWITCHES)
        widgets = dict.fromkeys(SWITCHES, UnfoldBooleanSwitchWidget())


@admin.register(Account)
class AccountAdmin(HouseAdmin):
    """One row, made by the first-run page (R3.15 to R3.17, R3.35 to R3.43)."""

    form = AccountForm
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Account.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        account = Account.current()
        if account is None:
            return redirect(reverse("admin:people_account_add"))
        return redirect(reverse("admin:people_account_change", args=[account.pk]))

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(Sector)
class SectorAdmin(HouseAdmin):
    """The units of the own company (R3.23)."""

    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    fields = ("name", "is_active")
