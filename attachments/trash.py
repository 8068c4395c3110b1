"""Folders in the trash with their tickets: out of everybody's reach, every grant as it was; and their end (R2.40)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from helpdesk.core.history import deleting_for_good

from .models import Attachment, Folder, FolderFile


def put_in_trash(*, folders: Iterable[int], at: datetime) -> None:
    """Nobody opens these folders any more; nothing else of them changes."""
    Folder.with_trash.filter(pk__in=list(folders)).update(trashed_at=at)


def take_out_of_trash(*, folders: Iterable[int]) -> None:
    """Whoever could open them can again."""
    Folder.with_trash.filter(pk__in=list(folders)).update(trashed_at=None)


@transaction.atomic
def delete_for_good(*, folders: Iterable[int]) -> None:
    """Delete folders that lie in the trash with files, grants and access records.

    Contents that no file has any more are left to the sweep of the storage, which takes them one by one: a deletion
    that is rolled back could not bring bytes back.
    """
    keys = list(Folder.with_trash.filter(pk__in=list(folders), trashed_at__isnull=False).values_list("pk", flat=True))
    for kind in (Attachment, FolderFile):
        kind.objects.filter(folder__in=keys).delete()
    with deleting_for_good():
        Folder.with_trash.filter(pk__in=keys).delete()
