"""The states of an approval action, by state, verb and person; how it ends with its ticket (R2.18 to R2.22, R2.37).

The grid is written here by hand from the specification and tried cell by cell on the real actions. In a cell: the
state of the newest request afterwards, ``-`` where it is refused. A verb without a row is refused to everybody.

``asker`` has asked and handed the ticket over since: he is an agent of the department, and the executor no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

import approvals.actions
import tickets.actions
from approvals.lifecycle import MOVES, State
from approvals.models import ActionRequest
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter
from helpdesk.people.models import User
from tests import walks
from tests.approvals.consents import NAME, again, an_action, asked, told
from tests.cast import Cast, Clock, a_person
from tests.pages import as_, text_of
from tickets.lifecycle import FINAL, Status
from tickets.models import Event, Ticket

VERBS = [verb for verb in MOVES if verb.endswith("_action")]
PERSONS = {
    "requester": "rita", "colleague": "cora", "manager": "max", "parent": "petra", "rival": "ruth", "stranger": "eve",
    "asker": "ada", "executor": "bob", "line2": "otto", "head": "hugo", "admin": "ana", "elsewhere": "nora",
}  # fmt: skip
HEADER = " " * 16 + " ".join(f"{column:9}" for column in (*PERSONS, "clock")).rstrip()

GRID: dict[str, str] = {
    "nothing": """
                requester colleague manager   parent    rival     stranger  asker     executor  line2     head      admin     elsewhere clock
request_action  -         -         -         -         -         -         -         waiting   -         waiting   waiting   -         -
""",
    "waiting": """
                requester colleague manager   parent    rival     stranger  asker     executor  line2     head      admin     elsewhere clock
approve_action  -         -         approved  approved  -         -         -         -         -         -         -         -         -
reject_action   -         -         rejected  rejected  -         -         -         -         -         -         -         -         -
cancel_action   -         -         cancelled cancelled -         -         cancelled cancelled -         -         cancelled -         -
""",
    "approved": """
                requester colleague manager   parent    rival     stranger  asker     executor  line2     head      admin     elsewhere clock
request_action  -         -         -         -         -         -         -         waiting   -         waiting   waiting   -         -
""",
    "rejected": """
                requester colleague manager   parent    rival     stranger  asker     executor  line2     head      admin     elsewhere clock
request_action  -         -         -         -         -         -         -         waiting   -         waiting   waiting   -         -
""",
    "cancelled": """
                requester colleague manager   parent    rival     stranger  asker     executor  line2     head      admin     elsewhere clock
request_action  -         -         -         -         -         -         -         waiting   -         waiting   waiting   -         -
""",
    "expired": """
                requester colleague manager   parent    rival     stranger  asker     executor  line2     head      admin     elsewhere clock
