"""Warnings before a breach, and breaches: who is told, once each, and when nobody is (R3.58)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

import approvals.actions
import tickets.actions
from helpdesk.notifications.models import Letter, Notification
from tests import walks
from tests.cast import Cast, Clock, leave_department
from tests.tickets.promises import HOUR, a_calendar, a_level, again
from tests.together import at_once
from tickets.models import Ticket
from tickets.tasks import ring

INSTANT = timedelta(microseconds=1)


def _told(cast: Cast, kind: str) -> list[str]:
    rows = Notification.objects.filter(kind=kind).select_related("recipient")
    letters = Letter.objects.filter(kind=kind).select_related("recipient")
    names = cast.names_of(row.recipient for row in rows)
    assert cast.names_of(letter.recipient for letter in letters) == names
    return names


def test_executor_is_warned_at_the_department_s_share_and_only_once(cast: Cast, clock: Clock) -> None:
    a_level(first_start=None, conclusion=10 * HOUR)
    walks.started(cast, at=clock.now)
    due = clock.now + 8 * HOUR
    assert ring(due - INSTANT) == 0
    assert (ring(due), ring(due), ring(due + HOUR)) == (1, 0, 0)
    assert (_told(cast, "sla_warning"), _told(cast, "sla_breached")) == (["ada"], [])
    facts = Letter.objects.get(kind="sla_warning").facts
    assert (facts["target"], facts["due_at"]) == ("conclusion", (clock.now + 10 * HOUR).isoformat())


def test_heads_are_warned_of_what_nobody_has(cast: Cast, clock: Clock) -> None:
    a_level()
    walks.opened(cast, at=clock.now)
    assert ring(clock.now + 0.8 * HOUR) == 1
    assert _told(cast, "sla_warning") == ["hugo"]


def test_administrators_are_told_where_there_is_neither_executor_nor_head(cast: Cast, clock: Clock) -> None:
    a_level(conclusion=None)
    walks.opened(cast, at=clock.now)
    leave_department(cast.department, cast.hugo)
    assert (ring(clock.now + 0.8 * HOUR), ring(clock.now + HOUR)) == (1, 1)
    assert (_told(cast, "sla_warning"), _told(cast, "sla_breached")) == (["ana"], ["ana"])


def test_what_an_executor_has_who_is_gone_is_the_heads_business(cast: Cast, clock: Clock) -> None:
    """R3.58: nothing is told to nobody."""
    a_level()
    walks.started(cast, at=clock.now)
    cast.deactivate(cast.ada)
    assert ring(clock.now + 7 * HOUR) == 1
    assert _told(cast, "sla_warning") == ["hugo"]


def test_breach_is_told_to_executor_and_heads_once(cast: Cast, clock: Clock) -> None:
    a_level(first_start=None, conclusion=10 * HOUR)
    walks.started(cast, at=clock.now)
    assert ring(clock.turn(hours=8)) == 1
    assert ring(clock.turn(hours=2)) == 1
    assert (ring(clock.now), ring(clock.turn(days=9))) == (0, 0)
    assert _told(cast, "sla_breached") == ["ada", "hugo"]
    assert again(Ticket.objects.get()).sla_alarm_at is None


def test_first_start_and_conclusion_are_told_apart(cast: Cast, clock: Clock) -> None:
    """A job that comes late warns of nothing that is missed already."""
    a_level(first_start=HOUR, conclusion=2 * HOUR)
    walks.assumed(cast, at=clock.now)
    assert ring(clock.turn(hours=1.7)) == 1
    told = Notification.objects.filter(recipient=cast.ada, kind__startswith="sla").order_by("pk")
    assert [(one.kind, one.facts["target"]) for one in told] == [
        ("sla_breached", "first_start"),
        ("sla_warning", "conclusion"),
    ]


def test_clock_that_stands_warns_of_nothing_and_goes_on_later(cast: Cast, clock: Clock) -> None:
    a_level(first_start=None, conclusion=10 * HOUR)
    ticket = walks.asked(cast, ticket=walks.started(cast, at=clock.now), at=clock.turn(hours=7))
    assert ring(clock.turn(days=30)) == 0
    tickets.actions.answer(ticket=ticket, by=cast.rita, text="The red one.", at=clock.now)
    assert (ring(clock.now + HOUR - INSTANT), ring(clock.now + HOUR)) == (0, 1)
    assert _told(cast, "sla_warning") == ["ada"]


def test_warning_is_not_repeated_after_a_pause(cast: Cast, clock: Clock) -> None:
    a_level(first_start=None, conclusion=10 * HOUR)
    ticket = walks.started(cast, at=clock.now)
    assert ring(clock.turn(hours=8)) == 1
    walks.asked(cast, ticket=ticket, at=clock.turn(hours=1))
    tickets.actions.answer(ticket=ticket, by=cast.rita, text="The red one.", at=clock.turn(hours=5))
    assert (ring(clock.now + HOUR - INSTANT), ring(clock.now + HOUR)) == (0, 1)
    assert (_told(cast, "sla_warning"), _told(cast, "sla_breached")) == (["ada"], ["ada", "hugo"])


def test_breach_just_before_a_pause_is_told_all_the_same(cast: Cast, clock: Clock) -> None:
    a_level(first_start=None, conclusion=HOUR)
    ticket = walks.started(cast, at=clock.now)
    assert ring(clock.now + 0.9 * HOUR) == 1
    walks.asked(cast, ticket=ticket, at=clock.now + HOUR + INSTANT)
    assert ring(clock.turn(hours=2)) == 1
    assert _told(cast, "sla_breached") == ["ada", "hugo"]


@pytest.mark.parametrize("end", ["solved", "cancelled"])
def test_what_is_decided_is_quiet(cast: Cast, clock: Clock, end: str) -> None:
    a_level()
    getattr(walks, end)(cast, ticket=walks.started(cast, at=clock.now), at=clock.now)
    assert ring(clock.turn(days=9)) == 0


def test_change_of_target_tells_nothing_by_itself(cast: Cast, clock: Clock) -> None:
    """Who changes the priority sees what is missed by it."""
    a_level()
    a_level("urgent", first_start=None, conclusion=HOUR)
    ticket = walks.started(cast, at=clock.now)
    approvals.actions.set_priority(ticket=ticket, by=cast.ana, priority="urgent", text="!", at=clock.turn(hours=2))
    assert ring(clock.now) == 0
    approvals.actions.set_priority(ticket=ticket, by=cast.ana, priority="normal", text="No.", at=clock.now)
    assert (ring(clock.turn(hours=4.3)), ring(clock.turn(hours=0.1))) == (0, 1)


def test_department_without_a_share_only_tells_of_breaches(cast: Cast, clock: Clock) -> None:
    cast.rules(sla_warning_percent=0)
    a_level(conclusion=None)
    walks.assumed(cast, at=clock.now)
    assert (ring(clock.now + 0.99 * HOUR), ring(clock.now + HOUR)) == (0, 1)


def test_share_is_one_of_working_time(cast: Cast, clock: Clock) -> None:
    """A8: half past nine the next morning is half an hour after six in the evening."""
    cast.rules(calendar=a_calendar(), sla_warning_percent=95)
    a_level(first_start=None, conclusion=10 * HOUR)
    walks.started(cast, at=clock.now)
    due = clock.now + 24.5 * HOUR
    assert (ring(due - INSTANT), ring(due)) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once(cast: Cast, clock: Clock) -> None:
    a_level()
    for _number in range(6):
        walks.opened(cast, at=clock.now)
    told = at_once(*(lambda: ring(clock.now + 0.8 * HOUR) for _worker in range(2)))
    assert sum(one for one in told if isinstance(one, int)) == 6
    assert _told(cast, "sla_warning") == ["hugo"] * 6


def test_one_ticket_that_fails_holds_up_no_other(cast: Cast, clock: Clock) -> None:
    a_level()
    first, second = walks.opened(cast, at=clock.now), walks.opened(cast, at=clock.now)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no letter about this one'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON notifications_letter FOR EACH ROW "
            f"WHEN (NEW.facts ->> 'number' = '{first.pk}') EXECUTE FUNCTION pg_temp.refuse()"
        )
    assert ring(clock.now + 0.8 * HOUR) == 1
    assert again(first).sla_alarm_at == clock.now + 0.8 * HOUR
    assert again(second).sla_alarm_at == clock.now + HOUR
