"""The one company that runs this deployment, and its units."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    """Refuse what the zone database does not know.

    Raises:
        ValidationError: ``name`` is no IANA time zone.
    """
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a known time zone."), params={"name": name})


class Plan(models.TextChoices):
    """What the account has contracted (R3.18)."""

    BASIC = "basic", _("Basic")
    ENTERPRISE = "enterprise", _("Enterprise")


class Account(models.Model):
    """The one company that runs this deployment, and its switches (R3.15 to R3.17, R3.35 to R3.43)."""

    name = models.CharField(
        _("company name"),
        max_length=200,
        help_text=_("Shown at the top of every page and as the sender of letters."),
    )
    support_email = models.EmailField(
        _("sender address"),
        blank=True,
        help_text=_("Letters come from here. Empty: the server's own address."),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_("Proposed for new people; everybody can choose another one."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Proposed for new people; everybody can choose another one."),
    )
    mail_p1 = models.BooleanField(
        _("P1: a ticket was opened, to the group"),
        default=True,
        help_text=_(
            "Every member of the department's group, for each ticket that comes into the department; members can do "
            "without in their profile."
        ),
    )
    mail_p2 = models.BooleanField(
        _("P2: an agent took the ticket, to the requester"),
        default=True,
        help_text=_("Tells who takes care of the ticket."),
    )
    mail_p3 = models.BooleanField(
        _("P3: an agent started, to the requester"),
        default=True,
        help_text=_("Tells that the work has begun."),
    )
    mail_p4 = models.BooleanField(
        _("P4: the requester wrote, to the executor"),
        default=True,
        help_text=_(
            "For messages and files; before somebody has taken the ticket, the group of the department gets the letter."
        ),
    )
    mail_p5 = models.BooleanField(
        _("P5: the agent wrote, to the requester"),
        default=True,
        help_text=_("For messages and files, and for questions that the requester has to answer."),
    )
    mail_p6 = models.BooleanField(
        _("P6: a solution was sent, to the requester"),
        default=True,
        help_text=_(
            "With links to approve and to return the solution, and with the end of the approval period. Reminders are "
            "always sent."
        ),
    )
    mail_p7 = models.BooleanField(
        _("P7: the solution was approved or returned, to the executor"),
        default=True,
        help_text=_("Also where the solution counts as approved because nobody answered in time."),
    )
    mail_p8 = models.BooleanField(
        _("P8: the survey was answered, to the executor and heads"),
        default=True,
        help_text=_("With the rating and whether the problem is solved."),
    )
    plan = models.CharField(
        _("plan"),
        max_length=12,
        choices=Plan,
        default=Plan.BASIC,
        help_text=_("Approval actions by organization belong to the Enterprise plan."),
    )
    plan_starts_on = models.DateField(_("plan begins"), null=True, blank=True, editable=False)
    plan_ends_on = models.DateField(
        _("plan ends"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The last day of the plan, in the company's time zone. Empty: it has no end."),
    )
    plan_reminder_days = models.PositiveSmallIntegerField(
        _("reminder before the end of the plan"),
        default=30,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "So many days before the plan ends, administrators are told, and read it on every page. 0: they are not."
        ),
    )
    plan_reminded_of = models.DateField(null=True, editable=False)
    agents_limit = models.PositiveIntegerField(
        _("people who serve"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How many active administrators and members of departments the plan allows. Empty: as many as there are. "
            "Nobody is thrown out when there are more."
        ),
    )
    approve_actions_enabled = models.BooleanField(
        _("approve actions in tickets"),
        default=False,
        help_text=_(
            "Agents can ask the managers of a customer's organization to approve an action. Switched off, what waits "
            "can still be decided."
        ),
    )
    trash_retention = models.PositiveSmallIntegerField(
        _("days in the trash"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_(
            "What was moved to the trash is deleted for good after so many days. 0 keeps it until an administrator "
            "deletes it."
        ),
    )
    report_retention = models.PositiveSmallIntegerField(
        _("days that reports are kept"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_(
            "The files of reports are thrown away after so many days; they can be asked for anew. It holds for reports "
            "that are made from now on."
        ),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("account")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="people_account_is_single"),
            models.CheckConstraint(condition=Q(plan__in=list(Plan.values)), name="people_account_plan_known"),
            models.CheckConstraint(
                condition=Q(plan_ends_on__isnull=True)
                | Q(plan_starts_on__isnull=True)
                | Q(plan_ends_on__gte=models.F("plan_starts_on")),
                name="people_account_plan_ends_after_its_beginning",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def offers_approval_actions(self) -> bool:
        """Whether agents can request approval actions: the plan has them, and they are switched on (R2.1, R2.2)."""
        return self.plan == Plan.ENTERPRISE and self.approve_actions_enabled

    @property
    def trash_kept_for(self) -> timedelta | None:
        """How long things stay in the trash; None: until somebody deletes them (R2.42)."""
        return timedelta(days=self.trash_retention) if self.trash_retention else None

    def today(self, at: datetime | None = None) -> date:
        """The day of ``at``, default now, where the company is."""
        return timezone.localtime(at or timezone.now(), zoneinfo.ZoneInfo(self.time_zone)).date()

    @property
    def plan_over_at(self) -> datetime | None:
        """The instant at which the plan's last day is over, where the company is; None where it has no end."""
        if self.plan_ends_on is None:
            return None
        zone = zoneinfo.ZoneInfo(self.time_zone)
        return datetime.combine(self.plan_ends_on + timedelta(days=1), time.min, zone).astimezone(UTC)

    def is_plan_over(self, at: datetime | None = None) -> bool:
        """Whether the plan has ended, so that everything can be read and nothing changed (R3.18)."""
        over_at = self.plan_over_at
        return over_at is not None and (at or timezone.now()) >= over_at

    def plan_days_left(self, at: datetime | None = None) -> int | None:
        """How many days the plan goes on after today, if administrators are to be reminded of its end; else None."""
        if self.plan_ends_on is None or not self.plan_reminder_days or self.is_plan_over(at):
            return None
        left = (self.plan_ends_on - self.today(at)).days
        return left if left <= self.plan_reminder_days else None

    @classmethod
    def current(cls) -> Account | None:
        """The account of this deployment; None before the first-run page was filled in."""
        return cls.objects.filter(pk=1).first()


class PlanRenewal(models.Model):
    """One renewal of the plan as an administrator has recorded it; the list is only ever added to (R3.18, A37)."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="renewals", editable=False
    )
    at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    plan = models.CharField(_("plan"), max_length=12, choices=Plan, editable=False)
    starts_on = models.DateField(_("from"), editable=False)
    ends_on = models.DateField(_("until"), null=True, editable=False)
    note = models.CharField(_("note"), max_length=300, blank=True, editable=False)
    stood_still_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("renewal of the plan")
        verbose_name_plural = _("renewals of the plan")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_plan_display()} {self.starts_on.isoformat()}"


class Sector(models.Model):
    """The unit of the own company that a requester belongs to (R3.23, R3.29)."""

    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("An inactive sector is kept for its history and offered nowhere.")
    )

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="people_sector_name_unique",
                violation_error_message=_("There is a sector with this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
