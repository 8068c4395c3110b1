"""What must hold of every ticket whatever happened to it; asked of the database after a replay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise

from django.db.models import Count, Exists, F, OuterRef, Q

from attachments.models import Attachment, FolderFile, FolderUserPermission
from attachments.permissions import ADD, VIEW
from helpdesk.people.models import Department, Membership
from tickets.lifecycle import DECISIONS, MOVES, TIMERS, Outcome, Status
from tickets.models import Event
from tickets.querysets import TicketQuerySet


@dataclass(frozen=True)
class Invariant:
    """A sentence, and the tickets for which it does not hold."""

    sentence: str
    broken: list[str]


def check(tickets: TicketQuerySet) -> list[Invariant]:
    """Ask all of them of ``tickets``."""
    return [Invariant(sentence, list(ask(tickets))) for sentence, ask in _QUESTIONS.items()]


def _timers(tickets: TicketQuerySet) -> Iterator[str]:
    """A clock runs exactly in the statuses that have one.

    Where agents take tickets themselves, none distributes; where nobody is reminded of decisions, none reminds.
    """
    runs = Q(status__in=[status.value for status in TIMERS])
    pull = Q(status=Status.AWAITING_DISTRIBUTION, department__distribution_mode=Department.DistributionMode.PULL)
    silent = Q(status__in=sorted(DECISIONS), department__decision_reminder=timedelta(0))
    should = runs & ~pull & ~silent
    wrong = tickets.filter((should & Q(timer_due_at__isnull=True)) | (~should & Q(timer_due_at__isnull=False)))
    yield from _numbers(wrong)


def _history(tickets: TicketQuerySet) -> Iterator[str]:
    """Every event is a row of the moves table, each begins where the last one ended, and time never goes back."""
    status = dict(tickets.order_by().values_list("number", "status"))
    events = Event.objects.filter(ticket__in=tickets.order_by().values("number")).order_by("ticket", "pk")
    last: dict[int, str] = {}
    for number, rows in groupby(events.iterator(), key=lambda event: event.ticket_id):
        history = list(rows)
        last[number] = history[-1].to_status
        fits = all(_fits(event) for event in history) and history[0].verb == "open"
        chained = all(
            before.to_status == event.from_status and before.at <= event.at for before, event in pairwise(history)
        )
        if not fits or not chained:
            yield f"#{number}"
    yield from (f"#{number}" for number, now in status.items() if last.get(number) != now)


def _fits(event: Event) -> bool:
    move = MOVES.get(event.verb)
    if move is None:  # asked beside the ticket, which goes on (R6.25)
        return event.from_status == event.to_status
    if not move.sources:
        return event.from_status == "" and event.to_status == move.target
    targets = {str(status) for status in (move.target, move.otherwise) if status}
    return event.from_status in move.sources and event.to_status in (targets or {event.from_status})


def _executors(tickets: TicketQuerySet) -> Iterator[str]:
    """Whoever has a ticket is an agent of its department; only a waiting or a cancelled one has nobody."""
    agents = Membership.objects.filter(department=OuterRef("department"), user=OuterRef("executor"), line__isnull=False)
    nobody = Q(executor__isnull=True)
    may_have_nobody = Q(status__in=[Status.AWAITING_DISTRIBUTION, Status.CANCELLED])
    yield from _numbers(tickets.filter((nobody & ~may_have_nobody) | (~nobody & ~Exists(agents))))


def _access(tickets: TicketQuerySet) -> Iterator[str]:
    """Requester and executor may open the folder and add to it; nobody else may add."""
    held: dict[int, dict[str, set[int]]] = defaultdict(lambda: {VIEW: set(), ADD: set()})
    grants = FolderUserPermission.objects.filter(content_object__in=tickets.order_by().values("folder"))
    for folder, person, code in grants.values_list("content_object", "user", "permission__codename"):
        held[folder][code].add(person)
    for number, folder, requester, executor in tickets.order_by().values_list(
        "number", "folder", "requester", "executor"
    ):
        wanted = {requester, executor} - {None}
        if held[folder][ADD] != wanted or not wanted <= held[folder][VIEW]:
            yield f"#{number}"


def _surveys(tickets: TicketQuerySet) -> Iterator[str]:
    """Every solved ticket has exactly one survey, a cancelled one no unanswered hope of one (R1.38, A15)."""
    solved = Q(outcome=Outcome.SOLVED)
    asked = Q(survey__isnull=False)
    waits = Q(status=Status.AWAITING_RATING)
    may = solved | waits | Q(status=Status.CANCELLED)
    yield from _numbers(tickets.filter(((solved | waits) & ~asked) | (asked & ~may)))


def _copies(tickets: TicketQuerySet) -> Iterator[str]:
    """Every attachment has its copy in the folder, of the same bytes (R1.8)."""
    folders = tickets.order_by().values("folder")

    def contents(model: type[Attachment] | type[FolderFile]) -> set[tuple[int, str, int]]:
        rows = model._default_manager.filter(folder__in=folders).order_by()
        return set(rows.values_list("folder__ticket", "blob").annotate(count=Count("pk")))

    yield from (f"#{number}" for number in sorted({row[0] for row in contents(Attachment) ^ contents(FolderFile)}))


def _folders(tickets: TicketQuerySet) -> Iterator[str]:
    """The folder is named after the ticket (R1.7)."""
    yield from (
        f"#{number}" for number, name in tickets.order_by().values_list("number", "folder__name") if str(number) != name
    )


def _approvals(tickets: TicketQuerySet) -> Iterator[str]:
    """Nothing is closed as solved without an approval, and none comes before its solution (A9)."""
    yield from _numbers(
        tickets.filter(Q(outcome=Outcome.SOLVED) & (Q(approved_at__isnull=True) | Q(approved_at__lt=F("concluded_at"))))
    )


def _numbers(tickets: TicketQuerySet) -> Iterator[str]:
    yield from (f"#{number}" for number in tickets.order_by("number").values_list("number", flat=True))


_QUESTIONS: dict[str, Callable[[TicketQuerySet], Iterator[str]]] = {
    "one status, and the clock that fits it": _timers,
    "every event is a legal move, one after the other": _history,
    "the executor is an agent of the department": _executors,
    "requester and executor have the folder, nobody else adds": _access,
    "every solved ticket has one survey": _surveys,
    "every copy equals its original": _copies,
    "the folder is named after the ticket": _folders,
    "nothing is solved without an approval": _approvals,
}
