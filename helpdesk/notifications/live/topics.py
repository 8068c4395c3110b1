"""What is called out, and what a page may listen to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

CHANNEL = "live"
# PostgreSQL takes at most 7,999 bytes at once.
_MOST_BYTES = 7000


@dataclass(frozen=True)
class Following:
    """What an open page listens to, once its reader's rights have been looked at.

    Attributes:
        topics: each of them called out means: this page is to be looked at again.
        place: where its reader is seen by others who are there; empty where nobody is to be seen.
        is_stale: something has happened already since the page was drawn.
    """

    topics: frozenset[str] = field(default_factory=frozenset)
    place: str = ""
    is_stale: bool = False


NOTHING = Following()


def of_person(pk: int) -> str:
    """Called out when a person's hub changes."""
    return f"person-{pk}"


def of_place(place: str) -> str:
    """Called out when somebody comes to a place or leaves it."""
    return f"at-{place}"


def payloads(topics: Iterable[str]) -> list[str]:
    """Topics, each once, in as few notifications as PostgreSQL takes."""
    packed: list[str] = []
    for topic in dict.fromkeys(topics):
        if packed and len(packed[-1]) + len(topic) < _MOST_BYTES:
            packed[-1] += f" {topic}"
        else:
            packed.append(topic)
    return packed


def announce(*topics: str) -> None:
    """Call out ``topics`` when the transaction commits; nobody hears of one that is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_notify(%s, payload)) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads(topics)]
        )


def following(user: Any, wanted: str, seen: int | None) -> Following:
    """What ``user`` hears about the page called ``wanted``: a name of ``settings.LIVE_PAGES``, and a number for some.

    Nothing for a page that nobody knows, and nothing for one that he may not see, without any difference.

    Args:
        seen: the newest thing that stands on the page already, where the page says so.
    """
    name, _dash, number = wanted.partition("-")
    rule = settings.LIVE_PAGES.get(name)
    if rule is None or (number and (not number.isdecimal() or len(number) > 18)):
        return NOTHING
    return import_string(rule)(user, int(number) if number else None, seen)
