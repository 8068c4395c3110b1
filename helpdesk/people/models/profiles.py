"""What ordinary agents see and may do: a profile for each kind of agent, and the rules of those who have none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Sees(models.TextChoices):
    """Which tickets an agent sees, from the most to the fewest (R2.46)."""

    ALL = "all", _("all departments")
    LINKED = "linked", _("linked departments")
    OWN_AND_ANY = "own_and_any", _("own, and unassigned of any department")
    OWN_AND_LINKED = "own_and_linked", _("own, and unassigned of linked departments")
    OWN = "own", _("own only")


SEES_HELP: dict[str, Any] = {
    Sees.ALL: _("Reads every ticket. Takes and answers those of departments in which the agent serves."),
    Sees.LINKED: _("Every ticket of the departments in which the agent serves."),
    Sees.OWN_AND_ANY: _(
        "The agent's own tickets, and those that nobody has yet, in every department. Only those of departments in "
        "which the agent serves can be taken."
    ),
    Sees.OWN_AND_LINKED: _("The agent's own tickets, and those of the agent's departments that nobody has yet."),
    Sees.OWN: _(
        "Only the agent's own tickets. Such an agent takes none and hears of none: a head or the clock gives them."
    ),
}


@dataclass(frozen=True)
class Rules:
    """What a profile says."""

    sees: str = Sees.LINKED
    sees_customers: bool = True
    edits_customers: bool = True


# The rules of a fresh database's profile "Agent", and of one in which that row is missing.
USUAL = Rules()


class Profile(models.Model):
    """The permission group of ordinary agents (R2.46, R3.25, R5.4); each column is one permission.

    Not one of Django's groups: those stand for departments in the access to folders, and belonging to one of them would
    be a second word beside ``User.profile``, which could say something else.
    """

    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("For whom it is, in a sentence.")
    )
    sees = models.CharField(_("sees tickets"), max_length=16, choices=Sees, default=Sees.LINKED)
    sees_customers = models.BooleanField(
        _("sees customers and organizations"),
        default=True,
        help_text=_("Finds people by name, and opens the pages of customers and organizations."),
    )
    edits_customers = models.BooleanField(
        _("edits customers and organizations"),
        default=True,
        help_text=_(
            "Adds, invites, changes and deactivates customers and organizations. Who manages an organization is an "
            "administrator's to say, and people of the own company are never touched."
        ),
    )
    is_default = models.BooleanField(
        _("default"),
        default=False,
        editable=False,
        help_text=_("Its rules hold for every agent who has no profile of his own."),
    )

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        ordering = ("-is_default", "name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="people_profile_name_unique",
                violation_error_message=_("There is a profile with this name already."),
            ),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="people_profile_one_default"
            ),
            models.CheckConstraint(condition=Q(sees__in=list(Sees.values)), name="people_profile_sees_known"),
            models.CheckConstraint(
                condition=Q(edits_customers=False) | Q(sees_customers=True),
                name="people_profile_edits_what_it_sees",
                violation_error_message=_("Whoever edits customers has to see them."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def permissions(cls) -> list[models.BooleanField]:
        """The columns that are a permission, in the order of the form."""
        return [
            field for field in cls._meta.concrete_fields if isinstance(field, models.BooleanField) and field.editable
        ]


@dataclass(frozen=True)
class Sight:
    """Which tickets somebody sees because he works here; his own are seen besides, in every case (R2.46).

    Attributes:
        everything: all tickets, nothing needs to be asked.
        whole: departments of which every ticket is seen.
        pool: departments in which he serves, and of which only those that nobody has are seen.
        every_pool: the same of all departments.
    """

    everything: bool = False
    whole: tuple[int, ...] = ()
    pool: tuple[int, ...] = ()
    every_pool: bool = False
    is_partial: bool = False

    def shows_all_of(self, department_id: int) -> bool:
        return self.everything or department_id in self.whole

    def shows_pool_of(self, department_id: int) -> bool:
        return self.shows_all_of(department_id) or self.every_pool or department_id in self.pool

    @property
    def reaches_every_department(self) -> bool:
        """Whether there may be tickets of departments in which he does not serve."""
        return self.everything or self.every_pool


NO_SIGHT, FULL_SIGHT = Sight(), Sight(everything=True)


def sight_of(sees: str, *, headed: list[int], served: list[int]) -> Sight:
    """The sight of an active agent or head.

    Heads see the departments that they head whole, whatever their profile says; what nobody knows is the least.

    Args:
        headed: departments that he heads.
        served: the other departments of which he is a member.
    """
    if sees == Sees.ALL:
        return FULL_SIGHT
    if sees == Sees.LINKED:
        return Sight(whole=(*headed, *served))
    pool = tuple(served) if sees in {Sees.OWN_AND_ANY, Sees.OWN_AND_LINKED} else ()
    return Sight(whole=tuple(headed), pool=pool, every_pool=sees == Sees.OWN_AND_ANY, is_partial=True)
