"""Who may do what with a change of priority, in which state of it and of its ticket: written here by hand from the
specification (R4.30 to R4.35, A40, A41), not read from the moves table, and tried cell by cell on the real actions.

In a cell: the state of the newest request afterwards, ``set`` where the priority changes without one, ``told`` where
people are reminded, ``-`` where it is refused. A verb that has no row in a block is refused to everybody there.

The persons are those of the ticket's own grid.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

import approvals.actions
import tickets.actions
from approvals.lifecycle import MOVES, State
from approvals.models import PriorityRequest
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from tests import walks
from tests.cast import Cast, Clock
from tickets.lifecycle import FINAL, OPEN, Status
from tickets.models import Ticket

COLUMNS = ("requester", "colleague", "executor", "agent", "line2", "head", "admin", "stranger", "elsewhere", "clock")
NAMES = ("rita", "cora", "ada", "bob", "otto", "hugo", "ana", "eve", "nora")
VERBS = [verb for verb in MOVES if "priority" in verb]
HEADER = " " * 27 + " ".join(f"{column:9}" for column in COLUMNS).rstrip()

GRID: dict[str, str] = {
    "nothing": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
request_priority           -         -         waiting   -         -         -         -         -         -         -
set_priority               -         -         -         -         -         -         set       -         -         -
""",
    "nothing, no head needed": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
request_priority           -         -         approved  -         -         -         -         -         -         -
set_priority               -         -         -         -         -         -         set       -         -         -
""",
    "nothing, no executor": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
set_priority               -         -         -         -         -         -         set       -         -         -
""",
    "waiting": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
approve_priority           -         -         -         -         -         approved  approved  -         -         -
reject_priority            -         -         -         -         -         rejected  rejected  -         -         -
set_priority               -         -         -         -         -         -         cancelled -         -         -
""",
    "waiting, reminded of": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
approve_priority           -         -         -         -         -         approved  approved  -         -         -
reject_priority            -         -         -         -         -         rejected  rejected  -         -         -
remind_heads_of_priority   -         -         -         -         -         -         -         -         -         told
set_priority               -         -         -         -         -         -         cancelled -         -         -
""",
    "waiting, executor inactive": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
approve_priority           -         -         -         -         -         approved  approved  -         -         -
reject_priority            -         -         -         -         -         rejected  rejected  -         -         -
set_priority               -         -         -         -         -         -         cancelled -         -         -
""",
    "approved": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
request_priority           -         -         waiting   -         -         -         -         -         -         -
set_priority               -         -         -         -         -         -         set       -         -         -
""",
    "rejected": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
request_priority           -         -         waiting   -         -         -         -         -         -         -
set_priority               -         -         -         -         -         -         set       -         -         -
""",
    "cancelled": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
request_priority           -         -         waiting   -         -         -         -         -         -         -
set_priority               -         -         -         -         -         -         set       -         -         -
""",
    "ended with its ticket": """
                           requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
""",
}


def requested(cast: Cast, clock: Clock, ticket: Ticket | None = None) -> PriorityRequest:
    """Ada asks for urgency; it waits for a decision, unless none is needed."""
    ticket = ticket or walks.started(cast, at=clock.now)
    return approvals.actions.request_priority(
        ticket=ticket, by=walks.executor_of(ticket), priority="urgent", text="The whole floor.", at=clock.now
    )


def _nothing(cast: Cast, clock: Clock) -> Ticket:
    return walks.started(cast, at=clock.now)


def _no_head_needed(cast: Cast, clock: Clock) -> Ticket:
    cast.rules(criticality_change_needs_approval=False)
    return walks.started(cast, at=clock.now)


def _waiting(cast: Cast, clock: Clock) -> Ticket:
    return requested(cast, clock).ticket


def _reminded_of(cast: Cast, clock: Clock) -> Ticket:
    cast.rules(decision_reminder=timedelta(hours=1))
    ticket = requested(cast, clock).ticket
    clock.turn(hours=1)
    return ticket


def _executor_inactive(cast: Cast, clock: Clock) -> Ticket:
    ticket = requested(cast, clock).ticket
    cast.deactivate(cast.ada)
    return ticket


def _approved(cast: Cast, clock: Clock) -> Ticket:
    return approvals.actions.approve_priority(request=requested(cast, clock), by=cast.hugo, at=clock.now).ticket


def _rejected(cast: Cast, clock: Clock) -> Ticket:
    request = requested(cast, clock)
    return approvals.actions.reject_priority(request=request, by=cast.hugo, text="No.", at=clock.now).ticket


def _cancelled(cast: Cast, clock: Clock) -> Ticket:
    ticket = requested(cast, clock).ticket
    return approvals.actions.set_priority(ticket=ticket, by=cast.ana, priority="high", text="So be it.", at=clock.now)


