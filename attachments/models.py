"""Files and the folders that guard them.

A blob is stored once under its SHA-256 and never changed. An attachment (on a message) and its copy in the ticket's
folder are two independent rows that point to the same blob (R1.8, R1.9).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from helpdesk.core.text import SearchDocument

from .querysets import FolderQuerySet, StoredFileQuerySet

# Where the bytes lie in the storage.
BLOBS = "blobs"


class Blob(models.Model):
    """The bytes of a file, once. Whoever sees the row finds the bytes in the storage."""

    sha256 = models.CharField(_("SHA-256"), max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content_type = models.CharField(_("type by content"), max_length=120)
    created_at = models.DateTimeField(_("stored"), default=timezone.now)

    class Meta:
        verbose_name = _("stored content")
        verbose_name_plural = _("stored contents")

    def __str__(self) -> str:
        return self.sha256

    @property
    def storage_name(self) -> str:
        """Where the bytes lie, relative to the storage; never shown to people."""
        return f"{BLOBS}/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"

    def open(self) -> File:
        """The bytes as a readable file object."""
        return default_storage.open(self.storage_name, "rb")


class _OutsideTrash(models.Manager):
    """Folders of tickets that do not lie in the trash."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(trashed_at__isnull=True)


class Folder(models.Model):
    """One ticket's files; its name is the ticket's number (R1.7). Access is granted per folder and person.

    In the trash nobody opens it, and every grant stays as it is (R2.40). ``objects`` leaves it out there.
    """

    name = models.CharField(_("name"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    trashed_at = models.DateTimeField(_("moved to the trash"), null=True, editable=False)

    objects = _OutsideTrash.from_queryset(FolderQuerySet)()
    with_trash = FolderQuerySet.as_manager()

    class Meta:
        verbose_name = _("folder")
        verbose_name_plural = _("folders")
        ordering = ("-pk",)
        default_permissions = ()
        permissions: ClassVar = [("view_folder", "Can open the folder"), ("add_file", "Can add files")]
        indexes: ClassVar = [GinIndex(SearchDocument(F("title")), name="attachments_folder_title")]

    def __str__(self) -> str:
        return self.name


class FolderUserPermission(UserObjectPermissionBase):
    """What a person may do with a folder; a real key, so that it goes with its folder."""

    content_object = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="user_grants")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class FolderGroupPermission(GroupObjectPermissionBase):
    """What a department's group may do with a folder."""

    content_object = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="group_grants")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False


class StoredFile(models.Model):
    """A name for a blob inside one folder's protection; removed rows stay for the record (R1.16).

    ``PLACE`` says in the audit which of the two was meant.
    """

    PLACE: ClassVar[str]

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("removed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="%(app_label)s_%(class)s_removed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Attachment(StoredFile):
    """The original, as it hangs on a message."""

    PLACE = "attachment"

    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="attachments")

    class Meta(StoredFile.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")


class FolderFile(StoredFile):
    """The copy in the folder; its name is unique there (R1.10)."""

    PLACE = "copy"

    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, related_name="files")

    class Meta(StoredFile.Meta):
        verbose_name = _("file in a folder")
        verbose_name_plural = _("files in folders")
        constraints: ClassVar = [
            *StoredFile.Meta.constraints,
            # Whatever their case: most desktops would unpack "A.txt" over "a.txt".
            models.UniqueConstraint("folder", Lower("name"), name="attachments_folderfile_name_unique_ci"),
        ]


type AnyFile = Attachment | FolderFile


class AuditEntry(models.Model):
    """Who got, lost or used access to a folder (R1.17). Append-only: the database refuses changes."""

    class Verb(models.TextChoices):
        GRANTED = "granted", _("access granted")
        REVOKED = "revoked", _("access revoked")
        ADDED = "added", _("file added")
        DOWNLOADED = "downloaded", _("file downloaded")
        ZIPPED = "zipped", _("folder downloaded")
        REMOVED = "removed", _("file removed")

    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="audit_entries")
    verb = models.CharField(_("what"), max_length=10, choices=Verb)
    at = models.DateTimeField(_("time"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the system."),
    )
    subject = models.CharField(_("whom or what"), max_length=250)
    detail = models.CharField(_("detail"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("access record")
        verbose_name_plural = _("access records")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(verb__in=["granted", "revoked", "added", "downloaded", "zipped", "removed"]),
                name="attachments_audit_verb_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(verb="removed"), name="attachments_audit_removals")
        ]

    def __str__(self) -> str:
        return f"{self.folder_id} {self.verb} {self.subject}"

    @property
    def detail_in_words(self) -> Any:
        """Which access, or which of a file's two places."""
        return _DETAILS.get(self.detail, self.detail)


_DETAILS = {
    "view_folder": _("may open the files"),
    "add_file": _("may add files"),
    Attachment.PLACE: _("on the message"),
    FolderFile.PLACE: _("in the folder"),
}
