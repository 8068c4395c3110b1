"""``manage.py lifecycle``: the moves table for reading, or the process diagram as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.core.embedded import server_if_needed
from helpdesk.people.models import Department
from tickets import diagram
from tickets.lifecycle import MOVES, OPEN, TIMERS, TURNS, Move, Status, Text

_HEADS = ("verb", "rule", "from", "to", "by", "text", "condition")


class Command(BaseCommand):
    requires_system_checks = ()  # they ask the database, which nothing here needs
    help = "Prints the life of a ticket: every status and every move. With --svg, draws it into a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--svg", type=Path, metavar="FILE", help="write the process diagram to this file")
        parser.add_argument("--department", metavar="NAME", help="as this department is configured (default: as new)")
        parser.add_argument("--status", choices=Status.values, help="mark this status as the current one")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["svg"] is None:
            if options["department"] or options["status"]:
                raise CommandError("--department and --status say how to draw; add --svg FILE.")
            self._print()
            return
        drawing = diagram.svg(_department(options["department"]), options["status"])
        try:
            options["svg"].write_text(_standing_alone(drawing), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['svg']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Written: {options['svg']}")

    def _print(self) -> None:
        statuses = [("status", "turn", "clock")]
        statuses += [(one.value, TURNS[one].value, TIMERS[one].value if one in TIMERS else "") for one in Status]
        self._table(statuses)
        self.stdout.write("")
        self._table([_HEADS, *(_row(move) for move in MOVES.values())])

    def _table(self, rows: Sequence[tuple[str, ...]]) -> None:
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(line.rstrip())


def _row(move: Move) -> tuple[str, ...]:
    sources = "any open" if move.sources == OPEN else ", ".join(s.value for s in Status if s in move.sources) or "-"
    target = move.target.value if move.target else "(stays)"
    if move.otherwise:
        target += f" / {move.otherwise.value} if {move.detour}"
    words = "" if move.text is Text.NONE else move.text.value + (" + files" if move.files else "")
    people = ", ".join(sorted(who.value for who in move.who))
    return (move.verb, move.rule, sources, target, people, words, move.condition or "")


def _department(name: str | None) -> Department:
    if name is None:
        return Department()
    with server_if_needed():
        department = Department.objects.filter(name__iexact=name).first()
    if department is None:
        raise CommandError(f"There is no department “{name}”.")
    return department


def _standing_alone(drawing: str) -> str:
    """The drawing with its colours inside, so that it can be opened by itself."""
    sheets = [finders.find(f"css/{name}.css") for name in ("tokens", "panel")]
    style = "".join(Path(sheet).read_text(encoding="utf-8") for sheet in sheets if isinstance(sheet, str))
    opening, rest = drawing.split(">", 1)
    return f'{opening} xmlns="http://www.w3.org/2000/svg">\n<style>{style}</style>{rest}\n'
