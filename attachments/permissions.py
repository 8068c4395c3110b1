"""Who may do what with a folder: django-guardian's grants, asked in one place (R1.12 to R1.16)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import User

from .models import Folder, FolderGroupPermission, FolderUserPermission

VIEW, ADD = "view_folder", "add_file"
_CODES = {"view": VIEW, "add": ADD}


def reason_not(user: User, verb: str, folder: Folder) -> Any:
    """None, or the sentence why ``user`` may not do ``verb`` with ``folder``.

    Args:
        verb: ``view`` (list and open files), ``add`` (add files) or ``remove`` (administrators only, R1.16).
    """
    if not user.is_active:
        return _("This account is not active.")
    if folder.trashed_at is not None:
        return _("The ticket of this folder lies in the trash.")
    if user.is_administrator:
        return None
    if verb in _CODES and _holds(user, _CODES[verb], folder):
        return None
    return {
        "view": _("Only those involved in the ticket can open its files."),
        "add": _("Only the requester and the executor can add files to this ticket."),
        "remove": _("Only an administrator can remove a file."),
    }[verb]


def _holds(user: User, code: str, folder: Folder) -> bool:
    """Whether ``user`` or one of his groups was granted ``code``: one question, where guardian's own check asks two."""
    own = FolderUserPermission.objects.filter(content_object=folder, user=user, permission__codename=code)
    of_groups = FolderGroupPermission.objects.filter(content_object=folder, group__user=user, permission__codename=code)
    return own.values("pk").union(of_groups.values("pk"), all=True).exists()
