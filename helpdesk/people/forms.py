"""What people fill in about themselves and their company."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from . import setup_code, zones
from .models import Account, User


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
        fields = ("name", "language", "time_zone", "mail_new_tickets")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.active_memberships:  # nobody else is told of new tickets
            del self.fields["mail_new_tickets"]
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zones.choices(self.instance.time_zone)
        field.help_text = _("Times and deadlines are shown in it.")
