"""Who may do what in which status, and what becomes of the ticket: written here by hand from the specification
(R6.1 to R6.22, A2, A5, A9, A11, A14, A28, A29, A41), not read from the moves table, and tried cell by cell on the real
actions.

In a cell: the status afterwards, ``same`` where the move is made and the status stays, ``-`` where it is refused.
A verb that has no row in a block is refused to everybody there.

    queue   awaiting_distribution        giveup  closing_requested
    taken   assigned                     check   awaiting_approval
    work    in_service                   rating  awaiting_rating
    asked   awaiting_requester           closed  closed
    line    line_change_requested        cancel  cancelled

The persons: the requester (Rita), her colleague (Cora), the executor (Ada; while there is none she is one more agent),
another agent of the same line (Bob), an agent of line 2 (Otto), the head (Hugo), the administrator (Ana), a stranger
(Eve), an agent of another department (Nora), and the clock. Where a ticket is on line 2, Otto is the executor, Ada has
been, and Bob is an agent of line 1.
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
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast, a_file, an_agent, leave_department
from tickets.lifecycle import MOVES, Status
from tickets.models import Ticket

SHORT = {
    "awaiting_distribution": "queue",
    "assigned": "taken",
    "in_service": "work",
    "awaiting_requester": "asked",
    "line_change_requested": "line",
    "closing_requested": "giveup",
    "awaiting_approval": "check",
    "awaiting_rating": "rating",
    "closed": "closed",
    "cancelled": "cancel",
}
COLUMNS = ("requester", "colleague", "executor", "agent", "line2", "head", "admin", "stranger", "elsewhere", "clock")
NAMES = ("rita", "cora", "ada", "bob", "otto", "hugo", "ana", "eve", "nora")
VERBS = [verb for verb in MOVES if verb != "open"]

COLUMNS_ON_LINE_2 = (
    "requester", "colleague", "former", "line1", "executor", "head", "admin", "stranger", "elsewhere", "clock",
)  # fmt: skip

GRID: dict[str, str] = {
    "awaiting_distribution": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
assume                 -         -         taken     taken     -         -         -         -         -         -
give                   -         -         -         -         -         taken     taken     -         -         -
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_distribution, only given": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
give                   -         -         -         -         -         taken     taken     -         -         -
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_distribution, only taken": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
assume                 -         -         taken     taken     -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_distribution, one line": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
assume                 -         -         taken     taken     taken     -         -         -         -         -
give                   -         -         -         -         -         taken     taken     -         -         -
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         same      same      same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_distribution, line 2": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
assume                 -         -         -         -         taken     -         -         -         -         -
give                   -         -         -         -         -         taken     taken     -         -         -
assign                 -         -         -         -         -         -         -         -         -         taken
alert                  -         -         -         -         -         -         -         -         -         same
note                   -         -         -         -         same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "assigned": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
start                  -         -         work      -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
hand_over              -         -         -         -         -         same      same      -         -         -
take_back              -         -         -         -         -         queue     queue     -         -         -
forward                -         -         queue     -         -         queue     queue     -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "in_service": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
send_solution          -         -         check     -         -         -         -         -         -         -
ask                    -         -         asked     -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
request_line_change    -         -         line      -         -         -         -         -         -         -
hand_over              -         -         -         -         -         taken     taken     -         -         -
take_back              -         -         -         -         -         queue     queue     -         -         -
forward                -         -         queue     -         -         queue     queue     -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "in_service, one line": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
send_solution          -         -         check     -         -         -         -         -         -         -
ask                    -         -         asked     -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
hand_over              -         -         -         -         -         taken     taken     -         -         -
take_back              -         -         -         -         -         queue     queue     -         -         -
forward                -         -         queue     -         -         queue     queue     -         -         -
request_closing        -         -         giveup    -         -         -         -         -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "in_service, line 2": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
send_solution          -         -         -         -         check     -         -         -         -         -
ask                    -         -         -         -         asked     -         -         -         -         -
reply                  -         -         -         -         same      -         -         -         -         -
note                   -         -         -         -         same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
hand_over              -         -         -         -         -         taken     taken     -         -         -
take_back              -         -         -         -         -         queue     queue     -         -         -
forward                -         -         -         -         queue     queue     queue     -         -         -
request_closing        -         -         -         -         giveup    -         -         -         -         -
cancel                 cancel    -         -         -         cancel    cancel    cancel    -         -         -
""",
    "in_service, line 2, no head needed": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
