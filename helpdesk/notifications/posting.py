"""Notices become rows: the hub's lines and the letters of one cause, or of many, in one statement.

A group of fifty is told the same facts; they go to the database once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from .live import topics

# What only letters say: the hub has one sentence, and a row for each reader.
_FOR_LETTERS = ["text", "comment", "files"]


@dataclass(frozen=True)
class Notice:
    """What one person is told.

    Attributes:
        message_id: of the letter; empty where none is written.
        switch: the account's switch that may leave the letter out; empty where it has none.
    """

    person: int
    kind: str
    facts: dict[str, Any]
    at: datetime
    message_id: str = ""
    thread: str = ""
    state: str = ""
    switch: str = ""


# Open tabs are told in the same statement, so that nobody hears of what is rolled back, and it costs no way to the
# database. One short notification for each person: a list of fifty could pass PostgreSQL's limit of 8,000 bytes, and
# of equal ones in one transaction it sends only the first.
# The switch is looked at here, because every move would have to read the account for it otherwise; before the
# first-run page is filled in there is none, and everything goes out.
_STORE = """
WITH said AS (
    SELECT facts, number FROM unnest(%(facts)s::jsonb[]) WITH ORDINALITY AS f (facts, number)
), hub AS (
    INSERT INTO notifications_notification (recipient_id, kind, facts, created_at)
    SELECT person, kind, facts - %(for_letters)s::text[], at
    FROM unnest(%(people)s::bigint[], %(kinds)s::text[], %(said)s::bigint[], %(times)s::timestamptz[])
        WITH ORDINALITY AS n (person, kind, said_number, at, position)
    JOIN said ON number = said_number ORDER BY position
    RETURNING pg_notify(%(channel)s, 'person-' || recipient_id),
        (SELECT count(pg_notify(%(channel)s, payload)) FROM unnest(%(payloads)s::text[]) AS payload)
)
INSERT INTO notifications_letter (recipient_id, kind, facts, message_id, thread, state, created_at, due_at, attempts,
    error, address, subject, body_text, body_html)
SELECT person, kind, facts, message_id, thread, state, at, %(now)s, 0, '', '', '', '', ''
FROM unnest(%(people)s::bigint[], %(kinds)s::text[], %(said)s::bigint[], %(times)s::timestamptz[],
        %(message_ids)s::text[], %(threads)s::text[], %(states)s::text[], %(switches)s::text[])
    WITH ORDINALITY AS n (person, kind, said_number, at, message_id, thread, state, switch, position)
JOIN said ON number = said_number
WHERE message_id <> '' AND (switch = ''
    OR coalesce((SELECT to_jsonb(account) ->> switch FROM people_account AS account), 'true') = 'true')
ORDER BY position
"""


def store(notices: Sequence[Notice], announced: Sequence[str] = ()) -> int:
    """Write the rows of ``notices`` and tell open tabs.

    Args:
        announced: topics of the live channel, beside those of the people who are told.

    Returns:
        How many letters were written.
    """
    if not notices:
        if announced:
            topics.announce(*announced)
        return 0
    numbers: dict[int, int] = {}
    facts = []
    for notice in notices:
        if id(notice.facts) not in numbers:
            facts.append(json.dumps(notice.facts))
            numbers[id(notice.facts)] = len(facts)
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "channel": topics.CHANNEL,
                "payloads": topics.payloads(announced),
                "facts": facts,
                "for_letters": _FOR_LETTERS,
                "now": timezone.now(),
                "people": [notice.person for notice in notices],
                "kinds": [notice.kind for notice in notices],
                "said": [numbers[id(notice.facts)] for notice in notices],
                "times": [notice.at for notice in notices],
                "message_ids": [notice.message_id for notice in notices],
                "threads": [notice.thread for notice in notices],
                "states": [notice.state for notice in notices],
                "switches": [notice.switch for notice in notices],
            },
        )
        return cursor.rowcount
