"""Whether an approval action can be asked for, whoever asks; who may is the moves table's business."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from helpdesk.people.models import Account, User
from tickets.models import Ticket


def reason_not_offered(ticket: Ticket) -> Any:
    """None, or the sentence why no approval action can be requested on ``ticket`` (R2.1, R2.2, R2.10, R2.13)."""
    account = Account.current()
    if account is None or not account.offers_approval_actions:
        return _("Approval actions are not switched on.")
    if ticket.organization is None:
        return _("The requester of this ticket belongs to no organization.")
    if not User.objects.managers_of(ticket.organization).exists():
        return _("The requester's organization has no active manager who could approve.")
    return None
