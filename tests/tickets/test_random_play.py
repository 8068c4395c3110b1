"""Random people do random things at random times; after each of them the desk must still make sense.
``HELPDESK_TEST_PLAY`` says how many plays: without it a few, always the same; with it that many, each time others."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

import approvals.actions
import approvals.lifecycle
import approvals.tasks
import surveys.actions
import tickets.actions
from approvals.models import PriorityRequest
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import join_department, save_department
from helpdesk.people.models import Absence, Department, Service, User
from surveys.models import Survey
from tests import walks
from tests.cast import Clock, a_file, leave_department, make_cast
from tests.tickets.desk import CHANGES, GIVING, Desk, Told
from tests.tickets.play_consents import MANAGERS, Consents
from tickets.lifecycle import CURRENT, DECISIONS, FINAL, MOVES, Priority, Status, Text, Who
from tickets.models import Event, Message, Ticket
from tickets.permissions import available_moves, who_is
from tickets.querysets import agents_of_line, candidates
from tickets.tasks import sweep

PLAYS = int(os.environ.get("HELPDESK_TEST_PLAY", "0"))
REQUESTERS, AGENTS = ("rita", "rita", "cora", "max", "eve", "ada", "hugo"), ("ada", "bob", "otto")
TRIERS = ("rita", "cora", "eve", "ada", "bob", "otto", "hugo", "nora", "ana", "clock")
ALL_MOVES = MOVES | approvals.lifecycle.MOVES
VERBS = tuple(verb for verb in MOVES if verb not in {"open", "rate"})  # rating is answering the survey
DECIDERS = ("hugo", "ana", "nora", "ada")
STATUSES = [status for status in Status if status not in {Status.CLOSED, Status.CANCELLED}]
RARELY = ("cancel", "note", "reply", "write")
numbers = st.integers(min_value=0, max_value=10_000)


class Play(Consents):
    """People, clock and administration, against the desk as it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        self.cast = make_cast()
        join_department(department=self.cast.other_department, user=self.cast.nora, line=1, is_head=True)
        self.clock = Clock(datetime(2026, 3, 27, 9, 0, tzinfo=UTC))  # two days before clocks change in Europe
        self.desk = Desk(self.cast)
        self.files = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    # What there is

    def person(self, name: str) -> User:
        return self.cast.again(self.cast.people[name])

    def everybody(self) -> dict[str, User]:
        found = User.objects.in_bulk()
        return {name: found[person.pk] for name, person in self.cast.people.items()}

    @property
    def department(self) -> Department:
        return Department.objects.get(pk=self.cast.department.pk)

    def tickets(self) -> list[Ticket]:
        related = ("department", "service", "requester", "executor", "folder")
        return list(Ticket.objects.select_related(*related).order_by("pk"))

    def a_file(self) -> Any:
        self.files += 1
        return a_file("note.txt", f"file {self.files}")

    # What happens

    @initialize(
        mode=st.sampled_from(["both", "push", "pull"]),
        changes=st.lists(st.sampled_from(CHANGES), max_size=3),
        statuses=st.lists(st.sampled_from(STATUSES), min_size=2, max_size=3),
    )
    def desk_in_the_middle_of_its_work(self, mode: str, changes: list[dict[str, Any]], statuses: list[Status]) -> None:
        self.change(self.department, distribution_mode=mode)
        for status in statuses:
            walks.to(status, self.cast, at=self.clock.now)
            self.cast.rules(survey_mode="after_closing")
            self.desk.follow()
        self.offer_actions()
        for change in changes:
            self.change(self.department, **change)

    def change(self, department: Department, **rules: Any) -> None:
        """What the administration does when a department is saved."""
        for name, value in rules.items():
            setattr(department, name, value)
        save_department(department=department)
        self.cast.department = self.department

    @precondition(lambda self: Ticket.objects.count() < 5)
    @rule(name=st.sampled_from(REQUESTERS))
    def somebody_opens(self, name: str) -> None:
        person = self.person(name)
        try:
            walks.opened(self.cast, by=person, at=self.clock.now, files=[self.a_file()])
        except Refused:
            assert not person.is_active or not self.department.is_active
        self.desk.follow()

    @precondition(lambda self: Ticket.objects.filter(closed_at=None).exists())
    @rule(presses=st.lists(numbers, min_size=1, max_size=3), with_file=st.booleans())
    def somebody_does_what_a_button_offers(self, presses: list[int], with_file: bool) -> None:
        for which in presses:
            self._press(which, with_file)

    @precondition(lambda self: Ticket.objects.filter(closed_at=None).exists())
    @rule(presses=st.lists(numbers, min_size=2, max_size=3))
    def somebody_does_more(self, presses: list[int]) -> None:
        for which in presses:
            self._press(which, with_file=False)

    def _press(self, which: int, with_file: bool) -> None:
        offers = defaultdict(list)
        everybody = self.everybody()
        for ticket in self.tickets():
            for name, person in everybody.items():
                for as_requester in (True, False):
                    for entry in available_moves(ticket, person, as_requester=as_requester):
                        offers[entry.move.verb].append((ticket, name, entry))
        offers.pop("rate", None)
        for verb in RARELY if which % 5 else ():  # else most plays end before they have begun
            offers.pop(verb, None)
        if not offers:
            return
        offered = offers[sorted(offers)[which % len(offers)]]
        ticket, name, entry = offered[which // len(offers) % len(offered)]
        choices = self._choices(ticket, entry.move.asks, which)
        if choices is None:
            return  # nobody and nothing there to be chosen
        refusal = self._try(ticket, name, entry.move.verb, choices, with_file=with_file)
        assert bool(refusal) == bool(entry.refusal), (refusal, entry)

    def _choices(self, ticket: Ticket, asks: str | None, which: int) -> dict[str, Any] | None:
        """What the move's form would offer; None where it has nothing to offer."""
        if asks == "executor":
            agents = list(agents_of_line(ticket.department, ticket.line, self.clock.now).exclude(pk=ticket.executor_id))
            return {"executor": agents[which % len(agents)]} if agents else None
        if asks == "service":
            services = list(Service.objects.offered().exclude(department=ticket.department_id))
            return {"service": services[which % len(services)]} if services else None
        return {}

    @precondition(lambda self: Ticket.objects.exists())
    @rule(which=numbers, name=st.sampled_from(TRIERS), verb=st.sampled_from(VERBS), whom=st.sampled_from(TRIERS[:-1]))
    def somebody_tries_anything(self, which: int, name: str, verb: str, whom: str) -> None:
        found = self.tickets()
        services = [self.cast.service, self.cast.other_service]
        asked = {"executor": self.person(whom), "service": services[which % 2]}
        choices = {key: value for key, value in asked.items() if key == MOVES[verb].asks}
        self._try(found[which % len(found)], name, verb, choices, with_file=False)

    def _try(self, ticket: Ticket, name: str, verb: str, choices: dict[str, Any], *, with_file: bool) -> str:
        """Make a move; check that it was allowed, or changed nothing."""
        move = MOVES[verb]
        by = CLOCK if name == "clock" else self.person(name)
        roles = who_is(by, ticket)
        words: dict[str, Any] = {} if move.text is Text.NONE else {"text": "Because."}
        if with_file and move.files:
            words["files"] = [self.a_file()]
        try:
            with transaction.atomic():
                getattr(tickets.actions, verb)(ticket=ticket, by=by, at=self.clock.now, **words, **choices)
        except Refused as refusal:
            assert self.desk.follow() == []
            return str(refusal)
        assert ticket.status in move.sources
        assert roles & move.who
        verbs = [event.verb for event in self.desk.follow() if event.verb != "expire_action"]
        assert verbs in ([verb], [verb, "finalize"])
        return ""

    @precondition(lambda self: Ticket.objects.filter(closed_at=None, executor__isnull=False).exists())
    @rule(which=numbers, priority=st.sampled_from(Priority.values), name=st.sampled_from(DECIDERS))
    def somebody_asks_for_another_priority(self, which: int, priority: str, name: str) -> None:
        found = list(Ticket.objects.filter(closed_at=None, executor__isnull=False).select_related("executor"))
        ticket = found[which % len(found)]
        by = self.person(name) if which % 4 == 3 else walks.executor_of(ticket)
        allowed = by.is_active and by == ticket.executor and priority != ticket.priority
        allowed &= not PriorityRequest.objects.waiting().filter(ticket=ticket).exists()
        self.beside("request_priority", allowed, ticket=ticket, by=by, priority=priority, text="It burns.")

    @precondition(lambda self: PriorityRequest.objects.exists())
    @rule(which=numbers, name=st.sampled_from(DECIDERS), approves=st.booleans())
    def somebody_decides_on_a_priority(self, which: int, name: str, approves: bool) -> None:
        requests = PriorityRequest.objects.select_related("ticket").order_by("state", "pk")
        request, by = requests.reverse()[which % len(requests) // 2], self.person(name)
        allowed = request.state == "waiting" and by.is_active
        allowed &= name == "ana" or name in self.desk.heads(request.ticket.department_id)
        verb = "approve_priority" if approves else "reject_priority"
        self.beside(verb, allowed, request=request, by=by, text="Because.")

    @precondition(lambda self: Ticket.objects.filter(closed_at=None).exists())
    @rule(which=numbers, priority=st.sampled_from(Priority.values), name=st.sampled_from(DECIDERS))
    def administrator_sets_a_priority(self, which: int, priority: str, name: str) -> None:
        found = list(Ticket.objects.filter(closed_at=None))
        ticket = found[which % len(found)]
        by = self.cast.ana if which % 2 else self.person(name)
        allowed = by == self.cast.ana and priority != ticket.priority
        self.beside("set_priority", allowed, ticket=ticket, by=by, priority=priority, text="So be it.")

    @precondition(lambda self: Survey.objects.exists())
    @rule(which=numbers, rating=st.integers(1, 5))
    def requester_answers_a_survey(self, which: int, rating: int) -> None:
        survey = list(Survey.objects.order_by("pk"))[which % Survey.objects.count()]
        was, ticket = survey.state, survey.ticket
        by = ticket.requester
        told: Iterable[Told] = ()
        try:
            with transaction.atomic():
                surveys.actions.answer(survey=survey, by=by, solved=rating > 2, rating=rating, at=self.clock.now)
            assert was == Survey.State.WAITING
            people = self.desk.heads(ticket.department_id)
            if ticket.executor and ticket.executor.is_active:
                people.add(self.cast.name_of(ticket.executor))
            told = [(ticket.pk, "survey_answered", name) for name in people]
        except Refused:
            assert was != Survey.State.WAITING or not by.is_active
        self.desk.follow(told_besides=told, actor_besides=self.cast.name_of(by))

    @rule(minutes=st.sampled_from([1, 14, 15, 16, 60, 24 * 60, 48 * 60, 49 * 60]))
    def time_passes_and_the_worker_sweeps(self, minutes: int) -> None:
        at = self.clock.turn(minutes=minutes)
        sweep(at)
        approvals.tasks.remind_heads(at)
        self.desk.follow()
        assert not Ticket.objects.exclude(timer_error="").exists()
        late = [ticket for ticket in Ticket.objects.due(at) if ticket.status != Status.AWAITING_DISTRIBUTION]
        assert late == []
        assert not PriorityRequest.objects.to_remind_of(at).exists()

    @rule(
        what=st.sampled_from(["leaves", "is away", "changes departments"]),
        name=st.sampled_from([*AGENTS, "rita", "hugo", "nora"]),
        line=st.sampled_from([1, 1, 2]),
        elsewhere=st.booleans(),
    )
    def somebody_comes_and_goes(self, what: str, name: str, line: int, elsewhere: bool) -> None:
        person = self.person(name)
        department = self.cast.other_department if elsewhere else self.department
        if what == "leaves":
            User.objects.filter(pk=person.pk).update(is_active=not person.is_active)
        elif what == "is away":
            until = self.clock.now + timedelta(hours=30 if elsewhere else line)
            Absence.objects.create(user=person, starts_at=self.clock.now, ends_at=until)
        elif name in AGENTS and person.membership_in(department.pk):
            leave_department(department, person)
        elif name in AGENTS:
            join_department(department=department, user=person, line=line)

    @rule(change=st.sampled_from(CHANGES), elsewhere=st.integers(0, 3))
    def administrator_changes_a_rule(self, change: dict[str, Any], elsewhere: int) -> None:
        department = self.department if elsewhere else Department.objects.get(pk=self.cast.other_department.pk)
        self.change(department, **change)

    # What must be so at any time

    @invariant()
    def everything_is_as_the_history_makes_it(self) -> None:
        """R1.12 to R1.16, R4.35: folders, executors, lines, departments, priorities; and all was told as it should."""
        self.desk.check()

    @invariant()
    def every_ticket_makes_sense(self) -> None:
        """R6.24, R1.38, A5, R4.20: one status, the timer that fits, an executor, an end, a survey."""
        surveyed = Counter(Survey.objects.values_list("ticket", flat=True))
        for ticket in self.tickets():
            rules = ticket.department
            waits = ticket.status in {Status.AWAITING_APPROVAL, Status.AWAITING_RATING}
            waits |= ticket.status == Status.AWAITING_DISTRIBUTION and rules.distribution_mode != "pull"
            waits |= ticket.status in DECISIONS and bool(rules.decision_reminder)
            assert (ticket.timer_due_at is not None) == waits
            assert (ticket.executor is None) == (ticket.status == Status.AWAITING_DISTRIBUTION) or (
                ticket.status == Status.CANCELLED
            )
            assert (ticket.closed_at is not None) == (ticket.status in FINAL)
            assert ticket.finalized_at is None or ticket.outcome == "solved"
            if ticket.outcome == "solved" or ticket.status == Status.AWAITING_RATING:
                assert surveyed[ticket.pk] == 1
                assert ticket.approved_at is not None
            else:
                assert surveyed[ticket.pk] <= (ticket.status == Status.CANCELLED)

    @invariant()
    def side_requests_make_sense(self) -> None:
        """R4.29, R4.33, R4.16: one waits at most, none of an ended ticket, reminded of as the department says."""
        waiting = list(PriorityRequest.objects.waiting().select_related("ticket__department"))
        assert len({request.ticket_id for request in waiting}) == len(waiting)
        for request in waiting:
            assert request.ticket.closed_at is None
            assert (request.remind_due_at is not None) == bool(request.ticket.department.decision_reminder)
        asked = Counter(Event.objects.filter(verb="request_priority").values_list("ticket", flat=True))
        assert asked == Counter(PriorityRequest.objects.values_list("ticket", flat=True))

    @invariant()
    def history_tells_how_it_came(self) -> None:
        """R6.23: an unbroken chain of moves of the table, by people who could; its end is the ticket's status."""
        events = defaultdict(list)
        for event in Event.objects.select_related("actor").order_by("pk"):
            events[event.ticket_id].append(event)
        for ticket in self.tickets():
            status, executor, at = "", None, None
            for event in events[ticket.pk]:
                move = ALL_MOVES[event.verb]
                assert event.from_status == status
                assert status in move.sources or (event.verb == "open" and status == "")
                assert event.to_status in {move.target or status, move.otherwise or move.target or status}
                assert (event.actor is None) <= (Who.CLOCK in move.who)
                assert event.actor is None or move.who != {Who.CLOCK}
                if move.who == {Who.REQUESTER}:
                    assert event.actor == ticket.requester
                if move.who == {Who.EXECUTOR}:
                    assert event.actor == executor
                if move.who == {Who.HEAD, Who.ADMINISTRATOR}:
                    assert self.cast.name_of(event.actor) in {"hugo", "nora", "ana"}
                if event.verb in GIVING:
                    executor = event.subject
                elif event.to_status == Status.AWAITING_DISTRIBUTION:
                    executor = None
                assert at is None or event.at >= at
                if move.who == {Who.MANAGER}:
                    assert self.cast.name_of(event.actor) in MANAGERS
                ends = event.to_status in FINAL and event.verb != "expire_action"
                assert event.is_private == (move.private and not ends)
                status, at = event.to_status, event.at
            assert status == ticket.status
            assert executor == ticket.executor

    @invariant()
    def loads_are_counted_right(self) -> None:
        """R4.8: the number beside each candidate is the number of his current tasks, of all departments."""
        loads = Counter(Ticket.objects.filter(status__in=CURRENT).values_list("executor", flat=True))
        for line in (1, 2):
            found: list[Any] = list(candidates(self.department, line, self.clock.now))  # with current_tasks
            assert [person.current_tasks for person in found] == sorted(loads[person.pk] for person in found)
            assert all(person.current_tasks == loads[person.pk] and person.is_active for person in found)

    @invariant()
    def last_message_is_the_last_that_the_requester_may_read(self) -> None:
        """R1.43: what lists show is no note."""
        for ticket in self.tickets():
            last = ticket.messages.exclude(kind=Message.Kind.NOTE).order_by("-at", "-pk").first()
            assert last is not None
            assert last.at == ticket.last_message_at


@pytest.mark.django_db
@pytest.mark.timeout(4 * 3600 if PLAYS else 300)
def test_random_people_doing_random_things_leave_a_desk_that_makes_sense() -> None:
    """Every invariant after every step, whatever the order."""
    run_state_machine_as_test(
        Play,
        settings=settings(
            max_examples=PLAYS or 6,
            stateful_step_count=50 if PLAYS else 20,
            derandomize=not PLAYS,
            database=None,
            deadline=None,
            phases=list(Phase) if PLAYS else [Phase.generate],  # the shortest play that fails is sought by hand
            suppress_health_check=list(HealthCheck),
        ),
    )
