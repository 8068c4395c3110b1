"""The forms of a person's page: who it is, what he may, to whom his tickets go, and a password set by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from helpdesk.people import actions
from helpdesk.people.models import Account, User

from .company import ZoneForm


class PersonForm(ZoneForm):
    """What an administrator says about a person; passwords are the person's own business."""

    tickets_to = forms.ModelChoiceField(
        label=_("Hand the tickets over"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("To the department's distribution"),
        widget=UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = User
        fields = (
            "name", "email", "language", "time_zone", "organization", "manages_organization", "sector", "is_active",
            "profile", "is_superuser",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held, waiting = burden(self.instance)
        if not held:
            del self.fields["tickets_to"]
            return
        field = self.fields["tickets_to"]
        assert isinstance(field, forms.ModelChoiceField)
        departments = self.instance.memberships.values("department")
        colleagues = User.objects.active().filter(memberships__department__in=departments, memberships__line__gt=0)
        field.queryset = colleagues.exclude(pk=self.instance.pk).distinct()
        field.help_text = _words_on_tickets(held, waiting)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        reason = actions.reason_to_keep(
            self.instance, is_active=data.get("is_active", True), is_superuser=data.get("is_superuser", True)
        )
        if reason:
            self.add_error("is_superuser" if data.get("is_active", True) else "is_active", reason)
        return data


def burden(person: User | None) -> tuple[int, int]:
    """How many tickets somebody who is active would hand over, and how many more of his wait for somebody else."""
    if person is None or person.pk is None or not person.is_active:
        return 0, 0
    return actions.burden_of(person)


def _words_on_tickets(held: int, waiting: int) -> str:
    words = ngettext(
        "Only if the account is deactivated: %(count)d open ticket is handed over, to the colleague if he serves its "
        "department and line, else to the distribution.",
        "Only if the account is deactivated: %(count)d open tickets are handed over, to the colleague where he serves "
        "the department and line, else to the distribution.",
        held,
    ) % {"count": held}
    if not waiting:
        return words
    more = ngettext(
        "%(count)d more waits for its requester or a head, and goes to the distribution when it comes back.",
        "%(count)d more wait for their requesters or a head, and go to the distribution when they come back.",
        waiting,
    )
    return f"{words} {more % {'count': waiting}}"


class NewPersonForm(PersonForm):
    """A person who does not exist yet, with the company's language and time zone proposed."""

    send_invitation = forms.BooleanField(
        label=_("Send an invitation"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=_("A letter with a link to choose a password. It can also be sent later from the person's page."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        account = Account.current()
        if account:
            kwargs["initial"] = {"language": account.language, "time_zone": account.time_zone} | (
                kwargs.get("initial") or {}
            )
        super().__init__(*args, **kwargs)


class PasswordForm(BaseDialogForm):
    """A password that an administrator sets, for people without a mailbox."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. Tell the person in some other way than by e-mail."),
    )

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, User.objects.filter(pk=self.object_id).first())
        return password
