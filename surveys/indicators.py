"""Satisfaction: the answers to the survey, for the panel of figures (R3.55, R3.56, R4.40)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from tickets.indicators import Breakdown, Cohort, Period, Scope, breakdowns, mean_total
from tickets.indicators.kinds import Feed, Kind, Mark

RATINGS = (1, 2, 3, 4, 5)
# As they were when the survey was sent, whatever has changed since (R1.37).
_FIELDS = {"department": "survey__department", "agent": "survey__agent", "sector": "survey__sector"}
_ANSWERED = Q(survey__answered_at__isnull=False)

RATED = Cohort(
    "rated",
    _("Rated tickets"),
    _("Their survey was answered in the period; surveys without an answer do not count."),
    "survey__answered_at",
    _ANSWERED,
    fields=_FIELDS,
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


def _more(name: str, label: Any, definition: Any, instant: str, condition: Q) -> Cohort:
    return Cohort(name, label, definition, instant, condition, fields=_FIELDS, page="satisfaction")


SENT = _more(
    "surveyed",
    _("Tickets with a survey"),
    _("Their survey was sent in the period, whether it was answered or not."),
    "survey__created_at",
    Q(survey__isnull=False),
)
ANSWERED = _more(
    "answered",
    _("Tickets with an answered survey"),
    _("Their survey was sent in the period and answered since."),
    "survey__created_at",
    _ANSWERED,
)
SOLVED = {
    True: _more(
        "said_solved",
        _("Problem solved"),
        _("Rated in the period; the requester says that the problem is solved."),
        "survey__answered_at",
        _ANSWERED & Q(survey__solved=True),
    ),
    False: _more(
        "said_unsolved",
        _("Problem not solved"),
        _("Rated in the period; the requester says that the problem is not solved."),
        "survey__answered_at",
        _ANSWERED & Q(survey__solved=False),
    ),
}
_OF_RATING = {
    1: (_("Rated 1 of 5"), _("Rated in the period with 1.")),
    2: (_("Rated 2 of 5"), _("Rated in the period with 2.")),
    3: (_("Rated 3 of 5"), _("Rated in the period with 3.")),
    4: (_("Rated 4 of 5"), _("Rated in the period with 4.")),
    5: (_("Rated 5 of 5"), _("Rated in the period with 5.")),
}
BY_RATING = {
    rating: _more(f"rated_{rating}", label, words, "survey__answered_at", _ANSWERED & Q(survey__rating=rating))
    for rating, (label, words) in _OF_RATING.items()
}
COHORTS = (RATED, SENT, ANSWERED, *SOLVED.values(), *BY_RATING.values())


def satisfaction(scope: Scope, dimensions: tuple[str, ...] = ("department", "sector")) -> dict[str, Breakdown]:
    """Number and sum of the ratings by each of ``dimensions``."""
    return breakdowns(scope, RATED.name, dimensions, value="survey__rating")


def mean_rating(scope: Scope, period: Period) -> float | None:
    """The mean rating of another period than the scope's."""
    found = mean_total(scope, RATED.name, period)
    if found is not None:
        return found.total / found.count if found.count else None
    return scope.tickets(RATED.name, period=period).aggregate(mean=Avg("survey__rating"))["mean"]


def answers(scope: Scope, period: Period | None = None) -> dict[str, int]:
    """How many gave each rating, and how many say that their problem is or is not solved; ``count`` is all of them."""
    wanted = [*BY_RATING.values(), *SOLVED.values()]
    counts = {one.name: Count("pk", filter=one.condition) for one in wanted}
    return scope.tickets(RATED.name, period=period).aggregate(count=Count("pk"), **counts)


def sent(scope: Scope, period: Period | None = None) -> dict[str, int]:
    """How many surveys were sent, and how many of these were answered since."""
    found = scope.tickets(SENT.name, period=period)
    return found.aggregate(count=Count("pk"), answered=Count("pk", filter=ANSWERED.condition))


@dataclass(frozen=True)
class Month:
    """The answers of one month, from its first to its last day within the period."""

    first: date
    last: date
    count: int
    total: int


def by_month(scope: Scope) -> Iterator[Month]:
    """The months in which somebody answered, oldest first."""
    period = scope.period
    month = TruncMonth("survey__answered_at", tzinfo=period.zone)
    rows = scope.tickets(RATED.name).order_by().annotate(month=month).values("month")
    for row in rows.annotate(count=Count("pk"), total=Sum("survey__rating")).order_by("month"):
        first = row["month"].date()
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        yield Month(max(first, period.first or first), min(last, period.last or last), row["count"], row["total"])
