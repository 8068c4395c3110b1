"""Adjectives for folders and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Count, Q, Sum

from helpdesk.core.text import SearchDocument, SearchWords

if TYPE_CHECKING:
    from helpdesk.people.models import User


class FolderQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> FolderQuerySet:
        """Folders that ``user`` was granted, directly or through a department's group; administrators see all.

        Two index look-ups joined by their keys, never an OR across joins (R1.12, R1.15).
        """
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        from .models import FolderGroupPermission, FolderUserPermission  # models.py imports this file

        by_person = FolderUserPermission.objects.filter(user=user, permission__codename="view_folder")
        by_group = FolderGroupPermission.objects.filter(
            group__in=user.groups.values("pk"), permission__codename="view_folder"
        )
        return self.filter(
            Q(pk__in=by_person.values("content_object_id").union(by_group.values("content_object_id"), all=True))
        )

    def matching(self, words: str) -> FolderQuerySet:
        """Folders with this number, or with these words in their title; case, accents and endings do not matter."""
        wanted, number = Q(document=SearchWords(words)), words.strip().lstrip("#")
        if number.isdecimal():
            wanted |= Q(name=number)
        return self.alias(document=SearchDocument("title")).filter(wanted)

    def page_keys(self, *, size: int, older_than: int | None = None, newer_than: int | None = None) -> list[int]:
        """The keys of one page of these, newest first; paging by key costs the same on every page."""
        return _cut(self, "pk", size, older_than, newer_than)

    def page_keys_visible_to(
        self, user: User, *, size: int, older_than: int | None = None, newer_than: int | None = None
    ) -> list[int]:
        """The keys of one page of everything that ``user`` may see, newest first.

        For people who are no administrators they are read off the ends of the grants' own indexes, so that it does
        not matter how many folders somebody was granted over the years.
        """
        if user.is_administrator or not user.is_active:
            return self.visible_to(user).page_keys(size=size, older_than=older_than, newer_than=newer_than)
        from .models import FolderGroupPermission, FolderUserPermission  # models.py imports this file

        may_view = Permission.objects.filter(codename="view_folder", content_type__app_label="attachments").values(
            "pk"
        )[:1]
        here = {"permission": may_view, "content_object__trashed_at": None}
        sources: list[models.QuerySet] = [FolderUserPermission.objects.filter(user=user, **here)]
        sources += [
            FolderGroupPermission.objects.filter(group=group, **here)
            for group in user.groups.values_list("pk", flat=True)
        ]
        keys = {key for source in sources for key in _cut(source, "content_object_id", size, older_than, newer_than)}
        nearest = sorted(keys, reverse=newer_than is None)[:size]
        return sorted(nearest, reverse=True)

    def with_totals(self) -> FolderQuerySet:
        """Each with ``file_count`` and ``file_size`` of its kept files; for one page of folders."""
        kept = Q(files__removed_at__isnull=True)
        return self.annotate(
            file_count=Count("files", filter=kept), file_size=Sum("files__blob__size", filter=kept, default=0)
        )


def _cut(
    rows: models.QuerySet, key: str, size: int, older_than: int | None = None, newer_than: int | None = None
) -> list[int]:
    """At most ``size`` keys next to the given one, newest first."""
    if newer_than is not None:
        return list(rows.filter(**{f"{key}__gt": newer_than}).order_by(key).values_list(key, flat=True)[:size])[::-1]
    if older_than is not None:
        rows = rows.filter(**{f"{key}__lt": older_than})
    return list(rows.order_by(f"-{key}").values_list(key, flat=True)[:size])


class StoredFileQuerySet(models.QuerySet):
    def kept(self) -> StoredFileQuerySet:
        """Without the removed ones."""
        return self.filter(removed_at__isnull=True)

    def visible_to(self, user: User) -> StoredFileQuerySet:
        """Kept files in folders that ``user`` may open."""
        from .models import Folder  # models.py imports this file

        return self.kept().filter(folder__in=Folder.objects.visible_to(user))
