"""From hand to hand: giving to another agent, back into distribution, to another department; folder access follows
(R6.21, R5.52, R1.12 to R1.16)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

import tickets.actions
from attachments.models import AuditEntry, Folder
from attachments.permissions import reason_not
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Notification
from helpdesk.people.actions import join_department
from helpdesk.people.models import Department, Service
from tests import walks
from tests.cast import Cast, Clock, a_file, an_agent
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.permissions import available_moves
from tickets.tasks import sweep


def _access(cast: Cast, ticket: Ticket) -> dict[str, str]:
    """Everybody who has access to the folder, administrators aside: ``view``, or ``view add``."""
    found = {}
    for name, known in cast.people.items():
        person = cast.again(known)
        rights = [verb for verb in ("view", "add") if reason_not(person, verb, ticket.folder) is None]
        assert Folder.objects.visible_to(person).filter(pk=ticket.folder.pk).exists() == ("view" in rights), name
        if rights and not person.is_administrator:
            found[name] = " ".join(rights)
    return found


def _elsewhere(cast: Cast, **rules: object) -> Department:
    """The department next door, with Nora as its head as well, under ``rules``."""
    join_department(department=cast.other_department, user=cast.nora, line=1, is_head=True)
    for name, value in rules.items():
        setattr(cast.other_department, name, value)
    cast.other_department.save()
    return cast.other_department


def _forwarded(cast: Cast, ticket: Ticket, *, clock: Clock) -> Ticket:
    executor = walks.executor_of(ticket)
    return tickets.actions.forward(
        ticket=ticket, by=executor, service=cast.other_service, text="It is the cable.", at=clock.now
    )


# To another agent


def test_hand_over_gives_it_to_another_agent_and_access_follows(cast: Cast, clock: Clock) -> None:
    """R6.21, R1.14, R1.16: the former executor reads and adds no more; the next one starts anew."""
    ticket = walks.started(cast, at=clock.now)
    ticket = tickets.actions.hand_over(
        ticket=ticket, by=cast.hugo, executor=cast.bob, text="Ada is ill.", at=clock.turn(hours=1)
    )
    assert (ticket.status, ticket.executor, ticket.assigned_at) == (Status.ASSIGNED, cast.bob, clock.now)
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view", "bob": "view add", "hugo": "view"}
    event = ticket.events.latest("pk")
    assert (event.verb, event.actor, event.subject, event.comment) == ("hand_over", cast.hugo, cast.bob, "Ada is ill.")
    assert event.is_private
    with pytest.raises(Refused, match="Only the executor"):
        tickets.actions.reply(ticket=ticket, by=cast.ada, text="Still me.")
    again = tickets.actions.start(ticket=ticket, by=cast.bob, at=clock.turn(hours=1))
    assert again.started_at == clock.now - timedelta(hours=2), "the first start is kept for the indicators"


def test_hand_over_back_gives_the_right_to_add_again(cast: Cast) -> None:
    """R1.16: executor once more."""
    ticket = walks.started(cast)
    for executor in (cast.bob, cast.ada):
        ticket = tickets.actions.hand_over(ticket=ticket, by=cast.hugo, executor=executor)
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view add", "bob": "view", "hugo": "view"}


def test_hand_over_to_whom_it_cannot_be_given_is_refused(cast: Cast) -> None:
    """R4.7, R6.21: to the executor himself, to another line, to another department, to nobody active."""
    ticket = walks.started(cast)
    cast.deactivate(cast.bob)
    for person in (cast.ada, cast.bob, cast.otto, cast.nora, cast.rita):
        with pytest.raises(Refused) as refusal:
            tickets.actions.hand_over(ticket=ticket, by=cast.hugo, executor=cast.again(person))
        assert refusal.value.field == "executor"
    assert Ticket.objects.get(pk=ticket.pk).status == Status.IN_SERVICE


def test_hand_over_of_a_requesters_own_ticket_leaves_him_the_right_to_add(cast: Cast) -> None:
    """R1.16: the requester reads and adds, whatever else he was."""
    ticket = walks.started(cast, ticket=walks.opened(cast, by=cast.ada), by=cast.ada)
    ticket = tickets.actions.hand_over(ticket=ticket, by=cast.hugo, executor=cast.bob)
    assert _access(cast, ticket) == {"ada": "view add", "bob": "view add", "hugo": "view"}


def test_head_who_was_told_nothing_is_involved_when_he_acts(cast: Cast) -> None:
    """R1.14: the head who has a task on the ticket; where agents only take, that is from his first act."""
    cast.rules(distribution_mode="pull")
    ticket = walks.started(cast)
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view add"}
    ticket = tickets.actions.take_back(ticket=ticket, by=cast.hugo)
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view", "hugo": "view"}


# Back into distribution


@pytest.mark.parametrize("line", [1, 2])
def test_take_back_starts_the_window_of_its_line_anew(cast: Cast, clock: Clock, line: int) -> None:
    """R6.21, R6.24: nobody has it; the candidates of the line are told; the clock gives it again."""
    walk = walks.started if line == 1 else walks.started_on_the_last_line
    ticket = walk(cast, at=clock.now)
    former = walks.executor_of(ticket)
    ticket = tickets.actions.take_back(ticket=ticket, by=cast.hugo, text="Later.", at=clock.turn(hours=1))
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, line)
    assert ticket.timer_due_at == clock.now + timedelta(minutes=15)
    told = Notification.objects.filter(kind="ticket_taken_away").select_related("recipient")
    assert [row.recipient for row in told] == [former]
    sweep(clock.turn(minutes=15))
    executor = Ticket.objects.get(pk=ticket.pk).executor
    assert executor == (cast.otto if line == 2 else cast.bob)


def test_take_back_from_oneself_tells_oneself_nothing(cast: Cast) -> None:
    """A head with a line who puts his own ticket back knows it."""
    join_department(department=cast.department, user=cast.hugo, line=1, is_head=True)
    hugo = cast.again(cast.hugo)
    ticket = walks.started(cast, by=hugo)
    tickets.actions.take_back(ticket=ticket, by=hugo)
    assert not Notification.objects.filter(kind="ticket_taken_away").exists()


def test_alarm_is_raised_anew_for_each_wait(cast: Cast, clock: Clock) -> None:
    """R4.9: taking back begins another wait."""
    ticket = walks.started(cast, at=clock.now)
    for agent in (cast.ada, cast.bob):
        cast.deactivate(agent)
    waits = walks.opened(cast, at=clock.now)
    sweep(clock.turn(minutes=15))
    ticket = tickets.actions.take_back(ticket=ticket, by=cast.hugo, at=clock.now)
    for _ in range(30):
        sweep(clock.turn(minutes=1))
    assert [one.events.filter(verb="alert").count() for one in (waits, ticket)] == [1, 1]


# To another department


def test_forward_moves_department_service_line_and_window(cast: Cast, clock: Clock) -> None:
    """R6.21, R5.52: with a reason; line 1 there, with that department's minutes; its whole group is told."""
    _elsewhere(cast, distribution_minutes=30)
    an_agent("Zoe Zimmer", cast.other_department, line=2)
    ticket = walks.started_on_the_last_line(cast, at=clock.now)
    ticket = _forwarded(cast, ticket, clock=clock)
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, 1)
    assert (ticket.department, ticket.service) == (cast.other_department, cast.other_service)
    assert ticket.timer_due_at == clock.now + timedelta(minutes=30)
    told = Notification.objects.filter(kind="ticket_opened", facts__department="Network").select_related("recipient")
    assert cast.names_of(row.recipient for row in told) == ["Zoe Zimmer", "nora"]
    event = ticket.events.latest("pk")
    assert (event.comment, event.is_private, event.facts["former_department"]) == ("It is the cable.", True, "Support")
    sweep(clock.turn(minutes=30))
    assert Ticket.objects.get(pk=ticket.pk).executor == cast.nora


