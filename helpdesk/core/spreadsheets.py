"""Tables for spreadsheets: comma-separated, UTF-8 with a mark that Excel looks for, and without formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

BOM = "\ufeff"
# What makes a cell a formula, with the wide forms that some programs take for the same.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Echo:
    def write(self, line: str) -> str:
        return line


def defused(cell: Any) -> Any:
    """A text that would be a formula begins with an apostrophe, so that nobody's name is executed."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA) else cell


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The table line by line, for a streamed answer."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(header)
    for row in rows:
        yield writer.writerow([defused(cell) for cell in row])
