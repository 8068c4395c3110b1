"""Who there is: the account, its people, the customers' organizations, and the structure that serves them."""

from __future__ import annotations

import zoneinfo
from datetime import timedelta
from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.text import Fold

from .querysets import AbsenceQuerySet, DepartmentQuerySet, ServiceQuerySet, UserManager


def validate_time_zone(name: str) -> None:
    """Refuse what the zone database does not know.

    Raises:
        ValidationError: ``name`` is no IANA time zone.
    """
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a known time zone."), params={"name": name})


class Account(models.Model):
    """The one company that runs this deployment, and its switches (R3.15 to R3.17, R3.35 to R3.43)."""

    name = models.CharField(_("company name"), max_length=200)
    support_email = models.EmailField(
        _("sender address"),
        blank=True,
        help_text=_("Letters come from here. Empty: the server's own address."),
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    mail_p1 = models.BooleanField(_("P1: a ticket was opened, to the group"), default=True)
    mail_p2 = models.BooleanField(_("P2: an agent took the ticket, to the requester"), default=True)
    mail_p3 = models.BooleanField(_("P3: an agent started, to the requester"), default=True)
    mail_p4 = models.BooleanField(_("P4: the requester wrote, to the executor"), default=True)
    mail_p5 = models.BooleanField(_("P5: the agent wrote, to the requester"), default=True)
    mail_p6 = models.BooleanField(_("P6: a solution was sent, to the requester"), default=True)
    mail_p7 = models.BooleanField(_("P7: the solution was approved or returned, to the executor"), default=True)
    mail_p8 = models.BooleanField(_("P8: the survey was answered, to the executor and heads"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("account")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="people_account_is_single"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Account | None:
        """The account of this deployment; None before the first-run page was filled in."""
        return cls.objects.filter(pk=1).first()


class Organization(models.Model):
    """A customer's company; may be a branch of a parent organization, one level deep (R2.43)."""

    name = models.CharField(_("name"), max_length=200)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="branches",
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="people_organization_name_unique"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="people_organization_is_not_its_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Keep the tree one level deep; the database holds the same rule in a trigger.

        Raises:
            ValidationError: the parent is the organization itself, or a branch, or this one has branches.
        """
        if self.parent is None:
            return
        if self.parent_id == self.pk:
            raise ValidationError({"parent": _("An organization cannot be its own parent.")})
        if self.parent.parent_id:
            raise ValidationError({"parent": _("The parent is a branch itself. Choose its parent organization.")})
        if self.pk and self.branches.exists():
            raise ValidationError({"parent": _("This organization has branches, so it cannot become one.")})


class Sector(models.Model):
    """The unit of the own company that a requester belongs to (R3.23, R3.29)."""

    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("name", "pk")
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="people_sector_name_unique")]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: requester, agent, head, organization manager or administrator, or several of them.

    What somebody is follows from facts: memberships make agents and heads, ``manages_organization`` makes an
    organization manager, ``is_superuser`` an administrator. The four kinds of manager are four facts (A12).
    """

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
    )
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
    )
    manages_organization = models.BooleanField(
        _("manager of the organization"),
        default=False,
        help_text=_("The organization's own manager. Not a department head and not an administrator."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("People are deactivated, never deleted, so that history keeps its names."),
    )
    is_superuser = models.BooleanField(
        _("administrator"), default=False, help_text=_("May configure everything and see every ticket.")
    )
    last_assigned_at = models.DateTimeField(_("last given a ticket"), null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="people_user_email_unique"),
            models.CheckConstraint(
                condition=Q(manages_organization=False) | Q(organization__isnull=False),
                name="people_manager_has_organization",
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="people_user_language_known",
            ),
        ]
        indexes: ClassVar = [
            GinIndex(OpClass(Fold("name"), name="gin_trgm_ops"), name="people_user_name_trgm"),
            models.Index(fields=["name", "id"], name="people_user_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Spell the address one way, and give a manager mark only inside an organization.

        Raises:
            ValidationError: the mark is set without an organization.
        """
        self.email = User.objects.normalize_email(self.email)
        if self.manages_organization and self.organization_id is None:
            raise ValidationError({"manages_organization": _("Choose the organization that this person manages.")})

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin lets this person in."""
        return self.is_administrator

    @property
    def is_administrator(self) -> bool:
        return self.is_superuser

    @cached_property
    def active_memberships(self) -> list[Membership]:
        """Memberships in active departments; read once for each loaded user, so once for each request."""
        return list(self.memberships.filter(department__is_active=True).select_related("department"))

    @property
    def is_agent(self) -> bool:
        return any(membership.line for membership in self.active_memberships)

    @property
    def is_head(self) -> bool:
        return any(membership.is_head for membership in self.active_memberships)

    @property
    def works_here(self) -> bool:
        """Whether the agent panel is this person's place."""
        return self.is_administrator or bool(self.active_memberships)

    @property
    def department_ids(self) -> list[int]:
        """Departments that this person serves or heads."""
        return [membership.department_id for membership in self.active_memberships]

    def membership_in(self, department_id: int) -> Membership | None:
        """This person's membership in a department, None if there is none."""
        return next((m for m in self.active_memberships if m.department_id == department_id), None)


class Department(models.Model):
    """A unit that serves: its group of agents, its services and the rules of its process (A24, R1.42)."""

    class AccessMoment(models.TextChoices):
        ON_ASSUME = "on_assume", _("when an agent takes the ticket")
        ON_OPEN = "on_open", _("when the ticket is opened")

    class DistributionMode(models.TextChoices):
        PULL = "pull", _("agents take tickets themselves")
        PUSH = "push", _("tickets are given to agents")
        BOTH = "both", _("agents may take a ticket until it is given")

    class SurveyMode(models.TextChoices):
        AFTER_CLOSING = "after_closing", _("after the ticket is closed")
        BEFORE_CLOSING = "before_closing", _("before the ticket is closed")

    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    group = models.OneToOneField(
        Group, verbose_name=_("group"), on_delete=models.PROTECT, related_name="department", editable=False
    )
    members = models.ManyToManyField(User, verbose_name=_("members"), through="Membership", related_name="departments")
    attachment_required_on_open = models.BooleanField(_("an attachment is required on opening"), default=True)
    attachment_min_count = models.PositiveSmallIntegerField(
        _("least number of attachments"), default=1, validators=[MinValueValidator(1), MaxValueValidator(25)]
    )
    attachment_extensions = models.CharField(
        _("allowed extensions"),
        max_length=300,
        blank=True,
        help_text=_("Separated by commas, for example “pdf, png, docx”. Empty: everything except programs."),
    )
    attachment_access_moment = models.CharField(
        _("agents can open the files"), max_length=10, choices=AccessMoment, default=AccessMoment.ON_ASSUME
    )
    distribution_mode = models.CharField(
        _("distribution"), max_length=4, choices=DistributionMode, default=DistributionMode.BOTH
    )
    distribution_minutes = models.PositiveSmallIntegerField(
        _("minutes until a ticket is given automatically"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(10080)],
    )
    support_lines = models.PositiveSmallIntegerField(
        _("support lines"), default=2, choices=[(1, _("one line")), (2, _("two lines"))]
    )
    approval_period = models.DurationField(
        _("approval period"),
        default=timedelta(days=2),
        help_text=_("After this time without an answer the solution counts as approved. 0: never automatically."),
    )
    survey_mode = models.CharField(
        _("the survey is sent"), max_length=14, choices=SurveyMode, default=SurveyMode.AFTER_CLOSING
    )
    rating_period = models.DurationField(
        _("rating period"),
        default=timedelta(days=1),
        help_text=_("Where the survey comes before the closing: after this time the ticket closes without a rating."),
    )

    criticality_change_needs_approval = models.BooleanField(
        _("a head approves changes of priority"),
        default=True,
        help_text=_("Off: the executor changes the priority at once, with a justification."),
    )
    closing_without_solution_needs_head = models.BooleanField(
        _("a head approves closing without solution"),
        default=True,
        help_text=_("Off: the last support line closes without a solution on its own word."),
    )
    decision_reminder = models.DurationField(
        _("remind heads of decisions after"),
        default=timedelta(0),
        help_text=_("Again and again after this time. 0: heads are not reminded."),
    )

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="people_department_name_unique"),
            models.CheckConstraint(
                condition=Q(attachment_access_moment__in=["on_assume", "on_open"]),
                name="people_department_access_moment_known",
            ),
            models.CheckConstraint(
                condition=Q(distribution_mode__in=["pull", "push", "both"]),
                name="people_department_mode_known",
            ),
            models.CheckConstraint(
                condition=Q(survey_mode__in=["after_closing", "before_closing"]),
                name="people_department_survey_mode_known",
            ),
            models.CheckConstraint(condition=Q(support_lines__in=[1, 2]), name="people_department_lines_known"),
            models.CheckConstraint(condition=Q(distribution_minutes__gte=1), name="people_department_minutes_positive"),
            models.CheckConstraint(
                condition=Q(approval_period__gte=timedelta(0))
                & Q(rating_period__gt=timedelta(0))
                & Q(decision_reminder__gte=timedelta(0)),
                name="people_department_periods_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def allowed_extensions(self) -> frozenset[str]:
        """Lower-case extensions without the dot; empty = everything except programs (R1.6)."""
        parts = (part.strip().lstrip(".").lower() for part in self.attachment_extensions.split(","))
        return frozenset(part for part in parts if part)


class Membership(models.Model):
    """A person's place in a department: a support line, the head's mark, or both."""

    class Line(models.IntegerChoices):
        FIRST = 1, _("line 1")
        SECOND = 2, _("line 2")

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="memberships")
    line = models.PositiveSmallIntegerField(
        _("support line"),
        choices=Line,
        null=True,
        blank=True,
        default=1,
        help_text=_("Empty: does not take tickets."),
    )
    is_head = models.BooleanField(_("head of the department"), default=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("department", "user")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["department", "user"], name="people_membership_once"),
            models.CheckConstraint(condition=Q(line__in=[1, 2]) | Q(line__isnull=True), name="people_line_known"),
            models.CheckConstraint(
                condition=Q(line__isnull=False) | Q(is_head=True), name="people_membership_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.department}"

    def clean(self) -> None:
        """Raises:
        ValidationError: neither a line nor the head's mark, or a line that the department does not have.
        """
        if self.line is None and not self.is_head:
            raise ValidationError({"line": _("Choose a support line, or mark the person as head.")})
        if self.line == 2 and self.department_id and self.department.support_lines == 1:
            raise ValidationError({"line": _("This department has one support line.")})


class Service(models.Model):
    """Something that a department does for requesters (R3.28)."""

    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="services"
    )
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True)
    attachment_required_on_open = models.BooleanField(
        _("an attachment is required on opening"),
        null=True,
        blank=True,
        help_text=_("Unknown: as the department says."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint("department", Lower("name"), name="people_service_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def requires_attachment(self) -> bool:
        """Whether opening needs a file; the service overrides its department (A16)."""
        if self.attachment_required_on_open is None:
            return self.department.attachment_required_on_open
        return self.attachment_required_on_open


class Absence(models.Model):
    """Time in which an agent is skipped by the automatic assignment (R4.8)."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until further notice."))
    reason = models.CharField(_("reason"), max_length=120, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("-starts_at", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="people_absence_has_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_at:%Y-%m-%d}"