def test_forward_takes_the_folder_along(cast: Cast, clock: Clock) -> None:
    """R1.14, R1.16: who was involved reads on; who takes it there reads and adds; nobody else here or there."""
    _elsewhere(cast)
    ticket = walks.started(cast, at=clock.now)
    ticket = tickets.actions.reply(ticket=ticket, by=cast.ada, files=[a_file("log.txt")])
    ticket = _forwarded(cast, ticket, clock=clock)
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view", "hugo": "view", "nora": "view"}
    ticket = walks.started(cast, ticket=ticket, by=cast.again(cast.nora))
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view", "hugo": "view", "nora": "view add"}
    tickets.actions.reply(ticket=ticket, by=cast.again(cast.nora), files=[a_file("log.txt")])
    assert list(ticket.folder.files.values_list("name", flat=True)) == ["screen.txt", "log.txt", "log (2).txt"]


@pytest.mark.parametrize("there", ["on_open", "on_assume"])
@pytest.mark.parametrize("here", ["on_open", "on_assume"])
def test_forward_closes_the_folder_to_one_group_and_opens_it_to_the_other(
    cast: Cast, clock: Clock, here: str, there: str
) -> None:
    """A1, R1.15: each department's own rule; the former group loses sight, those involved keep it."""
    cast.rules(attachment_access_moment=here)
    _elsewhere(cast, attachment_access_moment=there)
    an_agent("Zoe Zimmer", cast.other_department)
    ticket = walks.started(cast, at=clock.now)
    assert ("bob" in _access(cast, ticket)) == (here == "on_open")
    ticket = _forwarded(cast, ticket, clock=clock)
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view", "hugo": "view", "nora": "view"}
    groups = list(ticket.folder.group_grants.values_list("group__department", flat=True))
    assert groups == ([cast.other_department.pk] if there == "on_open" else [])


