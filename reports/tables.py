"""Tables as files: comma-separated or as a workbook, row by row, whatever their length.

Whoever makes a table hands over values as they are: texts, numbers, days, instants, periods, yes and no. Here they
become cells: instants in the active time zone, periods as hours, and texts that stay texts, so that nobody's name is
executed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.core.spreadsheets import BOM, defused

Progress = Callable[[int, int], None]

# Excel's own limits.
MOST_ROWS = 1_048_576
_LONGEST_TEXT = 32_767
_LONGEST_TITLE = 31
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_RESERVED = "history"
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a day that never was
_LARGEST_NUMBER = 10**15  # beyond it Excel rounds
# How often progress is told, in rows.
_STEP = 500


@dataclass(frozen=True)
class Sheet:
    """A table: its title, the words above its columns, and its rows, which are asked for once and one by one.

    Attributes:
        total: how many rows there will be, for the progress; 0: not known.
    """

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]
    total: int = 0


def write(
    form: str, target: BinaryIO, sheets: Sequence[Sheet], *, progress: Progress, most_rows: int = MOST_ROWS
) -> None:
    """Write ``sheets`` to ``target``, which stays open.

    In a workbook each has its own sheet, and goes on in a next one where Excel's rows end. As ``csv`` one table stands
    alone; several stand below each other, each under its title.

    Args:
        form: ``csv`` or ``xlsx``.
        progress: told how many rows are written, and of how many; once more at the end.
        most_rows: of one sheet of a workbook, its header included.
    """
    counter = _Counter(progress, sum(sheet.total for sheet in sheets))
    if form == "csv":
        _write_csv(target, sheets, counter)
    elif form == "xlsx":
        _write_workbook(target, sheets, counter, most_rows)
    else:
        raise ValueError(f"no such form of a table: {form}")
    counter.end()


class _Counter:
    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def count(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % _STEP == 0:
                self._progress(self._done, max(self._total, self._done))

    def end(self) -> None:
        self._progress(self._done, self._done)


# --- Values ---


def _plain(value: Any) -> Any:
    """What both forms agree on: periods are hours, yes and no are words, instants are of the active time zone."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, timedelta):
        return round(value / timedelta(hours=1), 2)
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.replace(tzinfo=None, microsecond=0)
    return value if isinstance(value, (int, float, Decimal, date)) else str(value)


# --- Comma-separated ---


def _write_csv(target: BinaryIO, sheets: Sequence[Sheet], counter: _Counter) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text)
    text.write(BOM)
    for position, sheet in enumerate(sheets):
        if position:
            writer.writerow([])
        if len(sheets) > 1:
            writer.writerow([defused(str(sheet.title))])
        writer.writerow([defused(str(word)) for word in sheet.header])
        writer.writerows([defused(_in_csv(value)) for value in row] for row in counter.count(sheet.rows))
    text.flush()
    text.detach()


def _in_csv(value: Any) -> Any:
    value = _plain(value)
    return value.isoformat(" ") if isinstance(value, datetime) else "" if value is None else value


# --- Workbooks ---


def _write_workbook(target: BinaryIO, sheets: Sequence[Sheet], counter: _Counter, most_rows: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,  # rows go to the disk as they come
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"comments": _("Times are in %(zone)s.") % {"zone": timezone.get_current_timezone_name()}})
    pages = _Pages(book, most_rows)
    for sheet in sheets:
        pages.write(sheet, counter)
    book.close()


class _Pages:
    """The sheets of one workbook, one after the other."""

    def __init__(self, book: Any, most_rows: int) -> None:
        self._book, self._most_rows = book, most_rows
        self._titles: set[str] = set()
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})

    def write(self, sheet: Sheet, counter: _Counter) -> None:
        page, line = self._begin(sheet), 1
        for row in counter.count(sheet.rows):
            if line == self._most_rows:
                page, line = self._begin(sheet), 1
            for column, value in enumerate(row):
                self._cell(page, line, column, _plain(value))
            line += 1

    def _begin(self, sheet: Sheet) -> Any:
        page = self._book.add_worksheet(self._title(str(sheet.title)))
        page.freeze_panes(1, 0)
        for column, word in enumerate(sheet.header):
            page.set_column(column, column, min(max(len(str(word)) + 2, 12), 40))
            page.write_string(0, column, str(word), self._head)
        return page

    def _title(self, wanted: str) -> str:
        """``wanted`` as Excel allows it, and a number behind it where it stands already."""
        words = " ".join(wanted.translate(_NOT_IN_TITLES).split()).strip("'") or "1"
        title, number = words[:_LONGEST_TITLE], 1
        while title.casefold() in self._titles or title.casefold() == _RESERVED:
            number += 1
            mark = f" ({number})"
            title = words[: _LONGEST_TITLE - len(mark)] + mark
        self._titles.add(title.casefold())
        return title

    def _cell(self, page: Any, line: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, datetime):
            if value.date() >= _FIRST_DAY:
                page.write_datetime(line, column, value, self._instant)
            else:
                page.write_string(line, column, value.isoformat(" "))
        elif isinstance(value, date):
            if value >= _FIRST_DAY:
                page.write_datetime(line, column, value, self._day)
            else:
                page.write_string(line, column, value.isoformat())
        elif isinstance(value, (int, float, Decimal)) and abs(float(value)) < _LARGEST_NUMBER:
            page.write_number(line, column, value)
        else:
            page.write_string(line, column, str(value)[:_LONGEST_TEXT])
