"""What is done with folders and files. Grants move with the ticket; every one of them is written down (R1.17)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.core import audit
from helpdesk.core.refusals import Refused, StorageUnavailable
from helpdesk.people.models import User

from . import names, storing
from .models import (
    BLOBS,
    AnyFile,
    Attachment,
    AuditEntry,
    Blob,
    Folder,
    FolderFile,
    FolderGroupPermission,
    FolderUserPermission,
)
from .permissions import ADD, VIEW, reason_not

_Verb = AuditEntry.Verb
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
logger = logging.getLogger(__name__)


# Grants and their records in one statement: every taking of a ticket passes here. A code that the database does not
# know becomes NULL, which the column refuses.
_GRANT = """
WITH wanted AS (
    SELECT w.*, p.id AS permission
    FROM unnest(%(folders)s::bigint[], %(people)s::bigint[], %(codes)s::text[], %(names)s::text[],
            %(actors)s::bigint[], %(times)s::timestamptz[])
        WITH ORDINALITY AS w (folder, person, code, name, actor, at, position)
    LEFT JOIN (auth_permission p JOIN django_content_type c
        ON c.id = p.content_type_id AND c.app_label = 'attachments' AND c.model = 'folder') ON p.codename = w.code
), granted AS (
    INSERT INTO attachments_folderuserpermission (content_object_id, user_id, permission_id)
    SELECT folder, person, permission FROM wanted ORDER BY position
    ON CONFLICT DO NOTHING RETURNING content_object_id, user_id, permission_id
)
INSERT INTO attachments_auditentry (folder_id, verb, at, actor_id, subject, detail)
SELECT folder, 'granted', at, actor, name, code
FROM granted JOIN wanted ON folder = content_object_id AND person = user_id AND permission = permission_id
ORDER BY position
"""


# Originals, their copies and the record of both in one statement, each in the order of the files.
_ADD = """
WITH file AS (
    SELECT * FROM unnest(%(names)s::text[], %(copies)s::text[], %(blobs)s::text[]) WITH ORDINALITY
        AS f (name, copy, blob, position)
), original AS (
    INSERT INTO attachments_attachment (folder_id, blob_id, name, added_by_id, added_at)
    SELECT %(folder)s, blob, name, %(by)s, %(at)s FROM file ORDER BY position RETURNING id
), copy AS (
    INSERT INTO attachments_folderfile (folder_id, blob_id, name, added_by_id, added_at)
    SELECT %(folder)s, blob, copy, %(by)s, %(at)s FROM file ORDER BY position
), record AS (
    INSERT INTO attachments_auditentry (folder_id, verb, at, actor_id, subject, detail)
    SELECT %(folder)s, 'added', %(at)s, %(by)s, copy, '' FROM file ORDER BY position
)
SELECT id FROM original ORDER BY id
"""


def create_folder(*, name: str, title: str, at: datetime) -> Folder:
    """Create the folder of a ticket; its name is the ticket's number (R1.7)."""
    return Folder.objects.create(name=name, title=title, created_at=at)


