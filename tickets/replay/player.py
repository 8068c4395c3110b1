"""Plays incidents through the desk's own actions, at their own times, with the clock ticking between them.

What the log says of an incident is a state, a group and an executor; what the desk knows are moves. ``routes`` says
which move leads from where the ticket is towards what the log says, one at a time, so that a state that jumps is
reached by every step that people would have had to make.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.db.models.functions import Greatest

import tickets.actions
from helpdesk.core.refusals import Refused, StorageUnavailable
from helpdesk.people.models import Department, User
from tickets import timers
from tickets.lifecycle import MOVES, OPEN, Status
from tickets.models import Event, Ticket
from tickets.querysets import candidates

from . import routes
from .log import Complaint, Incident, Row
from .stage import Place, Stage
from .steps import Step, Turn, steps

MINUTE = timedelta(minutes=1)
# After its last row the log is over, but silence may still become an approval.
AFTERWARDS = timedelta(days=7)
# More moves than these never lead to a state or to a group.
_MOST_MOVES = 8


class _MustWait(Exception):
    """The desk has to wait for its clock first: tickets of this department are only given."""

    def __init__(self, until: datetime) -> None:
        self.until = until


class Player:
    """One performance of a log.

    Args:
        now: what is later than this does not happen.
        shift: how far the times of an incident are moved; not at all by default.
        keeps_numbers: whether tickets keep the log's numbers as their reference, which lets a performance that was
            interrupted go on, and a repeated one change nothing.
        tell: called with the number of rows that were dealt with.
    """

    def __init__(
        self,
        stage: Stage,
        incidents: Iterable[Incident],
        *,
        now: datetime,
        shift: Callable[[Incident], timedelta] = lambda _incident: timedelta(0),
        keeps_numbers: bool = True,
        tell: Callable[[int], object] = lambda _rows: None,
    ) -> None:
        self.stage = stage
        self.now = now
        self.complaints: list[Complaint] = []
        self.remarks: Counter[str] = Counter()
        #: Rows that led to moves, rows that said nothing new or made no sense, rows of an earlier performance.
        self.rows_moved = 0
        self.rows_idle = 0
        self.rows_known = 0
        self._shift = shift
        self._keeps_numbers = keeps_numbers
        self._tell = tell
        self._tickets: dict[str, int] = {}
        self._led_by_others: set[str] = set()
        self._swept_until: datetime | None = None
        self._turns = self._prepare(list(incidents))

    # --- time ---

    def play(self) -> None:
        """Make every move that is not made yet. The caller holds the clock (``timers.standing_still``)."""
        at = None
        while self._turns:
            at = self._turns[0].at
            self.sweep_until(at)
            self.play_next()
        if at is not None:
            self.sweep_until(min(self.now, at + AFTERWARDS))

    def next_at(self) -> datetime | None:
        """When the next step is due, for a caller who makes moves of his own between the steps."""
        return self._turns[0].at if self._turns else None

    def play_next(self) -> None:
        """Make the moves of the next step."""
        turn = heapq.heappop(self._turns)
        step, *later = turn.steps
        waiting = self._play(step, turn.at)
        if waiting is not None:
            later = [waiting, *later]
        if later and step.incident.number in self._tickets:
            heapq.heappush(self._turns, Turn(max(later[0].at, turn.at), turn.order, later))
        else:
            # Nothing can follow on an incident that could not be opened.
            self._deal_with(sum(len(one.rows) for one in later), moved=False)

    def sweep_until(self, until: datetime) -> None:
        """Let the worker's clock tick: whatever is due is acted on at the next full minute, before ``until``."""
        while (due := _next_due()) is not None:
            tick = _full_minute(due)
            if self._swept_until is not None:
                tick = max(tick, self._swept_until + MINUTE)
            if tick >= until:
                return
            while timers.fire_many(at=tick):
                pass
            self._swept_until = tick

    # --- preparing ---

    def _prepare(self, incidents: list[Incident]) -> list[Turn]:
        known = self._already_there(incidents)
        turns = []
        for order, incident in enumerate(incidents):
            self._remark(incident)
            coming = []
            for step in steps(incident, self._shift(incident)):
                if step.at <= known.get(incident.number, step.at - MINUTE):
                    self.rows_known += len(step.rows)
                elif step.at > self.now:
                    self.remarks["rows that lie in the future: not played"] += len(step.rows)
                else:
                    coming.append(step)
            if coming:
                turns.append(Turn(coming[0].at, order, coming))
        heapq.heapify(turns)
        return turns

    def _already_there(self, incidents: list[Incident]) -> dict[str, datetime]:
        """Which incidents are tickets already, and up to when they were played."""
        if not self._keeps_numbers:
            return {}
        rows = (
            Event.objects.filter(ticket__external_reference__in=[incident.number for incident in incidents])
            .order_by()
            .values_list("ticket__external_reference", "ticket", "ticket__trashed_at")
            .annotate(last=Max("at"))
        )
        known = {}
        for reference, number, trashed_at, last in rows:
            self._tickets[reference] = number
            known[reference] = last if trashed_at is None else self.now  # nothing happens in the trash
        return known

    def _remark(self, incident: Incident) -> None:
        """What the desk cannot follow: it has no move for it, or asks somebody whom the log does not know."""
        for names, remark in (
            (("category", "subcategory"), "incidents moved to another category: the ticket keeps its service"),
            (("priority",), "incidents with a changed priority: the ticket keeps the first one"),
        ):
            seen = {tuple(getattr(row, name) for name in names) for row in incident.rows}
            if len({values for values in seen if any(values)}) > 1:
                self.remarks[remark] += 1

    # --- moves ---

    def _play(self, step: Step, at: datetime) -> Step | None:
        """Play one step as one transaction; returns what of it has to wait for the clock."""
        with transaction.atomic():
            if step.opens and not self._open(step.incident, at):
                self._deal_with(len(step.rows), moved=False)
                return None
            for index, (row, before) in enumerate(step.rows):
                moved = False
                try:
                    with transaction.atomic():
                        try:
                            moved = self._follow(step.incident, row, before, at)
                        except _MustWait as wait:  # what was moved before stays so
                            return replace(step, at=wait.until, rows=step.rows[index:], opens=False)
                except StorageUnavailable:
                    raise
                except Refused as refusal:
                    self._complain(row, str(refusal))
                self._deal_with(1, moved=moved)
        return None

    def _open(self, incident: Incident, at: datetime) -> bool:
        first, department = incident.rows[0], self.stage.department(incident)
        try:
            ticket = tickets.actions.open(
                by=self.stage.requester(incident),
                department=department,
                service=self.stage.service(incident, department),
                subject=self.stage.subject(incident),
                description=self.stage.words("open", incident, first),
                priority=first.priority,
                files=[self.stage.file(incident)],
                at=at,
                external_reference=incident.number if self._keeps_numbers else "",
                is_brought_over=True,
            )
        except StorageUnavailable:
            raise
        except Refused as refusal:
            self._complain(first, f"it cannot be opened: {refusal}")
            return False
        self._tickets[incident.number] = ticket.number
        return True

    def _follow(self, incident: Incident, row: Row, before: Row | None, at: datetime) -> bool:
        """Lead the ticket to where the log says it is, move by move; returns whether any was needed.

        Raises:
            Refused: the desk knows no way there.
        """
        if before is not None and (before.state, before.group, before.agent) == (row.state, row.group, row.agent):
            return False
        was = Ticket.objects.select_related("department", "requester", "executor").get(
            pk=self._tickets[incident.number]
        )
        # Every move returns the ticket read anew.
        brought = self._bring_to_group(was, incident, row, before, at)
        ticket = self._hand_over(brought, incident, row, at)
        if before is None or before.state != row.state:
            goes_on = row.state != "New" or self._may_be_taken_by(row.agent, ticket)
        elif ticket.status == Status.AWAITING_DISTRIBUTION:
            # Who has to work on it is named now, or else the group, or after a while the clock, will find somebody.
            goes_on = self._may_be_taken_by(row.agent, ticket) or (brought is not was and row.state == "Resolved")
        else:
            goes_on = ticket is not brought
        if goes_on:
            ticket = self._lead(ticket, incident, row, at)
        self._compare_executor(incident, row, before, ticket)
        return ticket is not was

    def _lead(self, ticket: Ticket, incident: Incident, row: Row, at: datetime) -> Ticket:
        """Lead the ticket to the state of ``row``."""
        route = routes.STATES[row.state]
        if row.state == "Closed" and not incident.is_ever("Resolved") and self.stage.head(ticket.department):
            route = routes.GIVE_UP
            if ticket.status in routes.SECOND_LINE:
                last_line = Place(ticket.department, ticket.department.support_lines)
                ticket = self._bring(ticket, last_line, incident, row, at)
        for _attempt in range(_MOST_MOVES):
            ticket = self._hand_over(ticket, incident, row, at)
            verb = _next_move(route, ticket, f"“{row.state}”")
            if verb is None:
                break
            ticket = self._move(verb, ticket, incident, row, at)
            if verb == "note":
                break
        return ticket

    def _bring_to_group(self, ticket: Ticket, incident: Incident, row: Row, before: Row | None, at: datetime) -> Ticket:
        """Bring the ticket to the group of ``row``, where the log hands it over."""
        place = self.stage.place(row)
        if place is None or (before is not None and before.group == row.group):
            return ticket
        if place.department.pk == ticket.department_id and place.line < ticket.line:
            self.remarks["hand-overs back to the first line: no move leads there, line 2 goes on"] += 1
            return ticket
        return self._bring(ticket, place, incident, row, at)

    def _bring(self, ticket: Ticket, place: Place, incident: Incident, row: Row, at: datetime) -> Ticket:
        """Forward the ticket to another department, and from its first line to the second, as far as it is needed."""
        for _attempt in range(_MOST_MOVES):
            if ticket.department_id != place.department.pk:
                verb = _next_move(routes.FORWARD, ticket, f"“{row.group}”")
            elif ticket.line < place.line:
                verb = _next_move(routes.SECOND_LINE, ticket, f"“{row.group or 'line 2'}”")
            else:
                break
            assert verb is not None  # both routes lead out of every status that they have
            to = {"service": self.stage.service(incident, place.department)} if verb == "forward" else {}
            ticket = self._move(verb, ticket, incident, row, at, **to)
        return ticket

    def _hand_over(self, ticket: Ticket, incident: Incident, row: Row, at: datetime) -> Ticket:
        """Let a head give the ticket to the executor of ``row``, where the log has said something else before."""
        if ticket.executor is None or ticket.status not in MOVES["hand_over"].sources:
            return ticket
        executor = self.stage.agent(row.agent, ticket.department, ticket.line)
        earlier = takewhile(lambda one: one is not row, incident.rows)
        if executor in (None, ticket.executor) or all(one.agent == row.agent for one in earlier):
            return ticket
        if self.stage.head(ticket.department) is None:
            return ticket
        return self._move("hand_over", ticket, incident, row, at, executor=executor)

    def _move(self, verb: str, ticket: Ticket, incident: Incident, row: Row, at: datetime, **more: Any) -> Ticket:
        if verb == "assume":
            if ticket.department.distribution_mode == Department.DistributionMode.PUSH:
                assert ticket.timer_due_at is not None  # where tickets are only given, the clock runs
                # One minute later than the tick: the sweep comes after the rows of its minute.
                raise _MustWait(_full_minute(max(at, ticket.timer_due_at)) + MINUTE)
            by = self._taker(ticket, incident, row, at)
        elif verb in routes.OF_REQUESTER:
            by = self.stage.person(ticket.requester)
        elif verb in routes.OF_HEAD:
            head = self.stage.head(ticket.department)
            assert head is not None  # these verbs are only asked for where there is one
            by = head
        else:
            assert ticket.executor is not None  # every status that these verbs leave has one
            by = self.stage.person(ticket.executor)
        words = {} if verb in routes.WITHOUT_WORDS else {"text": self.stage.words(verb, incident, row)}
        return getattr(tickets.actions, verb)(ticket=ticket, by=by, at=at, **words, **more)

    def _may_be_taken_by(self, agent: str, ticket: Ticket) -> bool:
        is_only_given = ticket.department.distribution_mode == Department.DistributionMode.PUSH
        return not is_only_given and self.stage.agent(agent, ticket.department, ticket.line) is not None

    def _taker(self, ticket: Ticket, incident: Incident, row: Row, at: datetime) -> User:
        """Who takes the ticket: the row's executor, or who comes later, or whoever has least to do."""
        names = [row.agent, *(one.agent for one in incident.rows if one.at >= row.at), incident.first("resolver")]
        for name in names:
            if name and (agent := self.stage.agent(name, ticket.department, ticket.line)):
                return agent
        agent = candidates(ticket.department, ticket.line, at).first()
        if agent is None:
            raise Refused(f"nobody of {ticket.department} can take it")
        return self.stage.person(agent)

    def _compare_executor(self, incident: Incident, row: Row, before: Row | None, ticket: Ticket) -> None:
        if not row.agent or ticket.executor is None:
            return
        if self.stage.agent(row.agent, ticket.department, ticket.line) == ticket.executor:
            return
        if before is not None and before.agent not in ("", row.agent) and ticket.status in OPEN:
            self.remarks["changes of executor where no ticket can be handed over: the executor stays"] += 1
        if incident.number not in self._led_by_others:
            self._led_by_others.add(incident.number)
            self.remarks["incidents whose executor is, for a while, another one than the log's"] += 1

    def _complain(self, row: Row, reason: str) -> None:
        self.complaints.append(Complaint(row.line, row.number, reason))

    def _deal_with(self, rows: int, *, moved: bool) -> None:
        if moved:
            self.rows_moved += rows
        else:
            self.rows_idle += rows
        self._tell(rows)


def _next_move(route: Mapping[Status, str | None], ticket: Ticket, goal: str) -> str | None:
    """The move of ``route`` out of where the ticket is; None where it has arrived.

    Raises:
        Refused: no way leads to the ``goal`` from there.
    """
    status = Status(ticket.status)
    if status in route:
        return route[status]
    if ticket.closed_at:
        raise Refused(
            f"{goal}, but the ticket is {ticket.status} since {ticket.closed_at:%d-%m-%Y %H:%M}, and a closed ticket "
            "is not opened again"
        )
    raise Refused(f"{goal} cannot be reached from {ticket.status}")


def _next_due() -> datetime | None:
    """When the clock has to look at a ticket next. Where the second instant is empty, GREATEST takes the first."""
    waiting = Ticket.objects.filter(timer_due_at__isnull=False).order_by()
    return waiting.aggregate(due=Min(Greatest("timer_due_at", "timer_retry_at")))["due"]


def _full_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE
