"""The people, and the customers' organizations that they may belong to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.core.text import Fold
from helpdesk.people.querysets import OrganizationQuerySet, UserManager, UserQuerySet

from .company import Sector, validate_time_zone

if TYPE_CHECKING:
    from .structure import Membership


ADDRESS_IN_TRASH = _("A customer in the trash has this e-mail address. Restore or delete that one first.")


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
    name = models.CharField(_("name"), max_length=150, help_text=_("As other people read it."))
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
    mail_new_tickets = models.BooleanField(
        _("letters about new tickets"),
        default=True,
        help_text=_(
            "A letter for every ticket that comes into your departments. Without it, the notification in the helpdesk "
            "stays, and so do letters about tickets that are yours."
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
            ValidationError: the mark is set without an organization, or the address belongs to somebody in the trash,
                where the other checks of it do not look.
        """
        self.email = User.objects.normalize_email(self.email)
        others = User.with_trash.filter(trashed_at__isnull=False).exclude(pk=self.pk)
        if others.filter(email=self.email).exists():
            raise ValidationError({"email": ADDRESS_IN_TRASH})
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
