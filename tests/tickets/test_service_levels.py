"""What is promised, looked up and kept: targets, verdicts, and what changes them (R2.45, R3.47, R3.48, R3.58, A4, A39)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

import approvals.actions
import tickets.actions
from helpdesk.people.models import Organization
from tests import walks
from tests.cast import Cast, Clock
from tests.tickets.promises import DAY, HOUR, a_calendar, a_level, again
from tickets import sla
from tickets.models import ServiceLevel, Ticket

MINUTE, INSTANT = timedelta(minutes=1), timedelta(microseconds=1)


# --- which level holds (R2.45)


@pytest.mark.parametrize("service", [True, False], ids=["of the service", "of any service"])
def test_levels_are_looked_up_from_the_requester_to_the_general_one(cast: Cast, service: bool) -> None:
    """R2.45: client, branch organization, parent organization, general; what others are promised is nothing."""
    wanted: dict[str, Any] = {"service": cast.service} if service else {}
    scopes: list[dict[str, Any]] = [
        {"requester": cast.rita},
        {"organization": cast.branch},
        {"organization": cast.parent},
        {},
    ]
    levels = [a_level(conclusion=hours * HOUR, **scope, **wanted) for hours, scope in enumerate(scopes, start=1)]
    a_level(requester=cast.cora)
    a_level(organization=cast.rival)
    a_level("high")
    a_level(service=cast.other_service)
    ticket = walks.opened(cast)
    for hours, level in enumerate(levels, start=1):
        assert sla.targets_for(ticket) == (HOUR, hours * HOUR)
        level.delete()
    assert sla.targets_for(ticket) == (None, None)


def test_level_of_the_service_comes_before_the_one_of_any_only_within_its_scope(cast: Cast) -> None:
    """R2.45, R3.58: whom it is for counts more than what it is for."""
    a_level(conclusion=1 * HOUR, service=cast.service)
    assert sla.targets_for(walks.opened(cast)).conclusion == 1 * HOUR
    a_level(conclusion=2 * HOUR, organization=cast.parent)
    a_level(conclusion=3 * HOUR, organization=cast.parent, service=cast.service)
    assert sla.targets_for(walks.opened(cast)).conclusion == 3 * HOUR
    a_level(conclusion=4 * HOUR, organization=cast.branch)
    assert sla.targets_for(walks.opened(cast)).conclusion == 4 * HOUR


def test_level_holds_as_a_whole(cast: Cast) -> None:
    """An empty target is none, whatever a wider level says."""
    a_level()
    a_level(organization=cast.branch, first_start=None, conclusion=2 * HOUR)
    assert sla.targets_for(walks.opened(cast)) == (None, 2 * HOUR)
    a_level(requester=cast.rita, first_start=None, conclusion=None)
    assert sla.targets_for(walks.opened(cast)) == (None, None)


def test_branch_of_a_parent_is_no_parent_of_its_siblings(cast: Cast) -> None:
    sibling = Organization.objects.create(name="Horizonte Norte", parent=cast.parent)
    a_level(organization=sibling)
    assert sla.targets_for(walks.opened(cast)) == (None, None)


def test_targets_are_one_query_and_only_where_they_can_change(cast: Cast, clock: Clock) -> None:
    """R3.58: opening and changes of priority, service or department look them up; nothing else does."""
    a_level()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ticket = walks.opened(cast, at=clock.now)
    assert _lookups(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        walks.closed(cast, ticket=walks.asked(cast, ticket=ticket, at=clock.now), at=clock.now)
    assert _lookups(queries) == 0
    assert not [one for one in queries.captured_queries if "people_calendar" in one["sql"] and "JOIN" not in one["sql"]]


def _lookups(queries: CaptureQueriesContext) -> int:
    return sum("tickets_servicelevel" in one["sql"] for one in queries.captured_queries)


@pytest.mark.parametrize(
    "fields",
    [
        {"requester": True, "organization": True},
        {"first_start": timedelta(0)},
        {"conclusion": -HOUR},
        {"priority": "asap"},
        {},
    ],
)
def test_database_refuses_levels_that_make_no_sense(cast: Cast, fields: dict[str, Any]) -> None:
    a_level()
    people = {"requester": cast.rita, "organization": cast.branch}
    with pytest.raises(IntegrityError), transaction.atomic():
        a_level(**fields | {name: people[name] for name in people if name in fields})


# --- the verdict (R3.47, R3.48)


@pytest.mark.parametrize(("late", "met"), [(timedelta(0), True), (INSTANT, False)])
def test_first_start_is_met_up_to_its_instant(cast: Cast, clock: Clock, late: timedelta, met: bool) -> None:
    """R3.58, A4: the first start decides it, whoever starts again."""
    a_level(first_start=HOUR, conclusion=None)
    ticket = walks.assumed(cast, at=clock.now)
    assert again(ticket).start_due_at == clock.now + HOUR
    walks.started(cast, ticket=ticket, at=clock.now + HOUR + late)
    ticket = again(ticket)
    assert (ticket.start_met, ticket.start_due_at, ticket.first_service_time) == (met, None, HOUR + late)
    tickets.actions.hand_over(ticket=ticket, by=cast.hugo, executor=cast.bob, at=clock.now + 5 * HOUR)
    walks.started(cast, ticket=again(ticket), at=clock.now + 6 * HOUR)
    assert (again(ticket).start_met, again(ticket).first_service_time) == (met, HOUR + late)


@pytest.mark.parametrize(("late", "met"), [(timedelta(0), True), (INSTANT, False)])
def test_conclusion_is_met_up_to_its_instant(cast: Cast, clock: Clock, late: timedelta, met: bool) -> None:
    """R3.47, R3.48: decided when the solution is sent, whenever it is approved."""
    a_level(first_start=None, conclusion=8 * HOUR)
    ticket = walks.started(cast, at=clock.now)
    assert again(ticket).conclusion_due_at == clock.now + 8 * HOUR
    walks.solved(cast, ticket=ticket, at=clock.now + 8 * HOUR + late)
    assert (again(ticket).conclusion_met, again(ticket).sla_met) == (met, met)
    walks.closed(cast, ticket=again(ticket), at=clock.now + 3 * DAY)
    assert (again(ticket).sla_met, again(ticket).service_time) == (met, 8 * HOUR + late)


def test_overall_verdict_needs_every_target(cast: Cast, clock: Clock) -> None:
    a_level()
    ticket = walks.started(cast, ticket=walks.assumed(cast, at=clock.now), at=clock.now + 2 * HOUR)
    walks.solved(cast, ticket=ticket, at=clock.now + 3 * HOUR)
    ticket = again(ticket)
    assert (ticket.start_met, ticket.conclusion_met, ticket.sla_met) == (False, True, False)


def test_met_and_missed_are_together_the_concluded_tickets_with_a_target(cast: Cast, clock: Clock) -> None:
    """R3.47, R3.48: cancelled ones, ones without a solution and ones without a target are neither."""
    a_level("high")
    a_level("normal", first_start=None)

    def at(status: str, hours: float, **fields: Any) -> Ticket:
        ticket = walks.started(cast, ticket=walks.opened(cast, at=clock.now, **fields), at=clock.now)
        return getattr(walks, status)(cast, ticket=ticket, at=clock.now + hours * HOUR)

    met = [at("closed", 7), at("solved", 8, priority="high")]
    missed = [at("closed", 9), at("solved", 30, priority="high")]
    others = [at("closed", 7, priority="low"), at("cancelled", 9), at("asked", 30)]
    others.append(walks.closed_without_solution(cast, at=clock.now))
    returned = at("solved", 30)
    tickets.actions.return_solution(ticket=returned, by=cast.rita, text="No.", at=clock.now + 31 * HOUR)
    others.append(returned)

    def numbers(**wanted: Any) -> set[int]:
        return set(Ticket.objects.filter(**wanted).values_list("pk", flat=True))

    assert numbers(sla_met=True) == {one.pk for one in met}
    assert numbers(sla_met=False) == {one.pk for one in missed}
    assert numbers(sla_met=None) == {one.pk for one in others}


def test_cancelled_ticket_has_no_verdict_and_nothing_due(cast: Cast, clock: Clock) -> None:
    a_level()
    ticket = walks.cancelled(cast, ticket=walks.solved(cast, at=clock.now), at=clock.now + HOUR)
    ticket = again(ticket)
    assert (ticket.start_met, ticket.conclusion_met, ticket.sla_met) == (None, None, None)
    assert (ticket.start_due_at, ticket.conclusion_due_at, ticket.sla_alarm_at) == (None, None, None)


def test_without_a_level_only_the_times_are_kept(cast: Cast, clock: Clock) -> None:
    """A4: first service and service time in working time, promised or not."""
    ticket = walks.started(cast, ticket=walks.assumed(cast, at=clock.now), at=clock.now + HOUR)
    ticket = again(walks.solved(cast, ticket=ticket, at=clock.now + 4 * HOUR))
    assert (ticket.first_service_time, ticket.service_time, ticket.sla_met) == (HOUR, 3 * HOUR, None)


# --- what stops it


def test_clock_stands_while_the_requester_is_asked(cast: Cast, clock: Clock) -> None:
    """R3.58: three days without an answer cost nothing."""
    a_level()
    ticket = walks.started(cast, at=clock.now)
    walks.asked(cast, ticket=ticket, at=clock.turn(hours=2))
    assert (again(ticket).conclusion_due_at, again(ticket).clock_spent) == (None, 2 * HOUR)
    tickets.actions.reply(ticket=again(ticket), by=cast.ada, text="Hello?", at=clock.turn(days=1))
    tickets.actions.answer(ticket=again(ticket), by=cast.rita, text="The red one.", at=clock.turn(days=2))
    assert again(ticket).conclusion_due_at == clock.now + 6 * HOUR


def test_return_lets_it_run_again_and_undoes_the_verdict(cast: Cast, clock: Clock) -> None:
    """R1.30, R3.58: the check does not count; service time goes to the last conclusion (A4)."""
    a_level()
    began = clock.now
    ticket = walks.solved(cast, ticket=walks.started(cast, at=began), at=clock.turn(hours=5))
    assert (again(ticket).sla_met, again(ticket).service_time) == (True, 5 * HOUR)
    tickets.actions.return_solution(ticket=again(ticket), by=cast.rita, text="No.", at=clock.turn(hours=40))
    assert (again(ticket).sla_met, again(ticket).conclusion_due_at) == (None, clock.now + 3 * HOUR)
    walks.solved(cast, ticket=again(ticket), at=clock.turn(hours=4))
    assert (again(ticket).sla_met, again(ticket).service_time) == (False, clock.now - began)


def test_heads_decide_in_support_s_time(cast: Cast, clock: Clock) -> None:
    """What waits for a head waits with us."""
    a_level()
    ticket = walks.line_change_requested(cast, at=clock.now)
    due = again(ticket).conclusion_due_at
    walks.on_line_2(cast, ticket=again(ticket), at=clock.turn(hours=5))
    assert again(ticket).conclusion_due_at == due == clock.now + 3 * HOUR


# --- calendars


def test_targets_count_the_department_s_working_time(cast: Cast, clock: Clock) -> None:
    """A8, R3.58: Tuesday at nine; hours are working hours, a day is a working day."""
    cast.rules(calendar=a_calendar())
    a_level(first_start=10 * HOUR, conclusion=2 * DAY)
    ticket = again(walks.opened(cast, at=clock.now))
    assert ticket.start_due_at == clock.now + DAY + HOUR
    assert (ticket.conclusion_target, ticket.conclusion_due_at) == (18 * HOUR, clock.now + DAY + 9 * HOUR)
    walks.started(cast, ticket=walks.assumed(cast, ticket=ticket, at=clock.now), at=clock.now + DAY)
    assert (again(ticket).first_service_time, again(ticket).start_met) == (9 * HOUR, True)


def test_forwarding_takes_the_other_department_s_service_and_hours(cast: Cast, clock: Clock) -> None:
    """R3.58, R6.21: what was spent stays spent; the targets are new ones, from the opening."""
    cast.rules(calendar=a_calendar())
    a_level(service=cast.service)
    a_level(service=cast.other_service, conclusion=20 * HOUR)
    ticket = walks.started(cast, at=clock.now)
    assert again(ticket).conclusion_due_at == clock.now + 8 * HOUR
    tickets.actions.forward(
        ticket=again(ticket), by=cast.ada, service=cast.other_service, text="Yours.", at=clock.turn(hours=24)
    )
    ticket = again(ticket)
    assert (ticket.clock_spent, ticket.conclusion_target) == (9 * HOUR, 20 * HOUR)
    assert ticket.conclusion_due_at == clock.now + 11 * HOUR


# --- other targets


def test_change_of_priority_counts_from_the_opening(cast: Cast, clock: Clock) -> None:
    """R3.58: approved by a head, made at once where none is needed, or set by an administrator."""
    a_level("normal", first_start=2 * HOUR, conclusion=8 * HOUR)
    a_level("high", first_start=HOUR / 2, conclusion=4 * HOUR)
    a_level("urgent", first_start=None, conclusion=HOUR)
    began = clock.now
    ticket = walks.started(cast, ticket=walks.assumed(cast, at=began), at=began + HOUR)
    assert again(ticket).start_met is True
    request = approvals.actions.request_priority(
        ticket=ticket, by=cast.ada, priority="high", text="All wait.", at=clock.turn(hours=2)
    )
    assert again(ticket).conclusion_due_at == began + 8 * HOUR
    approvals.actions.approve_priority(request=request, by=cast.hugo, at=clock.now)
    assert (again(ticket).conclusion_due_at, again(ticket).start_met) == (began + 4 * HOUR, False)
    approvals.actions.set_priority(ticket=again(ticket), by=cast.ana, priority="urgent", text="!", at=clock.now)
    assert (again(ticket).conclusion_due_at, again(ticket).start_met) == (began + HOUR, None)
    cast.rules(criticality_change_needs_approval=False)
    approvals.actions.request_priority(ticket=again(ticket), by=cast.ada, priority="low", text="Calm.", at=clock.now)
    assert (again(ticket).conclusion_due_at, again(ticket).conclusion_target) == (None, None)


@pytest.mark.parametrize(("hours", "due"), [(5, None), (3, "missed")])
def test_change_of_priority_while_the_clock_stands(cast: Cast, clock: Clock, hours: int, due: str | None) -> None:
    a_level()
    a_level("high", first_start=None, conclusion=hours * HOUR)
    ticket = walks.asked(cast, ticket=walks.started(cast, at=clock.now), at=clock.turn(hours=4))
    approvals.actions.set_priority(ticket=again(ticket), by=cast.ana, priority="high", text="!", at=clock.turn(days=9))
    assert (again(ticket).conclusion_due_at is None) == (due is None)
    tickets.actions.answer(ticket=again(ticket), by=cast.rita, text="The red one.", at=clock.now)
    walks.solved(cast, ticket=again(ticket), at=clock.now + MINUTE)
    assert again(ticket).sla_met is (due is None)


def test_change_of_priority_while_a_solution_is_checked_judges_it_again(cast: Cast, clock: Clock) -> None:
    a_level()
    a_level("high", first_start=None, conclusion=HOUR)
    ticket = walks.solved(cast, ticket=walks.started(cast, at=clock.now), at=clock.turn(hours=4))
    for priority, met in (("high", False), ("normal", True), ("low", None)):
        approvals.actions.set_priority(ticket=again(ticket), by=cast.ana, priority=priority, text="!", at=clock.now)
        assert again(ticket).sla_met is met
        assert again(ticket).conclusion_due_at is None


def test_open_tickets_keep_what_they_were_promised(cast: Cast, clock: Clock) -> None:
    """A level that changes is for what is opened from then on."""
    level = a_level()
    ticket = walks.opened(cast, at=clock.now)
    ServiceLevel.objects.filter(pk=level.pk).update(conclusion=HOUR)
    walks.started(cast, ticket=ticket, at=clock.now)
    assert again(ticket).conclusion_due_at == clock.now + 8 * HOUR


def test_ticket_of_the_year_s_end_is_due_next_year(cast: Cast) -> None:
    """New Year's Day is a holiday, and a Friday."""
    cast.rules(calendar=a_calendar(country="DE", special_days="2026-12-31 09:00-12:00"))
    a_level(first_start=None, conclusion=8 * HOUR)
    ticket = walks.opened(cast, at=datetime(2026, 12, 31, 10, 0, tzinfo=UTC))
    assert again(ticket).conclusion_due_at == datetime(2027, 1, 4, 15, 0, tzinfo=UTC)


