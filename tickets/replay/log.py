"""Reading the audit log of an incident desk: one row is one change of one incident.

A row that cannot be read is a complaint with its line number, never the end of the reading.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tickets.lifecycle import Priority

COLUMNS = ["number", "incident_state", "caller_id", "opened_at", "sys_updated_at", "contact_type", "location"]
COLUMNS += ["category", "subcategory", "u_symptom", "impact", "urgency", "priority"]
COLUMNS += ["assignment_group", "assigned_to", "resolved_by"]
STATES = frozenset(
    {
        "New",
        "Active",
        "Awaiting User Info",
        "Awaiting Vendor",
        "Awaiting Problem",
        "Awaiting Evidence",
        "Resolved",
        "Closed",
    }
)
PRIORITIES = {"1": Priority.URGENT, "2": Priority.HIGH, "3": Priority.NORMAL, "4": Priority.LOW}
UNKNOWN = "?"


class Unreadable(Exception):
    """The file as a whole is no incident log; the text is one sentence."""


@dataclass(frozen=True)
class Complaint:
    """A row that makes no sense, and why."""

    line: int
    number: str
    reason: str


@dataclass(frozen=True)
class Row:
    """One change of an incident; what the log does not know is empty."""

    line: int
    number: str
    state: str
    at: datetime
    opened_at: datetime
    caller: str
    location: str
    group: str
    agent: str
    resolver: str
    category: str
    subcategory: str
    symptom: str
    contact: str
    impact: str
    urgency: str
    priority: Priority
    raw: dict[str, str] = field(repr=False, compare=False)


@dataclass
class Incident:
    """One incident: its rows in order of time."""

    number: str
    rows: list[Row]

    @property
    def opened_at(self) -> datetime:
        return self.rows[0].opened_at

    def first(self, name: str) -> str:
        """The first value of a column that the log knows; empty where it never does."""
        return next((value for row in self.rows if (value := getattr(row, name))), "")

    def last(self, name: str) -> str:
        """The last value of a column that the log knows; empty where it never does."""
        return next((value for row in reversed(self.rows) if (value := getattr(row, name))), "")

    def is_ever(self, state: str) -> bool:
        """Whether the log ever says that the incident is in ``state``."""
        return any(row.state == state for row in self.rows)


def read(path: Path) -> tuple[list[Incident], list[Complaint]]:
    """Read a log: its incidents in the order of the file, and the rows that cannot be read.

    Raises:
        Unreadable: there is no such file, or it is no incident log.
    """
    incidents: dict[str, Incident] = {}
    complaints: list[Complaint] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for found in _rows(lines):
                if isinstance(found, Complaint):
                    complaints.append(found)
                else:
                    incidents.setdefault(found.number, Incident(found.number, [])).rows.append(found)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{path} is no text with comma-separated values: {error}.") from error
    for incident in incidents.values():
        # Within one instant the order of the file counts: sorting is stable.
        incident.rows.sort(key=lambda row: row.at)
    return list(incidents.values()), complaints


def _rows(lines: Iterator[str]) -> Iterator[Row | Complaint]:
    reader = csv.DictReader(lines, restval="")
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise Unreadable(f"This is no incident log: it has no column {', '.join(missing)}.")
    for cells in reader:
        line, number = reader.line_num, _known(cells["number"])
        raw = {name: value for name, value in cells.items() if isinstance(name, str) and isinstance(value, str)}
        if not number:
            yield Complaint(line, "", "the incident has no number")
        elif cells["incident_state"] not in STATES:
            yield Complaint(line, number, f"the state “{cells['incident_state']}” is not known")
        elif (at := instant(cells["sys_updated_at"])) is None:
            yield Complaint(line, number, f"“{cells['sys_updated_at']}” is no time")
        elif not _known(cells["caller_id"]):
            yield Complaint(line, number, "nobody knows who called")
        else:
            yield Row(
                line=line,
                number=number,
                state=cells["incident_state"],
                at=at,
                # An incident whose opening is not known was opened at its first change.
                opened_at=instant(cells["opened_at"]) or at,
                caller=_known(cells["caller_id"]),
                location=_known(cells["location"]),
                group=_known(cells["assignment_group"]),
                agent=_known(cells["assigned_to"]),
                resolver=_known(cells["resolved_by"]),
                category=_known(cells["category"]),
                subcategory=_known(cells["subcategory"]),
                symptom=_known(cells["u_symptom"]),
                contact=_known(cells["contact_type"]),
                impact=_known(cells["impact"]),
                urgency=_known(cells["urgency"]),
                priority=PRIORITIES.get(cells["priority"][:1], Priority.NORMAL),
                raw=raw,
            )


def _known(value: str) -> str:
    value = " ".join(value.split())
    return "" if value == UNKNOWN else value


def instant(value: str) -> datetime | None:
    """A time of the log, or None for what is none."""
    try:
        return datetime.strptime(value.strip(), "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
