"""Figures from totals are those counted from the tickets, whatever has happened since, for every filter and period."""

from __future__ import annotations

import random
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.people.models import Sector
from surveys.indicators import mean_rating
from surveys.models import RatingChange, Survey
from tests import walks
from tests.cast import Cast
from tests.pages import as_
from tests.tickets.plenty import analyse, many, scans_of
from tests.tickets.recount import LATEST, SAO_PAULO, a_past, scopes
from tickets import indicators, tasks
from tickets.actions import trash
from tickets.indicators import Period, Scope, custom, reading, totals
from tickets.indicators.health import daily_totals
from tickets.lifecycle import CURRENT, Outcome, Priority
from tickets.models import Change, Counting, Ticket, Total

# In which days begin at a quarter to the hour; with summer time; half a day before those of UTC.
ZONES = (UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Lisbon"), ZoneInfo("Pacific/Auckland"))
# Of one day, within a month, over its end, whole months, a year and more: points by day, by week, by month.
DAYS = (
    (date(2026, 3, 29), date(2026, 3, 29)),
    (date(2026, 3, 5), date(2026, 3, 24)),
    (date(2026, 3, 20), date(2026, 4, 18)),
    (date(2026, 2, 1), date(2026, 3, 31)),
    (date(2026, 1, 15), date(2026, 6, 20)),
    (date(2025, 3, 1), date(2027, 1, 5)),
)
PERIODS = [Period(UTC), Period(SAO_PAULO), *(custom(*days, zone) for days in DAYS for zone in ZONES)]
BREAKDOWNS = {
    "opened": ["service", "priority", "department", "agent", "sector", "requester"],
    "open": ["status", "priority", "line"],
    "current": ["agent"],
    "judged": ["service"],
    "ended": ["outcome"],
    "rated": ["department", "sector"],
}
VALUES = {"judged": "sla_met", "rated": "survey__rating"}


def figures(scope: Scope) -> dict[str, Any]:
    """Everything that the dashboard shows of a scope."""
    found: dict[str, Any] = {
        "opened": indicators.opened(scope),
        "ended": indicators.ended(scope),
        "judged": indicators.judged(scope),
        "old_open": indicators.old_open(scope),
        "series": indicators.series(scope, ["opened", "ended"]),
        "rating": mean_rating(scope, scope.period),
    }
    for name, dimensions in BREAKDOWNS.items():
        for by, one in indicators.breakdowns(scope, name, dimensions).items():
            found[f"{name} by {by}"] = [(row.key, row.count) for row in one.rows], one.count
    for where in ("opened", "ended"):
        for name, value in found[where].items():
            if isinstance(value, timedelta):  # what is left of dividing
                found[where][name] = round(value / timedelta(milliseconds=10))
    if found["rating"] is not None:
        found["rating"] = round(float(found["rating"]), 9)
    return found


def check(these: list[Scope]) -> None:
    """The figures of the totals are those that are counted from the tickets."""
    added_up = [figures(scope) for scope in these]
    assert Counting.objects.update(is_complete=False) == 1
    counted = [figures(scope) for scope in these]
    Counting.objects.update(is_complete=True)
    for scope, one, other in zip(these, added_up, counted, strict=True):
        assert one == other, scope


def some(cast: Cast, source: random.Random, count: int) -> list[Scope]:
    """Filters of every kind, each with periods by chance."""
    filters = list(scopes(cast).values())
    drawn = [(filters[index % len(filters)], source.choice(PERIODS)) for index in range(count)]
    return [Scope(period, one.sight, one.department, one.agent, one.organizations) for one, period in drawn]


def shake(cast: Cast, source: random.Random) -> None:
    """Something that changes figures, one ticket or many at a time, through the product or behind its back."""
    everything = Ticket.objects.order_by("number")
    ticket = source.choice(list(everything))
    of_some = everything.filter(number__in=source.sample(list(everything.values_list("number", flat=True)), 15))
    a_while = timedelta(minutes=source.randrange(1, 60 * 24 * 40))
    act = source.randrange(13)
    if act == 0:
        trash.put_ticket(ticket=ticket, by=cast.ana)
    elif act == 1:
        for one in Ticket.with_trash.filter(trashed_at__isnull=False)[:3]:
            Ticket.with_trash.filter(pk=one.pk).update(trashed_at=None)
    elif act == 2:
        of_some.update(department=cast.other_department, service=cast.other_service)
    elif act == 3:
        of_some.update(priority=source.choice(Priority.values), line=source.choice([1, 2]))
    elif act == 4:
        of_some.update(opened_at=ticket.opened_at - a_while, requester=cast.eve, organization=cast.eve.organization)
    elif act == 5:
        of_some.exclude(executor=None).update(executor=cast.bob, assigned_by_clock=True)
    elif act == 6:
        of_some.exclude(closed_at=None).update(closed_at=LATEST - a_while)  # some before they were opened
    elif act == 7:
        of_some.exclude(sla_met=None).update(sla_met=source.random() < 0.5, concluded_at=LATEST - a_while)
    elif act == 8:
        Survey.objects.filter(ticket__in=of_some, answered_at=None).update(answered_at=LATEST, rating=2, solved=False)
    elif act == 9:
        Survey.objects.filter(ticket__in=of_some).update(sector=cast.sector, department=cast.other_department)
    elif act == 10:
        cast.rita.sector = Sector.objects.order_by("?").first()
        cast.rita.save(update_fields=["sector"])
    elif act == 11:
        of_some.update(first_service_time=a_while, service_time=a_while / 7)
    else:
        walks.closed(cast, at=LATEST - a_while)


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_what_the_tickets_say_whatever_happens(cast: Cast, seed: int) -> None:
    """R3.57: after any changes, with any part of them added; recounting changes nothing."""
    source = random.Random(seed)
    a_past(cast, 120, seed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'number'), 1000)")
    check(some(cast, source, 10))  # all of them notes
    for _turn in range(12):
        shake(cast, source)
        if source.random() < 0.4:
            totals.add_up()
        if source.random() < 0.2:
            totals.recount()
        check(some(cast, source, 4))
    totals.add_up()
    assert not Change.objects.exists()
    assert not RatingChange.objects.exists()
    check(some(cast, source, 16))
    kept = cells()
    totals.recount()
    assert cells() == kept


