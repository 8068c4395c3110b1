"""Who may do what in which status, and what becomes of the ticket: written here by hand from the specification
(R6.1 to R6.22, A2, A5, A9, A11, A14, A29), not read from the moves table, and tried cell by cell on the real actions.

In a cell: the status afterwards, ``same`` where the move is made and the status stays, ``-`` where it is refused.
A verb that has no row in a block is refused to everybody there.

    queue   awaiting_distribution        check   awaiting_approval
    taken   assigned                     rating  awaiting_rating
    work    in_service                   closed  closed
    asked   awaiting_requester           cancel  cancelled

The persons: the requester (Rita), her colleague (Cora), the executor (Ada; while there is none she is one more agent),
another agent of the same line (Bob), an agent of line 2 (Otto), the head (Hugo), the administrator (Ana), a stranger
(Eve), an agent of another department (Nora), and the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from tests import walks
from tests.cast import Cast, a_file, leave_department
from tickets.lifecycle import MOVES, Status
from tickets.models import Ticket

SHORT = {
    "awaiting_distribution": "queue",
    "assigned": "taken",
    "in_service": "work",
    "awaiting_requester": "asked",
    "awaiting_approval": "check",
    "awaiting_rating": "rating",
    "closed": "closed",
    "cancelled": "cancel",
}
COLUMNS = ("requester", "colleague", "executor", "agent", "line2", "head", "admin", "stranger", "elsewhere", "clock")
NAMES = ("rita", "cora", "ada", "bob", "otto", "hugo", "ana", "eve", "nora")
VERBS = [verb for verb in MOVES if verb != "open"]

HEADER = " " * 23 + " ".join(f"{column:9}" for column in COLUMNS).rstrip()

GRID: dict[str, str] = {
    "awaiting_distribution": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
assume                 -         -         taken     taken     -         -         -         -         -         -
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_distribution, push": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_distribution, one line": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
assume                 -         -         taken     taken     taken     -         -         -         -         -
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         same      same      same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "assigned": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
start                  -         -         work      -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "in_service": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
send_solution          -         -         check     -         -         -         -         -         -         -
ask                    -         -         asked     -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "awaiting_requester": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
send_solution          -         -         check     -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
answer                 work      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "awaiting_approval": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
approve                closed    -         -         -         -         -         -         -         -         -
return_solution        work      -         -         -         -         -         -         -         -         -
approve_automatically  -         -         -         -         -         -         -         -         -         closed
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "awaiting_approval, rating first": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
approve                rating    -         -         -         -         -         -         -         -         -
return_solution        work      -         -         -         -         -         -         -         -         -
approve_automatically  -         -         -         -         -         -         -         -         -         closed
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "awaiting_approval, no period": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
approve                closed    -         -         -         -         -         -         -         -         -
return_solution        work      -         -         -         -         -         -         -         -         -
remind                 -         -         -         -         -         -         -         -         -         same
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "awaiting_approval, executor inactive": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
note                   -         -         -         same      -         same      same      -         -         -
approve                closed    -         -         -         -         -         -         -         -         -
return_solution        queue     -         -         -         -         -         -         -         -         -
approve_automatically  -         -         -         -         -         -         -         -         -         closed
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_rating": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
rate                   closed    -         -         -         -         -         -         -         -         -
close_unrated          -         -         -         -         -         -         -         -         -         closed
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "closed": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
finalize               -         -         same      -         -         -         -         -         -         same
""",
    "closed, finalized": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
""",
    "cancelled": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
""",
}


def _pushed(cast: Cast) -> Ticket:
    cast.rules(distribution_mode="push")
    return walks.opened(cast)


def _in_one_line(cast: Cast) -> Ticket:
    cast.rules(support_lines=1)
    return walks.opened(cast)


def _to_be_rated_first(cast: Cast) -> Ticket:
    cast.rules(survey_mode="before_closing")
    return walks.solved(cast)


def _without_period(cast: Cast) -> Ticket:
    cast.rules(approval_period=timedelta(0))
    return walks.solved(cast)


def _executor_inactive(cast: Cast) -> Ticket:
    ticket = walks.solved(cast)
    cast.deactivate(cast.ada)
    return ticket


WALKS: dict[str, Callable[[Cast], Ticket]] = {
    **{status: walks.TO[Status(status)] for status in SHORT},
    "awaiting_distribution, push": _pushed,
    "awaiting_distribution, one line": _in_one_line,
    "awaiting_approval, rating first": _to_be_rated_first,
    "awaiting_approval, no period": _without_period,
    "awaiting_approval, executor inactive": _executor_inactive,
    "closed, finalized": walks.finalized,
    "cancelled": lambda cast: walks.cancelled(cast, ticket=walks.started(cast)),
}


def _try(verb: str, ticket: Ticket, by: Any) -> str:
    """Make the move with everything it may need, look at the row, and take it all back."""
    words = {"text": "Because."} if MOVES[verb].text != "none" else {}
    try:
        with transaction.atomic():
            getattr(tickets.actions, verb)(ticket=ticket, by=by, **words)
            after = Ticket.objects.get(pk=ticket.pk).status
            assert ticket.events.filter(verb=verb).exists()
            transaction.set_rollback(True)
    except Refused:
        return "-"
    return "same" if after == ticket.status else SHORT[after]


@pytest.mark.parametrize("name", list(GRID))
def test_grid_every_verb_by_every_person_as_written(cast: Cast, name: str) -> None:
    """R6.1 to R6.22: everything that is not listed is refused."""
    ticket = WALKS[name](cast)
    people = [*(cast.again(cast.people[person]) for person in NAMES), CLOCK]
    found = []
    for verb in VERBS:
        cells = [_try(verb, ticket, person) for person in people]
        if set(cells) != {"-"}:
            found.append(f"{verb:22} " + " ".join(f"{cell:9}" for cell in cells).rstrip())
    assert "\n".join([HEADER, *found]) == GRID[name].strip("\n")


def test_grid_covers_every_status() -> None:
    """A status without a block would be a status without a rule."""
    assert {name.partition(",")[0] for name in GRID} == set(Status.values)
    assert set(WALKS) == set(GRID)


def test_grid_attachments_of_other_activities_are_never_needed(cast: Cast) -> None:
    """R1.5, A43: every verb after the opening was made above without a file; with one it is made too, where files fit."""
    ticket = walks.started(cast)
    tickets.actions.reply(ticket=ticket, by=cast.ada, files=[a_file("log.txt")])
    assert list(ticket.folder.files.values_list("name", flat=True)) == ["screen.txt", "log.txt"]


def test_return_without_department_membership_goes_to_distribution(cast: Cast) -> None:
    """A11: an agent who left the department cannot go on either."""
    ticket = walks.solved(cast)
    leave_department(cast.department, cast.ada)
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="It still burns.")
    assert (ticket.status, ticket.executor, ticket.line) == (Status.AWAITING_DISTRIBUTION, None, 1)