def test_tickets_from_before_have_their_times_and_a_clock(cast: Cast, clock: Clock) -> None:
    """A4: what the migration fills in is what the clock would have said, around the clock and without targets."""
    began = clock.now
    returned = walks.solved(cast, ticket=walks.started(cast, at=began), at=clock.turn(hours=5))
    tickets.actions.return_solution(ticket=returned, by=cast.rita, text="No.", at=clock.turn(hours=7))
    asked = walks.asked(cast, ticket=walks.started(cast, at=began), at=clock.now)
    walks.closed(cast, ticket=walks.started(cast, at=began), at=clock.now)
    walks.opened(cast, at=clock.now)
    said = [(one.first_service_time, one.service_time) for one in Ticket.objects.order_by("pk")]
    spent = {one.pk: sla.spent(one, clock.now) for one in Ticket.objects.open()}
    Ticket.objects.update(first_service_time=None, service_time=None, clock_spent=timedelta(0), clock_read_at=None)
    filling = import_module("tickets.migrations.0013_what_was_served_before_has_its_times")
    with connection.cursor() as cursor:
        cursor.execute(filling.TIMES)
        cursor.execute(filling.CLOCKS)
    assert [(one.first_service_time, one.service_time) for one in Ticket.objects.order_by("pk")] == said
    assert {one.pk: sla.spent(one, clock.now) for one in Ticket.objects.open()} == spent
    assert (spent[returned.pk], spent[asked.pk]) == (5 * HOUR, 12 * HOUR)
