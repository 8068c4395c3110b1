"""Writing the audit log (R2.47): one more record, in the transaction of what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from helpdesk.core.models import AuditRecord

from . import chain
from .words import ABOUT, VERBS

# Two numbers that nothing else in the product locks.
_LOCK = (2_047, 1)


@dataclass(frozen=True, slots=True)
class _Entry:
    at: datetime
    verb: str
    actor_key: str
    actor_name: str
    about: str
    key: str
    name: str
    facts: dict[str, Any]


_collected: ContextVar[list[_Entry] | None] = ContextVar("records that wait for the end", default=None)
_is_left_out: ContextVar[bool] = ContextVar("records are left out", default=False)


def record(
    verb: str,
    *,
    by: Any,
    about: str,
    key: Any,
    name: Any,
    facts: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Write down a sensitive operation; to be called last in the transaction of the operation.

    The log is one line for everybody, so from here until the transaction ends nobody else can write to it. Where more
    is still to be done, ``together`` keeps the records back to the end.

    Args:
        verb: a key of ``words.VERBS``.
        by: a person, or CLOCK, whose key and name are kept empty.
        about: a key of ``words.ABOUT``: what kind of thing this is about.
        key: how the thing is found.
        name: how people call it, as of now.
        facts: texts, whole numbers, truth values, None, lists and dicts of these; see ``comparing.changes``. No
            secrets.
        at: when it happened; default now.

    Raises:
        ValueError: verb or kind have no words, so nobody could read the record.
        TypeError: facts hold something else.
    """
    if verb not in VERBS or about not in ABOUT:
        raise ValueError(f"The audit log has no words for {verb!r} of {about!r}.")
    if _is_left_out.get():
        return
    is_person = by.pk is not None
    entry = _Entry(
        at=at or timezone.now(),
        verb=verb,
        actor_key=str(by.pk) if is_person else "",
        actor_name=_text(str(by), 200) if is_person else "",
        about=about,
        key=_text(str(key), 100),
        name=_text(str(name), 300),
        facts=_fit(facts or {}),
    )
    waiting = _collected.get()
    if waiting is not None:
        waiting.append(entry)
    else:
        _write([entry])


@contextmanager
def together() -> Iterator[None]:
    """Records of the block are written at its end, so that the log is locked last; inside a transaction.

    A block that ends with an exception leaves none. Of two blocks the outer one writes.
    """
    outer = _collected.get()
    mine: list[_Entry] = []
    token = _collected.set(mine)
    try:
        yield
    finally:
        _collected.reset(token)
    if outer is not None:
        outer.extend(mine)
    elif mine:
        _write(mine)


@contextmanager
def left_out() -> Iterator[None]:
    """Nothing in the block is recorded. For imports, which record once what they do with all of their rows."""
    token = _is_left_out.set(True)
    try:
        yield
    finally:
        _is_left_out.reset(token)


def _write(entries: list[_Entry]) -> None:
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            # A statement of its own: one that waits inside would not see what the one before it has written.
            cursor.execute("SELECT pg_catalog.pg_advisory_xact_lock(%s, %s)", _LOCK)
        place = chain.head()
        rows = []
        for entry in entries:
            row = AuditRecord(
                seq=place.seq + 1,
                at=entry.at,
                verb=entry.verb,
                actor_key=entry.actor_key,
                actor_name=entry.actor_name,
                about=entry.about,
                key=entry.key,
                name=entry.name,
                facts=entry.facts,
                previous_hash=place.hash,
            )
            row.hash = chain.hash_of(row)
            place = chain.Head(row.seq, row.hash)
            rows.append(row)
        AuditRecord.objects.bulk_create(rows, batch_size=500)


def _text(text: str, longest: int | None = None) -> str:
    """What PostgreSQL takes: no NUL, no half of a pair; and no more than the column holds."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]


def _fit(value: Any) -> Any:
    """``value`` as it will come back from the database.

    Raises:
        TypeError: it would come back as something else.
    """
    if value is None or isinstance(value, bool) or type(value) is int:
        return value
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, (list, tuple)):
        return [_fit(one) for one in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_text(key): _fit(one) for key, one in value.items()}
    raise TypeError(f"Facts of the audit log cannot hold {type(value).__name__}.")
