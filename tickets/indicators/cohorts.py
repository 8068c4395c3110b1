"""Which tickets a figure is about: one function gives them to the figure and to the list behind it (R3.57)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User
from tickets.lifecycle import CURRENT, Outcome, Status
from tickets.models import Ticket

from .periods import Period

# By what tickets can be told apart, and where that stands.
DIMENSIONS: dict[str, str] = {
    "service": "service",
    "priority": "priority",
    "department": "department",
    "agent": "executor",
    "sector": "requester__sector",
    "requester": "requester",
    "status": "status",
    "line": "line",
    "outcome": "outcome",
}


@dataclass(frozen=True)
class Cohort:
    """Some tickets by a rule that readers are told.

    Attributes:
        instant: the column that puts a ticket into a period; empty: the period has no say.
        definition: which tickets these are, in words.
        fields: where department, agent and the like stand, if not on the ticket as usual.
        page: which page shows the figure, and so defines it.
    """

    name: str
    label: Any
    definition: Any
    instant: str
    condition: Q
    fields: Mapping[str, str] = field(default_factory=dict)
    page: str = "dashboard"

    def column(self, dimension: str) -> str:
        return self.fields.get(dimension) or DIMENSIONS[dimension]


_TICKETS = (
    Cohort(
        "open",
        _("Open tickets"),
        _("Neither closed nor cancelled at this moment, whenever they were opened; the period has no say."),
        "",
        Q(closed_at__isnull=True),
    ),
    Cohort(
        "current",
        _("Current tasks"),
        _("Open tickets that are assigned, in service or with the requester at this moment."),
        "",
        Q(closed_at__isnull=True, status__in=sorted(CURRENT)),
    ),
    Cohort("opened", _("Opened tickets"), _("Opened in the period, whatever became of them."), "opened_at", Q()),
    Cohort(
        "started",
        _("Tickets with a first service"),
        _("Opened in the period and started by an agent since."),
        "opened_at",
        Q(first_service_time__isnull=False),
    ),
    Cohort(
        "assigned",
        _("Assigned tickets"),
        _(
            "Opened in the period and given to, or taken by, an agent since. The time counts from the opening to the "
            "latest assignment, whoever had the ticket before."
        ),
        "opened_at",
        Q(assigned_at__isnull=False),
    ),
    Cohort(
        "by_clock",
        _("Assigned automatically"),
        _("Opened in the period; nobody took or gave them in time, so that the system has assigned them last."),
        "opened_at",
        Q(assigned_by_clock=True),
    ),
    Cohort(
        "line_2",
        _("Escalated to line 2"),
        _("Opened in the period and now, or at their end, on line 2 of their department."),
        "opened_at",
        Q(line=2),
    ),
    Cohort(
        "ended", _("Ended tickets"), _("Closed or cancelled in the period."), "closed_at", Q(closed_at__isnull=False)
    ),
    Cohort(
        "served",
        _("Closed tickets with a service time"),
        _("Closed in the period, not cancelled, after an agent had started them and sent a solution."),
        "closed_at",
        Q(closed_at__isnull=False, status=Status.CLOSED, service_time__isnull=False),
    ),
    Cohort(
        "solved",
        _("Solved tickets"),
        _("Closed in the period as solved."),
        "closed_at",
        Q(closed_at__isnull=False, outcome=Outcome.SOLVED, concluded_at__isnull=False),
    ),
    Cohort(
        "judged",
        _("Concluded tickets with a service level"),
        _("Their last solution was sent in the period, and a time was promised for them."),
        "concluded_at",
        Q(sla_met__isnull=False),
    ),
    Cohort(
        "met",
        _("Service level met"),
        _("Of these, all promised times were kept."),
        "concluded_at",
        Q(sla_met__isnull=False, sla_met=True),
    ),
    Cohort(
        "missed",
        _("Service level not met"),
        _("Of these, a promised time was not kept."),
        "concluded_at",
        Q(sla_met__isnull=False, sla_met=False),
    ),
)
# Dotted names of cohorts that floors above add.
_ABOVE = ("surveys.indicators.COHORTS",)


@cache
def _all() -> dict[str, Cohort]:
    above = [one for name in _ABOVE for one in import_string(name)]
    return {one.name: one for one in (*_TICKETS, *above)}


class _Cohorts(Mapping[str, Cohort]):
    """Every cohort by its name; those of the floors above are fetched when somebody asks."""

    def __getitem__(self, name: str) -> Cohort:
        return _all()[name]

    def __iter__(self) -> Any:
        return iter(_all())

    def __len__(self) -> int:
        return len(_all())


COHORTS: Mapping[str, Cohort] = _Cohorts()


def cohort_named(name: str) -> Cohort | None:
    return COHORTS.get(name)


@dataclass(frozen=True)
class Scope:
    """Whose tickets of when.

    Attributes:
        sight: the departments whose figures the reader may have; None: all.
        organizations: of which the tickets were when they were opened, branches included; None: of any or none.
    """

    period: Period
    sight: tuple[int, ...] | None
    department: int | None = None
    agent: int | None = None
    organizations: tuple[int, ...] | None = None

    @classmethod
    def sight_of(cls, user: User) -> tuple[int, ...] | None:
        """Heads have the figures of the departments that they head, administrators all, others none (R4.36)."""
        if user.is_active and user.is_administrator:
            return None
        return tuple(one.department_id for one in user.active_memberships if one.is_head) if user.is_active else ()

    def tickets(self, name: str, *, period: Period | None = None) -> QuerySet[Ticket]:
        """The tickets of a cohort; those in the trash are in none (R3.57).

        Args:
            period: another one than the scope's.
        """
        cohort, period = COHORTS[name], period or self.period
        found = Ticket.objects.filter(cohort.condition)
        if cohort.instant and period.start and period.end:
            found = found.filter(**{f"{cohort.instant}__gte": period.start, f"{cohort.instant}__lt": period.end})
        department = cohort.column("department")
        if self.sight is not None:
            found = found.filter(department__in=self.sight)  # who has it now is whose page it leads to
            if department != "department":
                found = found.filter(**{f"{department}__in": self.sight})
        if self.department is not None:
            found = found.filter(**{department: self.department})
        if self.agent is not None:
            found = found.filter(**{cohort.column("agent"): self.agent})
        if self.organizations is not None:
            found = found.filter(organization__in=self.organizations)
        return found
