"""From an upload to a blob: names made harmless, types read from the bytes, content stored under its checksum."""

from __future__ import annotations

import errno
import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePosixPath

import puremagic
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.core.refusals import Refused, StorageUnavailable

from .models import Blob

MAX_NAME_LENGTH = 120

# Refused whatever the department allows: what an operating system or an office program runs when opened.
PROGRAM_EXTENSIONS = frozenset(
    [
        "apk",
        "app",
        "bat",
        "bin",
        "cmd",
        "com",
        "cpl",
        "deb",
        "dll",
        "dmg",
        "exe",
        "gadget",
        "hta",
        "inf",
        "ins",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "msc",
        "msi",
        "msp",
        "mst",
        "pif",
        "ps1",
        "psm1",
        "rpm",
        "reg",
        "scf",
        "scr",
        "sh",
        "sys",
        "vb",
        "vbe",
        "vbs",
        "vxd",
        "wsc",
        "wsf",
        "wsh",
    ]
)
_PROGRAM_SIGNATURES = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
)
_CHUNK = 1024 * 1024

logger = logging.getLogger(__name__)
_brought: ContextVar[list[Blob]] = ContextVar("blobs brought by the unit of work")


def safe_name(name: str) -> str:
    """A name that is harmless on every system and in every listing.

    Path parts, control characters and the marks that turn the reading direction are dropped, and the length is cut
    to ``MAX_NAME_LENGTH`` characters with the extension kept. An empty result becomes ``file``.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(ch for ch in name if unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    name = re.sub(r'[<>:"|?*]', "_", re.sub(r"\s+", " ", name)).strip(" .")
    if len(name) > MAX_NAME_LENGTH:
        suffix = PurePosixPath(name).suffix[:12]
        name = name[: MAX_NAME_LENGTH - len(suffix)].rstrip() + suffix
    return name or "file"


def extension_of(name: str) -> str:
    """The lower-case extension without its dot; empty where there is none."""
    return PurePosixPath(name).suffix.lstrip(".").lower()


def type_of(head: bytes, name: str) -> str:
    """The media type by content; what cannot be recognised is text if it reads as text, else plain bytes."""
    try:
        found = puremagic.from_string(head, mime=True, filename=name)
    except (puremagic.PureError, ValueError):
        found = ""
    if found:
        return found
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character that is cut in two by the end of the sample is still text.
        if error.start < len(head) - 4:
            return "application/octet-stream"
    return "application/octet-stream" if b"\x00" in head else "text/plain"


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
    extension = extension_of(name)
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    if extension in PROGRAM_EXTENSIONS or head.startswith(_PROGRAM_SIGNATURES):
        raise Refused(_("“%(name)s” is a program, and programs are not accepted.") % {"name": name}, field="files")
    if allowed_extensions and extension not in allowed_extensions:
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
    for ever.

    Raises:
        StorageUnavailable: the storage is full or out of reach.
    """
    blobs = [_measure(file) for file in files]
    for blob, file in sorted(zip(blobs, files, strict=True), key=lambda pair: pair[0].sha256):
        _lock(blob)
        if not Blob.objects.filter(pk=blob.pk).exists():
            _write_bytes(blob, file)
            blob.save(force_insert=True)
    return blobs


def _measure(file: File) -> Blob:
    digest, size, head = hashlib.sha256(), 0, b""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        head = head or chunk[:4096]
        digest.update(chunk)
        size += len(chunk)
    return Blob(
        sha256=digest.hexdigest(),
        size=size,
        content_type=type_of(head, safe_name(file.name or "")),
        created_at=timezone.now(),
    )


def _write_bytes(blob: Blob, file: File) -> None:
    file.seek(0)
    try:
        if default_storage.exists(blob.storage_name):
            # Left by a process that was killed before its transaction ended: perhaps cut short.
            default_storage.delete(blob.storage_name)
        _brought.get().append(blob)
        default_storage.save(blob.storage_name, File(file, name=file.name))
    except OSError as error:
        raise StorageUnavailable(
            _("There is no room left to store files. Nothing was sent; please try again later.")
            if error.errno in {errno.ENOSPC, errno.EDQUOT}
            else _("Files cannot be stored at the moment. Nothing was sent; please try again later."),
            field="files",
        ) from error


def _discard_unless_kept(blob: Blob) -> None:
    """Remove bytes of a failed unit of work, unless another one has kept the same content meanwhile."""
    with transaction.atomic():
        _lock(blob)
        if Blob.objects.filter(pk=blob.pk).exists():
            return
        try:
            default_storage.delete(blob.storage_name)
        except OSError:
            logger.exception("bytes of a failed unit of work could not be removed", extra={"sha256": blob.sha256})


def _lock(blob: Blob) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(blob.sha256[:15], 16)])
