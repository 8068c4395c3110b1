"""What the bench measures with is what the desk itself would have written."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection

import tickets.tasks
from approvals.models import PriorityRequest
from attachments.models import AuditEntry
from helpdesk.core.text import SearchWords
from helpdesk.notifications.models import Letter, Notification
from surveys.models import Survey
from tests.bench import bulk, loading
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


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_indexes_keys_and_functions_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MANY_AT_ONCE", MANY // 2)
    monkeypatch.setattr(loading, "STORED_TEXTS", 50)
    monkeypatch.setattr(loading, "SUBJECTS", 20)
    monkeypatch.setattr(bulk, "PORTION", MANY // 4)
    loading.people(customers=30, agents=10)
    before = _rules()
    assert loading.load(MANY, total=MANY) == MANY
    assert _rules() == before
    assert not bulk.is_interrupted()
    assert {
        finding.sentence: finding.broken for finding in invariants.check(Ticket.objects.all()) if finding.broken
    } == {}
    everywhere, _seldom = loading.common_words()
    assert Message.objects.filter(search=SearchWords(everywhere)).count() > MANY


def _rules() -> set[str]:
    """Indexes, keys, checks and the functions of the search, as the database words them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text !~ '^(pg_|plan)' "
            "UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace "
            "UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname IN ('helpdesk_tsv', 'bench_tsv')"
        )
        return {row[0] for row in cursor.fetchall()}
