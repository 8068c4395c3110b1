"""The table at the end of a replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db.models import Count

from helpdesk.notifications.models import Letter, Notification
from tickets.lifecycle import Outcome, Status
from tickets.models import Event
from tickets.querysets import TicketQuerySet

from .invariants import Invariant
from .log import Complaint

_WIDTH = 76
# So many rows are named one by one; a log of the wrong kind would fill the screen otherwise.
_MOST_COMPLAINTS = 60
_MOST_BROKEN = 10


def figures(tickets: TicketQuerySet, *, service_levels: dict[str, int] | None = None) -> dict[str, dict[str, int]]:
    """What the database says of ``tickets``, in groups of named numbers.

    Args:
        service_levels: what ``promises.figures`` has found, if anything.
    """
    tickets = tickets.order_by()
    numbers = tickets.values("number")
    states = dict(tickets.values_list("status").annotate(count=Count("pk")))
    verbs = Counter(
        dict(Event.objects.filter(ticket__in=numbers).order_by().values_list("verb").annotate(n=Count("pk")))
    )
    letters = Letter.objects.filter(thread__in=[f"ticket-{number}" for number in tickets.values_list("pk", flat=True)])
    kinds = dict(letters.order_by().values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind"))
    fates = dict(letters.order_by().values_list("state").annotate(count=Count("pk")))
    return {
        "final states": {str(status.label): states[status] for status in Status if status in states}
        | {"tickets": sum(states.values())},
        "moves": {
            "assigned by a person": verbs["assume"],
            "assigned by the timer": verbs["assign"],
            "handed over to another agent": verbs["hand_over"],
            "forwarded to another department": verbs["forward"],
            "changes of line requested": verbs["request_line_change"],
            "changes of line approved": verbs["approve_line_change"],
            "questions": verbs["ask"],
            "answers": verbs["answer"],
            "solutions": verbs["send_solution"],
            "solutions returned": verbs["return_solution"],
            "approved by a person": verbs["approve"],
            "approved by the timer": verbs["approve_automatically"],
            "closed without solution": tickets.filter(outcome=Outcome.CLOSED_WITHOUT_SOLUTION).count(),
            "all events": verbs.total(),
        },
        "letters": {**kinds, "letters written": sum(kinds.values())}
        | {f"of these {Letter.State(state).label}": count for state, count in fates.items()}
        | {
            "lines in the hubs": Notification.objects.filter(
                facts__number__in=list(tickets.values_list("pk", flat=True))
            ).count()
        },
    } | ({"service levels, against the log's own verdicts": service_levels} if service_levels else {})


def table(
    figures: dict[str, dict[str, int]],
    *,
    remarks: Counter[str],
    complaints: list[Complaint],
    invariants: Iterable[Invariant],
) -> str:
    """Everything as one aligned text."""
    return "\n".join(_lines(figures, remarks, complaints, invariants))


def _lines(
    figures: dict[str, dict[str, int]],
    remarks: Counter[str],
    complaints: list[Complaint],
    invariants: Iterable[Invariant],
) -> Iterator[str]:
    for title, numbers in figures.items():
        yield from _heading(title)
        yield from (_line(name, count) for name, count in numbers.items())
    if remarks:
        yield from _heading("followed as well as the desk allows")
        yield from (_line(remark, count) for remark, count in sorted(remarks.items()))
    yield from _heading(f"rows that make no sense: {len(complaints)}")
    for complaint in sorted(complaints, key=lambda one: one.line)[:_MOST_COMPLAINTS]:
        yield f"  line {complaint.line}, {complaint.number or 'no number'}: {complaint.reason}"
    if len(complaints) > _MOST_COMPLAINTS:
        yield f"  … and {len(complaints) - _MOST_COMPLAINTS} more"
    yield from _heading("invariants")
    for invariant in invariants:
        named = ", ".join(invariant.broken[:_MOST_BROKEN])
        yield f"  {invariant.sentence:<{_WIDTH}} {f'BROKEN ({len(invariant.broken)}): {named}' if named else 'holds'}"


def _heading(title: str) -> list[str]:
    return ["", title.capitalize()]


def _line(name: str, count: int) -> str:
    return f"  {name:<{_WIDTH}} {count:>7,}"
