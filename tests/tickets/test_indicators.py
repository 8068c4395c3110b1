"""Every indicator against a recount, ticket by ticket, for filters of every kind: R3.44 to R3.56, R4.40, A4."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command

from helpdesk.people.models import Organization
from surveys.indicators import mean_rating, satisfaction
from tests import walks
from tests.cast import Cast, a_person
from tests.tickets.recount import Recount, a_past, close, mean, scopes
from tickets import indicators
from tickets.actions import trash
from tickets.indicators import COHORTS, MOST, Period, Scope, custom
from tickets.lifecycle import Outcome
from tickets.models import Ticket

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "incidents_sample.csv"


@pytest.fixture
def pairs(cast: Cast) -> list[tuple[str, Scope, Recount]]:
    """Each scope with its recount over the same random past."""
    a_past(cast, 160)
    found = [(name, scope, Recount(scope)) for name, scope in scopes(cast).items()]
    assert all(recount.cohort("opened") for name, _scope, recount in found if name != "head, elsewhere")
    return found


def numbers(tickets: list[Ticket]) -> list[int]:
    return sorted(one.number for one in tickets)


def check_cohorts(scope: Scope, recount: Recount) -> None:
    for name in COHORTS:
        found = sorted(scope.tickets(name).values_list("number", flat=True))
        assert found == numbers(recount.cohort(name)), name


def check_means(scope: Scope, recount: Recount) -> None:
    opened, ended = indicators.opened(scope), indicators.ended(scope)
    assert opened["started"] == len(recount.cohort("started"))
    assert close(opened["first_service"], mean(one.first_service_time for one in recount.cohort("started")))  # type: ignore[misc]  # of this cohort none is empty
    assert ended["served"] == len(recount.cohort("served"))
    assert close(ended["service"], mean(one.service_time for one in recount.cohort("served")))  # type: ignore[misc]  # the same
    assigned, solved = recount.cohort("assigned"), recount.cohort("solved")
    assert close(opened["to_assignment"], mean(one.assigned_at - one.opened_at for one in assigned))  # type: ignore[operator]  # the same
    assert close(ended["to_solution"], mean(one.concluded_at - one.opened_at for one in solved))  # type: ignore[operator]  # the same


def check_breakdown(scope: Scope, recount: Recount, cohort: str, dimension: str) -> None:
    """The counts are those of the recount, agree with the whole, and each is as long as the list behind it."""
    found = indicators.breakdowns(scope, cohort, [dimension])[dimension]
    assert {row.key: row.count for row in found.rows} == recount.by(cohort, dimension)
    assert sum(row.count for row in found.rows) == found.count == scope.tickets(cohort).count()
    for row in found.rows:
        assert indicators.tickets_behind(scope, cohort, dimension, row.key).count() == row.count, row.key


def test_figures_count_the_tickets_that_a_recount_finds(pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.57: for every filter the tickets of every figure, none more and none less."""
    for _name, scope, recount in pairs:
        check_cohorts(scope, recount)


