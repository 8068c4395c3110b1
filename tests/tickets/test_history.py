"""What happened to a ticket: every move one row, in order, never changed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.module_loading import import_string

import tickets.actions
from attachments.models import AuditEntry
from helpdesk.core.refusals import Refused
from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import FOLLOWERS, MOVES, Status, activity_of
from tickets.models import Event, Ticket
from tickets.tasks import sweep


def _history(cast: Cast, ticket: Ticket) -> list[tuple[str, str, str, str]]:
    return [
        (event.verb, cast.name_of(event.actor), event.from_status, event.to_status)
        for event in Event.objects.filter(ticket=ticket).select_related("actor").order_by("pk")
    ]


def test_history_of_a_whole_life(cast: Cast, clock: Clock) -> None:
    """R1.1, R6.23: every pass through every activity, with actor, from and to."""
    ticket = walks.asked(cast, at=clock.now)
    tickets.actions.answer(ticket=ticket, by=cast.rita, text="The big one.", at=clock.turn(minutes=1))
    tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Done.", at=clock.turn(minutes=1))
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(minutes=1))
    tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Done!", at=clock.turn(minutes=1))
    sweep(clock.turn(days=2))
    assert _history(cast, ticket) == [
        ("open", "rita", "", "awaiting_distribution"),
        ("assume", "ada", "awaiting_distribution", "assigned"),
        ("start", "ada", "assigned", "in_service"),
        ("ask", "ada", "in_service", "awaiting_requester"),
        ("answer", "rita", "awaiting_requester", "in_service"),
        ("send_solution", "ada", "in_service", "awaiting_approval"),
        ("return_solution", "rita", "awaiting_approval", "in_service"),
        ("send_solution", "ada", "in_service", "awaiting_approval"),
        ("approve_automatically", "clock", "awaiting_approval", "closed"),
    ]
    times = list(Event.objects.filter(ticket=ticket).order_by("pk").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] == clock.now


def test_activities_are_passed_in_order(cast: Cast) -> None:
    """R1.1: Start, Service, Solution approval, End."""
    ticket = walks.closed(cast)
    passed = []
    for event in ticket.events.order_by("pk"):
        activity = activity_of(event.to_status)
        if passed[-1:] != [activity]:
            passed.append(activity)
    assert passed == ["service", "approval", "end"]
    assert {activity_of(status) for status in Status} == {"service", "approval", "end"}


def test_messages_hang_on_their_events(cast: Cast) -> None:
    """R6.23: a comment is kept once, as the message that people read."""
    ticket = walks.solved(cast)
    said = [(event.verb, event.message.text, event.comment) for event in ticket.events.exclude(message=None)]
    assert said == [
        ("open", "It burns since nine o'clock.", ""),
        ("send_solution", "We put it out.", ""),
    ]


@pytest.mark.parametrize("model", [Event, AuditEntry])
def test_history_cannot_be_changed_or_deleted(cast: Cast, model: type[Event] | type[AuditEntry]) -> None:
    """R6.23, R1.17: the database refuses, however it is asked."""
    walks.assumed(cast)
    row = model.objects.first()
    before = list(model.objects.order_by("pk").values())
    attempts = [
        lambda: model.objects.update(actor=None),
        lambda: model.objects.all().delete(),
        row.save,
        row.delete,
        lambda: connection.cursor().execute(f"DELETE FROM {model._meta.db_table}"),
        lambda: connection.cursor().execute(f"UPDATE {model._meta.db_table} SET at = now()"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            attempt()
    assert list(model.objects.order_by("pk").values()) == before


def test_ticket_with_history_cannot_be_deleted(cast: Cast) -> None:
    """R6.23: and its events with it."""
    ticket = walks.opened(cast)
    with pytest.raises(ProtectedError):
        ticket.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_ticket; SET CONSTRAINTS ALL IMMEDIATE")
    assert Ticket.objects.filter(pk=ticket.pk).exists()


def test_every_move_writes_exactly_one_event(cast: Cast, clock: Clock) -> None:
    """R6.23: and only closing without rating brings a second one, its finalizing."""
    ticket = walks.awaiting_rating(cast, at=clock.now)
    assert [verb for verb, *_rest in _history(cast, ticket)] == [
        "open",
        "assume",
        "start",
        "send_solution",
        "approve",
    ]
    sweep(clock.turn(days=1))
    assert [verb for verb, *_rest in _history(cast, ticket)][5:] == ["close_unrated", "finalize"]


def test_second_identical_click_is_refused_without_a_second_event(cast: Cast) -> None:
    """Issue's funnel: for every move that leads somewhere else."""
    clicks = [
        (walks.opened, "assume", cast.ada, {}),
        (walks.assumed, "start", cast.ada, {}),
        (walks.started, "ask", cast.ada, {"text": "Which one?"}),
        (walks.asked, "answer", cast.rita, {"text": "That one."}),
        (walks.started, "send_solution", cast.ada, {"text": "Done."}),
        (walks.solved, "return_solution", cast.rita, {"text": "No."}),
        (walks.solved, "approve", cast.rita, {}),
        (walks.awaiting_rating, "rate", cast.rita, {}),
        (walks.started, "cancel", cast.rita, {}),
        (walks.closed, "finalize", cast.ada, {}),
    ]
    for walk, verb, person, words in clicks:
        ticket = walk(cast)
        getattr(tickets.actions, verb)(ticket=ticket, by=person, **words)
        count = ticket.events.count()
        with pytest.raises(Refused):
            getattr(tickets.actions, verb)(ticket=ticket, by=person, **words)
        assert ticket.events.count() == count, verb


def test_verbs_have_functions_and_followers_exist() -> None:
    """The table names what exists: a function for each verb, a function for each follower."""
    for verb in MOVES:
        assert callable(getattr(tickets.actions, verb)), verb
    for names in FOLLOWERS.values():
        for name in names:
            assert callable(import_string(name))
