"""Breakdowns: rows of counts that agree with the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# How many of a dimension are named where there may be very many; the others are one row, so that sums agree.
MOST = {"requester": 20}
REST, NOTHING = "rest", "none"


@dataclass(frozen=True)
class Counted:
    """One row of a breakdown.

    Attributes:
        key: the value as text; ``none`` where there is none, ``rest`` for all that are not named.
        total: the sum of what was asked to be summed up.
    """

    key: str
    count: int
    total: int = 0

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None


@dataclass(frozen=True)
class Breakdown:
    """The tickets of a cohort by one dimension, most first; the counts agree with ``count``."""

    rows: list[Counted]
    count: int
    total: int = 0


def breakdown_of(dimension: str, found: Iterable[Sequence[Any]]) -> Breakdown:
    """The breakdown that is in ``found``: rows of dimension, key, count and sum, where no dimension is the whole."""
    found = list(found)
    whole = next(row for row in found if row[0] == "")
    rows = [Counted(row[1] or NOTHING, row[2], row[3]) for row in found if row[0] == dimension]
    if left := whole[2] - sum(row.count for row in rows):
        rows.append(Counted(REST, left, whole[3] - sum(row.total for row in rows)))
    return Breakdown(rows, whole[2], whole[3])