def test_open_tickets(pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.44: neither closed nor cancelled; and how many were so when the period began."""
    for name, scope, recount in pairs:
        assert scope.tickets("open").count() == len(recount.cohort("open")), name
        start = scope.period.start
        ever = recount.cohort("opened", Period(UTC))
        assert indicators.old_open(scope) == (
            start and sum(one.opened_at < start and (one.closed_at is None or one.closed_at >= start) for one in ever)
        )


def test_mean_time_until_the_first_service_and_mean_service_time(pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.45, R3.46, A4: also the mean times to assignment and to solution of R4.40."""
    for _name, scope, recount in pairs:
        check_means(scope, recount)


def test_service_levels_met_and_not(pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.47, R3.48: both are all concluded tickets that have a target."""
    for _name, scope, recount in pairs:
        found = indicators.judged(scope)
        assert found["missed"] == len(recount.cohort("missed"))
        assert found["met"] == len(recount.cohort("met"))
        assert found["met"] + found["missed"] == found["count"] == len(recount.cohort("judged"))


@pytest.mark.parametrize(
    ("rule", "dimension"),
    [
        ("R3.49", "service"),
        ("R3.50", "priority"),
        ("R3.51", "department"),
        ("R3.52", "agent"),
        ("R3.53", "sector"),
        ("R3.54", "requester"),
    ],
)
def test_tickets_by(rule: str, dimension: str, pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.49 to R3.54: opened tickets, of each value; the sum is the total for the same filter (R3.57)."""
    for _name, scope, recount in pairs:
        check_breakdown(scope, recount, "opened", dimension)


@pytest.mark.parametrize(("rule", "dimension"), [("R3.55", "department"), ("R3.56", "sector")])
def test_satisfaction_by(rule: str, dimension: str, pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.55, R3.56: mean rating and number of answers; surveys without an answer do not count."""
    for _name, scope, recount in pairs:
        check_breakdown(scope, recount, "rated", dimension)
        found, rated = satisfaction(scope)[dimension], recount.cohort("rated")
        ratings = [one.survey.rating or 0 for one in rated]
        assert (found.count, found.total) == (len(ratings), sum(ratings))
        whole = mean_rating(scope, scope.period)
        assert whole == (pytest.approx(sum(ratings) / len(ratings)) if ratings else None)


def test_summary_of_the_heads(pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R4.40: by state, criticality, line, executor; shares given by the clock and escalated; outcomes."""
    for _name, scope, recount in pairs:
        for dimension in ("status", "priority", "line"):
            check_breakdown(scope, recount, "open", dimension)
        check_breakdown(scope, recount, "current", "agent")
        check_breakdown(scope, recount, "ended", "outcome")
        opened, ended = indicators.opened(scope), indicators.ended(scope)
        assert opened["count"] == len(recount.cohort("opened"))
        assert opened["by_clock"] == len(recount.cohort("by_clock"))
        assert opened["line_2"] == len(recount.cohort("line_2"))
        outcomes = recount.by("ended", "outcome")
        assert {one: ended[f"outcome_{one}"] for one in Outcome.values} == {
            one: outcomes[one] for one in Outcome.values
        }


def test_line_over_time_has_every_ticket_once(pairs: list[tuple[str, Scope, Recount]]) -> None:
    """R3.57: the points of a line add up to the figure, and no day is left out."""
    for _name, scope, recount in pairs:
        points = indicators.series(scope, ["opened", "ended"])
        for which, name in enumerate(("opened", "ended")):
            assert sum(values[which] for _bucket, values in points) == len(recount.cohort(name))
        for (one, _values), (following, _more) in pairwise(points):
            assert following.first == one.last + timedelta(days=1)


def test_many_requesters_are_twenty_and_one_row_for_the_others(cast: Cast) -> None:
    """R3.54, R3.57: the row of the others has its list, too."""
    a_past(cast, 60)
    own = Ticket.objects.values_list("number", flat=True)
    for index in range(25):
        Ticket.objects.filter(number=own[index * 2]).update(requester=a_person(f"Person{index} Extra"))
    scope = Scope(Period(UTC), None)
    found = indicators.breakdowns(scope, "opened", ["requester"])["requester"]
    assert len(found.rows) == MOST["requester"] + 1
    assert found.rows[-1].key == "rest"
    assert sum(row.count for row in found.rows) == found.count == Ticket.objects.count()
    for row in found.rows:
        assert indicators.tickets_behind(scope, "opened", "requester", row.key).count() == row.count


def test_trash_is_in_no_figure(cast: Cast) -> None:
    """R3.57, R2.42: nothing counts what lies there."""
    trash.put_ticket(ticket=walks.closed(cast), by=cast.hugo)
    trash.put_ticket(ticket=walks.started(cast), by=cast.hugo)
    scope = Scope(Period(UTC), None)
    assert {name: scope.tickets(name).count() for name in COHORTS} == dict.fromkeys(COHORTS, 0)


def test_real_history_from_opening_to_rating(cast: Cast) -> None:
    """R3.45, R3.46, R4.40: what the moves themselves have written is what is counted."""
    at = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    ticket = walks.opened(cast, at=at)
    ticket = walks.assumed(cast, at=at + timedelta(minutes=10), ticket=ticket)
    ticket = walks.started(cast, at=at + timedelta(minutes=40), ticket=ticket)
    ticket = walks.solved(cast, at=at + timedelta(hours=3), ticket=ticket)
    walks.closed(cast, at=at + timedelta(hours=4), ticket=ticket)
    scope = Scope(custom(date(2026, 3, 10), date(2026, 3, 10), UTC), None)
    opened, ended = indicators.opened(scope), indicators.ended(scope)
    assert (opened["first_service"], opened["to_assignment"]) == (timedelta(minutes=40), timedelta(minutes=10))
    assert (ended["service"], ended["to_solution"]) == (timedelta(minutes=140), timedelta(hours=3))


def test_replayed_log_has_the_figures_of_a_recount(db: None) -> None:
    """R3.44 to R3.56, R4.40 over the sample of a real log, for several filters."""
    call_command("replay", str(SAMPLE))
    executor = Ticket.objects.exclude(executor=None).values_list("executor", flat=True)[0]
    department = Ticket.objects.values_list("department", flat=True)[0]
    spring = custom(date(2016, 3, 1), date(2016, 3, 15), UTC)
    organization = Organization.objects.values_list("pk", flat=True).first()
    for scope in (
        Scope(Period(UTC), None),
        Scope(spring, None),
        Scope(Period(UTC), (department,)),
        Scope(Period(UTC), None, agent=executor),
        Scope(spring, None, department=department),
        Scope(Period(UTC), None, organizations=(organization or 0,)),
    ):
        recount = Recount(scope)
        check_cohorts(scope, recount)
        check_means(scope, recount)
        for dimension in ("service", "priority", "department", "agent", "sector"):
            check_breakdown(scope, recount, "opened", dimension)
    assert Ticket.objects.count() == 40


@pytest.mark.parametrize(
    ("name", "first", "last", "before"),
    [
        ("7", date(2026, 3, 4), date(2026, 3, 10), (date(2026, 2, 25), date(2026, 3, 3))),
        ("month", date(2026, 3, 1), date(2026, 3, 10), (date(2026, 2, 19), date(2026, 2, 28))),
        ("year", date(2026, 1, 1), date(2026, 3, 10), (date(2025, 10, 24), date(2025, 12, 31))),
    ],
)
def test_periods_are_whole_days_with_as_many_before(
    name: str, first: date, last: date, before: tuple[date, date]
) -> None:
    """R3.57: today is in it."""
    period = indicators.preset(name, date(2026, 3, 10), UTC)
    assert (period.first, period.last) == (first, last)
    assert period.before is not None
    assert (period.before.first, period.before.last) == before
    assert indicators.preset("all", date(2026, 3, 10), UTC).before is None
