"""The databases of the suite: copies of one that is migrated once, put in order again after tests that really commit.

Migrating takes longer than most runs of a single file do, so what comes of it is kept beside the others as a template,
under a name that changes with every migration and model. Every worker of every run gets a copy of it.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import django
import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

PREFIX = "test_helpdesk_template_"
KEPT = 3  # templates of the branches that were tested last
# One run after the other makes or removes templates.
_GATE = 7_302_116


def _fingerprint() -> str:
    """What the template is made of: all migrations, those of libraries too, and what permissions are named after."""
    found = hashlib.sha256(f"{django.VERSION} {Path(__file__).read_text()}".encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            found.update(path.read_bytes())
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        found.update(
            f"{meta.label} {meta.verbose_name_raw} {meta.default_permissions} {list(meta.permissions)}".encode()
        )
    return found.hexdigest()[:16]


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    """A connection to the server that stands in nobody's way."""
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"] or None,
        port=database.get("PORT") or None,
        user=database["USER"],
        password=database.get("PASSWORD") or None,
        dbname="postgres",
        autocommit=True,
    ) as link:
        yield link


def _run(link: psycopg.Connection, statement: LiteralString, *names: str) -> None:
    link.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


def _turn_to(name: str) -> None:
    """Lead Django to the database ``name``."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def enter(*, anew: bool = False) -> str:
    """Lead Django to a new copy of the template; where it was led to before. ``anew`` makes the template again."""
    before, own = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    template = PREFIX + _fingerprint()
    with _server() as link:
        link.execute("SELECT pg_advisory_lock(%s)", [_GATE])
        if anew:
            _run(link, "DROP DATABASE IF EXISTS {}", template)
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            _make_template(link, template)
        _run(link, "DROP DATABASE IF EXISTS {} WITH (FORCE)", own)
        _run(link, "CREATE DATABASE {} TEMPLATE {}", own, template)
    _turn_to(own)
    return before


def leave(before: str) -> None:
    """Remove the copy."""
    own = connection.settings_dict["NAME"]
    _turn_to(before)
    with _server() as link:
        _run(link, "DROP DATABASE IF EXISTS {} WITH (FORCE)", own)


def _make_template(link: psycopg.Connection, name: str) -> None:
    """Under another name first: a template that was left half-way is never used."""
    making, test = f"{PREFIX}making", connection.settings_dict["TEST"]
    own, test["NAME"] = test["NAME"], making
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    finally:
        test["NAME"] = own
    _remember()
    connection.close()
    _run(link, "ALTER DATABASE {} RENAME TO {}", making, name)
    older = link.execute("SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC", [f"{PREFIX}%"])
    for (one,) in older.fetchall()[KEPT:]:
        _run(link, "DROP DATABASE IF EXISTS {}", one)


# What a test has really committed

# Says of every table whether it is to be emptied (a new one) or filled again (one that migrations fill), and does it.
# Triggers stand aside: those of the audits refuse every deletion, and those of foreign keys would ask about every row.
_RESTORE = """
CREATE SCHEMA pristine;
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE pristine.%1$I AS TABLE public.%1$I', one.name);
  END LOOP;
END $$;
CREATE PROCEDURE pristine.restore() LANGUAGE plpgsql AS $$
DECLARE one record; is_other boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN
    SELECT tablename AS name,
           (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
            WHERE attrelid = format('public.%I', tablename)::regclass AND attnum > 0
            AND NOT attisdropped AND attgenerated = '') AS columns
    FROM pg_tables WHERE schemaname = 'public'
  LOOP
    EXECUTE format(
      'SELECT EXISTS (SELECT FROM public.%1$I) OR EXISTS (SELECT FROM pristine.%1$I)', one.name
    ) INTO is_other;
    IF is_other THEN
      EXECUTE format('DELETE FROM public.%I', one.name);
      EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM pristine.%1$I', one.name, one.columns);
    END IF;
  END LOOP;
END $$
"""


def _remember() -> None:
    """Keep what the tables hold when no test has run, and the way back to it."""
    with connection.cursor() as cursor:
        cursor.execute(_RESTORE)


def restore() -> None:
    """The tables hold what they held before the first test."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("CALL pristine.restore()")


# People whom nearly every test begins with


def lay_by(make: Callable[[], Any]) -> Callable[[], Any]:
    """What ``make`` makes of rows and objects, once; call what comes back for the same rows and objects again.

    In a transaction they go with it. Their keys are never given to anything else.
    """
    made = pickle.dumps(make())
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("CREATE SCHEMA laid_by")
        inserts = [statement for table in tables if (statement := _lay_by(cursor, table))]
    restore()

    def again() -> Any:
        # One statement, not one for each table: between them others would see half of it.
        with connection.cursor() as cursor:
            cursor.execute("; ".join(inserts))
        return pickle.loads(made)

    return again


def _lay_by(cursor: Any, table: str) -> str:
    """Copy the table's new rows; the statement that brings them back, or nothing where there is none."""
    cursor.execute(
        f'CREATE TABLE laid_by."{table}" AS SELECT * FROM public."{table}" AS now WHERE NOT EXISTS '
        f'(SELECT FROM pristine."{table}" AS before WHERE before IS NOT DISTINCT FROM now) ORDER BY now.ctid'
    )
    if not cursor.rowcount:
        return ""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [f'public."{table}"'],
    )
    ((columns,),) = cursor.fetchall()
    return f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM laid_by."{table}"'
