"""R2.47: the audit log as administrators read and export it; nobody changes it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.core import audit
from helpdesk.core.audit import chain
from helpdesk.core.clock import CLOCK
from helpdesk.core.models import AuditRecord
from helpdesk.core.spreadsheets import defused
from tests.cast import Cast

LIST = "/admin/core/auditrecord/"
EXPORT = f"{LIST}export/"
AT = datetime(2026, 3, 10, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def log(cast: Cast, client: Client) -> Callable[..., AuditRecord]:
    """Ana is signed in; writes one record and returns it."""
    client.force_login(cast.ana)

    def write(verb: str = "sector_changed", **said: Any) -> AuditRecord:
        given = {
            "by": CLOCK,
            "about": "sector",
            "key": 1,
            "name": "Sales",
            "at": AT,
            "facts": {"is_active": [True, False]},
        }
        audit.record(verb, **given | said)
        return AuditRecord.objects.latest("seq")

    return write


def _listed(client: Client, **query: str) -> list[str]:
    return [record.name for record in client.get(LIST, query).context["cl"].result_list]


def _exported(answer: Any) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_list_reads_in_words_newest_first(cast: Cast, client: Client, log: Any) -> None:
    log()
    log("password_set", by=cast.ana, about="person", key=cast.rita.pk, name="Rita Ramos", facts={})
    assert _listed(client)[:2] == ["Rita Ramos", "Sales"]
    page = client.get(LIST).content.decode()
    for words in ("Sector changed", "Password set", "System", "Ana Andrade"):
        assert words in page


def test_list_is_filtered_and_searched(cast: Cast, client: Client, log: Any) -> None:
    log(name="Vendas do Sertão", key=2)
    log("password_set", by=cast.ana, about="person", key=7, name="Rita Ramos", at=timezone.now())
    found = [
        _listed(client, what="password_set"),
        _listed(client, kind="person", by="andrade"),
        _listed(client, q="SERTAO"),
        _listed(client, q="ana andr"),
        _listed(client, about__exact="sector", key__exact="2"),
        _listed(client, at_from_0="2026-03-10", at_from_1="09:00", at_to_0="2026-03-10", at_to_1="09:01"),
        _listed(client, what="password_set", by="nobody"),
        _listed(client, by="\x00", q="\x00", kind="sector"),
    ]
    sertao, rita = ["Vendas do Sertão"], ["Rita Ramos"]
    assert found == [rita, rita, sertao, rita, sertao, sertao, [], sertao]


def test_list_of_many_is_never_counted(client: Client, log: Any) -> None:
    log()
    for query in ({}, {"q": "a"}, {"what": "sector_changed", "by": "a"}):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST, query).status_code == 200
        assert [one["sql"] for one in queries if "COUNT(" in one["sql"].upper()] == []


def test_record_reads_from_what_to_what_and_leads_to_the_thing(cast: Cast, client: Client, log: Any) -> None:
    record = log(key=cast.sector.pk, by=cast.ana)
    page = client.get(f"{LIST}{record.pk}/change/").content.decode()
    for words in (
        f'href="/admin/people/sector/{cast.sector.pk}/change/"', "<td>yes</td><td>no</td>",
        "2026-03-10T09:00:00.123456+00:00", record.hash, f"?actor_key__exact={cast.ana.pk}",
    ):  # fmt: skip
        assert words in page


def test_nobody_changes_the_log_by_any_address(client: Client, log: Any) -> None:
    record = log()
    codes = [
        call(address).status_code
        for address in (f"{LIST}add/", f"{LIST}{record.pk}/delete/")
        for call in (client.get, client.post)
    ]
    codes.append(client.post(f"{LIST}{record.pk}/change/", {"name": "x"}).status_code)
    assert codes == [403] * 5
    client.post(LIST, {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"})
    assert AuditRecord.objects.get(pk=record.pk).name == "Sales"


# --- the export


def test_export_holds_what_the_filters_leave_oldest_first_and_can_be_verified(client: Client, log: Any) -> None:
    first, _other, last = (
        log(),
        log("sector_created", name="Other"),
        log(name="Vendas", facts={"b": [None, "ü"], "a": 1}),
    )
    answer = client.post(f"{EXPORT}?what=sector_changed&by=&at_from_0=")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-log-')
    rows = _exported(answer)
    assert [row["seq"] for row in rows] == [str(first.seq), str(last.seq)]
    assert rows[1] == {
        "seq": str(last.seq), "at": "2026-03-10T09:00:00.123456+00:00", "verb": "sector_changed", "actor_key": "",
        "actor_name": "", "about": "sector", "key": "1", "name": "Vendas", "facts": '{"a":1,"b":[null,"\\u00fc"]}',
        "previous_hash": last.previous_hash, "hash": last.hash,
    }  # fmt: skip
    again = AuditRecord(**rows[1] | {"seq": int(rows[1]["seq"]), "facts": json.loads(rows[1]["facts"])})
    again.at = datetime.fromisoformat(rows[1]["at"])
    assert chain.hash_of(again) == last.hash


def test_export_is_a_record_and_ends_before_it(client: Client, log: Any) -> None:
    last = log()
    rows = _exported(client.post(EXPORT))
    record = AuditRecord.objects.latest("seq")
    assert (record.verb, record.facts) == ("audit_exported", {"filters": {}, "until": last.seq})
    assert len(rows) == last.seq


def test_export_needs_a_post_and_an_administrator(cast: Cast, client: Client, log: Any) -> None:
    log()
    assert client.get(EXPORT).status_code == 405
    seen = AuditRecord.objects.count()
    for name in ("hugo", "rita"):
        client.force_login(cast.people[name])
        assert client.post(EXPORT).headers["Location"].startswith("/admin/login/")
    assert AuditRecord.objects.count() == seen


def test_export_of_a_filter_that_is_nonsense_leads_back(client: Client, log: Any) -> None:
    log()
    assert client.post(f"{EXPORT}?at__nonsense=1").headers["Location"] == LIST


def test_export_of_many_asks_in_batches(client: Client, log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)  # a number, as a setting is
    for number in range(8):
        log(key=number)
    assert len(_exported(client.post(f"{EXPORT}?kind=sector"))) == 8


def test_export_executes_nobodys_name(client: Client, log: Any) -> None:
    log(name='=HYPERLINK("https://evil.example")')
    assert _exported(client.post(EXPORT))[-1]["name"] == '\'=HYPERLINK("https://evil.example")'


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "＝1"])
def test_cell_that_would_be_a_formula_is_defused(text: str) -> None:
    assert (defused(text), defused(f"a{text}"), defused(-1)) == (f"'{text}", f"a{text}", -1)
