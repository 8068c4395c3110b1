"""Whether this desk judges service levels as the log did (R3.47, R3.48).

The log says of each incident whether its service level was met, but not what was promised. So the promise is sought
in the log itself: for each priority the time from opening to resolution that parts met from missed best. Then the
replayed tickets' own clocks, which stand still where this desk's rules say so, are held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tickets.lifecycle import Outcome, Priority
from tickets.models import Ticket

from .log import Incident, instant

_VERDICTS = {"TRUE": True, "FALSE": False}
_MINUTE = timedelta(minutes=1)
_COMPARED, _SAME = "compared", "the same verdict here"


@dataclass(frozen=True)
class Verdict:
    """What the log says of one incident at its end."""

    number: str
    priority: Priority
    took: timedelta
    met: bool


@dataclass(frozen=True)
class Target:
    """What must have been promised for a priority.

    Attributes:
        within: the time up to which it was met; None where the log has met ones only, or missed ones only.
        fits: how many of the log's own verdicts it explains.
    """

    within: timedelta | None
    fits: int
    of: int

    def judge(self, spent: timedelta) -> bool:
        return self.within is not None and spent <= self.within


def verdicts(incidents: Iterable[Incident]) -> list[Verdict]:
    """The log's verdicts on incidents that it has closed; a log that says nothing of service levels has none."""
    found = []
    for incident in incidents:
        last = incident.rows[-1]
        met, resolved_at = _VERDICTS.get(last.raw.get("made_sla", "")), instant(last.raw.get("resolved_at", ""))
        if met is not None and resolved_at and incident.is_ever("Closed"):
            took = max(resolved_at - incident.opened_at, timedelta(0))
            found.append(Verdict(incident.number, last.priority, took, met))
    return found


def targets(found: Iterable[Verdict]) -> dict[Priority, Target]:
    """For each priority the time that parts the log's verdicts best: the middle between its two neighbours."""
    by_priority: dict[Priority, list[Verdict]] = {}
    for verdict in found:
        by_priority.setdefault(verdict.priority, []).append(verdict)
    return {priority: _target(some) for priority, some in by_priority.items()}


def _target(some: list[Verdict]) -> Target:
    some = sorted(some, key=lambda one: one.took)
    met = sum(one.met for one in some)
    if met in {0, len(some)}:
        return Target(None, 0, len(some))
    # Cut behind nobody, the first, the first two …: right are the met before the cut and the missed behind it.
    best, fits, right = 0, len(some) - met, len(some) - met
    for place, one in enumerate(some, start=1):
        right += 1 if one.met else -1
        if right > fits and place < len(some) and one.took < some[place].took:
            best, fits = place, right
    if not best:
        return Target(some[0].took / 2, fits, len(some))
    return Target((some[best - 1].took + some[best].took) / 2, fits, len(some))


def figures(incidents: Iterable[Incident]) -> dict[str, int]:
    """How often the desk's clocks and the log agree, and why not; nothing where the log has no verdicts."""
    found = verdicts(incidents)
    promised = targets(found)
    tickets = {
        one.external_reference: one
        for one in Ticket.objects.filter(external_reference__in=[verdict.number for verdict in found])
    }
    lines = {
        _words(priority, promised[priority]): promised[priority].fits for priority in Priority if priority in promised
    }
    counts: Counter[str] = Counter()
    for verdict in found:
        ticket, target = tickets.get(verdict.number), promised[verdict.priority]
        if target.within is None:
            counts["not compared: nothing can be derived for the priority"] += 1
        elif ticket is None or ticket.outcome != Outcome.SOLVED:
            counts["not compared: not concluded here"] += 1
        else:
            counts[_COMPARED] += 1
            why = _why_not(verdict, target, ticket)
            counts[_SAME if why is None else f"another verdict here: {why}"] += 1
    share = f"{counts[_SAME] / counts[_COMPARED]:.0%}" if counts[_COMPARED] else "–"
    return lines | {f"{name} ({share})" if name == _SAME else name: counts[name] for name in sorted(counts)}


def _why_not(verdict: Verdict, target: Target, ticket: Ticket) -> str | None:
    """None where both say the same, else the likeliest reason; the tickets' time is that of their clocks."""
    if target.judge(ticket.clock_spent) == verdict.met:
        return None
    if target.judge(verdict.took) != verdict.met:
        return "the log's own time does not explain its verdict"
    assert ticket.concluded_at is not None  # it is solved
    if abs(ticket.concluded_at - ticket.opened_at - verdict.took) > _MINUTE:
        return "concluded at another time than in the log"
    return "its clock stood while the requester was asked or checked"


def _words(priority: Priority, target: Target) -> str:
    if target.within is None:
        return (
            f"{priority.label}: nothing can be derived, all of them were met or all missed; of {target.of:,} explained"
        )
    minutes = round(target.within / _MINUTE)
    within = f"{minutes // 60} h {minutes % 60:02} min"
    return f"{priority.label}: met within {within}; of the log's {target.of:,} verdicts this explains"
