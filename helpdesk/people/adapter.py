"""How allauth sees this house."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from . import actions
from .letters import LETTERS
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """People are registered by administrators: nobody signs up. Letters are the worker's work, never a page's."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """The link in ``context`` is left behind: the worker makes its own, so that none lies in the queue."""
        actions.send_account_letter(kind="password_reset_key", user=user)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        kind = template_prefix.rpartition("/")[2]
        if kind in LETTERS:
            actions.send_account_letter(kind=kind, user=user)
