"""The demonstration: one look at the desk that it leaves, and its refusal of a database in use."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from approvals.models import ActionRequest, PriorityRequest
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Account, User
from tests.cast import PASSWORD, a_person
from tickets.lifecycle import OPEN, Outcome, Status
from tickets.models import Message, Ticket, TrashEntry
from tickets.replay import invariants


def person(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.example")


def test_seed_demo_fills_an_empty_database_with_a_desk_in_use(db: None) -> None:
    call_command("seed_demo")

    everything = Ticket.objects.all()
    assert {finding.sentence: finding.broken for finding in invariants.check(everything) if finding.broken} == {}
    ritas = everything.requested_by(person("rita"))
    assert Counter(ritas.values_list("status", flat=True)) == dict.fromkeys(Status, 1) | {Status.CLOSED: 2}
    assert set(ritas.ended().values_list("outcome", flat=True)) == set(Outcome)
    # Heads have something of every kind to decide.
    waiting = PriorityRequest.objects.waiting().decided_by_heads_like(person("hugo"))
    assert set(waiting.values_list("new_priority", flat=True)) == {"high", "urgent"}
    # Max has something to approve on Rita's ticket, and Petra too (R2.29).
    assert Account.objects.get().offers_approval_actions
    for name in ("max", "petra"):
        consents = ActionRequest.objects.waiting().decided_by_managers_like(person(name))
        assert [one.ticket.requester for one in consents] == [person("rita")], name
    assert everything.filter(opened_at__gt=timezone.now()).count() == 0
    assert set(everything.values_list("requester__language", flat=True)) == {"en", "pt-br", "ru"}
    assert set(everything.values_list("department__name", flat=True)) == {"Atendimento", "Техподдержка", "Support"}

    # Whoever signs in has something to do and to read.
    for name in ("ada", "otto"):
        assert everything.filter(executor=person(name), status__in=OPEN).count() >= 3, name
    for name in ("ada", "otto", "hugo", "rita"):
        rows = Notification.objects.visible_to(person(name))
        assert 0 < rows.unread().count() < rows.count(), name
    assert everything.open().in_departments_of(person("hugo")).count() >= 15
    # Service levels were met and missed, and something is due (R3.47, R3.48).
    assert set(everything.values_list("sla_met", flat=True)) == {True, False, None}
    assert everything.open().filter(conclusion_due_at__gt=timezone.now()).exists()

    # The trash has something to show, which is nowhere else (R2.42).
    assert [entry.name for entry in TrashEntry.objects.all()] == ["Test, please ignore"]
    assert not everything.filter(subject="Test, please ignore").exists()

    # Nobody of a rival organization is in Rita's tickets.
    assert not Message.objects.filter(author=person("eve"), ticket__requester=person("rita")).exists()
    assert not everything.visible_to(person("eve")).exclude(requester=person("eve")).exists()

    # The letters that wait are those of the last hours, few enough to be looked at.
    waiting = Letter.objects.filter(state=Letter.State.QUEUED)
    assert 0 < waiting.count() < 120
    assert not waiting.filter(created_at__lt=timezone.now() - timedelta(days=1)).exists()

    people = User.objects.filter(email__endswith="@demo.example")
    assert all(one.check_password(PASSWORD) for one in people)

    with pytest.raises(CommandError, match="only put into a fresh one"):
        call_command("seed_demo")


@pytest.mark.parametrize("what", ["a person", "an account"])
def test_seed_demo_refuses_a_database_in_use(db: None, what: str) -> None:
    if what == "a person":
        a_person("Somebody")
    else:
        Account.objects.create(pk=1, name="Desk")
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("seed_demo")
    assert Ticket.objects.count() == 0


def test_seed_demo_refuses_in_production(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="The demonstration is not for production"):
        call_command("seed_demo")
    assert not User.objects.exists()
