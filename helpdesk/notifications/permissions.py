"""Who may do what with letters."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import User

from .models import Letter


def reason_not(user: User, verb: str, letter: Letter) -> Any:
    """None, or the sentence why ``user`` may not do ``verb`` (``send_again``) with a letter."""
    if not user.is_administrator:
        return _("Only administrators see letters.")
    if verb == "send_again" and letter.state != Letter.State.FAILED:
        return _("Only a letter that has failed can be sent again.")
    return None
