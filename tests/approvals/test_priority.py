"""A change of priority: asked with a justification, decided by a head, in force from then on (R4.30 to R4.35)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.http import HttpRequest

import approvals.actions
import tickets.actions
from approvals.lifecycle import State
from approvals.models import PriorityRequest
from approvals.tasks import remind_heads
from attachments.permissions import reason_not
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department, save_department
from tests import walks
from tests.cast import Cast, Clock, an_agent, leave_department
from tickets.lifecycle import Priority
from tickets.models import Event, Ticket

HOUR = timedelta(hours=1)


def _requested(cast: Cast, *, at: datetime | None = None, ticket: Ticket | None = None) -> PriorityRequest:
    ticket = ticket or walks.started(cast, at=at)
    return approvals.actions.request_priority(
        ticket=ticket, by=walks.executor_of(ticket), priority="urgent", text="The whole floor waits.", at=at
    )


def _priority(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).priority


def _told(cast: Cast, kind: str) -> list[str]:
    return cast.names_of(row.recipient for row in Notification.objects.filter(kind=kind).select_related("recipient"))


# Asking


def test_request_keeps_the_old_priority_in_force_until_it_is_approved(cast: Cast, clock: Clock) -> None:
    """R4.33, A40: after approval, not at once."""
    request = _requested(cast, at=clock.now)
    assert (request.state, request.old_priority, request.new_priority) == (State.WAITING, "normal", "urgent")
    assert (request.requested_by, request.requested_at) == (cast.ada, clock.now)
    assert request.justification == "The whole floor waits."
    assert _priority(request.ticket) == "normal"
    approvals.actions.approve_priority(request=request, by=cast.hugo)
    assert _priority(request.ticket) == "urgent"


def test_request_is_the_heads_task(cast: Cast) -> None:
    """R4.31, R1.14: every head is told, by letter too, and may open the folder now."""
    cast.rules(distribution_mode="pull")
    helga = an_agent("Helga Huber", cast.department, line=None, is_head=True)
    ticket = walks.started(cast)
    assert reason_not(cast.again(helga), "view", ticket.folder)
    _requested(cast, ticket=ticket)
    assert _told(cast, "priority_requested") == ["Helga Huber", "hugo"]
    assert Letter.objects.filter(kind="priority_requested").count() == 2
    facts = Letter.objects.filter(kind="priority_requested").first().facts
    assert (facts["old_priority"], facts["new_priority"], facts["actor"], facts["comment"]) == (
        "normal", "urgent", "Ada Alves", "The whole floor waits.",
    )  # fmt: skip
    assert reason_not(cast.again(helga), "view", ticket.folder) is None


def test_request_where_nobody_heads_is_the_administrators_task(cast: Cast) -> None:
    """A41: administrators can decide too; where they have to, they hear of it."""
    ticket = walks.started(cast)
    leave_department(cast.department, cast.hugo)
    request = _requested(cast, ticket=ticket)
    assert _told(cast, "priority_requested") == ["ana"]
    approvals.actions.approve_priority(request=request, by=cast.ana)
    assert _priority(ticket) == "urgent"


@pytest.mark.parametrize("line", [1, 2])
def test_request_is_made_by_either_line(cast: Cast, line: int) -> None:
    """R4.30: the line-1 and the line-2 employee."""
    ticket = walks.started(cast) if line == 1 else walks.started_on_the_last_line(cast)
    assert _requested(cast, ticket=ticket).requested_by == (cast.ada if line == 1 else cast.otto)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_request_without_justification_is_refused(cast: Cast, text: str) -> None:
    """R4.33: the justification is mandatory."""
    ticket = walks.started(cast)
    with pytest.raises(Refused) as refusal:
        approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority="urgent", text=text)
    assert refusal.value.field == "text"
    assert not PriorityRequest.objects.exists()


@pytest.mark.parametrize("priority", ["normal", "", "sky-high"])
def test_request_of_the_same_or_of_no_priority_is_refused(cast: Cast, priority: str) -> None:
    """R4.33: new ≠ old."""
    ticket = walks.started(cast)
    with pytest.raises(Refused) as refusal:
        approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority=priority, text="So be it.")
    assert refusal.value.field == "priority"


def test_second_request_is_refused_while_one_waits(cast: Cast) -> None:
    """R4.33: at most one pending request per ticket; afterwards the next one."""
    first = _requested(cast)
    with pytest.raises(Refused, match="already waits"):
        approvals.actions.request_priority(ticket=first.ticket, by=cast.ada, priority="low", text="No hurry.")
    approvals.actions.reject_priority(request=first, by=cast.hugo, text="It is not.")
    approvals.actions.request_priority(ticket=first.ticket, by=cast.ada, priority="low", text="No hurry.")
    assert list(PriorityRequest.objects.values_list("state", flat=True)) == ["rejected", "waiting"]


def test_database_holds_one_waiting_request_per_ticket(cast: Cast) -> None:
    """R4.33: whatever the code believes; a justification and another priority too."""
    first = _requested(cast)
    faults = {
        "one_waiting": {},
        "differs": {"new_priority": "normal", "ticket": walks.started(cast)},
        "is_justified": {"justification": "", "ticket": walks.started(cast)},
        "evaluation_is_whole": {"state": "approved", "ticket": walks.started(cast)},
    }
    for name, fault in faults.items():
        row = {"ticket": first.ticket, "requested_by": cast.ada, "old_priority": "normal", "new_priority": "high"}
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            PriorityRequest.objects.create(**{**row, "justification": "Now.", **fault})


def test_change_without_approval_is_in_force_at_once(cast: Cast, clock: Clock) -> None:
    """Setting ``criticality_change_needs_approval``: off, the executor decides; the record stays the same."""
    cast.rules(criticality_change_needs_approval=False)
    request = _requested(cast, at=clock.now)
    assert _priority(request.ticket) == "urgent"
    assert (request.state, request.evaluated_by, request.evaluated_at) == (State.APPROVED, cast.ada, clock.now)
    assert not Notification.objects.filter(kind__startswith="priority").exists()


# Deciding


def test_approval_is_in_force_at_once_and_the_employee_hears_of_it(cast: Cast, clock: Clock) -> None:
    """R4.32 to R4.34: history shows request, justification, decision, person, time."""
    request = _requested(cast, at=clock.now)
    at = clock.turn(minutes=5)
    request = approvals.actions.approve_priority(request=request, by=cast.hugo, at=at)
    assert (request.state, request.evaluated_by, request.evaluated_at) == (State.APPROVED, cast.hugo, at)
    assert _told(cast, "priority_approved") == ["ada"]
    assert Letter.objects.filter(kind="priority_approved", recipient=cast.ada).count() == 1
    asked, decided = request.ticket.events.filter(verb__contains="priority").select_related("actor")
    assert (asked.verb, asked.actor, asked.at, asked.comment) == (
        "request_priority", cast.ada, at - timedelta(minutes=5), "The whole floor waits.",
    )  # fmt: skip
    assert (decided.verb, decided.actor, decided.at) == ("approve_priority", cast.hugo, at)


def test_rejection_needs_a_reason_and_leaves_the_priority(cast: Cast) -> None:
    """R4.32, R4.33: the reason is mandatory, and the employee reads it."""
    request = _requested(cast)
    with pytest.raises(Refused) as refusal:
        approvals.actions.reject_priority(request=request, by=cast.hugo, text=" ")
    assert refusal.value.field == "text"
    request = approvals.actions.reject_priority(request=request, by=cast.hugo, text="Two people.")
    assert (request.state, request.reason, _priority(request.ticket)) == (State.REJECTED, "Two people.", "normal")
    assert Letter.objects.get(kind="priority_rejected", recipient=cast.ada).facts["comment"] == "Two people."
    assert request.ticket.events.latest("pk").comment == "Two people."


def test_any_head_decides_and_the_second_reads_who_was_first(cast: Cast, clock: Clock) -> None:
    """A41: several heads are possible; one decision counts."""
    helga = an_agent("Helga Huber", cast.department, line=None, is_head=True)
    request = _requested(cast, at=clock.now)
    approvals.actions.approve_priority(request=request, by=helga, at=clock.turn(minutes=1))
    with pytest.raises(Refused, match="Helga Huber has decided this already: approved"):
        approvals.actions.reject_priority(request=request, by=cast.hugo, text="No.")
    assert _priority(request.ticket) == "urgent"


def test_head_of_another_department_does_not_decide(cast: Cast) -> None:
    """R4.31: the head of the support department."""
    join_department(department=cast.other_department, user=cast.nora, line=1, is_head=True)
    request = _requested(cast)
    with pytest.raises(Refused, match="Only a head of the department"):
        approvals.actions.approve_priority(request=request, by=cast.again(cast.nora))


def test_decision_about_a_former_executors_request_reaches_him(cast: Cast) -> None:
    """R4.34: the employee who asked is told, whoever has the ticket now."""
    request = _requested(cast)
    tickets.actions.hand_over(ticket=request.ticket, by=cast.hugo, executor=cast.bob)
    approvals.actions.approve_priority(request=request, by=cast.hugo)
    assert _told(cast, "priority_approved") == ["ada"]


def test_requester_sees_the_result_only(cast: Cast) -> None:
    """R4.34: no event of it and no notice is the requester's."""
    request = _requested(cast)
    approvals.actions.approve_priority(request=request, by=cast.hugo)
    another = approvals.actions.request_priority(ticket=request.ticket, by=cast.ada, priority="low", text="Over.")
    approvals.actions.reject_priority(request=another, by=cast.hugo, text="No.")
    assert set(Event.objects.filter(verb__contains="priority").values_list("is_private", flat=True)) == {True}
    assert not Notification.objects.filter(kind__startswith="priority", recipient=cast.rita).exists()


