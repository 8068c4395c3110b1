"""The profiles of agents: one form for each, every permission in plain words (R3.25, R5.4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldBooleanSwitchWidget

from helpdesk.core.admin import HouseAdmin
from helpdesk.people import actions
from helpdesk.people.models import Profile, Sees, User
from helpdesk.people.models.profiles import SEES_HELP


class AgentsProfileForm(forms.ModelForm):
    """The choices of sight with a sentence each, the permissions as switches."""

    class Meta:
        model = Profile
        fields = ("name", "description", "sees", *(field.name for field in Profile.permissions()))
        widgets = {field.name: UnfoldBooleanSwitchWidget() for field in Profile.permissions()} | {
            "sees": UnfoldAdminRadioSelectWidget()
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sees"].help_text = format_html_join(
            "", "<p><strong>{}</strong>: {}</p>", ((sees.label, SEES_HELP[sees]) for sees in Sees)
        )


@admin.register(Profile)
class ProfileAdmin(HouseAdmin):
    """What ordinary agents see and may do. Heads see their departments whole, administrators everything, whatever
    profile they have."""

    form = AgentsProfileForm
    actions = None
    list_display = ("name", "sees", *(field.name for field in Profile.permissions()), "used_by")
    sortable_by = ()
    readonly_fields = ("used_by", "deleting")
    fieldsets = (
        (None, {"fields": ("name", "description")}),
        (_("Tickets"), {"fields": ("sees",), "description": _("Heads see the departments that they head whole.")}),
        (_("Permissions"), {"fields": tuple(field.name for field in Profile.permissions())}),
        (_("Use"), {"fields": ("used_by", "deleting")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Profile]:
        return super().get_queryset(request).annotate(use=Count("people"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and actions.reason_to_keep_profile(obj) is None

    def save_model(self, request: HttpRequest, obj: Profile, form: ModelForm, change: bool) -> None:
        assert isinstance(request.user, User)  # the administration lets nobody else in
        actions.save_agents_profile(profile=obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        assert isinstance(request.user, User)
        actions.delete_agents_profile(profile=obj, by=request.user)

    @display(description=_("people"))
    def used_by(self, profile: Any) -> Any:
        if profile.is_default:
            return _("Everybody who serves and has no other profile.")
        address = reverse("admin:people_user_changelist")
        return format_html(
            '<a class="text-link" href="{}?profile__id__exact={}">{}</a>', address, profile.pk, profile.use
        )

    @display(description=_("deleting"))
    def deleting(self, profile: Profile) -> Any:
        return actions.reason_to_keep_profile(profile) or _("Nobody has this profile: it can be deleted.")
