"""What is done with folders and files. Grants move with the ticket; every one of them is written down (R1.17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from helpdesk.core.refusals import Refused
from helpdesk.people.models import User

from . import storing
from .models import (
    Attachment,
    AuditEntry,
    Folder,
    FolderFile,
    FolderGroupPermission,
    FolderUserPermission,
    StoredFile,
)
from .permissions import ADD, VIEW, reason_not

_Verb = AuditEntry.Verb


def create_folder(*, name: str, title: str, at: datetime) -> Folder:
    """Create the folder of a ticket; its name is the ticket's number (R1.7)."""
    return Folder.objects.create(name=name, title=title, created_at=at)


def add_files(*, folder: Folder, files: Sequence[File], by: User, at: datetime) -> list[Attachment]:
    """Store uploads as attachments and put a copy of each into the folder (R1.8, R1.10).

    To be called inside ``storing.unit_of_work``, after ``storing.check``.

    Raises:
        StorageUnavailable: the storage is full or out of reach.
    """
    if not files:
        return []
    blobs = storing.store(files)
    names = [storing.safe_name(file.name or "") for file in files]
    originals = Attachment.objects.bulk_create(
        Attachment(folder=folder, blob=blob, name=name, added_by=by, added_at=at)
        for blob, name in zip(blobs, names, strict=True)
    )
    taken = set(FolderFile.objects.filter(folder=folder).values_list("name", flat=True))
    copies = []
    for original in originals:
        name = _free_name(original.name, taken)
        taken.add(name)
        copies.append(FolderFile(folder=folder, blob_id=original.blob_id, name=name, added_by=by, added_at=at))
    FolderFile.objects.bulk_create(copies)
    AuditEntry.objects.bulk_create(
        AuditEntry(folder=folder, verb=_Verb.ADDED, actor=by, at=at, subject=copy.name) for copy in copies
    )
    return originals


def _free_name(name: str, taken: set[str]) -> str:
    path, count, free = PurePosixPath(name), 1, name
    while free in taken:
        count += 1
        free = f"{path.stem} ({count}){path.suffix}"
    return free


def grant(
    *,
    folder: Folder,
    by: Any,
    at: datetime,
    adders: Iterable[User | None] = (),
    viewers: Iterable[User | None] = (),
    group: Group | None = None,
) -> None:
    """Give access: ``adders`` may open and add, ``viewers`` and the ``group`` may open. Repeating changes nothing.

    Args:
        by: a person, or the clock.
    """
    permissions = dict(
        Permission.objects.filter(content_type__app_label="attachments", codename__in=(VIEW, ADD)).values_list(
            "codename", "pk"
        )
    )
    wanted = {(person, VIEW) for person in viewers if person} | {
        (person, code) for person in adders if person for code in (VIEW, ADD)
    }
    held = set(
        FolderUserPermission.objects.filter(
            content_object=folder, user__in={person for person, _code in wanted}
        ).values_list("user_id", "permission__codename")
    )
    new = sorted(
        ((person, code) for person, code in wanted if (person.pk, code) not in held),
        key=lambda pair: (pair[0].pk, pair[1]),
    )
    FolderUserPermission.objects.bulk_create(
        [
            FolderUserPermission(content_object=folder, user=person, permission_id=permissions[code])
            for person, code in new
        ],
        ignore_conflicts=True,
    )
    records = [(str(person), code) for person, code in new]
    if group is not None:
        _row, created = FolderGroupPermission.objects.get_or_create(
            content_object=folder, group=group, permission_id=permissions[VIEW]
        )
        if created:
            records.append((group.name, VIEW))
    _record(folder, _Verb.GRANTED, records, by=by, at=at)


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


def record_download(*, file: StoredFile, by: User, at: datetime | None = None) -> None:
    """Write down that somebody opened a file (R1.17)."""
    AuditEntry.objects.create(
        folder=file.folder, verb=_Verb.DOWNLOADED, actor=by, at=at or timezone.now(), subject=file.name
    )


def record_zip(*, folder: Folder, by: User, at: datetime | None = None) -> None:
    """Write down that somebody took the whole folder (R1.17)."""
    AuditEntry.objects.create(folder=folder, verb=_Verb.ZIPPED, actor=by, at=at or timezone.now(), subject=folder.name)


@transaction.atomic
def remove(*, file: StoredFile, by: User, at: datetime | None = None) -> None:
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
        AuditEntry.objects.create(folder=file.folder, verb=_Verb.REMOVED, actor=by, at=at, subject=file.name)
