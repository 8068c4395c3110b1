"""The log cut into what happens at one instant, and the order in which the incidents take turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .log import Incident, Row


@dataclass
class Step:
    """Everything that the log says of one incident at one instant; one transaction."""

    at: datetime
    incident: Incident
    rows: list[tuple[Row, Row | None]]  # each with the row before it
    opens: bool = False


@dataclass(order=True)
class Turn:
    """The next step of an incident, and those that follow it."""

    at: datetime
    order: int
    steps: list[Step] = field(compare=False)


def steps(incident: Incident, shift: timedelta) -> Iterator[Step]:
    """What the log says, instant by instant; the opening comes first, whatever the clocks of the log say."""
    opened_at = incident.opened_at + shift
    found = [Step(opened_at, incident, [], opens=True)]
    before = None
    for row in incident.rows:
        at = max(row.at + shift, opened_at)
        if at != found[-1].at:
            found.append(Step(at, incident, []))
        found[-1].rows.append((row, before))
        before = row
    yield from found
