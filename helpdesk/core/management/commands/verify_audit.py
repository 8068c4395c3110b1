"""``manage.py verify_audit``: is the audit log whole (R2.47)?"""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.core.audit import chain

_PLACE = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = (
        "Walks the audit log from its first record: every record must follow from the one before it, without a gap. "
        "Prints how many there are and the head of the chain, NUMBER:HASH; keep that elsewhere, and a later run with "
        "--expect proves that nothing up to there was changed, cut off or written anew. Ends with 1 at the first "
        "record that is wrong. Nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="NUMBER:HASH",
            help="a head that an earlier run has printed; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        expected = []
        for text in options["expect"]:
            match = _PLACE.fullmatch(text.strip().lower())
            if match is None:
                raise CommandError(f"{text!r} is no NUMBER:HASH.", returncode=2)
            expected.append(chain.Head(int(match[1]), match[2]))
        try:
            head = chain.verify(expected=expected)
        except chain.Broken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write(f"{head.seq:,} records, whole.")
        self.stdout.write(f"Head: {head}")
