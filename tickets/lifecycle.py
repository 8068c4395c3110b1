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


class Status(TextChoices):
    AWAITING_DISTRIBUTION = "awaiting_distribution", _("awaiting distribution")
    ASSIGNED = "assigned", _("assigned")
    IN_SERVICE = "in_service", _("in service")
    AWAITING_REQUESTER = "awaiting_requester", _("awaiting requester")
    AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval of the solution")
    AWAITING_RATING = "awaiting_rating", _("awaiting rating")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class Outcome(TextChoices):
    SOLVED = "solved", _("solved")
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

# The activities of the process, in order, and the statuses that each of them covers (R1.1).
ACTIVITIES: tuple[tuple[str, Any, frozenset[Status]], ...] = (
    ("start", _("Start"), frozenset()),
    (
        "service",
        _("Service"),
        frozenset({S.AWAITING_DISTRIBUTION, S.ASSIGNED, S.IN_SERVICE, S.AWAITING_REQUESTER}),
    ),
    ("approval", _("Solution approval"), frozenset({S.AWAITING_APPROVAL, S.AWAITING_RATING})),
    ("end", _("End"), FINAL),
)


class Turn(StrEnum):
    """Who has to act next."""

    GROUP = "group"
    EXECUTOR = "executor"
    REQUESTER = "requester"
    NOBODY = "nobody"


