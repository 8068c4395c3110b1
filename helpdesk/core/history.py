"""History is only ever added to; the one exception is what is deleted for good out of the trash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def deleting_for_good() -> Iterator[None]:
    """Inside the block the append-only tables let rows go whose ticket or folder lies in the trash (R2.41).

    The word is the transaction's own, and taken back at the end of the block, whether it fails or not.
    """
    with transaction.atomic():
        _say("on")
        yield
        _say("off")


def _say(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('helpdesk.deleting_for_good', %s, true)", [word])
