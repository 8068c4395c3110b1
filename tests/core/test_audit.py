"""R2.47: the audit log. What a record holds, that it is one chain, and that every change of it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from helpdesk.core import audit, health
from helpdesk.core.audit import chain, checking, reading
from helpdesk.core.clock import CLOCK
from helpdesk.core.models import AuditRecord
from helpdesk.core.tasks import beat, check_audit_log
from helpdesk.people.models import Department, Organization, Sector, User
from tests.cast import Cast
from tests.together import at_once

AT = datetime(2026, 3, 10, 9, 0, 0, 123456, tzinfo=UTC)


def write(number: int = 1, **said: Any) -> None:
    audit.record(**{"verb": "sector_created", "by": CLOCK, "about": "sector", "key": number, "name": "Sales"} | said)


def written(count: int) -> list[AuditRecord]:
    for number in range(count):
        write(number, at=AT, facts={"name": [None, f"Sales {number}"]})
    return list(AuditRecord.objects.order_by("seq"))


@contextmanager
def without_triggers() -> Iterator[Any]:
    """What somebody can do who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditrecord DISABLE TRIGGER ALL")
        yield cursor
        cursor.execute("ALTER TABLE core_auditrecord ENABLE TRIGGER ALL")


def fault() -> tuple[int, str]:
    with pytest.raises(chain.Broken) as caught:
        chain.verify()
    return caught.value.seq, caught.value.fault


# --- what is written


def test_record_keeps_people_and_things_as_they_were(cast: Cast) -> None:
    audit.record("password_set", by=cast.ana, about="person", key=cast.rita.pk, name=cast.rita, facts={"a": 1}, at=AT)
    row = AuditRecord.objects.first()
    said = (row.at, row.verb, row.actor_key, row.actor_name, row.about, row.key, row.name, row.facts)
    assert said == (
        AT, "password_set", str(cast.ana.pk), "Ana Andrade", "person", str(cast.rita.pk), "Rita Ramos", {"a": 1},
    )  # fmt: skip


def test_clock_has_neither_key_nor_name(db: None) -> None:
    """Its name is a word of today's language; the log is read in any."""
    write()
    row = AuditRecord.objects.get()
    assert (row.actor_key, row.actor_name) == ("", "")


