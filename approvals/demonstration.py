"""Approval actions in the demonstration: what is registered, and how its people ask and answer."""

from __future__ import annotations

from datetime import datetime

from helpdesk.people.models import User
from tickets.models import Ticket

from . import actions
from .models import ActionRequest, ApprovalAction

REGISTER = {
    "Buy licences": "A purchase of software that is charged to your organization.",
    "Trocar equipamento": "A troca de um aparelho por um novo, cobrada da sua organização.",
    "Stop a service for maintenance": "An interruption: what stands still, from when, how long.\nYou name the day.",
    "Grant an exception to the security rules": "",
}


def register() -> None:
    """What an administrator has registered; the last one is switched off."""
    ApprovalAction.objects.bulk_create(
        ApprovalAction(name=name, description=text, is_active=bool(text)) for name, text in REGISTER.items()
    )


def consent(verb: str, *, ticket: Ticket, by: User, action: str, at: datetime, text: str = "") -> None:
    """Ask for the action of that name on a ticket, or decide what waits there."""
    if verb == "request_action":
        wanted = ApprovalAction.objects.get(name=action)
        actions.request_action(ticket=ticket, by=by, action=wanted, text=text, at=at)
        return
    words = {"text": text} if text else {}
    getattr(actions, verb)(request=ActionRequest.objects.waiting().get(ticket=ticket), by=by, at=at, **words)
