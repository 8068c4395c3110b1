"""What was said in a ticket, and what happened to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attachments.models import Attachment
from helpdesk.core.text import SearchDocument
from tickets.lifecycle import Status
from tickets.querysets import MessageQuerySet

from .ticket import LeanManager, Ticket


class Message(models.Model):
    """Something said in a ticket: the description, a message, a note, a solution, a return. Never changed."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("description")
        MESSAGE = "message", _("message")
        NOTE = "note", _("internal note")
        SOLUTION = "solution", _("solution")
        RETURN = "return", _("return")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    text = models.TextField(_("text"), blank=True)
    attachments = models.ManyToManyField(Attachment, verbose_name=_("attachments"), related_name="messages", blank=True)
    search = models.GeneratedField(
        expression=SearchDocument(F("text")), output_field=SearchVectorField(), db_persist=True
    )

    objects = LeanManager.from_queryset(MessageQuerySet)()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["opening", "message", "note", "solution", "return"]),
                name="message_kind_known",
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["search"], name="message_search")]

    def __str__(self) -> str:
        return f"{self.kind} in #{self.ticket_id}"


class Event(models.Model):
    """One thing that happened: the history of a ticket. The database refuses to change or delete it (R6.23)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(_("what"), max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the system."),
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    from_status = models.CharField(_("from"), max_length=24, choices=Status, blank=True)
    to_status = models.CharField(_("to"), max_length=24, choices=Status)
    comment = models.TextField(_("comment"), blank=True)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whom it concerns"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="event")
    is_private = models.BooleanField(_("hidden from the requester"), default=False)
    facts = models.JSONField(
        _("facts"),
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text=_("What the history says besides: the priority before and after, the department left."),
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.verb}"
