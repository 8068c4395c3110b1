"""Logs of another desk, written row by row, and what became of them when they were played."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attachments.models import Attachment, AuditEntry, Blob, FolderFile, FolderUserPermission
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Department, Membership, Organization, Service, User
from tickets.models import Event, Message, Ticket
from tickets.replay import invariants, log
from tickets.replay.player import Player
from tickets.replay.stage import LogStage

NOW = datetime(2026, 3, 10, tzinfo=UTC)

USUAL = dict.fromkeys([*log.COLUMNS, "made_sla", "resolved_at"], "?") | {
    "number": "INC1",
    "incident_state": "New",
    "caller_id": "Caller 1",
    "opened_at": "01-03-2016 09:00",
    "sys_updated_at": "01-03-2016 09:00",
    "location": "Location 1",
    "category": "Category 1",
    "subcategory": "Subcategory 1",
    "priority": "3 - Moderate",
    "assignment_group": "Group 1",
    "assigned_to": "Resolver 1",
}


def a_log(folder: Path, *rows: dict[str, str]) -> Path:
    """A log of ``rows``, each given by what differs from the usual one."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(USUAL))
    writer.writeheader()
    writer.writerows(USUAL | row for row in rows)
    path = folder / "log.csv"
    path.write_text(text.getvalue())
    return path


def changes(*said: tuple[str, str], **same: str) -> list[dict[str, str]]:
    """Rows of one incident: (state, day and time in March 2016) each."""
    return [{"incident_state": state, "sys_updated_at": f"{at[:2]}-03-2016 {at[3:]}"} | same for state, at in said]


def play(path: Path) -> Player:
    """Play a log and hold what must hold."""
    incidents, complaints = log.read(path)
    player = Player(LogStage(incidents), incidents, now=NOW)
    player.complaints += complaints
    player.play()
    assert {
        finding.sentence: finding.broken for finding in invariants.check(Ticket.objects.all()) if finding.broken
    } == {}
    return player


def history(reference: str = "INC1") -> list[tuple[str, str, str]]:
    """What happened to a ticket: verb, actor, day and time in March 2016."""
    events = Event.objects.filter(ticket__external_reference=reference).order_by("pk")
    return [(event.verb, str(event.actor or "System"), f"{event.at:%d %H:%M}") for event in events]


def counts() -> dict[str, int]:
    """How many rows there are of everything that a replay writes."""
    models: list[Any] = [
        Ticket, Message, Event, User, Organization, Department, Membership, Service, Letter, Notification,
        Attachment, FolderFile, Blob, AuditEntry, FolderUserPermission,
    ]  # fmt: skip
    return {model.__name__: model._default_manager.count() for model in models}