send_solution          -         -         -         -         check     -         -         -         -         -
ask                    -         -         -         -         asked     -         -         -         -         -
reply                  -         -         -         -         same      -         -         -         -         -
note                   -         -         -         -         same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
hand_over              -         -         -         -         -         taken     taken     -         -         -
take_back              -         -         -         -         -         queue     queue     -         -         -
forward                -         -         -         -         queue     queue     queue     -         -         -
request_closing        -         -         -         -         closed    -         -         -         -         -
cancel                 cancel    -         -         -         cancel    cancel    cancel    -         -         -
""",
    "in_service, executor inactive": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
note                   -         -         -         same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
hand_over              -         -         -         -         -         taken     taken     -         -         -
take_back              -         -         -         -         -         queue     queue     -         -         -
forward                -         -         -         -         -         queue     queue     -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_requester": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
send_solution          -         -         check     -         -         -         -         -         -         -
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
answer                 work      -         -         -         -         -         -         -         -         -
request_line_change    -         -         line      -         -         -         -         -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "awaiting_requester, executor inactive": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
note                   -         -         -         same      -         same      same      -         -         -
answer                 queue     -         -         -         -         -         -         -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "awaiting_requester, line 2": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
send_solution          -         -         -         -         check     -         -         -         -         -
reply                  -         -         -         -         same      -         -         -         -         -
note                   -         -         -         -         same      same      same      -         -         -
answer                 work      -         -         -         -         -         -         -         -         -
request_closing        -         -         -         -         giveup    -         -         -         -         -
cancel                 cancel    -         -         -         cancel    cancel    cancel    -         -         -
""",
    "line_change_requested": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_line_change    -         -         -         -         -         queue     queue     -         -         -
return_line_change     -         -         -         -         -         work      work      -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "line_change_requested, reminded of": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_line_change    -         -         -         -         -         queue     queue     -         -         -
return_line_change     -         -         -         -         -         work      work      -         -         -
remind_heads           -         -         -         -         -         -         -         -         -         same
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "line_change_requested, one line now": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
return_line_change     -         -         -         -         -         work      work      -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "line_change_requested, executor inactive": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
note                   -         -         -         same      -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_line_change    -         -         -         -         -         queue     queue     -         -         -
return_line_change     -         -         -         -         -         queue     queue     -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
""",
    "closing_requested": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
reply                  -         -         -         -         same      -         -         -         -         -
note                   -         -         -         -         same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_closing        -         -         -         -         -         closed    closed    -         -         -
refuse_closing         -         -         -         -         -         work      work      -         -         -
cancel                 cancel    -         -         -         cancel    cancel    cancel    -         -         -
""",
    "closing_requested, reminded of": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
reply                  -         -         -         -         same      -         -         -         -         -
note                   -         -         -         -         same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_closing        -         -         -         -         -         closed    closed    -         -         -
refuse_closing         -         -         -         -         -         work      work      -         -         -
remind_heads           -         -         -         -         -         -         -         -         -         same
cancel                 cancel    -         -         -         cancel    cancel    cancel    -         -         -
""",
    "closing_requested, one line": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
reply                  -         -         same      -         -         -         -         -         -         -
note                   -         -         same      same      same      same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_closing        -         -         -         -         -         closed    closed    -         -         -
refuse_closing         -         -         -         -         -         work      work      -         -         -
cancel                 cancel    -         cancel    -         -         cancel    cancel    -         -         -
""",
    "closing_requested, executor inactive": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
note                   -         -         -         -         -         same      same      -         -         -
write                  same      -         -         -         -         -         -         -         -         -
approve_closing        -         -         -         -         -         closed    closed    -         -         -
refuse_closing         -         -         -         -         -         queue     queue     -         -         -
cancel                 cancel    -         -         -         -         cancel    cancel    -         -         -
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
    "closed, without solution": """
                       requester colleague former    line1     executor  head      admin     stranger  elsewhere clock
""",
    "cancelled": """
                       requester colleague executor  agent     line2     head      admin     stranger  elsewhere clock
""",
}


def _ruled(walk: Callable[[Cast], Ticket], **settings: Any) -> Callable[[Cast], Ticket]:
    """The walk in a department with ``settings``."""

    def prepare(cast: Cast) -> Ticket:
        cast.rules(**settings)
        return walk(cast)

    return prepare


