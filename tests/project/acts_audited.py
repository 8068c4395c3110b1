"""Single sensitive acts, each as it is done: rows of the table that ``test_audited`` goes through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

import approvals.actions
import attachments.actions
from approvals.models import ApprovalAction
from helpdesk.core.models import AuditRecord
from helpdesk.notifications.models import Letter
from helpdesk.people.models import Account
from tests import walks
from tests.project.office import ROOT, Office, operation
from tickets.actions import trash
from tickets.models import TrashEntry

# --- approval actions


def _register(office: Office) -> ApprovalAction:
    Account.objects.update(plan="enterprise")
    return ApprovalAction.objects.create(name="Buy")


@operation
def approval_action_created(office: Office) -> Any:
    _register(office)
    office.sends("approvals/approvalaction/add", name="Sell", description="", is_active="on")
    return "Sell", {"name": [None, "Sell"]}


@operation
def approval_action_changed(office: Office) -> Any:
    office.sends(f"approvals/approvalaction/{_register(office).pk}/change", name="Buy", description="Things")
    return "Buy", {"description": ["", "Things"], "is_active": [True, False]}


@operation
def approval_action_deleted(office: Office) -> Any:
    office.sends(f"approvals/approvalaction/{_register(office).pk}/delete", post="yes")
    return "Buy", {"name": ["Buy", None]}


# --- the trash


def _trashed_ticket(office: Office) -> TrashEntry:
    return trash.put_ticket(ticket=walks.opened(office.cast), by=office.cast.ana)


def _trashed_customer(office: Office) -> tuple[TrashEntry, str]:
    """And the number of the ticket that went along."""
    ticket = walks.opened(office.cast)
    return trash.put_customer(customer=office.cast.rita, by=office.cast.ana), str(ticket.number)


@operation
def ticket_trashed(office: Office) -> Any:
    entry = _trashed_ticket(office)
    return f"#{entry.ticket_id} {entry.name}", {}


@operation
def ticket_restored(office: Office) -> Any:
    entry = _trashed_ticket(office)
    trash.restore(entry=entry, by=office.cast.ana)
    return f"#{entry.ticket_id} {entry.name}", {}


@operation
def ticket_deleted(office: Office) -> Any:
    entry = _trashed_ticket(office)
    number = entry.ticket_id
    trash.delete_for_good(entry=entry, by=office.cast.ana, typed=str(number))
    return f"#{number} {entry.name}", {}


@operation
def customer_trashed(office: Office) -> Any:
    _entry, number = _trashed_customer(office)
    return "Rita Ramos", {"tickets": number}


@operation
def customer_restored(office: Office) -> Any:
    entry, number = _trashed_customer(office)
    trash.restore(entry=entry, by=office.cast.ana)
    return "Rita Ramos", {"tickets": number}


@operation
def customer_deleted(office: Office) -> Any:
    """By the clock, when its time in the trash is over."""
    _entry, number = _trashed_customer(office)
    assert trash.empty(at=timezone.now() + timedelta(days=31)) == 1
    return "Rita Ramos", {"tickets": number}, None


# --- single acts


@operation
def priority_set(office: Office) -> Any:
    ticket = walks.started(office.cast)
    approvals.actions.set_priority(ticket=ticket, by=office.cast.ana, priority="urgent", text="All wait.")
    return str(ticket), {"priority": ["normal", "urgent"], "reason": "All wait."}


@operation
def file_removed(office: Office) -> Any:
    file = walks.opened(office.cast).folder.files.get()
    attachments.actions.remove(file=file, by=office.cast.ana)
    attachments.actions.remove(file=file, by=office.cast.ana)  # which it was already
    return file.name, {"folder": {"key": str(file.folder_id), "name": file.folder.name}, "place": "copy"}


@operation
def letter_sent_again(office: Office) -> Any:
    walks.opened(office.cast)
    letter = Letter.objects.filter(recipient=office.cast.ada).earliest("pk")
    Letter.objects.filter(pk=letter.pk).update(state="failed", subject="A new ticket")
    office.client.post(reverse("notifications:send_again", args=[letter.pk]))
    return "A new ticket", {"recipient": {"key": str(office.cast.ada.pk), "name": "Ada Alves"}, "letter": letter.kind}


@operation
def mail_template_changed(office: Office) -> Any:
    address = reverse("notifications:text", args=["ticket_started", "en"])
    given = {"subject": "We are at it", "body": "Look: {link}"}
    for _time in range(2):  # the second one changes nothing
        office.client.post(address, given)
    return "Work started (English)", {"subject": [None, "We are at it"], "body": [None, "Look: {link}"]}


@operation
def mail_template_reset(office: Office) -> Any:
    mail_template_changed(office)
    for _time in range(2):
        office.client.post(reverse("notifications:text", args=["ticket_started", "en"]), {"reset": "1"})
    return "Work started (English)", {"subject": ["We are at it", None], "body": ["Look: {link}", None]}


@operation
def log_replayed(office: Office) -> Any:
    """One for all that it makes: people, departments and their members have none."""
    before = AuditRecord.objects.count()
    call_command("replay", str(ROOT / "tests" / "data" / "incidents_sample.csv"))
    assert AuditRecord.objects.count() == before + 1
    return "incidents_sample.csv", {"incidents": 40}, None


@operation
def audit_exported(office: Office) -> Any:
    office.client.post("/admin/core/auditrecord/export/?what=password_set&by=ana")
    return "audit log", {"filters": {"what": "password_set", "by": "ana"}}
