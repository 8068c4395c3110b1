"""The people, and the customers' organizations that they may belong to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.core.text import Fold
from helpdesk.people.querysets import OrganizationQuerySet, UserManager, UserQuerySet

from .company import Sector, validate_time_zone
from .profiles import FULL_SIGHT, NO_SIGHT, Profile, Sight, sight_of

if TYPE_CHECKING:
    from .structure import Membership


ADDRESS_IN_TRASH = _(
    "A customer in the trash has this e-mail address. An administrator can restore or delete that one first."
)


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
        help_text=_("For a branch: the organization above it. A branch has no branches of its own."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("An inactive organization is kept for its history and offered nowhere.")
    )
    managers_see_tickets = models.BooleanField(
        _("managers see all tickets"),
        default=False,
        help_text=_(
            "The organization's managers read all of its tickets in the portal, without internal notes and without the "
            "files. Managers of the parent organization always do."
        ),
    )
    team_sees_tickets = models.BooleanField(
        _("everybody sees all tickets"),
        default=False,
        help_text=_("Everybody of the organization reads what managers could. Off: people see their own tickets only."),
    )
    may_open_tickets = models.BooleanField(
        _("may open tickets"),
        default=True,
        help_text=_("Off: its people read and answer the tickets that there are, and open no new ones."),
    )
    monthly_quota = models.PositiveIntegerField(
        _("tickets a month"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How many tickets its people can open in a calendar month of the company's time zone; what is left is said "
            "beforehand. Empty: as many as they need."
        ),
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="people_organization_name_unique",
                violation_error_message=_("There is an organization with this name already."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="people_organization_is_not_its_parent",
                violation_error_message=_("An organization cannot be its own parent."),
            ),
            models.CheckConstraint(
                condition=Q(monthly_quota__isnull=True) | Q(monthly_quota__gte=1),
                name="people_organization_quota_positive",
                violation_error_message=_("At least one ticket, or empty; a switch says that none may be opened."),
            ),
        ]
        indexes: ClassVar = [
            GinIndex(OpClass(Fold("name"), name="gin_trgm_ops"), name="people_organization_name_trgm"),
            models.Index(fields=["name", "id"], name="people_organization_by_name"),
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


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: requester, agent, head, organization manager or administrator, or several of them.

    What somebody is follows from facts: memberships make agents and heads, ``manages_organization`` makes an
    organization manager, ``is_superuser`` an administrator. The four kinds of manager are four facts (A12).

    ``objects`` leaves out customers who lie in the trash; ``with_trash`` holds all. What names somebody who lies there
    still leads to him.
    """

    email = models.EmailField(
        _("e-mail address"),
        max_length=254,
        unique=True,
        help_text=_("The person signs in with it, and letters go there."),
        error_messages={"unique": _("Somebody has this e-mail address already.")},
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=150, help_text=_("As other people read it."))
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        help_text=_("The customer's company that this person belongs to. Empty for people of the own company."),
    )
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        help_text=_("The unit of the own company that this person belongs to."),
    )
    manages_organization = models.BooleanField(
        _("manager of the organization"),
        default=False,
        help_text=_("The organization's own manager. Not a department head and not an administrator."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("People who work here are deactivated, never deleted, so that history keeps its names."),
    )
    is_superuser = models.BooleanField(
        _("administrator"), default=False, help_text=_("May configure everything and see every ticket.")
    )
    profile = models.ForeignKey(
        Profile,
        verbose_name=_("profile"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        help_text=_(
            "What an agent sees and may do. Empty: as the default profile says. Without meaning for administrators, "
            "and for people who serve in no department."
        ),
    )
    mail_new_tickets = models.BooleanField(
        _("letters about new tickets"),
        default=True,
        help_text=_(
            "A letter for every ticket that comes into your departments. Without it, the notification in the helpdesk "
            "stays, and so do letters about tickets that are yours."
        ),
    )
    quiet_from = models.TimeField(
        _("quiet from"),
        null=True,
        blank=True,
        help_text=_("From this hour on, e-mails wait. The end may lie on the next morning."),
    )
    quiet_until = models.TimeField(
        _("quiet until"),
        null=True,
        blank=True,
        help_text=_(
            "At this hour, what has waited is sent. Notifications inside the helpdesk come at once, and so do letters "
            "about your password and about approval actions."
        ),
    )
    digest_at = models.TimeField(
        _("one letter a day at"),
        null=True,
        blank=True,
        help_text=_(
            "Letters that only inform you are gathered and come as one, at this hour. What waits for you to act still "
            "comes at once. Empty: every letter comes by itself."
        ),
    )
    last_assigned_at = models.DateTimeField(_("last given a ticket"), null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    trashed_at = models.DateTimeField(_("moved to the trash"), null=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects = UserManager()
    with_trash = UserQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="people_user_email_unique",
                violation_error_message=_("Somebody has this e-mail address already."),
            ),
            models.CheckConstraint(
                condition=Q(manages_organization=False) | Q(organization__isnull=False),
                name="people_manager_has_organization",
                violation_error_message=_("Choose the organization that this person manages."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="people_quiet_hours_have_two_ends",
                violation_error_message=_("Quiet hours have a beginning and another end, or are both empty."),
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="people_user_language_known",
            ),
            models.CheckConstraint(
                condition=Q(trashed_at__isnull=True) | Q(is_active=False), name="people_nobody_acts_from_the_trash"
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

    def validate_unique(self, exclude: Any = None) -> None:
        """The address is nobody else's, in the trash either, where the other checks of it do not look.

        Raises:
            ValidationError: it is.
        """
        super().validate_unique(exclude)
        others = User.with_trash.filter(trashed_at__isnull=False).exclude(pk=self.pk)
        if "email" not in (exclude or ()) and others.filter(email=self.email).exists():
            raise ValidationError({"email": ADDRESS_IN_TRASH})

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
        """Memberships in active departments; read once for each loaded user, so once for each request.

        With them come the rules of the person's profile, so that asking for his sight asks the database nothing more.
        """
        memberships = self.memberships.filter(department__is_active=True)
        return list(memberships.select_related("department").with_rules())

    @property
    def is_head(self) -> bool:
        return any(membership.is_head for membership in self.active_memberships)

    @property
    def sight(self) -> Sight:
        """Which tickets this person sees by working here; nothing for whoever does not (R2.46, R6.26)."""
        if not self.is_active:
            return NO_SIGHT
        if self.is_administrator:
            return FULL_SIGHT
        memberships = self.active_memberships
        if not memberships:
            return NO_SIGHT
        return sight_of(
            memberships[0].rules.sees,
            headed=[one.department_id for one in memberships if one.is_head],
            served=[one.department_id for one in memberships if not one.is_head],
        )

    @property
    def sees_customers(self) -> bool:
        """Whether the pages of customers are open: to administrators, heads, and agents whose profile says so."""
        return self._may("sees_customers")

    @property
    def edits_customers(self) -> bool:
        """Whether customers and organizations may be added and changed (R2.46)."""
        return self._may("edits_customers")

    def _may(self, permission: str) -> bool:
        if not self.is_active or not self.works_here:
            return False
        if self.is_administrator or self.is_head:
            return True
        return bool(getattr(self.active_memberships[0].rules, permission))

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