def _ended(cast: Cast, clock: Clock) -> Ticket:
    return tickets.actions.cancel(ticket=requested(cast, clock).ticket, by=cast.rita, at=clock.now)


WALKS: dict[str, Callable[[Cast, Clock], Ticket]] = {
    "nothing": _nothing,
    "nothing, no head needed": _no_head_needed,
    "nothing, no executor": lambda cast, clock: walks.opened(cast, at=clock.now),
    "waiting": _waiting,
    "waiting, reminded of": _reminded_of,
    "waiting, executor inactive": _executor_inactive,
    "approved": _approved,
    "rejected": _rejected,
    "cancelled": _cancelled,
    "ended with its ticket": _ended,
}


def _newest(ticket: Ticket) -> PriorityRequest | None:
    return PriorityRequest.objects.filter(ticket=ticket).last()


def _make(verb: str, ticket: Ticket, by: Any, at: Any) -> str:
    request = _newest(ticket)
    if verb in {"request_priority", "set_priority"}:
        getattr(approvals.actions, verb)(ticket=ticket, by=by, priority="low", text="Because.", at=at)
    elif request is None:
        return "-"  # there is nothing that the verb could be said of
    elif verb == "remind_heads_of_priority":
        approvals.actions.remind_heads(request=request, by=by, at=at)
        return "told"
    else:
        getattr(approvals.actions, verb)(request=request, by=by, text="Because.", at=at)
    newest = _newest(ticket)
    changed = newest is not None and (request is None or (newest.pk, newest.state) != (request.pk, request.state))
    return newest.state if newest is not None and changed else "set"


def _try(verb: str, ticket: Ticket, by: Any, at: Any) -> str:
    """Make the move, look at what became of the request, and take it all back."""
    try:
        with transaction.atomic():
            cell = _make(verb, ticket, by, at)
            assert cell == "-" or ticket.events.filter(verb=verb).exists()
            assert Ticket.objects.get(pk=ticket.pk).status == ticket.status
            transaction.set_rollback(True)
    except Refused:
        return "-"
    return cell


@pytest.mark.parametrize("name", list(GRID))
def test_priority_grid_every_verb_by_every_person_as_written(cast: Cast, clock: Clock, name: str) -> None:
    """R4.30 to R4.35: everything that is not listed is refused."""
    ticket = WALKS[name](cast, clock)
    people = [*(cast.again(cast.people[person]) for person in NAMES), CLOCK]
    found = []
    for verb in VERBS:
        cells = [_try(verb, ticket, person, clock.now) for person in people]
        if set(cells) != {"-"}:
            found.append(f"{verb:26} " + " ".join(f"{cell:9}" for cell in cells).rstrip())
    assert "\n".join([HEADER, *found]) == GRID[name].strip("\n")


def test_priority_grid_covers_every_state_and_verb() -> None:
    """A state without a block would be a state without a rule."""
    assert set(WALKS) == set(GRID)
    assert set(State.values) - {State.EXPIRED} <= {name.partition(",")[0] for name in GRID}
    shown = {line.split()[0] for block in GRID.values() for line in block.strip("\n").splitlines()[1:]}
    assert shown == set(VERBS)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_priority_is_asked_and_decided_beside_every_open_status(cast: Cast, clock: Clock, status: Status) -> None:
    """R4.33, R6.25: the ticket's own flow is not touched, its clock neither."""
    ticket = walks.to(status, cast, at=clock.now)
    ticket.refresh_from_db()
    before = (ticket.status, ticket.timer_due_at, ticket.executor_id)
    if status == Status.AWAITING_DISTRIBUTION:
        with pytest.raises(Refused, match="Only the executor"):
            approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority="urgent", text="Now.")
        return
    request = requested(cast, clock, ticket)
    approvals.actions.approve_priority(request=request, by=cast.hugo, at=clock.turn(minutes=1))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.timer_due_at, ticket.executor_id) == before
    assert ticket.priority == "urgent"


@pytest.mark.parametrize("status", sorted(FINAL))
@pytest.mark.parametrize("verb", ["request_priority", "set_priority"])
def test_priority_of_an_ended_ticket_stays(cast: Cast, status: Status, verb: str) -> None:
    """R4.29: there is nothing left to hurry."""
    ticket = walks.to(status, cast)
    by = cast.ana if verb == "set_priority" else cast.ada
    with pytest.raises(Refused):
        getattr(approvals.actions, verb)(ticket=ticket, by=by, priority="urgent", text="Now.")
    assert Ticket.objects.get(pk=ticket.pk).priority == "normal"
