"""Everything that the database holds of a ticket, found by its keys and not by a list that somebody could forget.

From the ticket and its folder along every foreign key that leads to a row that was found already, many-to-many tables
included; then the hub's lines and the letters, which know their ticket by its number only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import User
from tickets.models import Ticket, TrashEntry

type Row = dict[str, Any]
type Rows = dict[str, list[Row]]

# Which ticket lies in the trash is said there; it is what comes and goes.
_NOT_HIS = (TrashEntry,)


def of(ticket: Ticket) -> Rows:
    """Every row of every table that belongs to ``ticket``, all columns, by table."""
    found: dict[type[models.Model], set[Any]] = {Ticket: {ticket.number}, type(ticket.folder): {ticket.folder_id}}
    found[Notification] = set(_keys(Notification, "facts ->> 'number' = %s", str(ticket.number)))
    found[Letter] = set(_keys(Letter, "thread = %s", f"ticket-{ticket.number}"))
    is_growing = True
    while is_growing:
        is_growing = False
        for kind, field in _references():
            wanted = list(found.get(field.related_model, ()))
            more = set(_keys(kind, f'"{field.column}" = ANY(%s)', wanted)) if wanted else set()
            is_growing = is_growing or not more <= found.get(kind, set())
            found.setdefault(kind, set()).update(more)
    read = {kind._meta.db_table: _rows(kind, keys) for kind, keys in found.items() if keys}
    return {table: rows for table, rows in read.items() if rows}


def of_person(person: User) -> Row:
    """His row, all columns."""
    return _rows(User, {person.pk})[0]


def _references() -> Iterator[tuple[type[models.Model], Any]]:
    for kind in apps.get_models(include_auto_created=True):
        if kind in _NOT_HIS or not kind._meta.managed:
            continue
        for field in kind._meta.concrete_fields:
            if field.is_relation and field.related_model is not User:
                yield kind, field


def _keys(kind: type[models.Model], where: str, value: Any) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{kind._meta.pk.column}" FROM "{kind._meta.db_table}" WHERE {where}', [value])
        yield from (key for (key,) in cursor.fetchall())


def _rows(kind: type[models.Model], keys: set[Any]) -> list[Row]:
    key = kind._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{kind._meta.db_table}" WHERE "{key}" = ANY(%s) ORDER BY "{key}"', [list(keys)])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
