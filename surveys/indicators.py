"""Satisfaction: the answers to the survey, for the panel of figures (R3.55, R3.56, R4.40)."""

from __future__ import annotations

from django.db.models import Avg, Q
from django.utils.translation import gettext_lazy as _

from tickets.indicators import Breakdown, Cohort, Period, Scope, breakdowns, mean_total
from tickets.indicators.kinds import Feed, Kind, Mark

RATED = Cohort(
    "rated",
    _("Rated tickets"),
    _("Their survey was answered in the period; surveys without an answer do not count."),
    "survey__answered_at",
    Q(survey__answered_at__isnull=False),
    # As they were when the survey was sent, whatever has changed since (R1.37).
    fields={"department": "survey__department", "agent": "survey__agent", "sector": "survey__sector"},
)

# How they are added up: their departments, agents and sectors are their own, the rest is their tickets'.
ANSWERS = Feed(
    notes="surveys_ratingchange",
    columns="holder_id, department_id, agent_id, organization_id, sector_id, answered_at, rating",
    standing=(
        "SELECT 1 AS weight, ticket_id AS number, ticket.department_id AS holder_id, survey.department_id, "
        "survey.agent_id, ticket.organization_id, survey.sector_id, survey.answered_at, survey.rating "
        "FROM surveys_survey AS survey JOIN tickets_ticket AS ticket ON ticket.number = survey.ticket_id "
        "WHERE survey.answered_at IS NOT NULL AND ticket.trashed_at IS NULL"
    ),
    kinds=(
        Kind(
            RATED.name,
            "answered_at",
            "true",
            (Mark(total="f.rating"), Mark("sector", "f.sector_id", "f.rating")),
        ),
    ),
)


def satisfaction(scope: Scope) -> dict[str, Breakdown]:
    """Number and sum of the ratings by department and by sector."""
    return breakdowns(scope, RATED.name, ["department", "sector"], value="survey__rating")


def mean_rating(scope: Scope, period: Period) -> float | None:
    """The mean rating of another period than the scope's."""
    found = mean_total(scope, RATED.name, period)
    if found is not None:
        return found.total / found.count if found.count else None
    return scope.tickets(RATED.name, period=period).aggregate(mean=Avg("survey__rating"))["mean"]
