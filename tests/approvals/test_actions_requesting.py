"""Asking the customer's managers for their consent: when, by whom, and who is told (R2.9 to R2.18, R2.23)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

import approvals.actions
import tickets.actions
from approvals.lifecycle import State
from approvals.models import ActionRequest
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.models import Organization
from tests import walks
from tests.approvals.consents import COMMENT, NAME, an_action, asked, switched_on, told
from tests.cast import Cast, Clock, a_person
from tests.pages import as_, text_of
from tickets.lifecycle import FINAL, OPEN, Status
from tickets.models import Event, Ticket

ENTRY = "Request action"


def _page(cast: Cast, ticket: Ticket, who: str = "ada") -> str:
    return text_of(as_(cast.again(cast.people[who])).get(f"/panel/tickets/{ticket.number}/"))


def _sent(cast: Cast, ticket: Ticket, who: str = "ada", text: str = COMMENT) -> tuple[int, str]:
    sent = {"action": an_action().pk, "text": text}
    answer = as_(cast.again(cast.people[who])).post(f"/panel/tickets/{ticket.number}/actions/request/", sent)
    return answer.status_code, text_of(answer)


def test_request_is_made_on_its_page_and_stands_in_the_history(cast: Cast, clock: Clock) -> None:
    """R2.9, R2.14, R2.15, R2.16: "More > Request action", action and comment; then the page says that it waits."""
    switched_on(cast)
    action = an_action(description="Stops all sign-ins for an hour.")
    ticket = walks.started(cast)
    assert ENTRY in _page(cast, ticket)
    form = text_of(as_(cast.ada).get(f"/panel/tickets/{ticket.number}/actions/request/"))
    for words in (NAME, "Stops all sign-ins for an hour.", "Max Moreira", "Petra Prado"):
        assert words in form
    assert _sent(cast, ticket)[0] == 302
    request = ActionRequest.objects.get()
    assert (request.ticket, request.action, request.comment) == (ticket, action, COMMENT)
    assert (request.state, request.requested_by, request.executor) == (State.WAITING, cast.ada, cast.ada)
    page = _page(cast, ticket)
    assert f"Ada Alves asked the customer's managers to approve {NAME} ." in page
    assert f"asked the customer's managers to approve “{NAME}”" in page
    assert "awaiting approval" in page
    assert Ticket.objects.get().status == Status.IN_SERVICE


def test_comment_is_optional(cast: Cast) -> None:
    """R2.15."""
    switched_on(cast)
    assert _sent(cast, walks.started(cast), text="")[0] == 302
    assert ActionRequest.objects.get().comment == ""


def _no_organization(cast: Cast) -> Ticket:
    return walks.started(cast, ticket=walks.opened(cast, by=a_person("Sole Souza")))


def _nobody_manages(cast: Cast) -> Ticket:
    for person in (cast.max, cast.petra):
        person.manages_organization = False
        person.save()
    return walks.started(cast)


def _managers_are_inactive(cast: Cast) -> Ticket:
    cast.deactivate(cast.max)
    cast.deactivate(cast.petra)
    return walks.started(cast)


@pytest.mark.parametrize(
    ("walk", "reason"),
    [
        (_no_organization, "belongs to no organization"),
        (_nobody_manages, "no active manager"),
        (_managers_are_inactive, "no active manager"),
    ],
)
def test_entry_is_missing_where_nobody_could_approve(cast: Cast, walk: object, reason: str) -> None:
    """R2.10, R2.11, R2.13: no entry in the menu, and the server refuses the request too."""
    switched_on(cast)
    ticket = walk(cast)  # type: ignore[operator]  # one of the three above
    assert ENTRY not in _page(cast, ticket)
    status, page = _sent(cast, ticket)
    assert status == 422
    assert reason in page
    with pytest.raises(Refused, match=reason):
        approvals.actions.request_action(ticket=ticket, by=cast.ada, action=an_action())
    assert not ActionRequest.objects.exists()
    assert not Notification.objects.filter(kind="action_requested").exists()


@pytest.mark.parametrize("who", ["max", "petra"])
def test_one_manager_of_the_organization_or_its_parent_is_enough(cast: Cast, who: str) -> None:
    """R2.10: the branch's own manager, or the parent's."""
    cast.deactivate(cast.petra if who == "max" else cast.max)
    assert cast.names_of(asked(cast).asked.all()) == [who]
    assert told(cast, "action_requested") == [who]


def test_managers_are_looked_for_again_at_the_moment_of_saving(cast: Cast) -> None:
    """R2.13: the page was opened while there were some; when it is sent there are none."""
    switched_on(cast)
    an_action()
    ticket, ada = walks.started(cast), as_(cast.ada)
    address = f"/panel/tickets/{ticket.number}/actions/request/"
    assert ada.get(address).status_code == 200
    _managers_are_inactive_now(cast)
    answer = ada.post(address, {"action": an_action().pk, "text": "Typed at length."})
    assert answer.status_code == 422
    assert "no active manager" in text_of(answer)
    assert "Typed at length." in text_of(answer)
    assert not ActionRequest.objects.exists()


def _managers_are_inactive_now(cast: Cast) -> None:
    cast.deactivate(cast.max)
    cast.deactivate(cast.petra)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_request_is_possible_in_every_open_status_and_changes_none(cast: Cast, status: Status) -> None:
    """R2.12, R6.25: inside a ticket that is open; where nobody has it, by the head."""
    ticket = walks.to(status, cast)
    request = asked(cast, ticket=ticket, by=cast.hugo)
    ticket.refresh_from_db()
    assert (ticket.status, request.state) == (status, State.WAITING)
    assert request.executor == ticket.executor


@pytest.mark.parametrize("status", sorted(FINAL))
def test_ended_tickets_take_no_request(cast: Cast, status: Status) -> None:
    """R2.12: neither entry nor action."""
    switched_on(cast)
    ticket = walks.to(status, cast)
    assert ENTRY not in _page(cast, ticket)
    assert as_(cast.hugo).get(f"/panel/tickets/{ticket.number}/actions/request/").status_code == 302
    with pytest.raises(Refused, match="has ended"):
        approvals.actions.request_action(ticket=ticket, by=cast.hugo, action=an_action())


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("rita", False), ("cora", False), ("max", False), ("petra", False), ("eve", False), ("bob", False),
        ("otto", False), ("nora", False), ("ada", True), ("hugo", True), ("ana", True),
    ],
)  # fmt: skip
def test_executor_head_and_administrator_may_ask_and_nobody_else(cast: Cast, who: str, may: bool) -> None:
    """R2.14, R2.18, A12, A19: a manager of the customer is no head and no administrator."""
    switched_on(cast)
    ticket, person = walks.started(cast), cast.people[who]
    if may:
        request = approvals.actions.request_action(ticket=ticket, by=person, action=an_action())
        assert (request.requested_by, request.executor) == (person, cast.ada)
        return
    with pytest.raises(Refused, match="Only those involved"):
        approvals.actions.request_action(ticket=ticket, by=person, action=an_action())


def test_entry_stands_for_those_who_may(cast: Cast) -> None:
    """R2.11, A19: an agent of the department sees the ticket, and not the entry."""
    switched_on(cast)
    ticket = walks.started(cast)
    seen = {who: ENTRY in _page(cast, ticket, who) for who in ("ada", "bob", "hugo", "ana")}
    assert seen == {"ada": True, "bob": False, "hugo": True, "ana": True}


def test_second_request_waits_for_the_evaluation_of_the_first(cast: Cast) -> None:
    """R2.17: refused with a clear message while one waits, by the database in any case; possible afterwards."""
    request = asked(cast)
    assert "An action already waits for approval." in _page(cast, request.ticket)
    with pytest.raises(Refused, match="An action already waits for approval"):
        asked(cast, ticket=request.ticket, action=an_action("Another one"))
    status, page = _sent(cast, request.ticket)
    assert (status, "An action already waits for approval" in page) == (422, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActionRequest.objects.create(ticket=request.ticket, action=request.action, requested_by=cast.ada)
    approvals.actions.reject_action(request=request, by=cast.max)
    assert asked(cast, ticket=request.ticket, action=an_action("Another one")).state == State.WAITING
    assert ActionRequest.objects.waiting().count() == 1


def test_who_asked_and_who_has_the_ticket_are_both_kept_after_a_transfer(cast: Cast) -> None:
    """R2.18: Ada asked while she had it; Bob has it now."""
    request = asked(cast)
    tickets.actions.hand_over(ticket=request.ticket, by=cast.hugo, executor=cast.bob)
    request.refresh_from_db()
    assert (request.requested_by, request.executor, request.ticket.executor) == (cast.ada, cast.ada, cast.bob)


def test_managers_of_the_organization_and_of_its_parent_are_told(cast: Cast) -> None:
    """R2.23, R2.25: in the hub and by letter, whatever is switched off; the link leads to the action."""
    cast.account.mail_p1 = cast.account.mail_p2 = cast.account.mail_p3 = False
    request = asked(cast)
    assert told(cast, "action_requested") == ["max", "petra"]
    assert Letter.objects.filter(kind="action_requested").count() == 2
    row = Notification.objects.get(kind="action_requested", recipient=cast.max)
    assert row.facts["path"] == f"/approvals/{request.pk}/"
    assert str(row.sentence) == f"Ada Alves asks you to approve “{NAME}” in ticket #{request.ticket_id}"


def test_managers_of_other_branches_and_of_rivals_are_not_told(cast: Cast) -> None:
    """R2.23, R2.29: neither the sister branch's nor the rival's, and for a parent's ticket not the branches'."""
    sister = Organization.objects.create(name="Horizonte Norte", parent=cast.parent)
    for name, organization in (("Sina Silva", sister), ("Ruth Reed", cast.rival)):
        a_person(name, organization=organization, manages_organization=True)
    asked(cast)
    assert told(cast, "action_requested") == ["max", "petra"]
    Notification.objects.all().delete()
    cast.petra.refresh_from_db()
    asked(cast, ticket=walks.started(cast, ticket=walks.opened(cast, by=cast.petra)))
    assert told(cast, "action_requested") == ["petra"]


def test_request_is_an_event_for_the_desk_only(cast: Cast) -> None:
    """R2.39, R6.23: with its name as it then was; the requester's history has nothing of it."""
    request = asked(cast)
    event = Event.objects.get(verb="request_action")
    assert (event.actor, event.comment, event.facts, event.is_private) == (cast.ada, COMMENT, {"action": NAME}, True)
    assert event.from_status == event.to_status == request.ticket.status
