"""The structure that serves: departments, their members and services, and when somebody is away."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.worktime import RUNNING, WorkTime
from helpdesk.people.querysets import AbsenceQuerySet, DepartmentQuerySet, MembershipQuerySet, ServiceQuerySet

from .calendars import Calendar
from .persons import User
from .profiles import USUAL, Rules, Sees


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

    name = models.CharField(
        _("name"), max_length=120, help_text=_("Requesters choose by it; a word that customers use is best.")
    )
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("What requesters read when they choose.")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("An inactive department takes no new tickets, and its members see none of its tickets."),
    )
    group = models.OneToOneField(
        Group, verbose_name=_("group"), on_delete=models.PROTECT, related_name="department", editable=False
    )
    members = models.ManyToManyField(User, verbose_name=_("members"), through="Membership", related_name="departments")
    attachment_required_on_open = models.BooleanField(
        _("an attachment is required on opening"),
        default=True,
        help_text=_("Without a file a ticket cannot be opened. A service can say otherwise. Messages never need one."),
    )
    attachment_min_count = models.PositiveSmallIntegerField(
        _("least number of attachments"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(25)],
        help_text=_("Where attachments are required: how many at least. At most 25 of 25 MB each can be sent at once."),
    )
    attachment_extensions = models.CharField(
        _("allowed extensions"),
        max_length=300,
        blank=True,
        help_text=_(
            "Separated by commas, for example “pdf, png, docx”. Empty: everything. Programs are refused in any case."
        ),
    )
    attachment_access_moment = models.CharField(
        _("agents can open the files"),
        max_length=10,
        choices=AccessMoment,
        default=AccessMoment.ON_ASSUME,
        help_text=_(
            "When the ticket is taken: only the agent who took it; the others see names and sizes. When it is opened: "
            "all members of the department. The requester, and a head who gives tickets to agents, can open them from "
            "the start in both cases."
        ),
    )
    distribution_mode = models.CharField(
        _("distribution"),
        max_length=4,
        choices=DistributionMode,
        default=DistributionMode.BOTH,
        help_text=_(
            "How a ticket gets its agent. Where tickets are given, a head gives them; one that has waited too long "
            "goes to the agent of its line with the fewest current tasks."
        ),
    )
    distribution_minutes = models.PositiveSmallIntegerField(
        _("minutes until a ticket is given automatically"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(10080)],
        help_text=_(
            "Counted anew on line 2, and whenever a ticket comes back into distribution. Without meaning where agents "
            "take tickets themselves."
        ),
    )
    support_lines = models.PositiveSmallIntegerField(
        _("support lines"),
        default=2,
        choices=[(1, _("one line")), (2, _("two lines"))],
        help_text=_(
            "With two lines new tickets go to line 1, whose agents can ask a head for line 2. With one line every "
            "agent serves every ticket."
        ),
    )
    approval_period = models.DurationField(
        _("approval period"),
        default=timedelta(days=2),
        help_text=_(
            "After this time without an answer the solution counts as approved and the ticket closes. "
            "0: never by itself; the requester is reminded instead."
        ),
    )
    survey_mode = models.CharField(
        _("the survey is sent"),
        max_length=14,
        choices=SurveyMode,
        default=SurveyMode.AFTER_CLOSING,
        help_text=_(
            "After: an approved ticket closes at once, and the survey stays open. Before: it waits for the rating, and "
            "closes with it."
        ),
    )
    rating_period = models.DurationField(
        _("rating period"),
        default=timedelta(days=1),
        help_text=_("Where the survey comes before the closing: after this time the ticket closes without a rating."),
    )
    criticality_change_needs_approval = models.BooleanField(
        _("a head approves changes of priority"),
        default=True,
        help_text=_(
            "On: the old priority stays in force until then. Off: the executor changes it at once, with a "
            "justification."
        ),
    )
    closing_without_solution_needs_head = models.BooleanField(
        _("a head approves closing without solution"),
        default=True,
        help_text=_(
            "Off: the last support line closes without a solution on its own word, and its reason goes to the "
            "requester."
        ),
    )
    decision_reminder = models.DurationField(
        _("remind heads of decisions after"),
        default=timedelta(0),
        help_text=_(
            "Again and again after this time, as long as a change of line, a closing or a change of priority waits for "
            "them. 0: heads are not reminded."
        ),
    )
    survey_period = models.DurationField(
        _("survey period"),
        default=timedelta(0),
        help_text=_(
            "Where the survey comes after the closing: after this time it can no longer be answered, and the service "
            "engagement is finalized. 0: without end; then it is finalized with the answer, or by its agent."
        ),
    )

    calendar = models.ForeignKey(
        Calendar,
        verbose_name=_("calendar"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="departments",
        help_text=_(
            "Its working hours count for every period and service level here: 2 days are two working days (and so are "
            "48 hours), 5 hours are five working hours. Without one every hour counts, day and night. What runs "
            "already keeps the end that people were told."
        ),
    )
    sla_warning_percent = models.PositiveSmallIntegerField(
        _("warn of a service level after (%)"),
        default=80,
        validators=[MaxValueValidator(99)],
        help_text=_(
            "When so much of a target's time is used up, the executor is warned; where nobody has the ticket, the "
            "heads are. 0: nobody is warned."
        ),
    )

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="people_department_name_unique",
                violation_error_message=_("There is a department with this name already."),
            ),
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
                condition=Q(approval_period__gte=timedelta(0)) & Q(rating_period__gt=timedelta(0)),
                name="people_department_periods_not_negative",
                violation_error_message=_("The rating period must be longer than 0."),
            ),
            models.CheckConstraint(
                condition=Q(decision_reminder__gte=timedelta(0)), name="people_department_reminder_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(survey_period__gte=timedelta(0)), name="people_department_survey_period_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(sla_warning_percent__lte=99), name="people_department_warns_before_the_breach"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def worktime(self) -> WorkTime:
        """The time that counts here: the calendar's working hours, or every hour (A8)."""
        return self.calendar.worktime if self.calendar else RUNNING

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
    is_head = models.BooleanField(_("head"), default=False, help_text=_("Head of the department."))

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ("department", "user")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "user"],
                name="people_membership_once",
                violation_error_message=_("This person is a member already."),
            ),
            models.CheckConstraint(condition=Q(line__in=[1, 2]) | Q(line__isnull=True), name="people_line_known"),
            models.CheckConstraint(
                condition=Q(line__isnull=False) | Q(is_head=True),
                name="people_membership_says_something",
                violation_error_message=_("Choose a support line, or mark the person as head."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.department}"

    def serves(self, line: int) -> bool:
        """Whether a ticket of ``line`` can be this member's; with one line, every agent serves all of it."""
        return self.line is not None and (self.department.support_lines == 1 or self.line == line)

    @property
    def sees_whole_department(self) -> bool:
        """Whether every ticket of the department is to be seen (R2.46); for rows of ``with_rules()``."""
        return self.is_head or self.rules.sees in {Sees.ALL, Sees.LINKED}

    @property
    def rules(self) -> Rules:
        """What the member's profile says; for rows of ``with_rules()``."""
        said = {name: getattr(self, f"profile_{name}") for name in Rules.__dataclass_fields__}
        return Rules(**{name: getattr(USUAL, name) if value is None else value for name, value in said.items()})

    def sees(self, *, is_taken: bool) -> bool:
        """Whether the member sees a ticket of the department that somebody else has, or nobody; of ``with_rules()``."""
        if self.is_head or self.user.is_administrator:
            return True
        sees = self.rules.sees
        return sees in {Sees.ALL, Sees.LINKED} if is_taken else sees != Sees.OWN

    def clean(self) -> None:
        """Raises:
        ValidationError: neither a line nor the head's mark, or a line that the department does not have.
        """
        if self.line is None and not self.is_head:
            raise ValidationError({"line": _("Choose a support line, or mark the person as head.")})
        # A form that changes the department at the same time knows it as it will be.
        if self.line == 2 and Membership.department.is_cached(self) and self.department.support_lines == 1:
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
        help_text=_("Yes or no hold whatever the department says."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "department",
                Lower("name"),
                name="people_service_name_unique",
                violation_error_message=_("The department has a service with this name already."),
            ),
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
                violation_error_message=_("The absence must end after its beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_at:%Y-%m-%d}"
