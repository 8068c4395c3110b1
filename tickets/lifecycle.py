"""The life of a ticket, on one page.

Which statuses there are, whose turn it is in each, which clock runs, and every move: from where to where, by whom, on
what condition, with what text, and what follows. Buttons, funnel, diagram and tests read this table; nothing else
decides about a status. Rule numbers are the specification's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    AWAITING_DISTRIBUTION = "awaiting_distribution", _("awaiting distribution")
    ASSIGNED = "assigned", _("assigned")
    IN_SERVICE = "in_service", _("in service")
    AWAITING_REQUESTER = "awaiting_requester", _("awaiting requester")
    LINE_CHANGE_REQUESTED = "line_change_requested", _("line change requested")
    CLOSING_REQUESTED = "closing_requested", _("closing requested")
    AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval of the solution")
    AWAITING_RATING = "awaiting_rating", _("awaiting rating")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class Outcome(TextChoices):
    SOLVED = "solved", _("solved")
    CLOSED_WITHOUT_SOLUTION = "closed_without_solution", _("closed without solution")
    UNSOLVED = "unsolved", _("unsolved")


class Priority(TextChoices):
    LOW = "low", _("low")
    NORMAL = "normal", _("normal")
    HIGH = "high", _("high")
    URGENT = "urgent", _("urgent")


PRIORITY_HELP = {
    Priority.LOW: _("It disturbs nobody today."),
    Priority.NORMAL: _("Work goes on, with some trouble."),
    Priority.HIGH: _("Important work stands still for somebody."),
    Priority.URGENT: _("Work stands still for many, or a loss is near."),
}

S = Status
FINAL = frozenset({S.CLOSED, S.CANCELLED})
OPEN = frozenset(S) - FINAL
# Executor's current tasks: support has to act (R4.8).
CURRENT = frozenset({S.ASSIGNED, S.IN_SERVICE, S.AWAITING_REQUESTER})

# A head has to decide; nobody works on the ticket meanwhile.
DECISIONS = frozenset({S.LINE_CHANGE_REQUESTED, S.CLOSING_REQUESTED})

# The SLA clock runs: support has the ticket. With the requester, and once a solution is sent, it stands (R3.58).
TICKING = frozenset({S.AWAITING_DISTRIBUTION, S.ASSIGNED, S.IN_SERVICE}) | DECISIONS

# The activities of the process, in order, and the statuses that each of them covers (R1.1).
ACTIVITIES: tuple[tuple[str, Any, frozenset[Status]], ...] = (
    ("start", pgettext_lazy("activity", "Start"), frozenset()),
    (
        "service",
        pgettext_lazy("activity", "Service"),
        frozenset({S.AWAITING_DISTRIBUTION, S.ASSIGNED, S.IN_SERVICE, S.AWAITING_REQUESTER}) | DECISIONS,
    ),
    ("approval", _("Solution approval"), frozenset({S.AWAITING_APPROVAL, S.AWAITING_RATING})),
    ("end", _("End"), FINAL),
)

# The board's columns, from left to right (R4.38).
COLUMNS: tuple[tuple[str, Any, tuple[Status, ...]], ...] = (
    ("distribution", _("Awaiting distribution"), (S.AWAITING_DISTRIBUTION,)),
    ("assigned", _("Assigned"), (S.ASSIGNED,)),
    ("service", _("In service"), (S.IN_SERVICE, S.AWAITING_REQUESTER)),
    ("decision", _("Awaiting the head's decision"), (S.LINE_CHANGE_REQUESTED, S.CLOSING_REQUESTED)),
    ("checking", _("With the client for checking"), (S.AWAITING_APPROVAL,)),
    ("rating", _("Awaiting rating"), (S.AWAITING_RATING,)),
)


class Turn(StrEnum):
    """Who has to act next."""

    GROUP = "group"
    EXECUTOR = "executor"
    HEAD = "head"
    REQUESTER = "requester"
    NOBODY = "nobody"


TURNS: dict[Status, Turn] = {
    S.AWAITING_DISTRIBUTION: Turn.GROUP,
    S.ASSIGNED: Turn.EXECUTOR,
    S.IN_SERVICE: Turn.EXECUTOR,
    S.AWAITING_REQUESTER: Turn.REQUESTER,
    S.LINE_CHANGE_REQUESTED: Turn.HEAD,
    S.CLOSING_REQUESTED: Turn.HEAD,
    S.AWAITING_APPROVAL: Turn.REQUESTER,
    S.AWAITING_RATING: Turn.REQUESTER,
    S.CLOSED: Turn.NOBODY,
    S.CANCELLED: Turn.NOBODY,
}


class Timer(StrEnum):
    """The one clock that may run in a status; leaving the status stops it (R6.24)."""

    DISTRIBUTION = "distribution"
    APPROVAL = "approval"
    REMINDER = "reminder"
    RATING = "rating"
    DECISION = "decision"


TIMERS: dict[Status, Timer] = {
    S.AWAITING_DISTRIBUTION: Timer.DISTRIBUTION,
    S.AWAITING_APPROVAL: Timer.APPROVAL,  # REMINDER where the approval period is 0 (A9)
    S.AWAITING_RATING: Timer.RATING,
    S.LINE_CHANGE_REQUESTED: Timer.DECISION,  # only where a department wants reminders (R4.16)
    S.CLOSING_REQUESTED: Timer.DECISION,
}

# These ask people again and again; they are no deadlines.
REMINDERS = frozenset({Timer.REMINDER, Timer.DECISION})

# What the clock does when a timer is due.
TIMER_VERBS: dict[Timer, str] = {
    Timer.DISTRIBUTION: "assign",
    Timer.APPROVAL: "approve_automatically",
    Timer.REMINDER: "remind",
    Timer.RATING: "close_unrated",
    Timer.DECISION: "remind_heads",
}


class Who(StrEnum):
    """Who may make a move. A person may be several of them at once."""

    REQUESTER = "requester"
    MEMBER = "member"  # an agent of the department, on the ticket's line
    EXECUTOR = "executor"
    HEAD = "head"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"  # of the requester's organization, or of its parent
    ASKER = "asker"  # who asked for what waits beside the ticket
    CLOCK = "clock"


STAFF = frozenset({Who.MEMBER, Who.EXECUTOR, Who.HEAD, Who.ADMINISTRATOR})


class Text(StrEnum):
    """Whether a move carries words."""

    NONE = "none"
    OPTIONAL = "optional"
    TEXT_OR_FILES = "text_or_files"
    REQUIRED = "required"
    REQUIRED_FROM_STAFF = "required_from_staff"


@dataclass(frozen=True)
class Move:
    """One row of the table.

    Attributes:
        verb: the name of the function in ``actions.py``, of the address and of the event.
        label: what the button says.
        sources: statuses in which the move is possible; empty = the ticket does not exist yet.
        target: the status afterwards; None = it stays.
        otherwise: the status afterwards when ``detour`` (a function of ``conditions.py``) says so.
        who: who may make it.
        condition: the name of a function of ``conditions.py`` that returns None or a refusal.
        text: whether words are needed.
        says: the kind of message that the words become; None keeps them as the event's comment.
        asks: what has to be chosen besides: ``executor``, ``service`` or ``priority``.
        lines: how many support lines a department must have for the move to be offered at all (A29).
        outcome: how the ticket ended, where the move ends it.
        files: whether files may be sent along.
        private: True keeps the event from the requester, unless it ends the ticket.
        rule: the specification's number.
    """

    verb: str
    label: Any
    rule: str
    sources: frozenset[Status]
    target: Status | None
    who: frozenset[Who]
    text: Text = Text.NONE
    says: str | None = None
    files: bool = False
    asks: str | None = None
    lines: int = 1
    outcome: Outcome | None = None
    condition: str | None = None
    otherwise: Status | None = None
    detour: str | None = None
    private: bool = False

    def target_from(self, status: Status, *, detour: bool = False) -> Status:
        """The status after this move out of ``status``."""
        return (self.otherwise if detour else self.target) or status


_POOL, _WORKING, _HELD = [S.AWAITING_DISTRIBUTION], [S.IN_SERVICE, S.AWAITING_REQUESTER], [S.ASSIGNED, S.IN_SERVICE]
_CHECK, _RATING = [S.AWAITING_APPROVAL], [S.AWAITING_RATING]
_LINE_CHANGE, _CLOSING = [S.LINE_CHANGE_REQUESTED], [S.CLOSING_REQUESTED]
_CLOCK, _REQUESTER, _EXECUTOR, _MEMBER = [Who.CLOCK], [Who.REQUESTER], [Who.EXECUTOR], [Who.MEMBER]
# Any head of the department decides, and administrators can decide too (A41).
_HEAD = [Who.HEAD, Who.ADMINISTRATOR]

_WORDS: dict[str, Any] = {"text": Text.REQUIRED, "files": True}
_WORDS_OR_FILES: dict[str, Any] = {"text": Text.TEXT_OR_FILES, "files": True}
_COMMENT: dict[str, Any] = {"text": Text.OPTIONAL, "private": True}
_REASON: dict[str, Any] = {"text": Text.REQUIRED, "private": True}
_SOLVED: dict[str, Any] = {"outcome": Outcome.SOLVED}
_GIVEN_UP: dict[str, Any] = {"outcome": Outcome.CLOSED_WITHOUT_SOLUTION}


def _row(
    verb: str, label: Any, rule: str, at: Iterable[Status], to: Status | None, who: Iterable[Who], **more: Any
) -> tuple[str, Move]:
    return verb, Move(verb, label, rule, frozenset(at), to, frozenset(who), **more)


# The order is the order in which buttons stand. A row: verb, label, rule, from where, to where, by whom, and the rest.
# fmt: off
MOVES: dict[str, Move] = dict((
    _row("open", _("Open ticket"), "R6.1", [], S.AWAITING_DISTRIBUTION, _REQUESTER, says="opening", **_WORDS),

    # Distribution
    _row("assume", _("Take"), "R6.3", _POOL, S.ASSIGNED, _MEMBER, condition="may_be_taken"),
    _row("give", _("Give to an agent"), "R6.4", _POOL, S.ASSIGNED, _HEAD, asks="executor", condition="may_be_given"),
    _row("assign", _("Assign automatically"), "R6.5", _POOL, S.ASSIGNED, _CLOCK, condition="may_be_given"),
    _row("alert", _("Alert that nobody is available"), "R4.9", _POOL, None, _CLOCK,
         condition="may_be_given", private=True),

    # Service
    _row("start", _("Start"), "R6.6", [S.ASSIGNED], S.IN_SERVICE, _EXECUTOR),
    _row("send_solution", _("Send solution"), "R6.8", _WORKING, S.AWAITING_APPROVAL, _EXECUTOR,
         says="solution", **_WORDS),
    _row("ask", _("Ask the requester"), "R6.7", [S.IN_SERVICE], S.AWAITING_REQUESTER, _EXECUTOR,
         says="message", **_WORDS),
    _row("reply", _("Reply"), "R3.10", OPEN - {S.AWAITING_DISTRIBUTION}, None, _EXECUTOR,
         says="message", **_WORDS_OR_FILES),
    _row("note", _("Add internal note"), "R5.53", OPEN, None, STAFF, says="note", text=Text.REQUIRED, private=True),
    _row("write", _("Send message"), "R3.5", OPEN - {S.AWAITING_REQUESTER, S.AWAITING_APPROVAL}, None, _REQUESTER,
         says="message", **_WORDS_OR_FILES),
    _row("answer", _("Send answer"), "R6.7", [S.AWAITING_REQUESTER], S.IN_SERVICE, _REQUESTER,
         otherwise=S.AWAITING_DISTRIBUTION, detour="executor_is_gone", says="message", **_WORDS_OR_FILES),

    # Another line, another agent, another department
    _row("request_line_change", _("Request change of line"), "R6.9", _WORKING, S.LINE_CHANGE_REQUESTED, _EXECUTOR,
         condition="has_a_second_line", lines=2, **_REASON),
    _row("approve_line_change", _("Approve change of line"), "R6.11", _LINE_CHANGE, S.AWAITING_DISTRIBUTION, _HEAD,
         condition="has_a_second_line", **_COMMENT),
    _row("return_line_change", _("Return for rework"), "R6.10", _LINE_CHANGE, S.IN_SERVICE, _HEAD,
         otherwise=S.AWAITING_DISTRIBUTION, detour="executor_is_gone", **_REASON),
    _row("hand_over", _("Give to another agent"), "R6.21", _HELD, S.ASSIGNED, _HEAD, asks="executor", **_COMMENT),
    _row("take_back", _("Take back into distribution"), "R6.21", _HELD, S.AWAITING_DISTRIBUTION, _HEAD, **_COMMENT),
    _row("forward", _("Forward to another department"), "R6.21", _HELD, S.AWAITING_DISTRIBUTION,
         [Who.EXECUTOR, *_HEAD], asks="service", **_REASON),

    # Closing without a solution; where no head is needed, the request closes at once (A28)
    _row("request_closing", _("Request closing without solution"), "R6.12", _WORKING, S.CLOSING_REQUESTED, _EXECUTOR,
         condition="is_on_the_last_line", otherwise=S.CLOSED, detour="closing_needs_no_head", **_REASON, **_GIVEN_UP),
    _row("approve_closing", _("Close without solution"), "R6.13", _CLOSING, S.CLOSED, _HEAD,
         text=Text.REQUIRED, **_GIVEN_UP),
    _row("refuse_closing", _("Refuse the closing"), "R6.14", _CLOSING, S.IN_SERVICE, _HEAD,
         otherwise=S.AWAITING_DISTRIBUTION, detour="executor_is_gone", **_REASON),
    _row("remind_heads", _("Remind of the decision"), "R4.16", DECISIONS, None, _CLOCK,
         condition="decision_is_reminded_of", private=True),

    # The check by the requester; the survey may stand before the closing (R6.17)
    _row("approve", _("Approve solution"), "R6.16", _CHECK, S.CLOSED, _REQUESTER,
         otherwise=S.AWAITING_RATING, detour="survey_comes_first", **_SOLVED),
    _row("return_solution", _("Return with questions / not solved"), "R6.15", _CHECK, S.IN_SERVICE, _REQUESTER,
         otherwise=S.AWAITING_DISTRIBUTION, detour="executor_is_gone", says="return", **_WORDS),
    _row("approve_automatically", _("Approve automatically"), "R6.18", _CHECK, S.CLOSED, _CLOCK,
         condition="approval_may_be_silent", **_SOLVED),
    _row("remind", _("Remind of the approval"), "A9", _CHECK, None, _CLOCK, condition="approval_is_reminded_of"),
    _row("rate", _("Rate"), "R6.19", _RATING, S.CLOSED, _REQUESTER, **_SOLVED),
    _row("close_unrated", _("Close without rating"), "R6.19", _RATING, S.CLOSED, _CLOCK, **_SOLVED),

    # The end
    _row("cancel", _("Cancel ticket"), "R6.20", OPEN, S.CANCELLED, [Who.REQUESTER, Who.EXECUTOR, *_HEAD],
         text=Text.REQUIRED_FROM_STAFF, outcome=Outcome.UNSOLVED),
    _row("finalize", _("Finalize service engagement"), "R6.22", [S.CLOSED], None, [Who.EXECUTOR, Who.CLOCK],
         condition="may_be_finalized"),
))
# fmt: on

# Called by the funnel in the same transaction, with the passages by which tickets have come into a status. Dotted
# names, so that the floor below needs not know the floors above.
FOLLOWERS: dict[Status, tuple[str, ...]] = {
    S.AWAITING_DISTRIBUTION: ("approvals.actions.follow_forwarded",),
    S.AWAITING_RATING: ("surveys.actions.invite",),
    S.CLOSED: ("surveys.actions.invite", "approvals.actions.end_with_ticket"),
    S.CANCELLED: ("approvals.actions.end_with_ticket",),
}


def activity_of(status: str) -> str:
    """The name of the activity that a status belongs to (R1.1)."""
    return next(name for name, _label, statuses in ACTIVITIES if status in statuses)


def shown_status(status: str, outcome: str) -> Status | Outcome:
    """What a ticket is called where its status is shown: closing without a solution has a name of its own (R4.20)."""
    return Outcome.CLOSED_WITHOUT_SOLUTION if outcome == Outcome.CLOSED_WITHOUT_SOLUTION else Status(status)


def moves_from(status: str) -> list[Move]:
    """Every move out of ``status``, whoever makes it, in the order of the buttons."""
    return [move for move in MOVES.values() if status in move.sources]