def test_forward_is_written_into_the_audit_trail(cast: Cast, clock: Clock) -> None:
    """R1.17: each revocation and grant, by whom."""
    cast.rules(attachment_access_moment="on_open")
    _elsewhere(cast, attachment_access_moment="on_open")
    ticket = walks.started(cast, at=clock.now)
    before = AuditEntry.objects.latest("pk").pk
    _forwarded(cast, ticket, clock=clock)
    trail = AuditEntry.objects.filter(pk__gt=before, folder=ticket.folder).order_by("pk")
    assert [(entry.verb, entry.subject, entry.detail, cast.name_of(entry.actor)) for entry in trail] == [
        ("revoked", cast.department.group.name, "view_folder", "ada"),
        ("revoked", "Ada Alves", "add_file", "ada"),
        ("granted", "Nora Nunes", "view_folder", "ada"),
        ("granted", cast.other_department.group.name, "view_folder", "ada"),
    ]


def test_forward_needs_a_reason_and_another_department_that_serves(cast: Cast) -> None:
    """R5.52: to a service that is offered; the reason is in the record."""
    ticket = walks.started(cast)
    closed = Service.objects.create(department=cast.other_department, name="Telex", is_active=False)
    for service, text, field in (
        (cast.other_service, " ", "text"),
        (cast.service, "It is the cable.", "service"),
        (closed, "It is the cable.", "service"),
    ):
        with pytest.raises(Refused) as refusal:
            tickets.actions.forward(ticket=ticket, by=cast.ada, service=service, text=text)
        assert refusal.value.field == field
    cast.deactivate(cast.nora)
    with pytest.raises(Refused, match="not offered"):
        tickets.actions.forward(ticket=ticket, by=cast.ada, service=cast.other_service, text="It is the cable.")


def test_forwarded_ticket_is_the_other_departments(cast: Cast, clock: Clock) -> None:
    """R6.26: those there act on it, those here do not; and it can come back."""
    _elsewhere(cast)
    ticket = _forwarded(cast, walks.started(cast, at=clock.now), clock=clock)
    for person in (cast.ada, cast.bob, cast.hugo):
        with pytest.raises(Refused):
            tickets.actions.assume(ticket=ticket, by=cast.again(person))
    nora = cast.again(cast.nora)
    ticket = walks.started(cast, ticket=ticket, by=nora)
    ticket = tickets.actions.forward(ticket=ticket, by=nora, service=cast.service, text="It is the printer.")
    assert (ticket.department, ticket.status) == (cast.department, Status.AWAITING_DISTRIBUTION)
    assert walks.started(cast, ticket=ticket, by=cast.ada).executor == cast.ada
    assert _access(cast, ticket) == {"rita": "view add", "ada": "view add", "hugo": "view", "nora": "view"}


def test_who_took_part_sees_the_ticket_after_it_has_gone_on(cast: Cast, clock: Clock) -> None:
    """R1.43: visible to those who took part; the letter that says it was taken away leads somewhere."""
    _elsewhere(cast)
    ticket = walks.started(cast, at=clock.now)
    tickets.actions.forward(
        ticket=ticket, by=cast.hugo, service=cast.other_service, text="It is the cable.", at=clock.now
    )
    seen = [name for name, known in cast.people.items() if ticket in Ticket.objects.known_to(cast.again(known))]
    assert seen == ["ada", "hugo", "nora", "ana"]
    queue = [name for name, known in cast.people.items() if ticket in Ticket.objects.served_by(cast.again(known))]
    assert queue == ["nora", "ana"]


def test_page_of_a_ticket_that_has_gone_on_is_read_by_who_took_part(cast: Cast, client: Client) -> None:
    """R1.43: read, with nothing left to do on it; colleagues who had no part in it do not find it."""
    ticket = walks.started(cast)
    tickets.actions.forward(ticket=ticket, by=cast.ada, service=cast.other_service, text="It is the cable.")
    address = f"/panel/tickets/{ticket.number}/"
    client.force_login(cast.ada)
    assert client.get(address).status_code == 200
    assert available_moves(Ticket.objects.get(pk=ticket.pk), cast.again(cast.ada)) == []
    client.force_login(cast.bob)
    assert client.get(address).status_code == 404
