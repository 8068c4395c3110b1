"""From an upload to a blob: checked by name and bytes, content stored once under its checksum, all or nothing."""

from __future__ import annotations

import errno
import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.core.refusals import Refused, StorageUnavailable

from .contents import HEAD, is_program, type_of
from .models import Blob
from .names import extension_of, safe_name

_CHUNK = 1024 * 1024
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

logger = logging.getLogger(__name__)
_brought: ContextVar[list[Blob]] = ContextVar("blobs brought by the unit of work")


def check(files: Iterable[File], *, allowed_extensions: frozenset[str] = frozenset(), at_least: int = 0) -> None:
    """Refuse files that may not be stored (R1.4, R1.6). Reads only their first bytes.

    Args:
        files: uploads, with ``name`` and ``size``.
        allowed_extensions: lower case; empty allows everything except programs.
        at_least: how many files the activity demands.

    Raises:
        Refused: with field ``files`` and a sentence that names the file.
    """
    files = list(files)
    if len(files) < at_least:
        raise Refused(
            ngettext(
                "Attach at least %(count)d file: it is needed to open this ticket.",
                "Attach at least %(count)d files: they are needed to open this ticket.",
                at_least,
            )
            % {"count": at_least},
            field="files",
        )
    if len(files) > settings.ATTACHMENT_MAX_FILES:
        raise Refused(
            _("At most %(most)d files can be sent at once; these are %(count)d.")
            % {"most": settings.ATTACHMENT_MAX_FILES, "count": len(files)},
            field="files",
        )
    for file in files:
        _check_one(file, allowed_extensions)


def _check_one(file: File, allowed_extensions: frozenset[str]) -> None:
    name = safe_name(file.name or "")
    if getattr(file, "too_large", False) or file.size > settings.ATTACHMENT_MAX_BYTES:
        raise Refused(
            _("“%(name)s” is larger than %(megabytes)d MB.")
            % {"name": name, "megabytes": settings.ATTACHMENT_MAX_BYTES // 1024 // 1024},
            field="files",
        )
    if file.size == 0:
        raise Refused(_("“%(name)s” is empty.") % {"name": name}, field="files")
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if is_program(name, head):
        raise Refused(_("“%(name)s” is a program, and programs are not accepted.") % {"name": name}, field="files")
    if allowed_extensions and extension_of(name) not in allowed_extensions:
        raise Refused(
            _("“%(name)s” is not of an accepted type. Accepted: %(types)s.")
            % {"name": name, "types": ", ".join(sorted(allowed_extensions))},
            field="files",
        )


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction for rows and bytes alike: when it fails, the bytes it brought are removed too (R1.11)."""
    brought: list[Blob] = []
    token = _brought.set(brought)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for blob in brought:
            _discard_unless_kept(blob)
        raise
    finally:
        _brought.reset(token)


def store(files: Sequence[File]) -> list[Blob]:
    """Keep the bytes of uploads and return their blobs in the same order; equal content is kept once.

    To be called inside :func:`unit_of_work`. Streams in chunks of 1 MiB. Each checksum is locked until the
    transaction ends, in sorted order, so that two uploads of the same content neither collide nor block each other
    for ever. Bytes that a row speaks of and that the storage has lost are written anew.

    Raises:
        StorageUnavailable: the storage is full or out of reach.
    """
    blobs = [_measure(file) for file in files]
    for blob, file in sorted(zip(blobs, files, strict=True), key=lambda pair: pair[0].sha256):
        _write_bytes(blob, file, is_known=not _claim(blob))
    return blobs


# The lock is held before the row is looked for, and the conflict is found whenever the other row was committed.
_CLAIM = """
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(%s))
INSERT INTO attachments_blob (sha256, size, content_type, created_at)
SELECT %s, %s, %s, %s FROM held ON CONFLICT DO NOTHING
"""


def _claim(blob: Blob) -> bool:
    """Lock the checksum and write its row; False where there is one, which vouches for bytes in the storage."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [_lock_of(blob.sha256), blob.sha256, blob.size, blob.content_type, blob.created_at])
        return bool(cursor.rowcount)


def _measure(file: File) -> Blob:
    digest, size, head = hashlib.sha256(), 0, b""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        head = head or chunk[:HEAD]
        digest.update(chunk)
        size += len(chunk)
    return Blob(sha256=digest.hexdigest(), size=size, content_type=type_of(head), created_at=timezone.now())


def _write_bytes(blob: Blob, file: File, *, is_known: bool) -> None:
    """Lay the bytes into the storage, unless a row vouches for those that are there."""
    file.seek(0)
    try:
        if default_storage.exists(blob.storage_name):
            if is_known and default_storage.size(blob.storage_name) == blob.size:
                return
            # Left by a process that was killed, or a machine that lost power: perhaps cut short.
            default_storage.delete(blob.storage_name)
        _brought.get().append(blob)
        written = default_storage.save(blob.storage_name, File(file, name=file.name))
        if written != blob.storage_name:
            default_storage.delete(written)
            raise OSError(errno.EEXIST, "the storage chose another name", written)
    # A storage may raise what its library likes: nobody's file gets lost in a server error.
    except Exception as error:
        logger.exception("the storage does not take files", extra={"facts": {"sha256": blob.sha256}})
        full = isinstance(error, OSError) and error.errno in _NO_ROOM
        raise StorageUnavailable(
            _("There is no room left to store files. Nothing was sent; please try again later.")
            if full
            else _("Files cannot be stored at the moment. Nothing was sent; please try again later."),
            field="files",
        ) from error


def _discard_unless_kept(blob: Blob) -> None:
    """Remove bytes of a failed unit of work, unless a row vouches for the same content.

    What cannot be removed now is left to the sweep.
    """
    try:
        with transaction.atomic():
            lock(blob.sha256)
            if not Blob.objects.filter(pk=blob.pk).exists():
                default_storage.delete(blob.storage_name)
    except Exception:
        logger.exception("bytes of a failed unit of work stay until the sweep", extra={"facts": {"sha256": blob.pk}})


def lock(sha256: str) -> None:
    """Have a checksum to oneself until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_of(sha256)])


def _lock_of(sha256: str) -> int:
    return int(sha256[:15], 16)
