"""What is added up: of which rows, put into a day by which instant, told apart by what.

Everything here is SQL about rows called ``f``. They have the same columns whether they are tickets as they stand or the
notes of what has changed, so that both are counted by one text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.module_loading import import_string

# Dimensions whose keys are numbers.
NUMBERS = frozenset({"service", "department", "agent", "sector", "requester", "line"})
# By these there are nearly as many totals a day as there are tickets, so they are kept for all time only.
WIDE = frozenset({"requester"})


@dataclass(frozen=True)
class Mark:
    """Something that a row has, or is one of.

    Attributes:
        dimension: empty: that it is there at all, in its department.
        key: of which value; empty: it is not told apart.
        total: a number that is summed up besides.
        where: on which condition.
    """

    dimension: str = ""
    key: str = ""
    total: str = "0"
    where: str = "true"

    @property
    def row(self) -> str:
        key = f"coalesce(({self.key})::text, '')" if self.key else "''"
        total = f"coalesce(({self.total})::bigint, 0)"
        return f"('{self.dimension}', {key}, {total}, {self.where}, {str(self.dimension in WIDE).lower()})"


@dataclass(frozen=True)
class Kind:
    """A cohort that is added up.

    Attributes:
        instant: what puts it into a day; empty: it is of this moment.
    """

    name: str
    instant: str
    where: str
    marks: tuple[Mark, ...]

    def row_of(self, *dimensions: str) -> str:
        """The marks of these dimensions, as a list of values to join with."""
        rows = [mark.row for mark in self.marks if not dimensions or mark.dimension in dimensions]
        return f"(VALUES {', '.join(rows)}) AS m (dimension, key, total, holds, is_wide)"

    @property
    def dimensions(self) -> frozenset[str]:
        """By what it can be told apart; a requester's sector is looked up when somebody asks."""
        found = {mark.dimension for mark in self.marks if mark.key} | {"department"}
        return frozenset(found | ({"sector"} if "requester" in found else set()))


@dataclass(frozen=True)
class Feed:
    """Rows of one sort and the notes about them.

    Attributes:
        notes: the table of notes.
        columns: those of a note.
        standing: the rows as they stand, with the columns of a note.
    """

    notes: str
    columns: str
    standing: str
    kinds: tuple[Kind, ...]

    @property
    def noted(self) -> str:
        return f"SELECT weight, number, {self.columns} FROM {self.notes}"


def milliseconds(interval: str) -> str:
    """A sum of milliseconds has room for every ticket there will ever be."""
    return f"round(extract(epoch FROM {interval}) * 1000)"


_COLUMNS = (
    "department_id AS holder_id, department_id, executor_id AS agent_id, service_id, priority, requester_id, "
    "organization_id, status, outcome, line, opened_at, assigned_at, assigned_by_clock, concluded_at, closed_at, "
    "first_service_time, service_time, sla_met"
)
_AGENT = Mark("agent", "f.agent_id")

TICKETS = Feed(
    notes="tickets_change",
    columns=_COLUMNS,
    standing=f"SELECT 1 AS weight, number, {_COLUMNS} FROM tickets_ticket WHERE trashed_at IS NULL",
    kinds=(
        Kind(
            "opened",
            "opened_at",
            "true",
            (
                Mark(),
                Mark("started", "", milliseconds("f.first_service_time"), "f.first_service_time IS NOT NULL"),
                Mark("assigned", "", milliseconds("(f.assigned_at - f.opened_at)"), "f.assigned_at IS NOT NULL"),
                Mark("by_clock", where="f.assigned_by_clock"),
                Mark("line_2", where="f.line = 2"),
                Mark("service", "f.service_id"),
                Mark("priority", "f.priority"),
                _AGENT,
                Mark("requester", "f.requester_id"),
            ),
        ),
        Kind(
            "ended",
            "closed_at",
            "f.closed_at IS NOT NULL",
            (
                Mark(),
                Mark(
                    "served",
                    "",
                    milliseconds("f.service_time"),
                    "f.status = 'closed' AND f.service_time IS NOT NULL",
                ),
                Mark(
                    "solved",
                    "",
                    milliseconds("(f.concluded_at - f.opened_at)"),
                    "f.outcome = 'solved' AND f.concluded_at IS NOT NULL",
                ),
                Mark("outcome", "f.outcome"),
            ),
        ),
        Kind(
            "judged",
            "concluded_at",
            "f.sla_met IS NOT NULL",
            (Mark(total="f.sla_met::int"), Mark("service", "f.service_id", "f.sla_met::int")),
        ),
        Kind(
            "open",
            "",
            "f.closed_at IS NULL",
            (Mark(), Mark("status", "f.status"), Mark("priority", "f.priority"), Mark("line", "f.line")),
        ),
        Kind(
            "current",
            "",
            "f.closed_at IS NULL AND f.status IN ('assigned', 'in_service', 'awaiting_requester')",
            (Mark(), _AGENT),
        ),
    ),
)
# Dotted names of what floors above add.
_ABOVE = ("surveys.indicators.ANSWERS",)


@cache
def feeds() -> tuple[Feed, ...]:
    return (TICKETS, *(import_string(name) for name in _ABOVE))


@cache
def _kinds() -> dict[str, tuple[Kind, Feed]]:
    return {kind.name: (kind, feed) for feed in feeds() for kind in feed.kinds}


def kind_named(name: str) -> tuple[Kind, Feed] | None:
    """The kind of a cohort, and of which rows it is; None where the cohort is not added up."""
    return _kinds().get(name)
