"""Who has the same page open just now, in whichever process his tab has come to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from helpdesk.notifications.models import Presence
from helpdesk.people.models import User

from .topics import CHANNEL

# Processes say again who is with them at each of their heartbeats; one that has died is forgotten after this.
LASTS = timedelta(seconds=70)

_ARRIVE = """
WITH come AS (
    INSERT INTO notifications_presence (place, person_id, door, until)
    SELECT place, person, %(door)s, %(until)s FROM unnest(%(places)s::text[], %(people)s::bigint[]) AS n (place, person)
    WHERE EXISTS (SELECT FROM people_user WHERE id = person)
    ON CONFLICT (place, person_id, door) DO UPDATE SET until = excluded.until
    RETURNING place, xmax = 0 AS is_new
)
SELECT count(pg_notify(%(channel)s, 'at-' || place)) FROM come WHERE is_new
"""
_LEAVE = """
WITH gone AS (
    DELETE FROM notifications_presence
    USING unnest(%(places)s::text[], %(people)s::bigint[]) AS n (place_left, person_left)
    WHERE door = %(door)s AND place = place_left AND person_id = person_left
    RETURNING place
)
SELECT count(pg_notify(%(channel)s, 'at-' || place)) FROM gone
"""
_FORGET = """
WITH gone AS (DELETE FROM notifications_presence WHERE until < %(now)s OR door = %(door)s RETURNING place)
SELECT count(pg_notify(%(channel)s, 'at-' || place)) FROM gone
"""


def arrive(door: str, present: Collection[tuple[str, int]]) -> None:
    """People are at their places, as (place, person); others there are told of whoever is new."""
    _write(_ARRIVE, door, present)


def leave(door: str, present: Collection[tuple[str, int]]) -> None:
    """People have left their places."""
    _write(_LEAVE, door, present)


def forget(door: str = "") -> None:
    """Forget whoever was last seen too long ago, and everybody of a ``door`` that closes."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"now": timezone.now(), "door": door, "channel": CHANNEL})


def others_at(place: str, user: User) -> list[User]:
    """Everybody else who is there, by name."""
    here = Presence.objects.filter(place=place, until__gt=timezone.now()).exclude(person=user)
    return list(User.objects.active().filter(pk__in=here.values("person")).order_by("name", "pk"))


def _write(statement: str, door: str, present: Collection[tuple[str, int]]) -> None:
    # In one order, so that two processes never wait for each other.
    rows = sorted(set(present))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "door": door,
                "until": timezone.now() + LASTS,
                "places": [place for place, _person in rows],
                "people": [person for _place, person in rows],
                "channel": CHANNEL,
            },
        )