# Ending otherwise


@pytest.mark.parametrize("end", ["cancelled", "approved", "approved by silence", "closed without solution"])
def test_request_ends_with_its_ticket(cast: Cast, clock: Clock, end: str) -> None:
    """R4.29: every way of ending cancels what waits; its old decision is possible no more."""
    cast.rules(decision_reminder=HOUR, support_lines=1)
    request = _requested(cast, at=clock.now)
    ticket, at = request.ticket, clock.turn(minutes=1)
    if end == "cancelled":
        tickets.actions.cancel(ticket=ticket, by=cast.rita, at=at)
    elif end == "closed without solution":
        walks.closed_without_solution(cast, at=at, ticket=walks.closing_requested(cast, at=at, ticket=ticket))
    else:
        ticket = tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Done.", at=at)
        if end == "approved":
            tickets.actions.approve(ticket=ticket, by=cast.rita, at=at)
        else:
            at = clock.turn(days=2)
            tickets.actions.approve_automatically(ticket=ticket, at=at)
    request.refresh_from_db()
    assert (request.state, request.evaluated_by, request.evaluated_at) == (State.CANCELLED, None, at)
    assert request.remind_due_at is None
    with pytest.raises(Refused):
        approvals.actions.approve_priority(request=request, by=cast.hugo)
    assert _priority(ticket) == "normal"
    assert remind_heads(clock.turn(days=9)) == 0


