"""What lies in the trash: who put it there, and when (R2.42)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User
from tickets.querysets import TrashQuerySet

from .ticket import Ticket


class TrashEntry(models.Model):
    """One ticket or one customer in the trash; gone when it is restored or deleted for good.

    Attributes:
        with_customer: the customer's entry, of a ticket that followed him into the trash and follows him out again.
        was_active: of a customer, so that he comes back as he was.
    """

    class Kind(models.TextChoices):
        TICKET = "ticket", _("ticket")
        CUSTOMER = "customer", _("customer")

    kind = models.CharField(_("type"), max_length=8, choices=Kind)
    ticket = models.OneToOneField(
        Ticket, verbose_name=_("ticket"), null=True, on_delete=models.CASCADE, related_name="trash_entry"
    )
    customer = models.OneToOneField(
        User, verbose_name=_("customer"), null=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("As it was called when it was deleted."))
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("deleted by"), on_delete=models.PROTECT, related_name="+"
    )
    deleted_at = models.DateTimeField(_("deleted"), default=timezone.now)
    with_customer = models.ForeignKey(
        "self", verbose_name=_("went with"), null=True, on_delete=models.CASCADE, related_name="tickets_with_it"
    )
    was_active = models.BooleanField(_("was active"), default=True)

    objects = TrashQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the trash")
        verbose_name_plural = _("trash")
        ordering = ("-pk",)
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="ticket", ticket__isnull=False, customer__isnull=True)
                | Q(kind="customer", ticket__isnull=True, customer__isnull=False, with_customer__isnull=True),
                name="trash_entry_is_of_one_thing",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["deleted_at", "id"], condition=Q(with_customer__isnull=True), name="trash_entry_by_age"
            ),
            models.Index(models.F("id").desc(), condition=Q(with_customer__isnull=True), name="trash_entry_on_its_own"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.name}" if self.ticket_id else self.name

    @property
    def key(self) -> str:
        """What has to be typed to delete it for good: the ticket's number, or the customer's e-mail address."""
        return self.customer.email if self.customer else str(self.ticket_id)

    def goes_at(self, retention: timedelta | None) -> datetime | None:
        """When it is deleted for good by itself; None where it waits for somebody."""
        return self.deleted_at + retention if retention else None