@pytest.mark.parametrize("wrong", [{"verb": "sector_eaten"}, {"about": "cake"}])
def test_record_without_words_is_refused(db: None, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no words"):
        write(**wrong)
    assert not AuditRecord.objects.exists()


@pytest.mark.parametrize("fact", [1.5, AT, {1: 2}, b"x", {"a": [object()]}])
def test_facts_that_would_come_back_otherwise_are_refused(db: None, fact: Any) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        write(facts={"fact": fact})


def test_long_and_unfit_names_are_kept_as_far_as_possible(db: None) -> None:
    write(name="N" * 400, key="k" * 200, facts={"a\x00": "b\x00\ud800"})
    row = AuditRecord.objects.get()
    assert (row.name, row.key, row.facts) == ("N" * 300, "k" * 100, {"a": "b?"})
    assert chain.verify().seq == 1


def test_record_goes_with_its_transaction(db: None) -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert chain.head() == chain.Head()


def _two(number: int, verb: str) -> None:
    write(number)
    write(number, verb=verb)


def test_records_of_a_block_are_written_at_its_end(db: None) -> None:
    with audit.together():
        write(1)
        with audit.together():
            write(2)
        with pytest.raises(ValueError, match="no words"), audit.together():
            _two(3, "sector_eaten")
        assert not AuditRecord.objects.exists()
    assert list(AuditRecord.objects.order_by("seq").values_list("key", flat=True)) == ["1", "2"]
    assert chain.verify().seq == 2


def test_what_an_import_leaves_out_is_not_written(db: None) -> None:
    with audit.left_out():
        write()
    assert not AuditRecord.objects.exists()


# --- what has changed


def test_changes_say_old_and_new_of_what_differs(cast: Cast) -> None:
    before, after = cast.again(cast.rita), cast.again(cast.rita)
    after.organization, after.manages_organization, after.language = cast.parent, True, "ru"
    assert audit.changes(before, after) == {
        "language": ["en", "ru"],
        "organization": [
            {"key": str(cast.branch.pk), "name": "Horizonte Sul"}, {"key": str(cast.parent.pk), "name": "Horizonte"},
        ],
        "manages_organization": [False, True],
    }  # fmt: skip
    assert audit.changes(before, after, ["language"]) == {"language": ["en", "ru"]}


def test_changes_of_instants_and_periods_are_spelled_without_language(cast: Cast) -> None:
    before, after = Department(name="A"), Department(name="A", approval_period=timedelta(hours=36))
    assert audit.changes(before, after) == {"approval_period": ["P2DT00H00M00S", "P1DT12H00M00S"]}
    moment = AT.astimezone(timezone(timedelta(hours=3)))
    found = audit.changes(User(), User(joined_at=moment), ["joined_at"])
    assert found["joined_at"][1] == "2026-03-10T09:00:00.123456+00:00"


def test_something_new_or_gone_leaves_out_what_is_empty() -> None:
    thing = Sector(name="New")
    assert audit.changes(None, thing) == {"name": [None, "New"], "is_active": [None, True]}
    assert audit.changes(thing, None) == {"name": ["New", None], "is_active": [True, None]}


def test_secrets_are_never_said() -> None:
    """That one was changed is; neither the old nor the new value."""
    before, after = User(password="old hash"), User(password="new hash")
    assert audit.changes(before, after) == {"password": ["•••", "•••"]}


def test_save_that_changed_nothing_leaves_no_record(db: None) -> None:
    one = Organization.objects.create(name="One")
    audit.record_saved(Organization.objects.get(pk=one.pk), one, by=CLOCK)
    assert not AuditRecord.objects.exists()


# --- the chain


def test_records_are_numbered_without_a_gap_and_chained(db: None) -> None:
    rows = written(3)
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == [chain.GENESIS, rows[0].hash, rows[1].hash]
    assert chain.verify() == chain.Head(3, rows[2].hash)


def test_hash_is_what_the_documentation_says(db: None) -> None:
    """Anybody can check it without the product: SHA-256 over this text."""
    import hashlib

    write(facts={"b": "ü", "a": [None, True, 7]}, at=AT)
    text = (
        f'["{chain.GENESIS}",1,"2026-03-10T09:00:00.123456+00:00","sector_created","","","sector","1","Sales",'
        '{"a":[null,true,7],"b":"\\u00fc"}]'
    )
    assert AuditRecord.objects.get().hash == hashlib.sha256(text.encode()).hexdigest()


FACTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class AnyFacts(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        facts=st.dictionaries(st.text(), FACTS, max_size=5),
        name=st.text(max_size=30),
        at=st.datetimes(timezones=st.just(UTC)),
    )
    def test_any_facts_survive_the_database(self, facts: dict[str, Any], name: str, at: datetime) -> None:
        """jsonb sorts keys, rewrites numbers and escapes: the hash is the same before and after."""
        write(facts=facts, name=name, at=at)
        assert chain.verify().seq == 1


def test_long_log_is_verified_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    written(7)
    monkeypatch.setattr(chain, "BATCH", 2)  # a number, as a setting is
    assert chain.verify().seq == 7


def _busy(number: int) -> Callable[[], None]:
    def call() -> None:
        with transaction.atomic():
            write(number)
            write(number)

    return call


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain() -> None:
    assert at_once(*(_busy(number) for number in range(8))) == [None] * 8
    assert chain.verify().seq == 16


# --- only ever added to


@pytest.mark.parametrize(
    "statement", ["UPDATE core_auditrecord SET name = 'x'", "DELETE FROM core_auditrecord", "TRUNCATE core_auditrecord"]
)
def test_database_refuses_to_change_what_is_written(db: None, statement: str) -> None:
    written(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditrecord ENABLE TRIGGER core_auditrecord_not_emptied")  # see conftest
        with pytest.raises(DatabaseError, match="is refused: its rows are history"), transaction.atomic():
            cursor.execute(statement)
    assert chain.verify().seq == 1


TAMPERED = {
    "at": "at + interval '1 microsecond'",
    "verb": "'sector_changed'",
    "actor_key": "'17'",
    "actor_name": "'Somebody'",
    "about": "'service'",
    "key": "'2'",
    "name": "'Sale'",
    "facts": '\'{"name": [null, "Sales"]}\'',
    "hash": "repeat('a', 64)",
}


@pytest.mark.parametrize("column", TAMPERED)
def test_change_of_any_column_is_found(db: None, column: str) -> None:
    written(3)
    with without_triggers() as cursor:
        cursor.execute(f"UPDATE core_auditrecord SET {column} = {TAMPERED[column]} WHERE seq = 2")
    assert fault() == (2, "changed")


def test_tampering_is_tried_with_every_column() -> None:
    others = {"seq", "previous_hash"}  # below
    assert {field.name for field in AuditRecord._meta.fields} - others == set(TAMPERED)


def test_other_changes_are_found(db: None) -> None:
    written(4)
    for statement, found in (
        ("UPDATE core_auditrecord SET previous_hash = repeat('a', 64) WHERE seq = 3", (3, "torn")),
        ("DELETE FROM core_auditrecord WHERE seq = 3", (3, "missing")),
        ("DELETE FROM core_auditrecord WHERE seq = 1", (1, "missing")),
        ("UPDATE core_auditrecord SET seq = 9 WHERE seq = 4", (4, "missing")),
        ("UPDATE core_auditrecord SET seq = seq + 1 WHERE seq = 4", (4, "missing")),
    ):
        with transaction.atomic():
            with without_triggers() as cursor:
                cursor.execute(statement)
            assert fault() == found, statement
            transaction.set_rollback(True)


# --- the command


def test_command_says_how_many_and_the_head(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    rows = written(2)
    call_command("verify_audit")
    assert capsys.readouterr().out == f"2 records, whole.\nHead: 2:{rows[1].hash}\n"
    call_command("verify_audit", f"--expect=1:{rows[0].hash}", f"--expect=2:{rows[1].hash}")


def test_command_of_an_empty_log(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    assert capsys.readouterr().out == f"0 records, whole.\nHead: 0:{'0' * 64}\n"


def test_command_names_the_first_broken_record_and_ends_with_one(db: None) -> None:
    written(3)
    with without_triggers() as cursor:
        cursor.execute("UPDATE core_auditrecord SET name = 'x' WHERE seq >= 2")
    with pytest.raises(CommandError, match="Record 2 has been changed") as caught:
        call_command("verify_audit")
    assert caught.value.returncode == 1


def test_end_that_was_cut_off_is_found_with_the_head_that_was_kept(db: None) -> None:
    rows = written(3)
    with without_triggers() as cursor:
        cursor.execute("DELETE FROM core_auditrecord WHERE seq = 3")
    call_command("verify_audit")  # which alone cannot know
    with pytest.raises(CommandError, match="Record 3 is not the record that was kept elsewhere"):
        call_command("verify_audit", f"--expect=3:{rows[2].hash}")
    write(3, name="Written anew")
    with pytest.raises(CommandError, match="Record 3 is not the record that was kept elsewhere"):
        call_command("verify_audit", f"--expect=3:{rows[2].hash}")


def test_head_that_is_none_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="is no NUMBER:HASH") as caught:
        call_command("verify_audit", "--expect=3:abc")
    assert caught.value.returncode == 2


# --- the daily look


def test_daily_look_remembers_the_head_and_goes_on(db: None, clock: Any) -> None:
    rows = written(5)
    found = checking.check(at=clock.now, reread=2)
    assert (found.head_seq, found.head_hash, found.reread_seq, found.fault) == (2, rows[1].hash, 0, "")
    looks = [checking.check(reread=2) for _look in range(3)]
    assert [(look.head_seq, look.reread_seq) for look in looks] == [(4, 2), (5, 4), (5, 0)]
    assert checking.audit_log() == health.OK


def test_daily_look_finds_a_cut_off_end_and_old_changes(db: None) -> None:
    written(5)
    check_audit_log()
    with transaction.atomic():
        with without_triggers() as cursor:
            cursor.execute("DELETE FROM core_auditrecord WHERE seq = 5")
        found = checking.check()
        assert (found.broken_seq, found.fault) == (5, "unknown_head")
        transaction.set_rollback(True)
    with without_triggers() as cursor:
        cursor.execute("UPDATE core_auditrecord SET name = 'x' WHERE seq = 2")
    for _look in range(3):  # found until it is whole again
        found = checking.check()
        assert (found.broken_seq, found.fault, found.head_seq) == (2, "changed", 5)
    with without_triggers() as cursor:
        cursor.execute("UPDATE core_auditrecord SET name = 'Sales' WHERE seq = 2")
    assert checking.check().fault == ""


def test_broken_log_is_said_to_machines_and_administrators(cast: Cast, client: Client) -> None:
    write()
    with without_triggers() as cursor:
        cursor.execute("UPDATE core_auditrecord SET name = 'x' WHERE seq = 1")
    check_audit_log()
    beat()
    caches["process"].clear()  # pages ask twice a minute at most
    answer = client.get("/readyz").json()["checks"]["audit_log"]
    assert answer == {"status": "degraded", "detail": "Record 1 has been changed: its hash is another one."}
    client.force_login(cast.ana)
    words = "The audit log is not whole: records were changed or removed in the database."
    assert words in client.get("/panel/").content.decode()
    assert "found record 1 missing, changed or out of place" in client.get("/admin/core/auditrecord/").content.decode()


def test_look_that_did_not_happen_for_days_is_said(db: None) -> None:
    assert checking.audit_log() == health.OK  # nothing to verify yet
    checking.check(at=AT)
    assert checking.audit_log().state == "degraded"


# --- in words


def test_facts_are_read_in_words(cast: Cast) -> None:
    before, after = cast.again(cast.rita), cast.again(cast.rita)
    after.organization, after.language, after.is_active = None, "ru", False
    audit.record_saved(before, after, by=cast.ana)
    found = reading.lines(AuditRecord.objects.first())
    assert {(line.label, line.old, line.new) for line in found} == {
        ("language", "English", "Russian"), ("organization", "Horizonte Sul", "–"), ("active", "yes", "no"),
    }  # fmt: skip


def test_what_the_product_has_forgotten_is_shown_as_written() -> None:
    facts = {"old_rule": ["a", "b"], "many": ["x", {"name": "Y"}, 3], "nested": {"z": 1}}
    row = AuditRecord(verb="cake_eaten", about="cake", facts=facts)
    assert [(line.label, line.old, line.new) for line in reading.lines(row)] == [
        ("old rule", "a", "b"), ("many", None, "x, Y, 3"), ("nested", None, json.dumps({"z": 1}, separators=(",", ":"))),
    ]  # fmt: skip
