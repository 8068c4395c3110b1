"""Files of people and organizations as other programs write them: which encoding, which separator, which columns.

Nothing here asks the database; what rows mean to it is looked at in ``actions.imports``.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused

MAX_ROWS = 20_000
MAX_BYTES = 10 * 1024 * 1024
_LONGEST_CELL = 1000
_SEPARATORS = (",", ";", "\t")

# The columns, and how they may be called in English, Portuguese and Russian, whatever the case.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name", "full name", "nome", "nome completo", "имя", "фио", "ф.и.о."),
    "email": (
        "email", "e-mail", "e-mail address", "email address", "mail", "endereço de e-mail", "correio eletrônico",
        "почта", "эл. почта", "электронная почта", "адрес электронной почты",
    ),
    "organization": (
        "organization", "organisation", "company", "customer", "organização", "empresa", "cliente", "организация",
        "компания", "клиент",
    ),
    "parent": (
        "parent organization", "parent organisation", "parent", "organização matriz", "organização-mãe",
        "organização mãe", "matriz",
        "головная организация", "родительская организация",
    ),
    "language": ("language", "idioma", "língua", "язык"),
    "time_zone": ("time zone", "timezone", "time_zone", "fuso horário", "fuso", "часовой пояс"),
    "sector": ("sector", "setor", "department", "departamento", "подразделение", "сектор", "отдел"),
}  # fmt: skip
LANGUAGES = {
    "en": ("en", "english", "inglês", "английский"),
    "pt-br": (
        "pt-br", "pt", "pt_br", "portuguese", "portuguese (brazil)", "português", "português (brasil)", "португальский",
    ),
    "ru": ("ru", "russian", "russo", "русский"),
}  # fmt: skip
_COLUMN_OF = {word: column for column, words in COLUMNS.items() for word in words}
LANGUAGE_OF = {word: code for code, words in LANGUAGES.items() for word in words}


@dataclass
class Row:
    """One line: its number in the file, its cells as they stood, and what they say by column."""

    line: int
    cells: list[str]
    values: dict[str, str]
    faults: list[str] = field(default_factory=list)


@dataclass
class Table:
    header: list[str]
    rows: list[Row]


def read(content: bytes) -> Table:
    """The table in a file: UTF-8, Windows-1252 or Windows-1251; separated by commas, semicolons or tabs.

    Raises:
        Refused: it is no table, has no column of addresses or names, or is too long.
    """
    text = _text(content)
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=lambda one: (_known(first, one), first.count(one)))
    try:
        found = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return _table(found)
    except csv.Error as error:
        raise Refused(_("This file cannot be read as a table of comma-separated values."), "file") from error


def _table(found: Any) -> Table:
    header: list[str] = []
    columns: list[str | None] = []
    rows: list[Row] = []
    for given in found:
        cells = [" ".join(cell.split())[:_LONGEST_CELL] for cell in given]
        if not any(cells):
            continue
        if not header:
            header, columns = cells, _columns(cells)
            continue
        if len(rows) == MAX_ROWS:
            raise Refused(_("A file may have at most %(count)d rows. Divide it.") % {"count": MAX_ROWS}, "file")
        row = Row(found.line_num, cells, dict.fromkeys(COLUMNS, ""))
        for column, cell in zip(columns, cells, strict=False):
            if column:
                row.values[column] = cell
        if any(cells[len(columns) :]):
            row.faults.append(_("The row has more cells than there are columns."))
        rows.append(row)
    if not rows:
        raise Refused(_("There is no row in this file below the names of the columns."), "file")
    return Table(header, rows)


def _columns(header: list[str]) -> list[str | None]:
    columns = [_COLUMN_OF.get(_folded(cell)) for cell in header]
    known = [column for column in columns if column]
    if not {"email", "organization"} & set(known):
        raise Refused(
            _("The first row has to name the columns; there is neither “E-mail” nor “Organization” among them."), "file"
        )
    twice = next((column for column in known if known.count(column) > 1), None)
    if twice:
        raise Refused(_("Two columns are called “%(name)s”.") % {"name": COLUMNS[twice][0]}, "file")
    return columns


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Free places become marks, so nothing that is no text at all stops here. Nothing in such a file says which of
        # the two alphabets it was written in, but the names of its columns, or else the language of who reads it.
        west, russian = (content.decode(name, errors="replace") for name in ("cp1252", "cp1251"))
        known = [_known_anyhow(text) for text in (west, russian)]
        text = russian if known[1] > known[0] or (known[0] == known[1] and get_language() == "ru") else west
    return text.replace("\x00", "")


def _known_anyhow(text: str) -> int:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_known(first, separator) for separator in _SEPARATORS)


def _known(line: str, separator: str) -> int:
    return sum(_folded(cell) in _COLUMN_OF for cell in next(csv.reader([line], delimiter=separator), []))


def _folded(cell: str) -> str:
    return " ".join(cell.split()).lower().rstrip(":*").strip()
