"""Pages by key: no total, no OFFSET, so that page one thousand costs what page one costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import ExpressionWrapper, F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.dateparse import parse_datetime

from tickets.models import HAS_EXECUTOR

PAGE_SIZE = 25
_LARGEST = 2**63 - 1


def read_number(text: str) -> int:
    """A ticket's number out of an address.

    Raises:
        ValueError: it is none that a ticket could have.
    """
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:20]) <= _LARGEST:
        raise ValueError("no number")
    return int(text)


def _read_instant(text: str) -> datetime:
    at = parse_datetime(text)
    if at is None or at.tzinfo is None:
        raise ValueError("no instant")
    return at


def _read_mark(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("no mark")
    return text == "1"


@dataclass(frozen=True)
class Column:
    """One column of an order, and how its values stand in an address."""

    expression: F | ExpressionWrapper
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


@dataclass(frozen=True)
class KeyPage:
    """The numbers of one page, and the cursors behind and before it; None where there is nothing more."""

    numbers: list[int]
    newer: str | None = None
    older: str | None = None


@dataclass(frozen=True)
class Order:
    """The order of a list: columns that one index holds, the last of them the number.

    A cursor is the row's values joined by ``_``: ``?after=`` goes on behind a row, ``?before=`` goes back.
    """

    columns: tuple[Column, ...]
    descending: bool = False

    def page(self, branches: Sequence[QuerySet], asked: Mapping[str, str], size: int = PAGE_SIZE) -> KeyPage:
        """Cut one page out of a list.

        Args:
            branches: query sets of tickets that together are the list and do not overlap; each can be read in this
                order by an index of its own.
            asked: the address: ``after`` or ``before``; what cannot be read counts as not asked.
        """
        back = self._read(asked.get("before", ""))
        if back:
            rows = self._rows(branches, back, size + 1, backwards=True)
            if len(rows) > size:
                rows = rows[:size][::-1]
                return KeyPage(_numbers(rows), newer=self._write(rows[0]), older=self._write(rows[-1]))
            # The beginning is reached: show it whole.
        start = None if back else self._read(asked.get("after", ""))
        rows = self._rows(branches, start, size + 1, backwards=False)
        has_more, rows = len(rows) > size, rows[:size]
        if not rows:
            return KeyPage([])
        return KeyPage(
            _numbers(rows),
            newer=self._write(rows[0]) if start else None,
            older=self._write(rows[-1]) if has_more else None,
        )

    def _rows(
        self, branches: Sequence[QuerySet], cursor: list[Any] | None, limit: int, *, backwards: bool
    ) -> list[tuple[Any, ...]]:
        descending = self.descending != backwards
        keys = [column.expression for column in self.columns]
        cut = []
        for branch in branches:
            rows = branch
            if cursor:
                beyond = TupleLessThan if descending else TupleGreaterThan
                rows = rows.filter(beyond(Tuple(*keys), tuple(cursor)))
            rows = rows.order_by(*(key.desc() if descending else key.asc() for key in keys))
            cut.append(rows.values_list(*keys)[:limit])
        if len(cut) == 1:
            return list(cut[0])
        # Each branch has given its own beginning; the beginning of them all is among these.
        return sorted(cut[0].union(*cut[1:], all=True).order_by(), reverse=descending)[:limit]

    def _read(self, text: str) -> list[Any] | None:
        parts = text.split("_")
        if len(parts) != len(self.columns):
            return None
        try:
            return [column.read(part) for column, part in zip(self.columns, parts, strict=True)]
        except ValueError:
            return None

    def _write(self, row: tuple[Any, ...]) -> str:
        return "_".join(column.write(value) for column, value in zip(self.columns, row, strict=True))


def _numbers(rows: list[tuple[Any, ...]]) -> list[int]:
    return [row[-1] for row in rows]


_NUMBER = Column(F("number"), read_number)

# What nobody has first, then by age: the index ``ticket_queue``.
QUEUE = Order((Column(HAS_EXECUTOR, _read_mark, lambda mark: str(int(mark))), _NUMBER))
# Newest first: ``ticket_closed`` and ``ticket_closed_of_department``.
CLOSED = Order((Column(F("closed_at"), _read_instant, datetime.isoformat), _NUMBER), descending=True)
