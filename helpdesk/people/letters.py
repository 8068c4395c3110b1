"""Letters about somebody's own account: invitation, forgotten password, changes that the owner should hear of.

They are written by the worker from a kind and a key, so that no link which lets its reader in ever lies in a queue, a
row or a log; and they do not depend on the desk's outbox, whose letters are about tickets.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import make_msgid, parseaddr
from typing import Any

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from helpdesk.core.text import one_line

from .models import Account, User


def password_path(user: User) -> str:
    """Where ``user``, and whoever else holds this address, may choose a password, once and for a while."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})


def _profile_path(user: User) -> str:
    return reverse("people:profile")


_LOOK = _("Look at your profile")


@dataclass(frozen=True)
class AccountLetter:
    """One kind: what it says, and where its button leads."""

    subject: Any
    says: Any
    button: Any = _LOOK
    path: Callable[[User], str] = _profile_path
    warns: bool = True


LETTERS: dict[str, AccountLetter] = {
    "invitation": AccountLetter(
        _("You are invited to the helpdesk"),
        _("An account was made for you. Choose a password, and then sign in with this e-mail address."),
        _("Choose a password"),
        password_path,
        warns=False,
    ),
    "password_reset_key": AccountLetter(
        _("Choose a new password"),
        _("Somebody, you we hope, asked for a new password for your account. If it was not you, do nothing."),
        _("Choose a new password"),
        password_path,
        warns=False,
    ),
    "password_reset": AccountLetter(
        _("Your password was changed"), _("The password of your account was changed through a link from a letter.")
    ),
    "password_changed": AccountLetter(
        _("Your password was changed"), _("The password of your account was changed on your profile's pages.")
    ),
    "password_set": AccountLetter(_("A password was set"), _("Your account has a password now.")),
    "totp_activated": AccountLetter(
        _("Two-factor sign-in is on"), _("From now on, signing in to your account needs a code as well.")
    ),
    "totp_deactivated": AccountLetter(
        _("Two-factor sign-in is off"), _("From now on, your password alone is enough to sign in to your account.")
    ),
    "recovery_codes_generated": AccountLetter(
        _("You have new recovery codes"), _("New recovery codes were made for your account; the old ones are void.")
    ),
}


def message(kind: str, user: User, at: datetime) -> EmailMultiAlternatives:
    """The letter in its reader's language and time zone.

    Raises:
        KeyError: there is no such kind.
    """
    letter, account = LETTERS[kind], Account.current()
    with translation.override(user.language), timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
        facts: dict[str, Any] = {
            "title": str(letter.subject),
            "company": account.name if account else "",
            "url": f"{settings.BASE_URL}{letter.path(user)}",
            "letter": letter,
            "reader": user,
            "at": at,
        }
        text = _render("people/emails/account.txt", facts, autoescape=False)
        html = _render("people/emails/account.html", facts)
    mail = EmailMultiAlternatives(
        subject=facts["title"],
        body="\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n",
        from_email=sender(account),
        to=[str(Address(one_line(user.name), addr_spec=user.email))],
        headers={
            "Message-ID": make_msgid(domain=settings.MAIL_DOMAIN),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": user.language,
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _render(name: str, facts: dict[str, Any], *, autoescape: bool = True) -> str:
    return Engine.get_default().get_template(name).render(Context(dict(facts), autoescape=autoescape))


def sender(account: Account | None) -> str:
    """The company's name with its support address, or with the server's own address where there is none."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if account:
        name, address = account.name, account.support_email or address
    return str(Address(one_line(name), addr_spec=address))