""",
}


def _waiting(cast: Cast) -> ActionRequest:
    """Ada asked, then the head gave the ticket to Bob, who started."""
    request = asked(cast)
    tickets.actions.hand_over(ticket=request.ticket, by=cast.hugo, executor=cast.bob)
    tickets.actions.start(ticket=request.ticket, by=cast.bob)
    return again(request)


def _ended(cast: Cast, verb: str, by: User) -> ActionRequest:
    return getattr(approvals.actions, verb)(request=_waiting(cast), by=by)


def _nothing(cast: Cast) -> ActionRequest | None:
    approvals.actions.cancel_action(request=_waiting(cast), by=cast.ana)
    ActionRequest.objects.all().delete()
    return None


def _expired(cast: Cast) -> ActionRequest:
    request = _waiting(cast)
    tickets.actions.cancel(ticket=request.ticket, by=cast.rita)
    return again(request)


WALKS: dict[str, Callable[[Cast], ActionRequest | None]] = {
    "nothing": _nothing,
    "waiting": _waiting,
    "approved": lambda cast: _ended(cast, "approve_action", cast.max),
    "rejected": lambda cast: _ended(cast, "reject_action", cast.petra),
    "cancelled": lambda cast: _ended(cast, "cancel_action", cast.bob),
    "expired": _expired,
}


def _make(verb: str, ticket: Ticket, request: ActionRequest | None, by: Any) -> str:
    if verb == "request_action":
        return approvals.actions.request_action(ticket=ticket, by=by, action=an_action()).state
    action = getattr(approvals.actions, verb, None)
    if request is None or action is None:  # nobody lets an action expire by hand
        return "-"
    return action(request=request, by=by).state


def _try(verb: str, ticket: Ticket, request: ActionRequest | None, by: Any) -> str:
    """Make the move, look at what became of the request, and take it all back."""
    try:
        with transaction.atomic():
            cell = _make(verb, ticket, request, by)
            assert cell == "-" or ticket.events.filter(verb=verb, is_private=True).exists()
            assert Ticket.objects.get(pk=ticket.pk).status == ticket.status
            transaction.set_rollback(True)
    except Refused:
        return "-"
    return cell


@pytest.mark.parametrize("name", list(GRID))
def test_grid_every_verb_by_every_person_as_written(cast: Cast, name: str) -> None:
    """R2.19, R2.20, R2.21, R2.30, A12, A19, A21: everything that is not listed is refused."""
    people = cast.people | {"ruth": a_person("Ruth Reed", organization=cast.rival, manages_organization=True)}
    request = WALKS[name](cast)
    ticket = Ticket.objects.get()
    by = [*(cast.again(people[person]) for person in PERSONS.values()), CLOCK]
    found = []
    for verb in VERBS:
        cells = [_try(verb, ticket, request and again(request), person) for person in by]
        if set(cells) != {"-"}:
            found.append(f"{verb:15} " + " ".join(f"{cell:9}" for cell in cells).rstrip())
    assert "\n".join([HEADER, *found]) == GRID[name].strip("\n")


def test_grid_covers_every_state_and_verb() -> None:
    """R2.19: five states; a state without a block would be a state without a rule."""
    assert set(WALKS) == set(GRID) == {"nothing", *State.values}
    shown = {line.split()[0] for block in GRID.values() for line in block.strip("\n").splitlines()[1:]}
    assert shown == set(VERBS) - {"expire_action"}


def test_first_state_is_waiting_and_the_others_are_final(cast: Cast) -> None:
    """R2.19: nothing leads out of them."""
    for number, (name, walk) in enumerate(list(WALKS.items())[2:]):
        with transaction.atomic():
            request = walk(cast)
            assert request is not None
            assert request.state == name, number
            for verb in ("approve_action", "reject_action", "cancel_action"):
                with pytest.raises(Refused):
                    getattr(approvals.actions, verb)(request=request, by=cast.max)
            transaction.set_rollback(True)


def test_who_is_deactivated_cancels_nothing(cast: Cast) -> None:
    """R2.20: the asker has left the company."""
    request = _waiting(cast)
    cast.deactivate(cast.ada)
    with pytest.raises(Refused):
        approvals.actions.cancel_action(request=request, by=cast.again(cast.ada))


@pytest.mark.parametrize("who", ["ada", "bob", "max", "ana"])
def test_cancelling_tells_whoever_asked_in_the_hub_only(cast: Cast, who: str) -> None:
    """R2.20, R2.21: as each of the four; recorded with who and when; no letter."""
    request = approvals.actions.cancel_action(request=_waiting(cast), by=cast.people[who])
    assert (request.state, request.evaluated_by, request.reason) == (State.CANCELLED, cast.people[who], "")
    assert request.evaluated_at is not None
    assert told(cast, "action_cancelled") == ([] if who == "ada" else ["ada"])
    assert not Letter.objects.filter(kind="action_cancelled").exists()


def test_asker_cancels_although_the_ticket_has_gone_to_another_department(cast: Cast) -> None:
    """R2.20: the ticket itself is out of his sight, his request is not."""
    request = asked(cast, by=cast.hugo)
    tickets.actions.forward(ticket=request.ticket, by=cast.ada, service=cast.other_service, text="Theirs.")
    hugo = as_(cast.hugo)
    assert hugo.get(f"/panel/tickets/{request.ticket_id}/").status_code == 404
    page = text_of(hugo.get(f"/panel/actions/{request.pk}/"))
    assert "Cancel the request" in page
    assert request.ticket.subject not in page
    assert hugo.post(f"/panel/actions/{request.pk}/").status_code == 302
    assert again(request).state == State.CANCELLED
    assert as_(cast.bob).get(f"/panel/actions/{request.pk}/").status_code == 404


# It ends with its ticket


def _approved(cast: Cast, ticket: Ticket) -> None:
    walks.closed(cast, ticket=ticket)


def _approved_by_silence(cast: Cast, ticket: Ticket) -> None:
    ticket = walks.solved(cast, ticket=ticket)
    tickets.actions.approve_automatically(ticket=ticket, at=ticket.timer_due_at)


def _rated(cast: Cast, ticket: Ticket) -> None:
    tickets.actions.rate(ticket=walks.awaiting_rating(cast, ticket=ticket), by=cast.rita)


def _unrated(cast: Cast, ticket: Ticket) -> None:
    ticket = walks.awaiting_rating(cast, ticket=ticket)
    tickets.actions.close_unrated(ticket=ticket, at=ticket.timer_due_at)


def _without_solution(cast: Cast, ticket: Ticket) -> None:
    cast.rules(support_lines=1)
    tickets.actions.request_closing(ticket=ticket, by=cast.ada, text="It cannot be had.")
    tickets.actions.approve_closing(ticket=ticket, by=cast.hugo, text="We are sorry.")


def _without_solution_and_head(cast: Cast, ticket: Ticket) -> None:
    cast.rules(support_lines=1, closing_without_solution_needs_head=False)
    tickets.actions.request_closing(ticket=ticket, by=cast.ada, text="It cannot be had.")


def _cancelled(cast: Cast, ticket: Ticket) -> None:
    tickets.actions.cancel(ticket=ticket, by=cast.rita)


def _cancelled_by_head(cast: Cast, ticket: Ticket) -> None:
    tickets.actions.cancel(ticket=ticket, by=cast.hugo, text="A mistake.")


ENDS = [
    _approved, _approved_by_silence, _rated, _unrated, _without_solution, _without_solution_and_head, _cancelled,
    _cancelled_by_head,
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
def test_every_end_of_the_ticket_lets_the_action_expire(cast: Cast, end: Callable[[Cast, Ticket], None]) -> None:
    """R2.22, R2.37: nothing is blocked by it; it expires in the same breath, and cannot be evaluated any more."""
    request = asked(cast)
    end(cast, Ticket.objects.get())
    request, ticket = again(request), Ticket.objects.get()
    assert ticket.status in FINAL
    assert (request.state, request.evaluated_by, request.evaluated_at) == (State.EXPIRED, None, ticket.closed_at)
    event = Event.objects.get(verb="expire_action")
    assert (event.actor, event.facts, event.is_private) == (None, {"action": NAME}, True)
    assert told(cast, "action_expired") == ["ada"]
    assert not Letter.objects.filter(kind="action_expired").exists()
    for verb in ("approve", "reject", "cancel"):
        answer = as_(cast.max).post(f"/approvals/{request.pk}/{verb}/")
        assert (answer.status_code, "This action has expired" in text_of(answer)) == (409, True)
    old_link = text_of(as_(cast.max).get(f"/approvals/{request.pk}/"))
    assert "It expired on" in old_link
    assert ticket.subject not in old_link
    assert again(request).state == State.EXPIRED


def test_decided_actions_stay_as_they_are_when_the_ticket_ends(cast: Cast) -> None:
    """R2.19, R2.22."""
    request = approvals.actions.approve_action(request=asked(cast), by=cast.max)
    walks.closed(cast, ticket=Ticket.objects.get())
    assert (again(request).state, again(request).evaluated_by) == (State.APPROVED, cast.max)


def test_pending_action_blocks_no_other_move(cast: Cast, clock: Clock) -> None:
    """R2.37: solution, return, line change, handing over go on, and it goes on waiting."""
    request = asked(cast, at=clock.now)
    ticket = walks.solved(cast, ticket=Ticket.objects.get(), at=clock.turn(minutes=1))
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.", at=clock.turn(minutes=1))
    ticket = tickets.actions.request_line_change(ticket=ticket, by=cast.ada, text="Hard.", at=clock.turn(minutes=1))
    ticket = tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo, at=clock.turn(minutes=1))
    ticket = tickets.actions.assume(ticket=ticket, by=cast.otto, at=clock.turn(minutes=1))
    assert ticket.status == Status.ASSIGNED
    assert again(request).state == State.WAITING


@pytest.mark.parametrize(
    ("verb", "who"),
    [("approve", "executor"), ("reject", "asker")],
)
def test_evaluation_is_told_to_executor_and_asker_once_each(cast: Cast, verb: str, who: str) -> None:
    """R2.34, R2.35: both by letter and in the hub; one letter where they are the same; no switch."""
    cast.account.mail_p7 = False
    cast.account.save()
    if who == "executor":
        request = getattr(approvals.actions, f"{verb}_action")(request=asked(cast), by=cast.max)
        expected = ["ada"]
    else:
        request = getattr(approvals.actions, f"{verb}_action")(request=_waiting(cast), by=cast.max)
        expected = ["ada", "bob"]
    kind = {"approve": "action_approved", "reject": "action_rejected"}[verb]
    assert told(cast, kind) == expected
    assert cast.names_of(letter.recipient for letter in Letter.objects.filter(kind=kind)) == expected
    paths = {cast.name_of(one.recipient): one.facts["path"] for one in Letter.objects.filter(kind=kind)}
    assert paths[expected[-1]] == f"/panel/tickets/{request.ticket_id}/"
    if who == "asker":
        assert paths["ada"] == f"/panel/actions/{request.pk}/"