def add_files(
    *, folder: Folder, files: Sequence[File], by: User, at: datetime, is_new: bool = False
) -> list[Attachment]:
    """Store uploads as attachments and put a copy of each into the folder (R1.8, R1.10).

    To be called inside ``storing.unit_of_work``, after ``storing.check``.

    Args:
        is_new: the folder was created in this unit of work, so no name in it is taken.

    Raises:
        StorageUnavailable: the storage is full or out of reach.
    """
    if not files:
        return []
    blobs = storing.store(files)
    originals = [
        Attachment(folder=folder, blob=blob, name=names.safe_name(file.name or ""), added_by=by, added_at=at)
        for blob, file in zip(blobs, files, strict=True)
    ]
    there = [] if is_new else FolderFile.objects.filter(folder=folder).values_list("name", flat=True)
    taken = {names.folded(name) for name in there}
    copies = []
    for original in originals:
        name = names.free_name(original.name, taken)
        taken.add(names.folded(name))
        copies.append(name)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "names": [original.name for original in originals],
                "copies": copies,
                "blobs": [original.blob_id for original in originals],
                "folder": folder.pk,
                "by": by.pk,
                "at": at,
            },
        )
        for original, (pk,) in zip(originals, cursor.fetchall(), strict=True):
            original.pk = pk
    return originals


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Access to one folder: ``adders`` may open and add, ``viewers`` and the ``group`` may open.

    Attributes:
        by: a person, or the clock.
    """

    folder: Folder
    by: Any
    at: datetime
    adders: Sequence[User | None] = ()
    viewers: Sequence[User | None] = ()
    group: Group | None = None

    def rights(self) -> set[tuple[User, str]]:
        """Each person with each code."""
        wanted = [(person, VIEW) for person in (*self.viewers, *self.adders)]
        wanted += [(person, ADD) for person in self.adders]
        return {(person, code) for person, code in wanted if person}


def grant(
    *,
    folder: Folder,
    by: Any,
    at: datetime,
    adders: Sequence[User | None] = (),
    viewers: Sequence[User | None] = (),
    group: Group | None = None,
) -> None:
    """Give access to one folder, as ``Grant`` says. Repeating changes nothing."""
    grant_all([Grant(folder=folder, by=by, at=at, adders=adders, viewers=viewers, group=group)])


def grant_all(grants: Sequence[Grant]) -> None:
    """Give access to several folders in one statement; in one order, so that two of them never wait in a circle."""
    wanted = {(one.folder.pk, person.pk, code): (person, one) for one in grants for person, code in one.rights()}
    if wanted:
        keys = sorted(wanted)
        with connection.cursor() as cursor:
            cursor.execute(
                _GRANT,
                {
                    "folders": [folder for folder, _person, _code in keys],
                    "people": [person for _folder, person, _code in keys],
                    "codes": [code for _folder, _person, code in keys],
                    "names": [str(wanted[key][0]) for key in keys],
                    "actors": [wanted[key][1].by.pk for key in keys],
                    "times": [wanted[key][1].at for key in keys],
                },
            )
    for one in grants:
        if one.group is not None:
            _grant_group(one.folder, one.group, by=one.by, at=one.at)


def _grant_group(folder: Folder, group: Group, *, by: Any, at: datetime) -> None:
    _row, created = FolderGroupPermission.objects.get_or_create(
        content_object=folder,
        group=group,
        permission=Permission.objects.get(content_type__app_label="attachments", codename=VIEW),
    )
    if created:
        _record(folder, _Verb.GRANTED, [(group.name, VIEW)], by=by, at=at)


def revoke(*, folder: Folder, by: Any, at: datetime, person: User, codes: Iterable[str] = (VIEW, ADD)) -> None:
    """Take access away; a former executor keeps ``view_folder`` and loses ``add_file`` (R1.14, R1.16)."""
    held = FolderUserPermission.objects.filter(content_object=folder, user=person, permission__codename__in=codes)
    lost = sorted(held.values_list("permission__codename", flat=True))
    held.delete()
    _record(folder, _Verb.REVOKED, [(str(person), code) for code in lost], by=by, at=at)


def revoke_group(*, folder: Folder, by: Any, at: datetime, group: Group) -> None:
    """Take the department's group access away."""
    deleted, _rows = FolderGroupPermission.objects.filter(content_object=folder, group=group).delete()
    if deleted:
        _record(folder, _Verb.REVOKED, [(group.name, VIEW)], by=by, at=at)


def _record(folder: Folder, verb: str, records: Iterable[tuple[str, str]], *, by: Any, at: datetime) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(folder=folder, verb=verb, actor_id=by.pk, at=at, subject=subject, detail=code)
        for subject, code in records
    )


class FileLost(Refused):
    """The row is there, the bytes are not."""


def open_file(*, file: AnyFile, by: User, at: datetime | None = None) -> File:
    """Open an attachment or a copy for its download, and write down that it was opened (R1.17).

    Raises:
        Refused: the person may not open the folder.
        FileLost: the storage does not have the bytes; the log says so.
        StorageUnavailable: the storage is out of reach.
    """
    reason = reason_not(by, "view", file.folder)
    if reason:
        raise Refused(reason)
    try:
        stream = file.blob.open()
    except FileNotFoundError as error:
        report_lost(file)
        raise FileLost(_("The content of “%(name)s” is missing in our storage.") % {"name": file.name}) from error
    # A storage may raise what its library likes.
    except Exception as error:
        raise _away(file) from error
    AuditEntry.objects.create(
        folder=file.folder,
        verb=_Verb.DOWNLOADED,
        actor=by,
        at=at or timezone.now(),
        subject=file.name,
        detail=file.PLACE,
    )
    return stream


