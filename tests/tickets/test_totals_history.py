"""Totals after what people really do: every figure is the tickets' own, also while workers add up (R3.57)."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

import approvals.actions
import surveys.actions
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User
from surveys.models import RatingChange, Survey
from tests import walks
from tests.cast import Cast
from tests.tickets.test_totals import cells, check, some
from tests.together import at_once
from tickets import actions
from tickets.actions import trash
from tickets.indicators import totals
from tickets.lifecycle import Priority
from tickets.models import Change, Ticket, TrashEntry

_STARTED = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)
_WORKING = ["note", "send_solution", "send_solution", "ask", "hand_over", "forward", "set_priority", "take_back", "put"]
# What may happen to a ticket in each status; what the rules refuse then does not happen.
WAYS: dict[str, list[str]] = {
    "awaiting_distribution": ["assume", "assume", "give", "set_priority", "cancel", "put"],
    "assigned": ["start", "start", "start", "hand_over", "hand_over", "forward", "set_priority", "take_back", "put"],
    "in_service": _WORKING,
    "awaiting_requester": ["answer", "answer", "send_solution", "cancel", "put"],
    "awaiting_approval": ["approve", "approve", "approve", "return_solution", "put"],
    "awaiting_rating": ["rate", "rate", "rate", "close_unrated"],
    "closed": ["rate", "rate", "rate", "put"],
    "cancelled": ["put"],
}


def _happens(cast: Cast, source: random.Random, ticket: Ticket, verb: str, at: datetime) -> None:
    agents = [cast.ada, cast.bob] if ticket.department == cast.department else [cast.nora]
    service = cast.other_service if ticket.department == cast.department else cast.service
    act: Any = getattr(actions, verb, None)
    if verb == "put":
        trash.put_ticket(ticket=ticket, by=cast.ana, at=at)
    elif verb == "rate":
        survey = Survey.objects.get(ticket=ticket)
        rating = source.randrange(1, 6)
        surveys.actions.answer(survey=survey, by=ticket.requester, solved=rating > 2, rating=rating, at=at)
    elif verb == "set_priority":
        priority = source.choice(Priority.values)
        approvals.actions.set_priority(ticket=ticket, by=cast.ana, priority=priority, text="So it is.", at=at)
    elif verb == "assume":
        act(ticket=ticket, by=source.choice(agents), at=at)
    elif verb in {"give", "hand_over"}:
        others = [one for one in agents if one != ticket.executor] or agents
        act(ticket=ticket, by=cast.ana, executor=source.choice(others), at=at)
    elif verb == "forward":
        act(ticket=ticket, by=cast.ana, service=service, text="Theirs.", at=at)
    elif verb in {"take_back", "cancel", "note"}:
        act(ticket=ticket, by=cast.ana, text="So it is.", at=at)
    elif verb == "start":
        act(ticket=ticket, by=ticket.executor, at=at)
    elif verb in {"ask", "send_solution"}:
        act(ticket=ticket, by=ticket.executor, text="Here it is.", at=at)
    elif verb in {"answer", "return_solution"}:
        act(ticket=ticket, by=ticket.requester, text="Thank you.", at=at)
    elif verb == "approve":
        act(ticket=ticket, by=ticket.requester, at=at)
    else:
        act(ticket=ticket, at=at)


def a_moment(cast: Cast, source: random.Random, at: datetime, done: Counter[str]) -> None:
    """One thing that somebody does on the desk; ``done`` counts what was."""
    chance, entries = source.random(), list(TrashEntry.objects.on_their_own().order_by("pk"))
    everything = list(Ticket.objects.select_related("department", "requester", "executor").order_by("number"))
    if chance < 0.12 or len(everything) < 4:
        department, service = source.choice(
            [(cast.department, cast.service), (cast.other_department, cast.other_service)]
        )
        by, priority = source.choice([cast.rita, cast.cora, cast.max, cast.eve]), source.choice(Priority.values)
        walks.opened(cast, by=cast.again(by), department=department, service=service, priority=priority, at=at)
        verb = "open"
    elif chance < 0.2 and entries:
        entry = source.choice(entries)
        verb = source.choice(["restore", "restore", "delete_for_good"])
        more = {"typed": entry.key} if verb == "delete_for_good" else {}
        getattr(trash, verb)(entry=entry, by=cast.ana, at=at, **more)
    elif chance < 0.215:
        verb = "put_customer"
        trash.put_customer(customer=cast.eve, by=cast.ana, at=at)
    else:
        ticket = source.choice(everything)
        verb = source.choice(WAYS[ticket.status])
        _happens(cast, source, ticket, verb, at)
    done[verb] += 1


@pytest.mark.parametrize("survey_mode", ["after_closing", "before_closing"])
def test_totals_are_what_the_tickets_say_after_a_history_of_real_actions(cast: Cast, survey_mode: str) -> None:
    """R3.57, R2.41: whatever people do, noted, partly added up, and all of it."""
    source, at, done = random.Random(survey_mode), _STARTED, Counter[str]()
    cast.rules(survey_mode=survey_mode)
    totals.recount()
    for _turn in range(260):
        at += timedelta(minutes=source.randrange(1, 60 * 18))
        with suppress(Refused, Survey.DoesNotExist, User.DoesNotExist), transaction.atomic():
            a_moment(cast, source, at, done)
        if source.random() < 0.05:
            totals.add_up()
    needed = "open assume start forward set_priority hand_over send_solution approve rate put restore delete_for_good"
    assert [verb for verb in needed.split() if not done[verb]] == []
    assert Change.objects.exists()
    check(some(cast, source, 16))
    totals.add_up()
    assert not Change.objects.exists()
    assert not RatingChange.objects.exists()
    check(some(cast, source, 16))
    kept = cells()
    totals.recount()
    assert cells() == kept


@pytest.mark.django_db(transaction=True)
def test_totals_stay_exact_while_they_are_added_up_and_tickets_move(cast: Cast) -> None:
    """Two who work and two workers who add up, all at once: no note is lost, none is counted twice."""
    totals.recount()
    at_work = [threading.Event(), threading.Event()]

    def work(number: int, agent: User, requester: User) -> None:
        try:
            for turn in range(8):
                at = _STARTED + timedelta(days=5 * turn, hours=number)
                ticket = walks.solved(cast, at=at, by=agent, ticket=walks.opened(cast, by=requester, at=at))
                if turn % 2:
                    walks.closed(cast, at=at + timedelta(hours=2), ticket=ticket)
                else:
                    trash.put_ticket(ticket=ticket, by=cast.ana, at=at)
        finally:
            at_work[number].set()

    def add_up() -> int:
        runs = 0
        while not all(one.is_set() for one in at_work):
            totals.add_up()
            runs += 1
        return runs

    calls = (partial(work, 0, cast.ada, cast.rita), partial(work, 1, cast.bob, cast.eve), add_up, add_up)
    answers = at_once(*calls)
    assert answers[:2] == [None, None]
    assert all(isinstance(runs, int) and runs > 1 for runs in answers[2:]), answers
    assert Ticket.objects.count() == 8
    source = random.Random(3)
    check(some(cast, source, 8))
    totals.add_up()
    assert not Change.objects.exists()
    check(some(cast, source, 8))
    kept = cells()
    totals.recount()
    assert cells() == kept
