"""Random people do random things at random times; after each of them the desk must still make sense.

``HELPDESK_TEST_PLAY`` says how many plays: without it a few, always the same; with it that many, each time others.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import surveys.actions
import tickets.actions
from attachments.models import FolderGroupPermission, FolderUserPermission
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department, save_department
from helpdesk.people.models import Absence, Department, User
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, Clock, a_file, leave_department, make_cast
from tickets.lifecycle import CURRENT, FINAL, MOVES, Status, Text, Who
from tickets.models import Event, Message, Ticket
from tickets.permissions import available_moves, who_is
from tickets.querysets import candidates
from tickets.tasks import sweep

PLAYS = int(os.environ.get("HELPDESK_TEST_PLAY", "0"))
REQUESTERS = ("rita", "cora", "eve", "ada", "hugo")
AGENTS = ("ada", "bob", "otto")
VERBS = tuple(verb for verb in MOVES if verb not in {"open", "rate"})  # rating is answering the survey
PAIRS = {verb: move.who for verb, move in MOVES.items()}
numbers = st.integers(min_value=0, max_value=10_000)


class Play(RuleBasedStateMachine):
    """The desk as it should be: who may open which folder, beside the real one."""

    cast: Cast
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.scene = transaction.atomic()
        self.scene.__enter__()
        self.cast = make_cast()
        self.clock = Clock(datetime(2026, 3, 27, 9, 0, tzinfo=UTC))  # two days before clocks change in Europe
        self.granted: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self.opened_to_group: set[int] = set()
        self.files = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scene.__exit__(None, None, None)

    # What there is

    def person(self, name: str) -> User:
        return self.cast.again(self.cast.people[name])

    @property
    def department(self) -> Department:
        return Department.objects.get(pk=self.cast.department.pk)

    def tickets(self) -> list[Ticket]:
        related = ("department", "service", "requester", "executor", "folder")
        return list(Ticket.objects.select_related(*related).order_by("pk"))

    def heads(self) -> set[str]:
        rows = self.department.memberships.filter(is_head=True, user__is_active=True).select_related("user")
        return {self.cast.name_of(row.user) for row in rows}

    def a_file(self) -> Any:
        self.files += 1
        return a_file("note.txt", f"file {self.files}")

    # What happens

    @initialize(
        mode=st.sampled_from(["pull", "push", "both"]), survey=st.sampled_from(["after_closing", "before_closing"])
    )
    def rules_of_the_house(self, mode: str, survey: str) -> None:
        self.change(distribution_mode=mode, survey_mode=survey)

    def change(self, **rules: Any) -> None:
        """What the administration does when a department is saved."""
        department = self.department
        for name, value in rules.items():
            setattr(department, name, value)
        self.cast.department = save_department(department=department)

    @precondition(lambda self: Ticket.objects.count() < 5)
    @rule(name=st.sampled_from(REQUESTERS))
    def somebody_opens(self, name: str) -> None:
        person = self.person(name)
        try:
            ticket = walks.opened(self.cast, by=person, at=self.clock.now, files=[self.a_file()])
        except Refused:
            assert not person.is_active or not self.department.is_active
            return
        self.granted[ticket.pk] |= {(name, "view_folder"), (name, "add_file")}
        self._announced(ticket)
        if self.department.attachment_access_moment == "on_open":
            self.opened_to_group.add(ticket.pk)

    def _announced(self, ticket: Ticket) -> None:
        if self.department.distribution_mode != "pull":
            self.granted[ticket.pk] |= {(name, "view_folder") for name in self.heads()}

    @precondition(lambda self: Ticket.objects.filter(closed_at=None).exists())
    @rule(which=numbers, with_file=st.booleans())
    def somebody_does_what_a_button_offers(self, which: int, with_file: bool) -> None:
        choices = [
            (ticket, name, entry)
            for ticket in self.tickets()
            for name in self.cast.people
            for as_requester in (True, False)
            for entry in available_moves(ticket, self.person(name), as_requester=as_requester)
        ]
        if not choices:
            return
        ticket, name, entry = choices[which % len(choices)]
        if entry.move.verb == "rate":
            return
        refusal = self._try(ticket, name, entry.move.verb, with_file=with_file)
        assert bool(refusal) == bool(entry.refusal), (refusal, entry)

    @precondition(lambda self: Ticket.objects.exists())
    @rule(
        which=numbers, name=st.sampled_from([*REQUESTERS, *AGENTS, "nora", "ana", "clock"]), verb=st.sampled_from(VERBS)
    )
    def somebody_tries_anything(self, which: int, name: str, verb: str) -> None:
        found = self.tickets()
        self._try(found[which % len(found)], name, verb, with_file=False)

    def _try(self, ticket: Ticket, name: str, verb: str, *, with_file: bool) -> str:
        """Make a move; check that it was allowed, or changed nothing; keep the model in step."""
        move = MOVES[verb]
        by = CLOCK if name == "clock" else self.person(name)
        roles = who_is(by, ticket)
        former = self.cast.name_of(ticket.executor) if ticket.executor else None
        words: dict[str, Any] = {} if move.text is Text.NONE else {"text": "Because."}
        if with_file and move.files:
            words["files"] = [self.a_file()]
        before = Event.objects.count()
        try:
            with transaction.atomic():
                after = getattr(tickets.actions, verb)(ticket=ticket, by=by, at=self.clock.now, **words)
        except Refused as refusal:
            assert Event.objects.count() == before
            return str(refusal)
        assert ticket.status in move.sources
        assert roles & move.who
        if verb in {"assume", "assign"}:
            executor = self.cast.name_of(Ticket.objects.get(pk=ticket.pk).executor)
            self.granted[ticket.pk] |= {(executor, "view_folder"), (executor, "add_file")}
        if verb == "return_solution" and after.status == Status.AWAITING_DISTRIBUTION:
            if former != self.cast.name_of(ticket.requester):
                self.granted[ticket.pk].discard((former, "add_file"))
            self._announced(ticket)
        return ""

    @precondition(lambda self: Survey.objects.exists())
    @rule(which=numbers, rating=st.integers(1, 5))
    def requester_answers_a_survey(self, which: int, rating: int) -> None:
        survey = list(Survey.objects.order_by("pk"))[which % Survey.objects.count()]
        was = survey.state
        by = survey.ticket.requester
        try:
            with transaction.atomic():
                surveys.actions.answer(survey=survey, by=by, solved=rating > 2, rating=rating, at=self.clock.now)
        except Refused:
            assert was != Survey.State.WAITING or not by.is_active
            return
        assert was == Survey.State.WAITING

    @rule(minutes=st.sampled_from([1, 14, 15, 16, 60, 24 * 60, 48 * 60, 49 * 60]))
    def time_passes_and_the_worker_sweeps(self, minutes: int) -> None:
        waiting = set(Ticket.objects.filter(executor=None).values_list("pk", flat=True))
        at = self.clock.turn(minutes=minutes)
        sweep(at)
        for ticket in Ticket.objects.filter(pk__in=waiting).exclude(executor=None).select_related("executor"):
            executor = self.cast.name_of(ticket.executor)
            self.granted[ticket.pk] |= {(executor, "view_folder"), (executor, "add_file")}
        assert not Ticket.objects.exclude(timer_error="").exists()
        late = [ticket for ticket in Ticket.objects.due(at) if ticket.status != Status.AWAITING_DISTRIBUTION]
        assert late == []

    @rule(name=st.sampled_from([*AGENTS, "rita", "hugo"]))
    def somebody_leaves_or_comes_back(self, name: str) -> None:
        person = self.person(name)
        User.objects.filter(pk=person.pk).update(is_active=not person.is_active)

    @rule(name=st.sampled_from(AGENTS), line=st.sampled_from([1, 1, 2]))
    def somebody_changes_departments(self, name: str, line: int) -> None:
        person = self.person(name)
        if person.membership_in(self.department.pk):
            leave_department(self.department, person)
        else:
            join_department(department=self.department, user=person, line=line)

    @rule(name=st.sampled_from(AGENTS), hours=st.sampled_from([1, 30]))
    def somebody_is_absent(self, name: str, hours: int) -> None:
        Absence.objects.create(
            user=self.person(name), starts_at=self.clock.now, ends_at=self.clock.now + timedelta(hours=hours)
        )

    @rule(
        change=st.sampled_from(
            [
                {"distribution_mode": "pull"},
                {"distribution_mode": "both"},
                {"survey_mode": "before_closing"},
                {"survey_mode": "after_closing"},
                {"attachment_access_moment": "on_open"},
                {"attachment_access_moment": "on_assume"},
                {"approval_period": timedelta(0)},
                {"approval_period": timedelta(days=2)},
                {"support_lines": 1},
                {"support_lines": 2},
            ]
        )
    )
    def administrator_changes_a_rule(self, change: dict[str, Any]) -> None:
        self.change(**change)

    # What must be so at any time

    @invariant()
    def every_ticket_makes_sense(self) -> None:
        """R6.24, R1.38, A5: one status, the timer that fits, an executor, an end, a survey."""
        surveyed = Counter(Survey.objects.values_list("ticket", flat=True))
        for ticket in self.tickets():
            waits = ticket.status in {Status.AWAITING_APPROVAL, Status.AWAITING_RATING}
            waits |= ticket.status == Status.AWAITING_DISTRIBUTION and ticket.department.distribution_mode != "pull"
            assert (ticket.timer_due_at is not None) == waits
            assert (ticket.executor is None) == (ticket.status == Status.AWAITING_DISTRIBUTION) or (
                ticket.status == Status.CANCELLED
            )
            assert (ticket.closed_at is not None) == (ticket.status in FINAL)
            assert ticket.finalized_at is None or ticket.status == Status.CLOSED
            if ticket.status in {Status.CLOSED, Status.AWAITING_RATING}:
                assert surveyed[ticket.pk] == 1
                assert ticket.approved_at is not None
            elif ticket.status == Status.CANCELLED:
                assert surveyed[ticket.pk] <= 1
            else:
                assert surveyed[ticket.pk] == 0

    @invariant()
    def history_tells_how_it_came(self) -> None:
        """R6.23: an unbroken chain of moves of the table, by people who could; its end is the ticket's status."""
        events = defaultdict(list)
        for event in Event.objects.select_related("actor").order_by("pk"):
            events[event.ticket_id].append(event)
        for ticket in self.tickets():
            status, executor, at = "", None, None
            for event in events[ticket.pk]:
                move = MOVES[event.verb]
                assert event.from_status == status
                assert status in move.sources or (event.verb == "open" and status == "")
                assert event.to_status in {move.target or status, move.otherwise or move.target or status}
                assert (event.actor is None) <= (Who.CLOCK in move.who)
                assert event.actor is None or move.who != {Who.CLOCK}
                if move.who == {Who.REQUESTER}:
                    assert event.actor == ticket.requester
                if move.who == {Who.EXECUTOR}:
                    assert event.actor == executor
                if event.verb in {"assume", "assign"}:
                    executor = event.subject
                elif event.to_status == Status.AWAITING_DISTRIBUTION:
                    executor = None
                assert at is None or event.at >= at
                status, at = event.to_status, event.at
            assert status == ticket.status
            assert executor == ticket.executor

    @invariant()
    def folders_are_open_to_exactly_those_involved(self) -> None:
        """R1.12 to R1.16: nobody outside, everybody involved."""
        names = {person.pk: name for name, person in self.cast.people.items()}
        rows = defaultdict(set)
        for folder, user, code in FolderUserPermission.objects.values_list(
            "content_object__name", "user", "permission__codename"
        ):
            rows[int(folder)].add((names[user], code))
        assert rows == {pk: pairs for pk, pairs in self.granted.items() if pairs}
        groups = FolderGroupPermission.objects.values_list("content_object__name", flat=True)
        assert {int(name) for name in groups} == self.opened_to_group

    @invariant()
    def loads_are_counted_right(self) -> None:
        """R4.8: the number beside each candidate is the number of his current tasks."""
        loads = Counter(Ticket.objects.filter(status__in=CURRENT).values_list("executor", flat=True))
        found = list(candidates(self.department, 1, self.clock.now))
        assert all(person.current_tasks == loads[person.pk] for person in found)
        assert [person.current_tasks for person in found] == sorted(person.current_tasks for person in found)
        assert all(person.is_active for person in found)

    @invariant()
    def nobody_is_told_twice_or_by_letter_alone(self) -> None:
        """A23: each letter has its row in the hub; each cause tells a person once."""
        letters = Counter(Letter.objects.values_list("kind", "recipient", "facts__number", "created_at"))
        rows = Counter(Notification.objects.values_list("kind", "recipient", "facts__number", "created_at"))
        assert letters <= rows
        ids = list(Letter.objects.values_list("message_id", flat=True))
        assert len(ids) == len(set(ids))

    @invariant()
    def strangers_see_nothing(self) -> None:
        """R6.26: Eve's are hers, and Rita's are not."""
        eve = self.person("eve")
        assert {ticket.requester for ticket in Ticket.objects.visible_to(eve)} <= {eve}
        told = Notification.objects.filter(recipient=eve).values_list("facts__number", flat=True)
        hers = set(Ticket.objects.filter(requester=eve).values_list("pk", flat=True))
        assert set(told) <= hers

    @invariant()
    def last_message_is_the_last_that_the_requester_may_read(self) -> None:
        """R1.43: what lists show is no note."""
        for ticket in self.tickets():
            last = ticket.messages.exclude(kind=Message.Kind.NOTE).order_by("-at", "-pk").first()
            assert last is not None
            assert last.at == ticket.last_message_at


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_random_people_doing_random_things_leave_a_desk_that_makes_sense() -> None:
    """Every invariant after every step, whatever the order."""
    run_state_machine_as_test(
        Play,
        settings=settings(
            max_examples=PLAYS or 10,
            stateful_step_count=30,
            derandomize=not PLAYS,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