def _away(file: AnyFile) -> StorageUnavailable:
    logger.exception("the storage does not give files", extra={"facts": {"sha256": file.blob_id}})
    return StorageUnavailable(_("Files cannot be read at the moment. Please try again later."))


def report_lost(file: AnyFile) -> None:
    """Tell those who read the log that the storage has lost something."""
    logger.error("stored bytes are missing", extra={"facts": {"sha256": file.blob_id, "folder": file.folder_id}})


def open_folder(*, folder: Folder, by: User, at: datetime | None = None) -> tuple[list[FolderFile], list[FolderFile]]:
    """The kept copies of a folder, for somebody who takes all of them; it is written down (R1.17).

    Returns:
        Those that the storage has, and those that it has lost; the log names the latter.

    Raises:
        Refused: the person may not open the folder.
        StorageUnavailable: the storage is out of reach.
    """
    reason = reason_not(by, "view", folder)
    if reason:
        raise Refused(reason)
    there: list[FolderFile] = []
    lost: list[FolderFile] = []
    for file in FolderFile.objects.kept().filter(folder=folder).select_related("blob"):
        try:
            (there if default_storage.exists(file.blob.storage_name) else lost).append(file)
        except Exception as error:
            raise _away(file) from error
    for file in lost:
        report_lost(file)
    AuditEntry.objects.create(folder=folder, verb=_Verb.ZIPPED, actor=by, at=at or timezone.now(), subject=folder.name)
    return there, lost


@transaction.atomic
def remove(*, file: AnyFile, by: User, at: datetime | None = None) -> None:
    """Take an attachment or a copy out of sight; the other one stays (R1.9), and so does the record (R1.16).

    Raises:
        Refused: the person is no administrator.
    """
    at = at or timezone.now()
    reason = reason_not(by, "remove", file.folder)
    if reason:
        raise Refused(reason)
    changed = type(file).objects.filter(pk=file.pk, removed_at__isnull=True).update(removed_at=at, removed_by=by)
    if changed:
        AuditEntry.objects.create(
            folder=file.folder, verb=_Verb.REMOVED, actor=by, at=at, subject=file.name, detail=file.PLACE
        )
        facts = {"folder": audit.reference(file.folder), "place": file.PLACE}
        audit.record("file_removed", by=by, about="file", key=file.pk, name=file.name, facts=facts, at=at)


def sweep_storage(*, prefixes: Iterable[str], before: datetime) -> int:
    """Remove stored bytes that no row speaks of. Returns how many.

    They are what a killed process left behind, and what no file has any more since folders were deleted for good.

    Args:
        prefixes: first two hexadecimal digits of the checksums to look at.
        before: younger bytes stay, because the row of an upload that is under way comes last.
    """
    return sum(_sweep_prefix(f"{BLOBS}/{prefix}", before) for prefix in prefixes)


def _sweep_prefix(place: str, before: datetime) -> int:
    _drop_unused(place.rpartition("/")[2], before)
    found = {name: f"{place}/{folder}/{name}" for folder in _list(place)[0] for name in _list(f"{place}/{folder}")[1]}
    known = set(Blob.objects.filter(pk__in=found).values_list("pk", flat=True))
    return sum(_sweep_bytes(name, path, before) for name, path in found.items() if name not in known)


def _drop_unused(prefix: str, before: datetime) -> None:
    """Drop the rows of contents that no file has; each under its lock, since an upload may rely on it."""
    old = Blob.objects.filter(pk__startswith=prefix, created_at__lt=before)
    for kind in (Attachment, FolderFile):
        old = old.exclude(Exists(kind.objects.filter(blob=OuterRef("pk"))))
    for sha256 in old.values_list("pk", flat=True):
        with transaction.atomic():
            storing.lock(sha256)
            old.filter(pk=sha256).delete()


def _sweep_bytes(name: str, path: str, before: datetime) -> bool:
    with transaction.atomic():
        if _CHECKSUM.fullmatch(name):
            storing.lock(name)
        try:
            if Blob.objects.filter(pk=name).exists() or default_storage.get_modified_time(path) >= before:
                return False
            default_storage.delete(path)
        except FileNotFoundError:
            return False
    logger.warning("bytes without a row were removed", extra={"facts": {"path": path}})
    return True


def _list(place: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(place)
    except FileNotFoundError:
        return [], []
