"""What the bench measures with is what the desk itself would have written."""

from __future__ import annotations

from collections import Counter

import pytest

import tickets.tasks
from approvals.models import PriorityRequest
from attachments.models import AuditEntry
from helpdesk.notifications.models import Letter, Notification
from surveys.models import Survey
from tests.bench import loading
from tickets.lifecycle import Status
from tickets.models import Event, Message, Ticket
from tickets.replay import invariants

MANY = 400


@pytest.mark.django_db(transaction=True)
def test_loaded_tickets_hold_every_invariant_and_go_on_by_the_actions() -> None:
    loading.people(customers=30, agents=10)
    assert loading.load(MANY // 2, total=MANY) == MANY // 2
    assert loading.load(MANY, total=MANY) == MANY // 2
    assert loading.load(MANY, total=MANY) == 0

    assert Ticket.objects.count() == MANY
    assert Ticket.objects.open().count() == MANY // 20
    assert Message.objects.count() == 3 * MANY
    assert {
        finding.sentence: finding.broken for finding in invariants.check(Ticket.objects.all()) if finding.broken
    } == {}
    assert Survey.objects.count() == Ticket.objects.filter(status=Status.CLOSED).count()
    for model in (AuditEntry, Notification, Letter):
        assert model._default_manager.count() > 2 * MANY, model

    assert loading.open_more(MANY // 10) == MANY // 10
    assert Ticket.objects.filter(status=Status.CLOSING_REQUESTED).exists()
    assert PriorityRequest.objects.waiting().exists()

    due = loading.make_due(8)
    assert due > 0
    assert tickets.tasks.sweep() == due
    assert {
        finding.sentence: finding.broken for finding in invariants.check(Ticket.objects.all()) if finding.broken
    } == {}
    fired = Event.objects.filter(actor=None).values_list("verb", flat=True)
    assert Counter(fired) == {"assign": due // 2, "approve_automatically": due - due // 2}
