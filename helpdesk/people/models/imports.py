"""An import of people and organizations: checked, run by the worker, found again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PeopleImport(models.Model):
    """One file of people and organizations (R3.24): what is good in it, what is not, and how far the worker has come.

    The good rows are forgotten when they are imported; the bad ones stay for their report until it is discarded.
    """

    class State(models.TextChoices):
        CHECKED = "checked", _("checked, nothing imported yet")
        RUNNING = "running", _("is being imported")
        DONE = "done", _("imported")
        STOPPED = "stopped", _("stopped")

    file_name = models.CharField(_("file"), max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.CHECKED)
    updates_existing = models.BooleanField(default=False)
    sends_invitations = models.BooleanField(default=False)
    header: Any = models.JSONField(default=list)
    rows: Any = models.JSONField(default=list)
    bad: Any = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    organizations = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("import of people")
        verbose_name_plural = _("imports of people")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["checked", "running", "done", "stopped"]), name="people_import_state_known"
            ),
            models.CheckConstraint(condition=Q(done__lte=models.F("total")), name="people_import_done_of_total"),
        ]

    def __str__(self) -> str:
        return self.file_name
