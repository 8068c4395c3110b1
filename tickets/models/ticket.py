"""A ticket."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attachments.models import Folder
from helpdesk.core.text import SearchDocument
from helpdesk.people.models import Department, Organization, Service
from tickets import lifecycle
from tickets.lifecycle import FINAL, Outcome, Priority, Status, Timer
from tickets.querysets import TicketQuerySet

from .service_levels import SlaClock

SUBJECT_LENGTH = 200
# What lies in the trash is in no list, so no list's index holds it (R2.42).
_HERE = Q(trashed_at__isnull=True)
_OPEN = Q(closed_at__isnull=True) & _HERE
_OF_ORGANIZATION = Q(organization__isnull=False)
# What the queue sorts by: tickets that nobody has come first.
HAS_EXECUTOR = ExpressionWrapper(Q(executor__isnull=False), output_field=BooleanField())
# What lists of work sort by: the nearest of all instants that are still ahead of a ticket, or were missed (R5.54).
NEAREST_DUE = Least("timer_due_at", "start_due_at", "conclusion_due_at")


class LeanManager(models.Manager):
    """Leaves the search document in the database: nobody reads it, and it is as large as the text."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().defer("search")


class _OutsideTrash(LeanManager):
    """Tickets that do not lie in the trash: what everybody means by tickets (R2.42)."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(trashed_at__isnull=True)


class Ticket(SlaClock):
    """A request to the company, from its opening to its rating. ``number`` is never reused (A26).

    ``objects`` leaves out what lies in the trash, so that nothing lists, counts, finds or times it; ``with_trash``
    holds all. What hangs on a ticket still leads to it there.
    """

    number = models.BigAutoField(_("number"), primary_key=True)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="tickets"
    )
    service = models.ForeignKey(Service, verbose_name=_("service"), on_delete=models.PROTECT, related_name="tickets")
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requester"),
        on_delete=models.PROTECT,
        related_name="tickets",
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tickets",
        db_index=False,  # the two indexes below begin with it
        help_text=_("The requester's organization when the ticket was opened."),
    )
    folder = models.OneToOneField(Folder, verbose_name=_("folder"), on_delete=models.PROTECT, related_name="ticket")
    status = models.CharField(
        _("status"), max_length=24, choices=Status, default=Status.AWAITING_DISTRIBUTION, editable=False
    )
    outcome = models.CharField(_("outcome"), max_length=24, choices=Outcome, blank=True, editable=False)
    line = models.PositiveSmallIntegerField(_("support line"), default=1, editable=False)
    executor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("executor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="executed_tickets",
        editable=False,
    )
    timer_due_at = models.DateTimeField(
        _("deadline"), null=True, editable=False, help_text=_("What is due follows from the status.")
    )
    timer_retry_at = models.DateTimeField(
        _("timer looks again"),
        null=True,
        editable=False,
        help_text=_("After a failure: not before this instant."),
    )
    timer_error = models.TextField(_("timer's last error"), blank=True, editable=False)
    alerted_at = models.DateTimeField(_("alerted that nobody is available"), null=True, editable=False)

    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    assigned_at = models.DateTimeField(_("assigned"), null=True, editable=False)
    assigned_by_clock = models.BooleanField(_("assigned automatically"), default=False, editable=False)
    started_at = models.DateTimeField(_("first started"), null=True, editable=False)
    concluded_at = models.DateTimeField(_("last solution sent"), null=True, editable=False)
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    approved_by_clock = models.BooleanField(_("approved automatically"), default=False, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text=_("Empty: the system."),
    )
    finalized_at = models.DateTimeField(_("finalized"), null=True, editable=False)
    finalized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("finalized by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text=_("Empty: the system."),
    )
    last_message_at = models.DateTimeField(_("last message"), default=timezone.now, editable=False)
    last_message_text = models.CharField(_("last message's beginning"), max_length=140, blank=True, editable=False)
    external_reference = models.CharField(
        _("reference elsewhere"),
        max_length=80,
        blank=True,
        default="",
        editable=False,
        help_text=_("The ticket's number in the system that it was brought over from; brought over once."),
    )
    trashed_at = models.DateTimeField(_("moved to the trash"), null=True, editable=False)
    search = models.GeneratedField(
        expression=SearchDocument(F("subject")), output_field=SearchVectorField(), db_persist=True
    )

    objects = _OutsideTrash.from_queryset(TicketQuerySet)()
    with_trash = LeanManager.from_queryset(TicketQuerySet)()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ("-number",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=list(Status.values)), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(priority__in=list(Priority.values)), name="ticket_priority_known"),
            models.CheckConstraint(condition=Q(line__in=[1, 2]), name="ticket_line_known"),
            models.CheckConstraint(
                condition=Q(status="closed", outcome__in=["solved", "closed_without_solution"], closed_at__isnull=False)
                | Q(status="cancelled", outcome="unsolved", closed_at__isnull=False)
                | (~Q(status__in=["closed", "cancelled"]) & Q(outcome="", closed_at__isnull=True)),
                name="ticket_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | Q(closed_at__isnull=False),
                name="ticket_closed_by_with_time",
            ),
            models.CheckConstraint(
                condition=Q(finalized_at__isnull=True, finalized_by__isnull=True)
                | Q(finalized_at__isnull=False, outcome="solved"),
                name="ticket_finalized_after_closing",
            ),
            models.CheckConstraint(
                condition=Q(status="awaiting_distribution", executor__isnull=True)
                | Q(status="cancelled")
                | (~Q(status="awaiting_distribution") & Q(executor__isnull=False, assigned_at__isnull=False)),
                name="ticket_executor_fits_status",
            ),
            models.CheckConstraint(
                condition=Q(timer_due_at__isnull=True)
                | Q(
                    status__in=[
                        "awaiting_distribution",
                        "line_change_requested",
                        "closing_requested",
                        "awaiting_approval",
                        "awaiting_rating",
                    ]
                ),
                name="ticket_timer_fits_status",
            ),
            models.CheckConstraint(
                condition=Q(sla_met__isnull=True)
                | (Q(concluded_at__isnull=False) & (Q(start_met__isnull=False) | Q(conclusion_met__isnull=False))),
                name="ticket_sla_verdict_has_reasons",
            ),
            models.UniqueConstraint(
                fields=["external_reference"],
                condition=~Q(external_reference=""),
                name="ticket_external_reference_unique",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["timer_due_at", "number"],
                condition=Q(timer_due_at__isnull=False) & _HERE,
                name="ticket_timer_due",
            ),
            models.Index(HAS_EXECUTOR, "number", condition=_OPEN, name="ticket_queue"),
            models.Index(fields=["department", "number"], condition=_OPEN, name="ticket_open_of_department"),
            models.Index(fields=["executor", "status"], condition=_OPEN, name="ticket_open_of_executor"),
            models.Index(fields=["status", "number"], condition=_OPEN, name="ticket_open_by_status"),
            models.Index("status", NEAREST_DUE, "number", condition=_OPEN, name="ticket_open_by_due"),
            models.Index(
                fields=["sla_alarm_at", "number"],
                condition=Q(sla_alarm_at__isnull=False) & _HERE,
                name="ticket_sla_alarm",
            ),
            models.Index("requester", F("number").desc(), name="ticket_of_requester"),
            # The months of a quota are counted in it without a look at the rows.
            models.Index(
                fields=["organization", "opened_at"],
                condition=_OF_ORGANIZATION,
                name="ticket_opened_of_organization",
            ),
            models.Index(
                fields=["organization", "-number"],
                condition=_OF_ORGANIZATION & _HERE,
                name="ticket_of_organization",
            ),
            models.Index(
                fields=["organization", "-number"],
                condition=_OPEN & _OF_ORGANIZATION,
                name="ticket_open_of_organization",
            ),
            models.Index(
                "department",
                F("closed_at").desc(),
                F("number").desc(),
                condition=Q(closed_at__isnull=False) & _HERE,
                name="ticket_closed_of_department",
            ),
            models.Index(
                F("closed_at").desc(),
                F("number").desc(),
                condition=Q(closed_at__isnull=False) & _HERE,
                name="ticket_closed",
            ),
            # Few among many: without it, the list of these would walk all that ended.
            models.Index(
                F("closed_at").desc(),
                F("number").desc(),
                condition=Q(outcome="unsolved") & _HERE,
                name="ticket_unsolved",
            ),
            models.Index(
                F("closed_at").desc(),
                F("number").desc(),
                condition=Q(outcome="closed_without_solution") & _HERE,
                name="ticket_without_solution",
            ),
            # For whoever sees no more of the closed ones than what was his own (R2.46).
            models.Index(
                "executor",
                F("closed_at").desc(),
                F("number").desc(),
                condition=Q(closed_at__isnull=False) & _HERE,
                name="ticket_closed_of_executor",
            ),
            models.Index(
                fields=["executor", "number"],
                condition=Q(outcome="solved", finalized_at__isnull=True) & _HERE,
                name="ticket_to_finalize",
            ),
            # What the figures of a period are counted from (R3.44 to R3.57); the end of tickets has its index above.
            models.Index(
                fields=["opened_at"],
                include=["requester", "department", "executor", "organization"],
                condition=_HERE,
                name="ticket_opened_by_whom",
            ),
            models.Index(fields=["executor", "opened_at"], condition=_HERE, name="ticket_opened_of_executor"),
            # None, but for what was brought over; how many were open at an instant is counted back past them.
            models.Index(
                fields=["closed_at"],
                condition=Q(closed_at__lt=F("opened_at")) & _HERE,
                name="ticket_ended_before_opened",
            ),
            models.Index(fields=["concluded_at"], condition=Q(sla_met__isnull=False) & _HERE, name="ticket_judged"),
            GinIndex(fields=["search"], name="ticket_search"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def shown_status(self) -> Status | Outcome:
        """The status, or the outcome where that says more; it has a value and a word (R4.20)."""
        return lifecycle.shown_status(self.status, self.outcome)

    @property
    def activity(self) -> str:
        """The current activity of the process (R1.1)."""
        return lifecycle.activity_of(self.status)

    @property
    def timer(self) -> Timer | None:
        """Which clock runs, or None. An approval without a period is only reminded of (A9)."""
        if self.timer_due_at is None:
            return None
        timer = lifecycle.TIMERS[Status(self.status)]
        if timer is Timer.APPROVAL and not self.department.approval_period:
            return Timer.REMINDER
        return timer

    @property
    def deadline_at(self) -> datetime | None:
        """The instant that people are shown as a deadline; reminders are none."""
        return None if self.timer in lifecycle.REMINDERS else self.timer_due_at
