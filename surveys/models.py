"""The feedback request of a finished ticket (R1.36)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Department, Sector
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.querysets import OutsideTrash

from .querysets import SurveyQuerySet


class Survey(models.Model):
    """One feedback request for one finished ticket, answered at most once (R1.38, R1.39).

    Number and names are copies that never change afterwards (R1.37); department, sector and agent are kept beside
    them so that ratings can be summed up. ``objects`` leaves out those of tickets in the trash.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for an answer")
        ANSWERED = "answered", _("answered")
        OVER = "over", _("over")

    ticket = models.OneToOneField(Ticket, verbose_name=_("ticket"), on_delete=models.CASCADE, related_name="survey")
    ticket_number = models.BigIntegerField(_("ticket number"))
    requester_name = models.CharField(_("requester"), max_length=150)
    agent_name = models.CharField(_("agent"), max_length=150)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent's account"),
        on_delete=models.PROTECT,
        related_name="surveys",
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="surveys"
    )
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="surveys",
    )
    before_closing = models.BooleanField(
        _("asked before the closing"),
        help_text=_("The answer closes the ticket; it can be given for a while only."),
    )
    open_until = models.DateTimeField(
        _("can be answered until"),
        null=True,
        blank=True,
        help_text=_("Asked after the closing: empty where it stays open without end."),
    )
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    solved = models.BooleanField(_("problem solved"), null=True, blank=True)
    rating = models.PositiveSmallIntegerField(
        _("rating"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = models.TextField(_("comment"), blank=True)

    objects = OutsideTrash.from_queryset(SurveyQuerySet)()
    with_trash = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, solved__isnull=True, rating__isnull=True, comment="")
                | Q(answered_at__isnull=False, solved__isnull=False, rating__range=(1, 5)),
                name="survey_answer_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["open_until"],
                condition=Q(answered_at__isnull=True, open_until__isnull=False),
                name="survey_ends",
            ),
            models.Index(fields=["answered_at"], condition=Q(answered_at__isnull=False), name="survey_answered"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_number}"

    @property
    def state(self) -> Survey.State:
        return self.state_at(timezone.now())

    def state_at(self, at: datetime) -> Survey.State:
        """Waiting, answered, or over: its period has ended, the ticket went on without it (A7), or was cancelled."""
        if self.answered_at:
            return self.State.ANSWERED
        expected = Status.AWAITING_RATING if self.before_closing else Status.CLOSED
        is_open = self.ticket.status == expected and (self.open_until is None or at < self.open_until)
        return self.State.WAITING if is_open else self.State.OVER


class RatingChange(models.Model):
    """An answer that counted and does no more, or counts now; not added to the totals of the dashboard yet.

    Written by triggers of the database, never by the product.

    Attributes:
        weight: 1 for what counts now, -1 for what counted before.
        holder_id: the department that has the ticket now; ``department_id`` is the one that sent the survey.
    """

    weight = models.SmallIntegerField(_("weight"))
    made_at = models.DateTimeField(_("time"), db_default=Now())
    number = models.BigIntegerField(_("number"))
    holder_id = models.BigIntegerField(_("department that has it"))
    department_id = models.BigIntegerField(_("department"))
    agent_id = models.BigIntegerField(_("agent's account"))
    organization_id = models.BigIntegerField(_("organization"), null=True)
    sector_id = models.BigIntegerField(_("sector"), null=True)
    answered_at = models.DateTimeField(_("answered"))
    rating = models.SmallIntegerField(_("rating"))

    class Meta:
        verbose_name = _("answer not counted yet")
        verbose_name_plural = _("answers not counted yet")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.weight:+} #{self.number}"
