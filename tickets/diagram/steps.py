"""Which ways lead through the process in a department: the moves table, read under its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.core.templatetags.ui import in_words
from helpdesk.people.models import Department
from tickets import conditions
from tickets.funnel import timer_due_at
from tickets.lifecycle import MOVES, Move, Status, Who
from tickets.models import Ticket

WHO_WORDS: dict[Who, Any] = {
    Who.REQUESTER: gettext_lazy("requester"),
    Who.MEMBER: gettext_lazy("agent of the group"),
    Who.EXECUTOR: gettext_lazy("executor"),
    Who.HEAD: gettext_lazy("head"),
    Who.ADMINISTRATOR: gettext_lazy("administrator"),
}
# Detours that the department's settings decide; any other one may happen to each ticket, so both ways are drawn.
_SETTLED = {"survey_comes_first", "closing_needs_no_head"}
_DETOUR_WORDS = {"executor_is_gone": gettext_lazy("if the executor is gone")}
# A move that is possible from so many statuses is drawn once, for all of them.
_EVERYWHERE = 4


@dataclass(frozen=True)
class Step:
    """One way through the process.

    Attributes:
        sources: the statuses that it leads out of; empty: the beginning.
        who: who goes it, in words; for the clock, after how long.
        is_rare: only goes this way in a rare case, which ``who`` then says.
    """

    move: Move
    sources: tuple[Status, ...]
    target: Status
    who: str
    is_rare: bool = False

    @property
    def is_everywhere(self) -> bool:
        return len(self.sources) >= _EVERYWHERE


def steps(department: Department) -> list[Step]:
    """The moves that lead to another status in this department, in the order of the table."""
    lines = [Ticket(department=department, line=line) for line in range(1, department.support_lines + 1)]
    found = []
    for move in MOVES.values():
        if move.target is None or not any(_is_possible(move, specimen) for specimen in lines):
            continue
        sources = tuple(status for status in Status if status in move.sources)
        who = _who(move, department, sources)
        if who is None:
            continue
        rare = bool(move.detour) and move.detour not in _SETTLED
        if move.detour and not rare and getattr(conditions, move.detour)(lines[-1]):
            found.append(Step(move, sources, move.target_from(sources[0], detour=True), who))
            continue
        found.append(Step(move, sources, move.target, who))
        if rare and move.otherwise:
            found.append(Step(move, sources, move.otherwise, str(_DETOUR_WORDS[move.detour]), is_rare=True))  # type: ignore[index]  # rare: it has one
    reached = {one.target for one in found if not one.sources}
    while more := {one.target for one in found if reached & set(one.sources)} - reached:
        reached |= more
    return [
        Step(one.move, tuple(s for s in one.sources if s in reached), one.target, one.who, one.is_rare)
        for one in found
        if not one.sources or reached & set(one.sources)
    ]


def _is_possible(move: Move, specimen: Ticket) -> bool:
    """Whether the department's settings allow a move to a ticket on the specimen's line."""
    return not move.condition or getattr(conditions, move.condition)(specimen) is None


def _who(move: Move, department: Department, sources: tuple[Status, ...]) -> str | None:
    """Who goes a step, in words; None where only the clock would and it does not run in this department."""
    people = [str(words) for who, words in WHO_WORDS.items() if who in move.who]
    if people:
        return ", ".join(people)
    now = timezone.now()
    due = timer_due_at(department, sources[0], now)
    return _("by itself after %(time)s") % {"time": in_words(due - now)} if due else None
