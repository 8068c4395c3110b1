"""R2.47: every operation that the audit log has words for, done as it is done, and what is then read there."""

from __future__ import annotations

import pytest
from django.test import Client

from helpdesk.core.audit import chain
from helpdesk.core.audit.words import VERBS
from helpdesk.core.models import AuditRecord
from helpdesk.people.models import Organization
from tests.cast import Cast
from tests.people.sent import change_url, sent_for
from tests.project import acts_audited, settings_audited
from tests.project.office import OPERATIONS, Office


@pytest.fixture
def office(cast: Cast, client: Client) -> Office:
    client.force_login(cast.ana)
    return Office(cast, client)


@pytest.mark.parametrize("verb", VERBS)
def test_operation_is_recorded_once_with_who_what_and_from_what_to_what(office: Office, verb: str) -> None:
    """R2.47."""
    seen = AuditRecord.objects.filter(verb=verb).count()
    name, facts, *others = OPERATIONS[verb](office)
    by = others[0] if others else office.cast.ana
    (record, *more) = AuditRecord.objects.filter(verb=verb)[: AuditRecord.objects.filter(verb=verb).count() - seen]
    assert more == []
    assert (record.name, record.actor_key) == (name, str(by.pk) if by else "")
    assert record.facts | facts == record.facts
    assert "nine lives" not in str(record.facts)
    assert chain.verify().seq == AuditRecord.objects.count()


def test_every_verb_has_a_row_here() -> None:
    """In the two files of rows, in the order in which the log's words stand."""
    rows = [name for one in (settings_audited, acts_audited) for name in vars(one) if name in OPERATIONS]
    assert rows == list(VERBS)


def test_own_profile_is_recorded_where_something_changes(cast: Cast, client: Client) -> None:
    client.force_login(cast.rita)
    seen = AuditRecord.objects.count()
    for name in ("Rita Ramos", "Rita Reis"):
        data = {"name": name, "language": "en", "time_zone": "UTC", "mail_new_tickets": "on"}
        assert client.post("/profile/", data).status_code == 302
    record = AuditRecord.objects.get(seq__gt=seen)
    assert (record.verb, record.actor_key, record.facts["name"]) == (
        "person_changed", str(cast.rita.pk), ["Rita Ramos", "Rita Reis"],
    )  # fmt: skip


def test_refused_form_leaves_no_record(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    seen = AuditRecord.objects.count()
    client.post(change_url(cast.ana), sent_for(cast.ana, is_superuser=None))
    client.post("/admin/people/organization/add/", {"name": "RIVAL"})
    assert (AuditRecord.objects.count(), Organization.objects.count()) == (seen, 3)