def test_request_outlives_the_check_by_the_requester(cast: Cast) -> None:
    """R6.25: neither the solution nor its return ends what waits beside the ticket."""
    request = _requested(cast)
    ticket = tickets.actions.send_solution(ticket=request.ticket, by=cast.ada, text="Done.")
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="It is not.")
    request.refresh_from_db()
    assert request.state == State.WAITING


def test_forwarding_makes_it_the_other_departments_decision(cast: Cast) -> None:
    """R4.31, R6.21: the heads there are told who asked and why; those here decide no more."""
    cast.other_department.decision_reminder = HOUR
    cast.other_department.save()
    join_department(department=cast.other_department, user=cast.nora, line=1, is_head=True)
    request = _requested(cast)
    tickets.actions.forward(ticket=request.ticket, by=cast.ada, service=cast.other_service, text="A cable.")
    assert _told(cast, "priority_requested") == ["hugo", "nora"]
    facts = Letter.objects.get(kind="priority_requested", recipient=cast.nora).facts
    assert (facts["actor"], facts["text"], facts["new_priority"]) == ("Ada Alves", "The whole floor waits.", "urgent")
    request.refresh_from_db()
    assert request.remind_due_at is not None
    waiting = PriorityRequest.objects.waiting()
    assert list(waiting.decided_by_heads_like(cast.again(cast.nora))) == [request]
    assert list(waiting.decided_by_heads_like(cast.again(cast.hugo))) == []
    with pytest.raises(Refused, match="Only a head of the department"):
        approvals.actions.approve_priority(request=request, by=cast.again(cast.hugo))
    approvals.actions.approve_priority(request=request, by=cast.again(cast.nora))
    assert _priority(request.ticket) == "urgent"


