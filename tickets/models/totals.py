"""What the dashboard's figures are added up from; ``indicators/totals.py`` says how and is the only one to write it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Total(models.Model):
    """A number of tickets, and a sum over them, of one day, one month or of ever.

    Attributes:
        subject: whose: of all tickets, of one executor's, of one organization's.
        span: of what time; days and months are those of UTC. Some kinds have no time, and only ``EVER``.
        dimension: what the tickets were told apart by, or what they have in common; ``key`` the value as text.
        holder_id: the ticket's department. It differs from ``department_id`` where a survey was sent by another one.
    """

    class Subject(models.IntegerChoices):
        ALL = 0
        AGENT = 1
        ORGANIZATION = 2

    class Span(models.IntegerChoices):
        EVER = 0
        MONTH = 1
        DAY = 2

    kind = models.CharField(_("kind"), max_length=10)
    subject = models.SmallIntegerField(_("of whom"), choices=Subject)
    subject_id = models.BigIntegerField(_("key of whom"))
    span = models.SmallIntegerField(_("of what time"), choices=Span)
    begins_on = models.DateField(_("first day"))
    dimension = models.CharField(_("by"), max_length=10)
    key = models.CharField(_("key"), max_length=24, blank=True)
    holder_id = models.BigIntegerField(_("department that has it"))
    department_id = models.BigIntegerField(_("department"))
    count = models.BigIntegerField(_("count"))
    total = models.BigIntegerField(_("sum"), help_text=_("Times in milliseconds."))

    class Meta:
        verbose_name = _("daily total")
        verbose_name_plural = _("daily totals")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                # What is read together lies together: one subject's, then a stretch of days.
                fields=[
                    *("kind", "subject", "subject_id", "span", "dimension", "begins_on"),
                    *("key", "holder_id", "department_id"),
                ],
                name="total_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(count=0, total=0), name="total_nothing_left"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.begins_on} {self.dimension} {self.key}: {self.count}"


class Change(models.Model):
    """What a ticket counted for and does no more, or counts for now; not added to the totals yet.

    Written by a trigger of the database, never by the product. Columns are called as the ticket's are.

    Attributes:
        weight: 1 for what counts now, -1 for what counted before.
    """

    weight = models.SmallIntegerField(_("weight"))
    made_at = models.DateTimeField(_("time"), db_default=Now())
    number = models.BigIntegerField(_("number"))
    department_id = models.BigIntegerField(_("department"))
    service_id = models.BigIntegerField(_("service"))
    priority = models.CharField(_("priority"), max_length=6)
    requester_id = models.BigIntegerField(_("requester"))
    organization_id = models.BigIntegerField(_("organization"), null=True)
    executor_id = models.BigIntegerField(_("executor"), null=True)
    status = models.CharField(_("status"), max_length=24)
    outcome = models.CharField(_("outcome"), max_length=24, blank=True)
    line = models.SmallIntegerField(_("support line"))
    opened_at = models.DateTimeField(_("opened"))
    assigned_at = models.DateTimeField(_("assigned"), null=True)
    assigned_by_clock = models.BooleanField(_("assigned automatically"))
    concluded_at = models.DateTimeField(_("last solution sent"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    first_service_time = models.DurationField(_("working time until the first service"), null=True)
    service_time = models.DurationField(_("service time"), null=True)
    sla_met = models.BooleanField(_("SLA met"), null=True)

    class Meta:
        verbose_name = _("change not counted yet")
        verbose_name_plural = _("changes not counted yet")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.weight:+} #{self.number}"


class Counting(models.Model):
    """How far the totals are: one row. Until they are complete, figures are counted from the tickets.

    Attributes:
        upto: the last ticket's number that is in the totals, while they are being counted from nothing.
    """

    upto = models.BigIntegerField(_("counted up to"), default=0)
    is_complete = models.BooleanField(_("complete"), default=False)

    class Meta:
        verbose_name = _("state of the daily totals")
        verbose_name_plural = _("state of the daily totals")
        default_permissions = ()
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="counting_is_one_row")]

    def __str__(self) -> str:
        return "complete" if self.is_complete else str(self.upto)