def _without_executor(walk: Callable[[Cast], Ticket]) -> Callable[[Cast], Ticket]:
    """The walk, and then its executor is deactivated."""

    def prepare(cast: Cast) -> Ticket:
        ticket = walk(cast)
        cast.deactivate(cast.people[cast.name_of(ticket.executor)])
        return ticket

    return prepare


def _line_change_where_line_2_is_gone(cast: Cast) -> Ticket:
    ticket = walks.line_change_requested(cast)
    cast.rules(support_lines=1)
    return ticket


def _asked_on_line_2(cast: Cast) -> Ticket:
    return walks.asked(cast, ticket=walks.started_on_the_last_line(cast))


REMINDED = {"decision_reminder": timedelta(hours=1)}

WALKS: dict[str, Callable[[Cast], Ticket]] = {
    **{status: walks.TO[Status(status)] for status in SHORT},
    "awaiting_distribution, only given": _ruled(walks.opened, distribution_mode="push"),
    "awaiting_distribution, only taken": _ruled(walks.opened, distribution_mode="pull"),
    "awaiting_distribution, one line": _ruled(walks.opened, support_lines=1),
    "awaiting_distribution, line 2": walks.on_line_2,
    "in_service, one line": _ruled(walks.started, support_lines=1),
    "in_service, line 2": walks.started_on_the_last_line,
    "in_service, line 2, no head needed": _ruled(
        walks.started_on_the_last_line, closing_without_solution_needs_head=False
    ),
    "in_service, executor inactive": _without_executor(walks.started),
    "awaiting_requester, executor inactive": _without_executor(walks.asked),
    "awaiting_requester, line 2": _asked_on_line_2,
    "line_change_requested, reminded of": _ruled(walks.line_change_requested, **REMINDED),
    "line_change_requested, one line now": _line_change_where_line_2_is_gone,
    "line_change_requested, executor inactive": _without_executor(walks.line_change_requested),
    "closing_requested, reminded of": _ruled(walks.closing_requested, **REMINDED),
    "closing_requested, one line": _ruled(walks.closing_requested, support_lines=1),
    "closing_requested, executor inactive": _without_executor(walks.closing_requested),
    "awaiting_approval, rating first": _ruled(walks.solved, survey_mode="before_closing"),
    "awaiting_approval, no period": _ruled(walks.solved, approval_period=timedelta(0)),
    "awaiting_approval, executor inactive": _without_executor(walks.solved),
    "closed, finalized": walks.finalized,
    "closed, without solution": walks.closed_without_solution,
    "cancelled": lambda cast: walks.cancelled(cast, ticket=walks.started(cast)),
}


def _choices(cast: Cast, verb: str, ticket: Ticket) -> dict[str, Any]:
    """What a move asks for besides words: another agent of the ticket's line, a service of another department."""
    if verb in {"give", "hand_over"}:
        return {"executor": cast.bob if ticket.line == 1 else User.objects.get(name="Zoe Zimmer")}
    return {"service": cast.other_service} if verb == "forward" else {}


def _try(verb: str, ticket: Ticket, by: Any, choices: dict[str, Any]) -> str:
    """Make the move with everything it may need, look at the row, and take it all back."""
    words = {"text": "Because."} if MOVES[verb].text != "none" else {}
    try:
        with transaction.atomic():
            getattr(tickets.actions, verb)(ticket=ticket, by=by, **words, **choices)
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
    an_agent("Zoe Zimmer", cast.department, line=2)
    people = [*(cast.again(cast.people[person]) for person in NAMES), CLOCK]
    found = []
    for verb in VERBS:
        choices = _choices(cast, verb, ticket)
        cells = [_try(verb, ticket, person, choices) for person in people]
        if set(cells) != {"-"}:
            found.append(f"{verb:22} " + " ".join(f"{cell:9}" for cell in cells).rstrip())
    columns = COLUMNS_ON_LINE_2 if ticket.line == 2 else COLUMNS
    header = " " * 23 + " ".join(f"{column:9}" for column in columns).rstrip()
    assert "\n".join([header, *found]) == GRID[name].strip("\n")


def test_grid_covers_every_status() -> None:
    """A status without a block would be a status without a rule."""
    assert {name.partition(",")[0] for name in GRID} == set(Status.values)
    assert set(WALKS) == set(GRID)


def test_grid_shows_every_verb_somewhere() -> None:
    """A verb that no block allows to anybody would be a move that nobody has tried."""
    shown = {line.split()[0] for block in GRID.values() for line in block.strip("\n").splitlines()[1:]}
    assert shown == set(VERBS)


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
