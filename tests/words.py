"""``make messages``: collect the product's texts, bring the catalogs of ``locale/`` up to date, compile them.

Collecting needs no gettext from the system: Django turns a template into what looks like Python, Babel reads Python.
A text that is new stands in the catalog without a translation; one that is gone is taken out. Nothing is guessed from
texts that are alike: a wrong translation is worse than a missing one, which a test reports.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("pt_BR", "ru")
ROOMS = ("approvals", "attachments", "helpdesk", "reports", "surveys", "templates", "tickets")

_SINGLE, _PLURAL, _CONTEXT, _BOTH = (1,), (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
_KEYWORDS = {
    "_": _SINGLE, "_lazy": _SINGLE, "_now": _SINGLE,
    "gettext": _SINGLE, "gettext_lazy": _SINGLE, "gettext_noop": _SINGLE,
    "ngettext": _PLURAL, "ngettext_lazy": _PLURAL,
    "pgettext": _CONTEXT, "pgettext_lazy": _CONTEXT,
    "npgettext": _BOTH, "npgettext_lazy": _BOTH,
}  # fmt: skip


_CHANGING = (
    b'"Report-Msgid',
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Generated-By',
    b'"Last-Translator',
    b'"Language-Team',
)


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            shown = path.suffix in {".html", ".txt", ".svg"} and "templates" in path.parts
            if shown or (path.suffix == ".py" and "migrations" not in path.parts):
                yield path


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """Every text that ``path`` has translated, with its plural and its context."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # In brackets the indentation of a template means nothing to the reader of Python.
        source = f"({templatize(source)}\n)"
    for _line, name, found, _comments in extract_python(BytesIO(source.encode()), _KEYWORDS, (), {"encoding": "utf-8"}):
        said = found if isinstance(found, tuple) else (found,)
        spec = _KEYWORDS[str(name)]
        context = said[0] if isinstance(spec[0], tuple) else None
        words = said[1 if context is not None else 0 :][: 2 if "n" in str(name)[:2] else 1]
        if words and all(words):
            yield (words if len(words) == 2 else words[0]), context


def collected() -> Catalog:
    """All texts of the product, each with the files that say it."""
    catalog = Catalog(charset="utf-8")
    for path in _sources():
        place = path.relative_to(ROOT).as_posix()
        for words, context in _texts(path):
            catalog.add(words, locations=[(place, 0)], context=context)
    return catalog


def path_of(language: str, suffix: str = "po") -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language, charset="utf-8", project="Helpdesk", version="1", fuzzy=False,
        header_comment=f"# The texts of Helpdesk: {language}. Words: one for each thing, the same on every page.",
    )  # fmt: skip


def stored(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def brought_up_to_date(language: str) -> Catalog:
    """The texts of today with the translations that exist for exactly them."""
    known, catalog = stored(language), _empty(language)
    for message in collected():
        if message.id:
            old = known.get(message.id[0] if message.pluralizable else message.id, message.context)
            said = old.string if old is not None and old.pluralizable == message.pluralizable else None
            catalog.add(
                message.id, said or "", locations=sorted(set(message.locations)),
                flags=message.flags, context=message.context,
            )  # fmt: skip
    return catalog


def po(catalog: Catalog) -> bytes:
    """The catalog as text: without dates and line numbers, so that only a changed text changes the file."""
    out = BytesIO()
    write_po(out, catalog, width=110, sort_by_file=True, include_lineno=False)
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(_CHANGING))


def mo(catalog: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    missing = 0
    for language in LANGUAGES:
        catalog = brought_up_to_date(language)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(po(catalog))
        path_of(language, "mo").write_bytes(mo(catalog))
        open_ones = [message for message in catalog if message.id and not said_in_full(message.string)]
        missing += len(open_ones)
        print(f"{language}: {len(catalog)} texts, {len(open_ones)} without translation")
    return 1 if missing else 0


def key_of(message: Message) -> tuple[str | None, str | tuple[str, ...]]:
    return message.context, tuple(message.id) if message.pluralizable else message.id


def saying_of(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if message.pluralizable else (str(message.string),)


def said_in_full(string: str | tuple[str, ...] | list[str]) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
