"""Tables as files: what becomes of values, titles and rows."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from reports import tables
from reports.tables import Sheet

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def written(
    form: str, *sheets: Sheet, told: list[tuple[int, int]] | None = None, most_rows: int = tables.MOST_ROWS
) -> bytes:
    target, told = io.BytesIO(), [] if told is None else told
    tables.write(form, target, sheets, progress=lambda done, total: told.append((done, total)), most_rows=most_rows)
    return target.getvalue()


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def book(content: bytes) -> dict[str, list[dict[str, tuple[str, str]]]]:
    """Of each sheet its rows: for every cell its type and what stands in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        titles = [
            one.attrib["name"]
            for one in ElementTree.fromstring(parts.read("xl/workbook.xml")).iterfind(".//m:sheet", _NS)
        ]
        found = {}
        for number, title in enumerate(titles, start=1):
            sheet = ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(sheet.iterfind(".//m:f", _NS))
            assert not list(sheet.iterfind(".//m:hyperlink", _NS))
            found[title] = [
                {
                    cell.attrib["r"]: (cell.attrib.get("t", "n"), "".join(cell.itertext()))
                    for cell in row.iterfind("m:c", _NS)
                }
                for row in sheet.iterfind(".//m:row", _NS)
            ]
    return found


def test_csv_alone_begins_with_the_mark_and_its_header() -> None:
    content = written("csv", Sheet("Tickets", ["Number", "Subject"], [[1, "Принтер"], [2, None]]))

    assert content.startswith(b"\xef\xbb\xbf")
    assert lines(content) == [["Number", "Subject"], ["1", "Принтер"], ["2", ""]]


def test_csv_of_several_tables_names_each() -> None:
    content = written("csv", Sheet("One", ["a"], [[1]]), Sheet("Two", ["b"], [[2]]))

    assert lines(content) == [["One"], ["a"], ["1"], [], ["Two"], ["b"], ["2"]]


def test_texts_are_never_formulas_nor_addresses() -> None:
    nasty = ["=1+1", "+1", "-1", "@a", "\t=1", "=HYPERLINK(1)", "https://a.example", "mailto:a@b.example"]
    sheet = Sheet("=1", ["=2"], [nasty])

    assert lines(written("csv", sheet))[1] == [
        "'=1+1", "'+1", "'-1", "'@a", "'\t=1", "'=HYPERLINK(1)", "https://a.example", "mailto:a@b.example",
    ]  # fmt: skip
    [row] = book(written("xlsx", sheet))["=1"][1:]
    assert [kind for kind, _text in row.values()] == ["inlineStr"] * len(nasty)
    assert [text for _kind, text in row.values()] == nasty


def test_values_keep_their_types() -> None:
    at = datetime(2026, 3, 1, 23, 30, 15, 999, tzinfo=UTC)
    values = [7, -2.5, Decimal("4.25"), True, date(2026, 3, 1), at, timedelta(hours=-1, minutes=-30), "", None, "x"]
    sheet = Sheet("Values", list("abcdefghij"), [values])

    with timezone.override(ZoneInfo("Europe/Moscow")):
        in_csv, in_book = written("csv", sheet), written("xlsx", sheet)

    assert lines(in_csv)[1] == ["7", "-2.5", "4.25", "yes", "2026-03-01", "2026-03-02 02:30:15", "-1.5", "", "", "x"]
    [row] = book(in_book)["Values"][1:]
    assert row == {
        "A2": ("n", "7"), "B2": ("n", "-2.5"), "C2": ("n", "4.25"), "D2": ("inlineStr", "yes"), "E2": ("n", "46082"),
        "F2": ("n", "46083.10434027778"), "G2": ("n", "-1.5"), "J2": ("inlineStr", "x"),
    }  # fmt: skip


def test_what_excel_cannot_hold_is_text() -> None:
    values = [10**15, 12345678901234567, date(1899, 12, 31), datetime(1850, 1, 1, tzinfo=UTC), "x" * 40_000]

    [row] = book(written("xlsx", Sheet("Values", list("abcde"), [values])))["Values"][1:]

    assert [text[:20] for kind, text in row.values() if kind == "inlineStr"] == [
        "1000000000000000", "12345678901234567", "1899-12-31", "1850-01-01 00:00:00", "x" * 20,
    ]  # fmt: skip
    assert len(row["E2"][1]) == 32_767


def test_titles_of_sheets_are_made_to_fit() -> None:
    sheets = [Sheet(title, ["a"], []) for title in ("A/B: [c]", "History", "x" * 40, "X" * 40, "''", "")]

    assert list(book(written("xlsx", *sheets))) == [
        "A B c", "History (2)", "x" * 31, "X" * 27 + " (2)", "1", "1 (2)",
    ]  # fmt: skip


def test_rows_go_on_in_a_next_sheet_where_excels_end() -> None:
    found = book(written("xlsx", Sheet("Tickets", ["Number"], [[one] for one in range(5)]), most_rows=3))

    assert {title: [text for row in rows for _kind, text in row.values()] for title, rows in found.items()} == {
        "Tickets": ["Number", "0", "1"],
        "Tickets (2)": ["Number", "2", "3"],
        "Tickets (3)": ["Number", "4"],
    }


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_progress_is_told_now_and_then_and_at_the_end(form: str) -> None:
    told: list[tuple[int, int]] = []

    written(
        form, Sheet("A", ["a"], ([one] for one in range(700)), total=700), Sheet("B", ["b"], [[1]] * 400), told=told
    )

    assert told == [(500, 700), (1000, 1000), (1100, 1100)]


def test_target_stays_open_and_unknown_forms_are_refused() -> None:
    target = io.BytesIO()
    tables.write("csv", target, [Sheet("A", ["a"], [])], progress=lambda _done, _total: None)

    assert not target.closed
    with pytest.raises(ValueError, match="doc"):
        tables.write("doc", target, [], progress=lambda _done, _total: None)
