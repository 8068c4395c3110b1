"""Messages and files between requester and agent, in every open state."""

from __future__ import annotations

import pytest

import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Notification
from tests import walks
from tests.cast import Cast, Clock, a_file
from tickets.lifecycle import OPEN, Status
from tickets.models import Message, Ticket

VERB_OF_THE_REQUESTER = {
    Status.AWAITING_DISTRIBUTION: "write",
    Status.ASSIGNED: "write",
    Status.IN_SERVICE: "write",
    Status.AWAITING_REQUESTER: "answer",
    Status.LINE_CHANGE_REQUESTED: "write",
    Status.CLOSING_REQUESTED: "write",
    Status.AWAITING_APPROVAL: "return_solution",
    Status.AWAITING_RATING: "write",
}


def _told(cast: Cast, kind: str) -> list[str]:
    return cast.names_of(row.recipient for row in Notification.objects.filter(kind=kind).select_related("recipient"))


@pytest.mark.parametrize("status", sorted(OPEN))
def test_requester_can_write_in_every_open_state(cast: Cast, status: Status) -> None:
    """R3.5, R3.6: words and files, whenever he wants."""
    ticket = walks.to(status, cast)
    verb = VERB_OF_THE_REQUESTER[status]
    getattr(tickets.actions, verb)(ticket=ticket, by=cast.rita, text="Hello?", files=[a_file("more.txt", b"2")])
    message = Ticket.objects.get(pk=ticket.pk).messages.last()
    assert (message.text, message.author) == ("Hello?", cast.rita)
    assert [file.name for file in message.attachments.all()] == ["more.txt"]


@pytest.mark.parametrize("status", sorted(OPEN - {Status.AWAITING_DISTRIBUTION}))
def test_executor_can_write_in_every_open_state(cast: Cast, status: Status) -> None:
    """R3.10: from assuming on; files too. The status stays."""
    ticket = walks.to(status, cast)
    tickets.actions.reply(ticket=ticket, by=walks.executor_of(ticket), files=[a_file("more.txt", b"2")])
    assert Ticket.objects.get(pk=ticket.pk).status == status
    assert _told(cast, "agent_wrote") == ["rita"]


def test_message_needs_words_or_a_file(cast: Cast) -> None:
    """R1.5, A43: one of the two is enough; nothing at all is refused."""
    ticket = walks.started(cast)
    for verb, person in (("write", cast.rita), ("reply", cast.ada)):
        with pytest.raises(Refused) as refusal:
            getattr(tickets.actions, verb)(ticket=ticket, by=person, text=" ")
        assert refusal.value.field == "text"


def test_question_and_answer(cast: Cast, clock: Clock) -> None:
    """R6.7, R3.5, R3.10: the executor asks, the requester's message returns it into service."""
    ticket = walks.asked(cast, at=clock.now)
    assert Ticket.objects.get(pk=ticket.pk).status == Status.AWAITING_REQUESTER
    tickets.actions.answer(ticket=ticket, by=cast.rita, text="The big one.", at=clock.turn(hours=1))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.executor, ticket.started_at) == (Status.IN_SERVICE, cast.ada, ticket.opened_at)


def test_answer_with_only_a_file_is_an_answer(cast: Cast) -> None:
    """R3.6: a document can be what was asked for."""
    ticket = walks.asked(cast)
    assert tickets.actions.answer(ticket=ticket, by=cast.rita, files=[a_file("b.txt", b"2")]).status == "in_service"


def test_question_without_words_is_refused(cast: Cast) -> None:
    """R3.10: nobody can answer nothing."""
    with pytest.raises(Refused) as refusal:
        tickets.actions.ask(ticket=walks.started(cast), by=cast.ada, text="")
    assert refusal.value.field == "text"


def test_requesters_words_go_to_the_executor_or_before_to_the_group(cast: Cast) -> None:
    """R3.38: before assumption the group."""
    ticket = walks.opened(cast)
    tickets.actions.write(ticket=ticket, by=cast.rita, text="Hello?")
    assert _told(cast, "requester_wrote") == ["ada", "bob", "hugo", "otto"]
    Notification.objects.all().delete()
    walks.assumed(cast, ticket=ticket)
    tickets.actions.write(ticket=ticket, by=cast.rita, text="Hello?")
    assert _told(cast, "requester_wrote") == ["ada"]


def test_notes_are_for_staff_and_nobody_is_told(cast: Cast) -> None:
    """R1.43: the requester sees neither words nor event, and the list shows the last message that he knows."""
    ticket = walks.started(cast)
    seen = Ticket.objects.get(pk=ticket.pk).last_message_text
    before = Notification.objects.count()
    tickets.actions.note(ticket=ticket, by=cast.hugo, text="He always says that.")
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert Notification.objects.count() == before
    assert ticket.last_message_text == seen
    assert list(ticket.messages.for_requester().values_list("kind", flat=True)) == ["opening"]
    assert ticket.messages.last().kind == Message.Kind.NOTE
    assert ticket.events.last().is_private is True


def test_last_message_is_kept_for_lists(cast: Cast, clock: Clock) -> None:
    """Its beginning on one line, and its time."""
    ticket = walks.started(cast, at=clock.now)
    tickets.actions.write(ticket=ticket, by=cast.rita, text="It\n\n burns " + "on " * 100, at=clock.turn(minutes=5))
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ticket.last_message_at == clock.now
    assert ticket.last_message_text.startswith("It burns on on")
    assert len(ticket.last_message_text) <= 140


def test_too_many_files_at_once_are_refused(cast: Cast) -> None:
    """R1.6: 25 a message, in every activity."""
    ticket = walks.started(cast)
    with pytest.raises(Refused) as refusal:
        tickets.actions.write(ticket=ticket, by=cast.rita, files=[a_file(f"{i}.txt", str(i)) for i in range(26)])
    assert refusal.value.field == "files"
