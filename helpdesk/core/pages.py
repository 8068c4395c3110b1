"""Lists by key: the newest first, a page before or after a row, never a count; and keys out of addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

SIZE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the keys behind ``?after=`` (newer) and ``?before=`` (older); None where nothing is."""

    rows: list[Any]
    newer: int | None
    older: int | None


def page_of(rows: QuerySet, query: QueryDict, size: int = SIZE) -> Page:
    """The page of ``rows`` that an address asks for; keys that are none ask for the first."""
    before, after = read_key(query.get("before")), read_key(query.get("after"))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(shown, newer=shown[0].pk, older=shown[-1].pk)
        before = None  # too few for a page of their own: the first page holds them all
    wanted = rows if before is None else rows.filter(pk__lt=before)
    found = list(wanted.order_by("-pk")[: size + 1])
    shown = found[:size]
    return Page(
        shown,
        newer=shown[0].pk if shown and before is not None else None,
        older=shown[-1].pk if len(found) > size else None,
    )


def read_key(text: str | None) -> int | None:
    """A key that stands in an address or a form; None where it is none that a row could have."""
    return int(text) or None if text and text.isdecimal() and len(text) <= 18 else None