TURNS: dict[Status, Turn] = {
    S.AWAITING_DISTRIBUTION: Turn.GROUP,
    S.ASSIGNED: Turn.EXECUTOR,
    S.IN_SERVICE: Turn.EXECUTOR,
    S.AWAITING_REQUESTER: Turn.REQUESTER,
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


TIMERS: dict[Status, Timer] = {
    S.AWAITING_DISTRIBUTION: Timer.DISTRIBUTION,
    S.AWAITING_APPROVAL: Timer.APPROVAL,  # REMINDER where the approval period is 0 (A9)
    S.AWAITING_RATING: Timer.RATING,
}

# What the clock does when a timer is due.
TIMER_VERBS: dict[Timer, str] = {
    Timer.DISTRIBUTION: "assign",
    Timer.APPROVAL: "approve_automatically",
    Timer.REMINDER: "remind",
    Timer.RATING: "close_unrated",
}


class Who(StrEnum):
    """Who may make a move. A person may be several of them at once."""

    REQUESTER = "requester"
    MEMBER = "member"  # an agent of the department, on the ticket's line
    EXECUTOR = "executor"
    HEAD = "head"
    ADMINISTRATOR = "administrator"
    CLOCK = "clock"


STAFF = frozenset({Who.MEMBER, Who.EXECUTOR, Who.HEAD, Who.ADMINISTRATOR})


class Text(StrEnum):
    """Whether a move carries words."""

    NONE = "none"
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
        files: whether files may be sent along.
        private: True keeps the event from the requester.
        rule: the specification's number.
    """

    verb: str
    label: Any
    rule: str
    sources: frozenset[Status]
    target: Status | None
    who: frozenset[Who]
    text: Text = Text.NONE
    files: bool = False
    condition: str | None = None
    otherwise: Status | None = None
    detour: str | None = None
    private: bool = False

    def target_from(self, status: Status, *, detour: bool = False) -> Status:
        """The status after this move out of ``status``."""
        return (self.otherwise if detour else self.target) or status


def _move(
    verb: str,
    label: Any,
    *,
    rule: str,
    at: Iterable[Status] = (),
    to: Status | None = None,
    who: Iterable[Who],
    **more: Any,
) -> tuple[str, Move]:
    """One row: ``at`` the statuses where it is possible, ``to`` the status it leads to (none: it stays)."""
    return verb, Move(verb, label, rule, frozenset(at), to, frozenset(who), **more)


_CLOCK, _REQUESTER, _EXECUTOR, _MEMBER = (Who.CLOCK,), (Who.REQUESTER,), (Who.EXECUTOR,), (Who.MEMBER,)
_WORDS: dict[str, Any] = {"text": Text.REQUIRED, "files": True}
_WORDS_OR_FILES: dict[str, Any] = {"text": Text.TEXT_OR_FILES, "files": True}
_WORKING = (S.IN_SERVICE, S.AWAITING_REQUESTER)

# The order is the order in which buttons stand.
MOVES: dict[str, Move] = dict(
    (
        _move("open", _("Open ticket"), rule="R6.1", to=S.AWAITING_DISTRIBUTION, who=_REQUESTER, **_WORDS),
        # Distribution
        _move(
            "assume",
            _("Take"),
            rule="R6.3",
            at=[S.AWAITING_DISTRIBUTION],
            to=S.ASSIGNED,
            who=_MEMBER,
            condition="may_be_taken",
        ),
        _move(
            "assign", _("Assign automatically"), rule="R6.5", at=[S.AWAITING_DISTRIBUTION], to=S.ASSIGNED, who=_CLOCK
        ),
        _move(
            "alert",
            _("Alert that nobody is available"),
            rule="R4.9",
            at=[S.AWAITING_DISTRIBUTION],
            who=_CLOCK,
            private=True,
        ),
        # Service
        _move("start", _("Start"), rule="R6.6", at=[S.ASSIGNED], to=S.IN_SERVICE, who=_EXECUTOR),
        _move(
            "send_solution",
            _("Send solution"),
            rule="R6.8",
            at=_WORKING,
            to=S.AWAITING_APPROVAL,
            who=_EXECUTOR,
            **_WORDS,
        ),
        _move(
            "ask",
            _("Ask the requester"),
            rule="R6.7",
            at=[S.IN_SERVICE],
            to=S.AWAITING_REQUESTER,
            who=_EXECUTOR,
            **_WORDS,
        ),
        _move(
            "reply",
            _("Reply"),
            rule="R3.10",
            at=[S.ASSIGNED, *_WORKING, S.AWAITING_APPROVAL, S.AWAITING_RATING],
            who=_EXECUTOR,
            **_WORDS_OR_FILES,
        ),
        _move(
            "note",
            _("Add internal note"),
            rule="R5.53",
            at=OPEN,
            who=STAFF,
            text=Text.REQUIRED,
            private=True,
        ),
        _move(
            "write",
            _("Send message"),
            rule="R3.5",
            at=[S.AWAITING_DISTRIBUTION, S.ASSIGNED, S.IN_SERVICE, S.AWAITING_RATING],
            who=_REQUESTER,
            **_WORDS_OR_FILES,
        ),
        _move(
            "answer",
            _("Send answer"),
            rule="R6.7",
            at=[S.AWAITING_REQUESTER],
            to=S.IN_SERVICE,
            who=_REQUESTER,
            **_WORDS_OR_FILES,
        ),
        # The check by the requester
        _move(
            "approve",
            _("Approve solution"),
            rule="R6.16",
            at=[S.AWAITING_APPROVAL],
            to=S.CLOSED,
            who=_REQUESTER,
            otherwise=S.AWAITING_RATING,  # R6.17
            detour="survey_comes_first",
        ),
        _move(
            "return_solution",
            _("Return with questions / not solved"),
            rule="R6.15",
            at=[S.AWAITING_APPROVAL],
            to=S.IN_SERVICE,
            who=_REQUESTER,
            otherwise=S.AWAITING_DISTRIBUTION,  # R4.23, A11
            detour="executor_is_gone",
            **_WORDS,
        ),
        _move(
            "approve_automatically",
            _("Approve automatically"),
            rule="R6.18",
            at=[S.AWAITING_APPROVAL],
            to=S.CLOSED,
            who=_CLOCK,
            condition="approval_may_be_silent",
        ),
        _move(
            "remind",
            _("Remind of the approval"),
            rule="A9",
            at=[S.AWAITING_APPROVAL],
            who=_CLOCK,
            condition="approval_is_reminded_of",
        ),
        _move("rate", _("Rate"), rule="R6.19", at=[S.AWAITING_RATING], to=S.CLOSED, who=_REQUESTER),
        _move(
            "close_unrated", _("Close without rating"), rule="R6.19", at=[S.AWAITING_RATING], to=S.CLOSED, who=_CLOCK
        ),
        # The end
        _move(
            "cancel",
            _("Cancel ticket"),
            rule="R6.20",
            at=OPEN,
            to=S.CANCELLED,
            who=[Who.REQUESTER, Who.EXECUTOR, Who.HEAD, Who.ADMINISTRATOR],
            text=Text.REQUIRED_FROM_STAFF,
        ),
        _move(
            "finalize",
            _("Finalize service engagement"),
            rule="R6.22",
            at=[S.CLOSED],
            who=[Who.EXECUTOR, Who.CLOCK],
            condition="not_finalized_yet",
        ),
    )
)

# Called by the funnel in the same transaction, with the passages by which tickets have come into a status. Dotted
# names, so that the floor below needs not know the floors above.
FOLLOWERS: dict[Status, tuple[str, ...]] = {
    S.AWAITING_RATING: ("surveys.actions.invite",),
    S.CLOSED: ("surveys.actions.invite",),
}


def activity_of(status: str) -> str:
    """The name of the activity that a status belongs to (R1.1)."""
    return next(name for name, _label, statuses in ACTIVITIES if status in statuses)


def moves_from(status: str) -> list[Move]:
    """Every move out of ``status``, whoever makes it, in the order of the buttons."""
    return [move for move in MOVES.values() if status in move.sources]
