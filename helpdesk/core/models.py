"""The ground's own tables: who was last seen alive, and the audit log."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from helpdesk.core.text import Fold


class Heartbeat(models.Model):
    """When a part of the house last did its work; written by that part, read by ``/readyz``."""

    name = models.CharField(primary_key=True, max_length=40)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at:%Y-%m-%d %H:%M:%S}"


class AuditRecord(models.Model):
    """One sensitive operation (R2.47); written by ``audit.record`` alone, and never changed.

    It points to nothing: people and things are kept as key and name, as they were. ``hash`` covers every other column
    and the hash of the record before (``audit.chain``).
    """

    seq = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"))
    verb = models.CharField(_("what"), max_length=50)
    actor_key = models.CharField(_("key of the actor"), max_length=50, blank=True)
    actor_name = models.CharField(_("by"), max_length=200, blank=True)
    about = models.CharField(_("kind"), max_length=50)
    key = models.CharField(_("key"), max_length=100)
    name = models.CharField(_("name"), max_length=300)
    facts = models.JSONField(_("details"), default=dict)
    previous_hash = models.CharField(_("hash of the record before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit log")
        ordering = ("-seq",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(seq__gte=1), name="core_auditrecord_numbered_from_one"),
            # Two records cannot follow the same one, whatever else goes wrong.
            models.UniqueConstraint(fields=["previous_hash"], name="core_auditrecord_one_chain"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="core_audit_by_time"),
            models.Index(fields=["verb", "seq"], name="core_audit_by_verb"),
            models.Index(fields=["about", "key", "seq"], name="core_audit_by_thing"),
            models.Index(fields=["actor_key", "seq"], name="core_audit_by_actor"),
            GinIndex(OpClass(Fold("name"), name="gin_trgm_ops"), name="core_audit_name_trgm"),
            GinIndex(OpClass(Fold("actor_name"), name="gin_trgm_ops"), name="core_audit_actor_trgm"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq}"


class AuditCheck(models.Model):
    """What the daily look at the audit log has found, and how far it is; one row, written by ``audit.checking``."""

    checked_at = models.DateTimeField()
    head_seq = models.BigIntegerField(default=0)
    head_hash = models.CharField(max_length=64)
    reread_seq = models.BigIntegerField(default=0)
    broken_seq = models.BigIntegerField(null=True)
    fault = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="core_auditcheck_is_single"),
            models.CheckConstraint(
                condition=Q(fault="", broken_seq__isnull=True) | (~Q(fault="") & Q(broken_seq__isnull=False)),
                name="core_auditcheck_fault_has_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M:%S} #{self.head_seq} {self.fault or 'whole'}"
