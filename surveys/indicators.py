"""Satisfaction: the answers to the survey, for the panel of figures (R3.55, R3.56, R4.40)."""

from __future__ import annotations

from django.db.models import Avg, Q
from django.utils.translation import gettext_lazy as _

from tickets.indicators import Breakdown, Cohort, Period, Scope, breakdowns

RATED = Cohort(
    "rated",
    _("Rated tickets"),
    _("Their survey was answered in the period; surveys without an answer do not count."),
    "survey__answered_at",
    Q(survey__answered_at__isnull=False),
    # As they were when the survey was sent, whatever has changed since (R1.37).
    fields={"department": "survey__department", "agent": "survey__agent", "sector": "survey__sector"},
)


def satisfaction(scope: Scope) -> dict[str, Breakdown]:
    """Number and sum of the ratings by department and by sector."""
    return breakdowns(scope, RATED.name, ["department", "sector"], value="survey__rating")


def mean_rating(scope: Scope, period: Period) -> float | None:
    """The mean rating of another period than the scope's."""
    return scope.tickets(RATED.name, period=period).aggregate(mean=Avg("survey__rating"))["mean"]