# The administrator


def test_administrator_sets_the_priority_on_record(cast: Cast, clock: Clock) -> None:
    """R4.35: directly, with a reason, audited."""
    ticket = walks.opened(cast, at=clock.now)
    at = clock.turn(minutes=1)
    approvals.actions.set_priority(ticket=ticket, by=cast.ana, priority="high", text="The board asked.", at=at)
    assert _priority(ticket) == "high"
    event = ticket.events.latest("pk")
    assert (event.verb, event.actor, event.at, event.comment) == ("set_priority", cast.ana, at, "The board asked.")
    assert (event.facts["old_priority"], event.facts["new_priority"]) == ("normal", "high")


def test_administrators_word_ends_what_waits(cast: Cast) -> None:
    """R4.35: whoever would decide it then reads who was first."""
    request = _requested(cast)
    approvals.actions.set_priority(ticket=request.ticket, by=cast.ana, priority="high", text="So be it.")
    request.refresh_from_db()
    assert (request.state, request.evaluated_by) == (State.CANCELLED, cast.ana)
    with pytest.raises(Refused, match="Ana Andrade has decided this already: cancelled"):
        approvals.actions.approve_priority(request=request, by=cast.hugo)
    assert _priority(request.ticket) == "high"


def test_nothing_else_changes_a_priority(cast: Cast) -> None:
    """R4.35: after the opening, no move of the ticket's own; the administration's pages only read it."""
    ticket = walks.started(cast)
    for move in (walks.asked, walks.solved, walks.closed):
        ticket = move(cast, ticket=ticket)
        assert ticket.priority == "normal"
    assert not admin.site._registry[Ticket].has_change_permission(HttpRequest())


# Reminders


def test_nobody_is_reminded_by_default(cast: Cast, clock: Clock) -> None:
    """R4.16: the decision has no deadline; overdue ones can be reminded of, default off."""
    request = _requested(cast, at=clock.now)
    assert request.remind_due_at is None
    assert remind_heads(clock.turn(days=30)) == 0
    with pytest.raises(Refused):
        approvals.actions.remind_heads(request=request, by=CLOCK, at=clock.now)


def test_heads_are_reminded_again_and_again_until_they_decide(cast: Cast, clock: Clock) -> None:
    """R4.16: after the department's time, each time."""
    cast.rules(decision_reminder=HOUR)
    request = _requested(cast, at=clock.now)
    assert remind_heads(clock.turn(minutes=59)) == 0
    assert remind_heads(clock.turn(minutes=1)) == 1
    assert remind_heads(clock.now) == 0, "twice at one time is once"
    assert remind_heads(clock.turn(hours=1)) == 1
    assert _told(cast, "decision_overdue") == ["hugo", "hugo"]
    approvals.actions.approve_priority(request=request, by=cast.hugo, at=clock.now)
    assert remind_heads(clock.turn(days=9)) == 0


def test_reminder_that_is_not_due_any_more_is_refused(cast: Cast, clock: Clock) -> None:
    """R4.16: of two workers that found the same row, one reminds."""
    cast.rules(decision_reminder=HOUR)
    request = _requested(cast, at=clock.now)
    approvals.actions.remind_heads(request=request, by=CLOCK, at=clock.turn(hours=1))
    with pytest.raises(Refused):
        approvals.actions.remind_heads(request=request, by=CLOCK, at=clock.now)


def test_reminders_follow_the_departments_setting(cast: Cast, clock: Clock) -> None:
    """R1.42: switched on, what waits is reminded of after a full time; switched off, no more."""
    request = _requested(cast, at=clock.now)
    save_department(department=cast.rules(decision_reminder=timedelta(0)))
    cast.department.decision_reminder = HOUR
    save_department(department=cast.department)
    request.refresh_from_db()
    assert request.remind_due_at is not None
    cast.department.decision_reminder = timedelta(0)
    save_department(department=cast.department)
    request.refresh_from_db()
    assert request.remind_due_at is None


def test_priorities_are_the_four_of_the_rule() -> None:
    """R4.4, A13: Low, Normal (default), High, Urgent."""
    assert Priority.values == ["low", "normal", "high", "urgent"]
