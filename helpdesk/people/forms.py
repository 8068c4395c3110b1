"""What people fill in about themselves and their company."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from . import actions, setup_code, tables, zones
from .models import Account, Organization, User
from .quiet import is_within

# How many organizations are named to whoever has typed none of them.
_NEAR = 5


def _password_rules() -> str:
    return " ".join(password_validators_help_texts())


class FirstRunForm(forms.Form):
    """The company, and the person who runs its helpdesk (R3.15, R3.16)."""

    company = forms.CharField(
        label=_("Company"),
        max_length=Account._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
        help_text=_("Shown at the top of every page and as the sender of letters."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones.choices, widget=forms.Select(attrs={"data-guess-zone": True})
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=User._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=User._meta.get_field("email").max_length,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        help_text=_("You sign in with it."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy(_password_rules, str)(),
    )
    code = forms.CharField(
        label=_("Set-up code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "It shows that you run this server: the command “manage.py setup_code” prints it there. "
            "The README says how to call it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not setup_code.is_needed():
            del self.fields["code"]

    def clean_code(self) -> str:
        given = self.cleaned_data["code"]
        if not setup_code.fits(given):
            raise ValidationError(_("This is not the code of this server."))
        return given

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "password" in data:
            person = User(name=data.get("name", ""), email=data.get("email", ""))
            try:
                validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        if self.errors and "password" not in self.errors:
            self["password"].help_text = _("Please type it again: a password is never sent back.")
        data.pop("code", None)
        return data


class MemberForm(forms.ModelForm):
    """Somebody whom a manager adds to an organization; the manager's own language and time zone are proposed."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Times and deadlines are shown in it."))

    class Meta:
        model = User
        fields = ("name", "email", "language", "time_zone")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {"email": _("An invitation with a link to choose a password goes there.")}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"language": by.language, "time_zone": by.time_zone}
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zones.choices(by.time_zone)

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"])

    def validate_unique(self) -> None:
        """Left to the action, which says it in words that fit the one who reads them."""

    def validate_constraints(self) -> None:
        """Left to the action, as above."""


class ProfileForm(forms.ModelForm):
    """What everybody may change about himself; the address is the administrators' business."""

    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = User
        fields = ("name", "language", "time_zone", "mail_new_tickets", "quiet_from", "quiet_until", "digest_at")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            **{
                name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
                for name in ("quiet_from", "quiet_until", "digest_at")
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.active_memberships:  # nobody else is told of new tickets
            del self.fields["mail_new_tickets"]
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zones.choices(self.instance.time_zone)
        field.help_text = _("Times and deadlines are shown in it.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end, daily = (data.get(name) for name in ("quiet_from", "quiet_until", "digest_at"))
        if self.errors.keys() & {"quiet_from", "quiet_until", "digest_at"}:
            return data
        if (start is None) != (end is None):
            self.add_error(
                "quiet_from" if start is None else "quiet_until", _("Quiet hours have a beginning and an end.")
            )
        elif start is not None and start == end:
            self.add_error("quiet_until", _("Quiet hours must end at another hour than they begin."))
        elif start and end and daily and is_within(daily, start, end):
            self.add_error("digest_at", _("This hour lies in your quiet hours; choose another one."))
        return data


class SearchForm(forms.Form):
    """One word box above a list."""

    q = forms.CharField(
        label=_("Name"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )

    @property
    def words(self) -> str:
        """What is looked for; empty where nothing is, or nothing that could be."""
        return " ".join(self.cleaned_data.get("q", "").split()) if self.is_valid() else ""


class CustomerForm(forms.ModelForm):
    """What agents say about a customer (R2.46). The organization is typed: there may be very many.

    The address is among it only until the customer has come in with it.
    """

    organization_name = forms.CharField(
        label=_("Organization"),
        required=False,
        max_length=Organization._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Its name. Empty for people of the own company."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    field_order = ("name", "email", "organization_name", "language", "time_zone", "is_active")

    class Meta:
        model = User
        fields = ("name", "email", "language", "time_zone", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.instance
        if not actions.may_readdress(person):
            del self.fields["email"]
        if person.pk is not None:
            self.initial["organization_name"] = person.organization.name if person.organization else ""
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zones.choices(person.time_zone)

    def clean_organization_name(self) -> Organization | None:
        name = " ".join(self.cleaned_data["organization_name"].split())
        current = self.instance.organization
        if current and current.name.casefold() == name.casefold():
            return current
        if self.instance.manages_organization:
            raise ValidationError(_("This person manages the organization: only an administrator can change it."))
        if not name:
            return None
        found = Organization.objects.active().called(name)
        if found is None:
            near = ", ".join(Organization.objects.active().named(name)[:_NEAR].values_list("name", flat=True))
            raise ValidationError(
                _("There is no active organization with this name. Is it one of these: %(names)s?")
                if near
                else _("There is no active organization with this name."),
                params={"names": near},
            )
        return found

    def _post_clean(self) -> None:
        # Before the person's own rules are asked, of which one speaks of the organization.
        if "organization_name" in self.cleaned_data:
            self.instance.organization = self.cleaned_data["organization_name"]
        super()._post_clean()  # type: ignore[misc]  # ModelForm's own step, which the stubs leave out

    @property
    def changed_fields(self) -> list[str]:
        """The person's fields that were changed."""
        return ["organization" if name == "organization_name" else name for name in self.changed_data]


class NewCustomerForm(CustomerForm):
    """A customer who does not exist yet, with the company's language and time zone proposed."""

    send_invitation = forms.BooleanField(
        label=_("Send an invitation"),
        required=False,
        initial=True,
        help_text=_("A letter with a link to choose a password. It can also be sent later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        account = Account.current()
        proposed = {"language": account.language, "time_zone": account.time_zone} if account else {}
        kwargs["initial"] = proposed | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        del self.fields["is_active"]  # who is added is active

    @property
    def changed_fields(self) -> list[str]:
        return []


class OrganizationForm(forms.ModelForm):
    """What agents say about an organization (R2.46)."""

    class Meta:
        model = Organization
        fields = ("name", "is_active")


class ImportForm(forms.Form):
    """A file of people and organizations."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text=_(
            "The first row names the columns: Name, E-mail, Organization, Parent organization, Language, Time zone, "
            "Sector. Portuguese and Russian names are understood, too."
        ),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if getattr(file, "too_large", False) or file.size > tables.MAX_BYTES:
            raise ValidationError(_("This file is too large: at most 10 MB."))
        return file


class StartImportForm(forms.Form):
    """What an import does beside adding people."""

    updates_existing = forms.BooleanField(
        label=_("Change people who have one of the addresses already"),
        required=False,
        help_text=_("To what their row says; empty cells change nothing. Without this mark they are left alone."),
    )
    sends_invitations = forms.BooleanField(
        label=_("Send an invitation to everybody who is new"),
        required=False,
        help_text=_("A letter with a link to choose a password. It can also be sent later."),
    )
