"""Adjectives for people and structure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Lower

from helpdesk.core.text import Fold

if TYPE_CHECKING:
    from .models import Organization, User


class AbsenceQuerySet(models.QuerySet):
    def at(self, instant: datetime) -> AbsenceQuerySet:
        """Absences that cover ``instant``; the end itself is present again."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=instant), starts_at__lte=instant)


class OrganizationQuerySet(models.QuerySet):
    def active(self) -> OrganizationQuerySet:
        return self.filter(is_active=True)

    def named(self, text: str) -> OrganizationQuerySet:
        """Organizations whose name contains ``text``; case and accents do not matter. Uses the trigram index."""
        return self.alias(folded_name=Fold("name")).filter(folded_name__contains=Fold(models.Value(text)))

    def called(self, name: str) -> Organization | None:
        """The one with exactly this name, in whatever case; the index that keeps names unique finds it."""
        found: Any = self.alias(lower=Lower("name")).filter(lower=Lower(models.Value(name)))
        return found.first()

    def read_by(self, user: User) -> OrganizationQuerySet:
        """Those whose tickets ``user`` reads beside his own (R2.43, R2.44); the one place where this is said.

        The own organization by its two switches; for its managers all of its branches, always.
        """
        if not user.is_active or user.organization_id is None:
            return self.none()
        switches = Q(team_sees_tickets=True)
        if not user.manages_organization:
            return self.filter(switches, pk=user.organization_id)
        switches |= Q(managers_see_tickets=True)
        return self.filter(Q(switches, pk=user.organization_id) | Q(parent=user.organization_id))

    def led_by(self, user: User) -> OrganizationQuerySet:
        """Those whose members ``user`` looks after: a parent's managers their own one and its branches (R2.44)."""
        if not (user.is_active and user.manages_organization and user.organization_id):
            return self.none()
        branches = self.model._default_manager.filter(parent=user.organization_id)
        return self.filter(Q(pk=user.organization_id) | Q(parent=user.organization_id), Exists(branches))

    def in_order_for(self, user: User) -> OrganizationQuerySet:
        """The own organization of ``user`` first, then the others by name."""
        is_other = Case(When(pk=user.organization_id, then=False), default=True, output_field=models.BooleanField())
        return self.order_by(is_other, "name", "pk")


class UserQuerySet(models.QuerySet):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    @staticmethod
    def absence(at: datetime) -> Exists:
        """Whether an absence of the person covers ``at``; for annotations and filters."""
        from .models import Absence  # models.py imports this file

        return Exists(Absence.objects.at(at).filter(user=OuterRef("pk")))

    def present(self, at: datetime) -> UserQuerySet:
        """Without those whose absence covers ``at``."""
        return self.filter(~self.absence(at))

    def named(self, text: str) -> UserQuerySet:
        """People whose name contains ``text``; case and accents do not matter. Uses the trigram index."""
        return self.alias(folded_name=Fold("name")).filter(folded_name__contains=Fold(models.Value(text)))

    def customers(self) -> UserQuerySet:
        """Who does not work here: no administrator, and a member of no department, however inactive that is."""
        from .models import Membership  # models.py imports this file

        return self.filter(~Exists(Membership.objects.filter(user=OuterRef("pk"))), is_superuser=False)

    def found_by(self, words: str) -> UserQuerySet:
        """Whose name holds ``words``, or whose address begins with them; an index serves each."""
        by_address = Q(email__startswith=words.lower())
        if len(words) < 3:  # the index knows names by three letters in a row
            return self.filter(by_address)
        folded = Q(folded_name__contains=Fold(models.Value(words)))
        return self.alias(folded_name=Fold("name")).filter(folded | by_address)

    def administrators(self) -> UserQuerySet:
        return self.active().filter(is_superuser=True)

    def serving(self) -> UserQuerySet:
        """Active administrators and members of departments: whom a plan's limit counts."""
        from .models import Membership  # models.py imports this file

        return self.active().filter(Q(is_superuser=True) | Exists(Membership.objects.filter(user=OuterRef("pk"))))

    def managers_of(self, organization: Organization | None) -> UserQuerySet:
        """Active managers of an organization and of its parent: whom its approval actions ask (R2.10, R2.13, R2.23)."""
        if organization is None:
            return self.none()
        asked = {organization.pk, organization.parent_id} - {None}
        return self.active().filter(manages_organization=True, organization__in=asked)

    @staticmethod
    def works_for_us() -> Q:
        """Whether a person is one of the own company, whatever else he is; for annotations and filters."""
        from .models import Membership  # models.py imports this file

        serves = Exists(Membership.objects.filter(user=OuterRef("pk")))
        return Q(is_superuser=True) | Q(sector__isnull=False) | Q(serves)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a class made at run time
    def get_queryset(self) -> UserQuerySet:
        """Without customers who lie in the trash: nobody lists, picks, finds or signs them in (R2.42)."""
        return super().get_queryset().filter(trashed_at__isnull=True)

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """Create a person.

        Args:
            email: the address, which is also the sign-in name.
            name: how other people read the person.
            password: None makes an account that can only be entered after a password reset.

        Raises:
            ValueError: the address is empty.
        """
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """Create an administrator; what ``manage.py createsuperuser`` calls."""
        return self.create_user(email, name, password, is_superuser=True, **fields)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Addresses are kept in lower case: nobody runs two mailboxes that differ in case only."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str) -> User:
        return self.get(email=self.normalize_email(username))


def _has_agents(department: str) -> Exists:
    """Whether the department, whose key the row has under this name, has an active agent."""
    from .models import Membership  # models.py imports this file

    return Exists(Membership.objects.filter(department=OuterRef(department), line__isnull=False, user__is_active=True))


class MembershipQuerySet(models.QuerySet):
    def with_rules(self) -> MembershipQuerySet:
        """Each with what its person's profile says, or the default one where he has none; for ``Membership.rules``."""
        from .models.profiles import Profile, Rules  # models.py imports this file

        usual = Profile.objects.filter(is_default=True).order_by()
        return self.annotate(
            **{
                f"profile_{name}": Coalesce(f"user__profile__{name}", Subquery(usual.values(name)[:1]))
                for name in Rules.__dataclass_fields__
            }
        )


class DepartmentQuerySet(models.QuerySet):
    def active(self) -> DepartmentQuerySet:
        return self.filter(is_active=True)

    def served(self) -> DepartmentQuerySet:
        """Active departments with at least one active agent."""
        return self.active().filter(_has_agents("pk"))


class ServiceQuerySet(models.QuerySet):
    def offered(self) -> ServiceQuerySet:
        """What a requester may choose: active services of served departments (R3.3)."""
        return self.filter(_has_agents("department"), is_active=True, department__is_active=True)
