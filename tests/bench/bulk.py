"""What makes a million tickets load in minutes, and leaves every rule standing.

Indexes, foreign keys and triggers of the filled tables are laid aside and made anew from the whole, which checks each
row all the same; texts come out of a small store whose words for the search are reckoned once and looked up after that; several
connections load beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection, transaction

# Rows that a connection plans at once: what it reads again and again stays in memory.
PORTION = 25_000
_CONNECTIONS = 3
_TABLES = (
    *("attachments_folder", "attachments_attachment", "attachments_folderfile", "attachments_folderuserpermission"),
    *("attachments_auditentry", "tickets_ticket", "tickets_message", "tickets_event", "tickets_message_attachments"),
    *("notifications_notification", "notifications_letter", "surveys_survey"),
)
_ASIDE = "CREATE TABLE bench_aside (position serial, restored text NOT NULL)"
_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY oid
"""
# Those that stand for a primary or unique key stay: rows refer to them.
_INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
ORDER BY indrelid, indexrelid
"""
_SETTINGS = ("synchronous_commit = off", "work_mem = '128MB'", "maintenance_work_mem = '768MB'")
_LOOK_UP = """
CREATE OR REPLACE FUNCTION public.helpdesk_tsv(text) RETURNS pg_catalog.tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE found pg_catalog.tsvector;
BEGIN
    SELECT words INTO found FROM public.bench_text WHERE text = $1 LIMIT 1;
    RETURN coalesce(found, public.bench_tsv($1));
END $$
"""


_CARELESS = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "'6GB'"}


@contextmanager
def careless_server() -> Iterator[None]:
    """The server of the bench's own data writes without care while the block runs: what breaks is loaded again."""
    with connection.cursor() as cursor:
        for name, value in _CARELESS.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = {value}")
        cursor.execute("SELECT pg_reload_conf()")
        yield
        for name in _CARELESS:
            cursor.execute(f"ALTER SYSTEM RESET {name}")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CHECKPOINT")


def is_interrupted() -> bool:
    """Whether an earlier load was cut off, so that what it had laid aside is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_aside')")
        return cursor.fetchone()[0] is not None


@contextmanager
def laid_aside(say: Callable[[str], None]) -> Iterator[None]:
    """Without indexes, foreign keys and triggers while the block runs; they are made anew, and thereby checked, after it."""
    tables = list(_TABLES)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ASIDE)
        for found in (_INDEXES, _FOREIGN_KEYS):
            cursor.execute(found, [tables])
            for drop, restored in cursor.fetchall():
                cursor.execute("INSERT INTO bench_aside (restored) VALUES (%s)", [restored])
                cursor.execute(drop)
        for one in tables:
            cursor.execute(f"ALTER TABLE {one} DISABLE TRIGGER USER")
    yield
    say("indexes and foreign keys are made anew")
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(f"SET {setting}")
        cursor.execute("SELECT restored FROM bench_aside ORDER BY position")
        restored = [row[0] for row in cursor.fetchall()]
        indexes = [one for one in restored if one.startswith("CREATE")]
        beside_each_other([partial(_run, sql) for sql in indexes])
        for sql in restored:
            if sql not in indexes:
                cursor.execute(sql)
        for one in tables:
            cursor.execute(f"ALTER TABLE {one} ENABLE TRIGGER USER")
        cursor.execute("DROP TABLE bench_aside")
        for setting in _SETTINGS:
            cursor.execute(f"RESET {setting.split()[0]}")


@contextmanager
def words_looked_up() -> Iterator[None]:
    """``helpdesk_tsv`` looks its answer up in ``bench_text`` while the block runs, and reckons what is not there.

    Raises:
        SystemExit: what was stored is not what the function itself says.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('public.helpdesk_tsv(text)'::regprocedure)")
        original = cursor.fetchone()[0]
        cursor.execute(original.replace("helpdesk_tsv", "bench_tsv"))
        cursor.execute(_LOOK_UP)
    try:
        yield
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(original)
            cursor.execute("DROP FUNCTION public.bench_tsv(text)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT search, text FROM tickets_message ORDER BY id DESC LIMIT 1000) AS newest "
            "WHERE search IS DISTINCT FROM public.helpdesk_tsv(text)"
        )
        if cursor.fetchone()[0]:
            raise SystemExit("The words of some messages are not what the search expects.")


def beside_each_other(works: Sequence[Callable[[], Any]]) -> None:
    """Do ``works``, each on a connection of its own, a few at a time."""
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        for done in [pool.submit(_on_its_own, work) for work in works]:
            done.result()


def _on_its_own(work: Callable[[], Any]) -> None:
    with connection.cursor() as cursor:
        for setting in _SETTINGS:
            cursor.execute(f"SET {setting}")
    try:
        work()
    finally:
        connection.close()  # this thread's


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
