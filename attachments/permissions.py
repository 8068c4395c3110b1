"""Who may do what with a folder: django-guardian's grants, asked in one place (R1.12 to R1.16)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import User

from .models import Folder

VIEW, ADD = "view_folder", "add_file"


def reason_not(user: User, verb: str, folder: Folder) -> Any:
    """None, or the sentence why ``user`` may not do ``verb`` with ``folder``.

    Args:
        verb: ``view`` (list and open files), ``add`` (add files) or ``remove`` (administrators only, R1.16).
    """
    if not user.is_active:
        return _("This account is not active.")
    if user.is_administrator:
        return None
    if verb == "view" and user.has_perm(f"attachments.{VIEW}", folder):
        return None
    if verb == "add" and user.has_perm(f"attachments.{ADD}", folder):
        return None
    return {
        "view": _("Only those involved in the ticket can open its files."),
        "add": _("Only the requester and the executor can add files to this ticket."),
        "remove": _("Only an administrator can remove a file."),
    }[verb]
