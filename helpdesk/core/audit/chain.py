"""The chain that makes a change of the audit log show (R2.47).

The hash of a record is the SHA-256, in hexadecimal digits, of its ``canonical`` text. That is a JSON array without
spaces, its objects sorted by key, everything outside ASCII escaped:

    [previous hash, number, instant, verb, actor's key, actor's name, kind, key, name, facts]

The instant is ISO 8601 in UTC with six digits of a second. Facts hold texts, whole numbers, truth values, null, lists
and objects: all that comes out of ``jsonb`` as it went in. The record before the first one has the hash ``GENESIS``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.db.models import QuerySet

from helpdesk.core.models import AuditRecord

GENESIS = "0" * 64
BATCH = 2000

Fault = Literal["missing", "torn", "changed", "unknown_head"]
FAULTS: dict[str, str] = {
    "missing": "is missing",
    "torn": "does not follow from the record before it",
    "changed": "has been changed: its hash is another one",
    "unknown_head": "is not the record that was kept elsewhere: the end of the log was cut off or written anew",
}


@dataclass(frozen=True, slots=True)
class Head:
    """The place that the chain has reached; kept elsewhere, it proves everything before it."""

    seq: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class Broken(Exception):
    """The chain does not hold: the first record that is wrong, and what is wrong with it."""

    def __init__(self, seq: int, fault: Fault) -> None:
        super().__init__(seq, fault)
        self.seq = seq
        self.fault = fault

    def __str__(self) -> str:
        return f"Record {self.seq} {FAULTS[self.fault]}."


def instant(at: datetime) -> str:
    """An instant, always spelled the same way."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def compact(value: Any) -> str:
    """JSON in the one way in which it is hashed and exported."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def canonical(record: AuditRecord) -> str:
    return compact(
        [
            record.previous_hash, record.seq, instant(record.at), record.verb, record.actor_key, record.actor_name,
            record.about, record.key, record.name, record.facts,
        ]
    )  # fmt: skip


def hash_of(record: AuditRecord) -> str:
    return hashlib.sha256(canonical(record).encode()).hexdigest()


def head() -> Head:
    """The last record that is visible to this transaction."""
    last = AuditRecord.objects.order_by("-seq").values_list("seq", "hash").first()
    return Head(*last) if last else Head()


def head_at(seq: int) -> Head | None:
    """The chain's place at a record as it is stored; None where there is no such record."""
    if seq == 0:
        return Head()
    found = AuditRecord.objects.filter(seq=seq).values_list("seq", "hash").first()
    return Head(*found) if found else None


def follow(rows: Iterable[AuditRecord], start: Head) -> Iterator[Head]:
    """The place after each record, as long as each follows from the one before.

    Raises:
        Broken: one does not.
    """
    place = start
    for record in rows:
        if record.seq != place.seq + 1:
            raise Broken(place.seq + 1, "missing")
        if record.previous_hash != place.hash:
            raise Broken(record.seq, "torn")
        if record.hash != hash_of(record):
            raise Broken(record.seq, "changed")
        place = Head(record.seq, record.hash)
        yield place


def records(*, after: int = 0, until: int | None = None, among: QuerySet | None = None) -> Iterator[AuditRecord]:
    """Records in the order of their numbers, ``BATCH`` at a time: neither memory nor transaction grows with the log."""
    rows = (AuditRecord.objects.all() if among is None else among).order_by("seq")
    if until is not None:
        rows = rows.filter(seq__lte=until)
    while batch := list(rows.filter(seq__gt=after)[:BATCH]):
        yield from batch
        after = batch[-1].seq


def verify(*, start: Head | None = None, until: int | None = None, expected: Iterable[Head] = ()) -> Head:
    """Walk the log from ``start`` (default: the beginning), in batches of constant memory.

    Args:
        until: the last record to look at; None means all.
        expected: places that were kept elsewhere and must be on the way.

    Returns:
        The last place.

    Raises:
        Broken: the first record that is wrong.
    """
    start = start or Head()
    wanted = {one.seq: one for one in expected}
    _compare(place := start, wanted)
    for place in follow(records(after=start.seq, until=until), start):
        _compare(place, wanted)
    if wanted:
        raise Broken(min(wanted), "unknown_head")
    return place


def _compare(place: Head, wanted: dict[int, Head]) -> None:
    if (expected := wanted.pop(place.seq, None)) is not None and expected != place:
        raise Broken(place.seq, "unknown_head")