def cells() -> set[tuple[Any, ...]]:
    names = [field.attname for field in Total._meta.fields if field.attname != "id"]
    return set(Total.objects.values_list(*names))


def test_every_filter_and_period_is_read_from_totals(cast: Cast) -> None:
    """Design, speed: what is in no cells is two filters at once, and requesters within a period or of one agent."""
    a_past(cast, 40)
    totals.recount()
    check([Scope(period, None) for period in PERIODS])
    for name, one in scopes(cast).items():
        scope = Scope(one.period, one.sight, one.department, one.agent, one.organizations)
        is_known = reading.sums(scope, "opened", [""]) is not None
        assert is_known == (name != "all at once"), name
        for cohort, dimensions in BREAKDOWNS.items():
            found = reading.readable(scope, cohort, dimensions)
            left = [] if found == dimensions else [one for one in dimensions if one not in found]
            if name != "all at once":
                assert set(left) <= {"requester", "sector"}
                assert not left or (cohort == "opened" and (scope.period.start or scope.agent)), name


def test_slices_of_tickets_are_counted_while_others_change(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker counts what was there before; pages count the tickets until all slices are in."""
    a_past(cast, 50)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'number'), 1000)")
    monkeypatch.setattr(totals, "_SLICE", 20)
    Total.objects.all().delete()
    Counting.objects.all().delete()
    source, steps = random.Random(7), []
    while not Counting.objects.filter(is_complete=True).exists():
        steps.append(totals._step())
        shake(cast, source)
        assert indicators.opened(Scope(Period(UTC), None))["count"] == Ticket.objects.count()
    assert steps[0] == 20
    assert len(steps) == 3
    check(some(cast, source, 8))


def test_deleting_for_good_leaves_nothing_to_count(cast: Cast) -> None:
    """R2.42: nothing was counted since the ticket went to the trash; nor is what goes without a way there."""
    ticket = walks.closed(cast)
    entry = trash.put_ticket(ticket=ticket, by=cast.ana)
    tasks.add_up()
    assert not Total.objects.exists()
    trash.delete_for_good(entry=entry, by=cast.ana, typed=str(ticket.number))
    assert not Change.objects.exists()
    assert not RatingChange.objects.exists()


def test_command_says_how_many_days_were_counted(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    many(cast, 4, lambda index: {"opened_at": LATEST - index // 2 * timedelta(days=3)})
    call_command("recount")
    assert "Counted 4 tickets: totals for 2 days." in capsys.readouterr().out
    assert not Change.objects.exists()


def test_sameness_of_rules_in_words_and_in_sql() -> None:
    """What is current is written twice: for the list and for the totals."""
    found = reading.kind_named("current")
    assert found
    kind, _feed = found
    assert sorted(CURRENT) == sorted(one.strip(" '") for one in kind.where.split("(")[1].rstrip(")").split(","))
    assert Outcome.SOLVED == "solved"


def test_notes_are_written_for_what_is_counted_only(cast: Cast) -> None:
    """A message, a look of the timer or a new subject costs nothing."""
    ticket = walks.started(cast)
    tasks.add_up()
    Ticket.objects.filter(pk=ticket.pk).update(subject="Else", last_message_text="Else", timer_error="Else")
    assert not Change.objects.exists()
    Ticket.objects.filter(pk=ticket.pk).update(priority="urgent")
    assert list(Change.objects.order_by("id").values_list("weight", "priority")) == [(-1, "normal"), (1, "urgent")]


def test_dashboard_reads_totals_instead_of_tickets(cast: Cast) -> None:
    """Design, speed: also for all time, and for whoever heads one department, no statement reads the whole table."""
    began = timezone.now() - timedelta(days=400)

    def ended(index: int) -> dict[str, object]:
        at = began + timedelta(hours=2 * index)
        return {"opened_at": at, "closed_at": at + timedelta(hours=5), "concluded_at": at + timedelta(hours=3)}

    many(cast, 4000, ended)
    many(cast, 10, lambda index: {"opened_at": timezone.now()})
    totals.recount()
    analyse()
    organization = cast.branch.name
    for person in (cast.ana, cast.hugo):
        for query in ("?period=all", "?period=90", f"?period=all&organization={organization}"):
            client = as_(person)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/panel/dashboard/{query}").status_code == 200
            assert scans_of([one["sql"] for one in captured.captured_queries]) == [], query


def test_health_tells_when_nobody_adds_up(cast: Cast) -> None:
    """Pages stay right and become slow, so operators are told."""
    assert daily_totals().state == "ok"
    many(cast, 3)
    assert daily_totals().state == "ok"
    Change.objects.update(made_at=timezone.now() - timedelta(minutes=20))
    assert daily_totals().state == "degraded"
    tasks.add_up()
    assert daily_totals().state == "ok"
    Counting.objects.update(is_complete=False)
    assert daily_totals().detail == "the dashboard's totals are being counted"
