"""Into the trash and out of it: the same ticket, whatever state it was in (R2.40, R2.41, A33)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import approvals.actions
import surveys.actions
import tickets.actions
from approvals.models import ActionRequest, PriorityRequest
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import save_department, save_person
from helpdesk.people.models import Department
from surveys.models import Survey
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file
from tests.tickets import belongings, promises
from tickets import sla
from tickets.actions import trash
from tickets.lifecycle import FINAL, TICKING, Status
from tickets.models import Event, Ticket, TrashEntry
from tickets.tasks import sweep

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
STAY = timedelta(days=9, hours=5, minutes=3)


def _bare(cast: Cast, ticket: Ticket) -> None:
    """Nothing besides."""


def _talked_about(cast: Cast, ticket: Ticket) -> None:
    """A note, a message with a file, somebody who looked at the folder."""
    if ticket.status not in FINAL:
        tickets.actions.note(ticket=ticket, by=cast.hugo, text="Strange.", at=NOW)
    if ticket.status == Status.IN_SERVICE:
        tickets.actions.write(ticket=ticket, by=cast.rita, text="Hurry!", files=[a_file("more.txt")], at=NOW)


def _waited_for(cast: Cast, ticket: Ticket) -> None:
    """An action and a change of priority wait."""
    if ticket.executor and ticket.status not in FINAL:
        consents.asked(cast, ticket=ticket, at=NOW)
        approvals.actions.request_priority(ticket=ticket, by=ticket.executor, priority="urgent", text="Fire.", at=NOW)


def _decided(cast: Cast, ticket: Ticket) -> None:
    """One action approved, one rejected, one cancelled; the priority changed."""
    if not ticket.executor or ticket.status in FINAL:
        return
    approvals.actions.approve_action(request=consents.asked(cast, ticket=ticket, at=NOW), by=cast.max, at=NOW)
    rejected = consents.asked(cast, ticket=ticket, at=NOW)
    approvals.actions.reject_action(request=rejected, by=cast.petra, text="Too dear.", at=NOW)
    approvals.actions.cancel_action(request=consents.asked(cast, ticket=ticket, at=NOW), by=cast.ana, at=NOW)
    wanted = approvals.actions.request_priority(
        ticket=ticket, by=ticket.executor, priority="high", text="Smoke.", at=NOW
    )
    approvals.actions.approve_priority(request=wanted, by=cast.hugo, at=NOW)


def _ended(cast: Cast, ticket: Ticket) -> None:
    """What waited has expired with its end; a solved ticket's survey is answered."""
    _waited_for(cast, ticket)
    if ticket.status == Status.CLOSED:
        surveys.actions.answer(survey=ticket.survey, by=cast.rita, solved=True, rating=4, comment="Well.", at=NOW)
    elif ticket.status not in FINAL:
        walks.cancelled(cast, ticket=Ticket.objects.get(pk=ticket.pk), at=NOW)


BESIDE = (_bare, _talked_about, _waited_for, _decided, _ended)


def _after_the_stay(rows: belongings.Rows, stay: timedelta) -> belongings.Rows:
    """What has to be there afterwards: everything as it was, and clocks with what was left on them."""

    def later(table: str, column: str, row: Any, *, only_if: bool = True) -> None:
        if row[column] is not None and only_if:
            row[column] += stay

    for row in rows["tickets_ticket"]:
        later("ticket", "timer_due_at", row)
        later("ticket", "timer_retry_at", row)
        later("ticket", "start_due_at", row)
        later("ticket", "conclusion_due_at", row)
        later("ticket", "sla_alarm_at", row)
        later("ticket", "clock_read_at", row, only_if=row["status"] in TICKING)
    for row in rows.get("approvals_priorityrequest", []):
        later("request", "remind_due_at", row)
    for row in rows.get("surveys_survey", []):
        later("survey", "open_until", row, only_if=row["answered_at"] is None)
    return rows


@pytest.mark.parametrize("beside", BESIDE, ids=lambda one: one.__name__.strip("_"))
@pytest.mark.parametrize("status", list(Status))
def test_ticket_comes_back_as_it_was(cast: Cast, status: Status, beside: Callable[[Cast, Ticket], None]) -> None:
    """R2.40, R2.41: every row of every table that belongs to it; only running clocks have moved on by the stay."""
    cast.rules(decision_reminder=timedelta(hours=4), survey_period=timedelta(days=7))
    promises.a_level(first_start=4 * promises.HOUR, conclusion=2 * promises.DAY)
    ticket = walks.to(status, cast, at=NOW)
    beside(cast, ticket)
    before = belongings.of(ticket)
    assert {"tickets_ticket", "tickets_message", "tickets_event", "attachments_folder"} <= set(before)
    assert {"attachments_folderuserpermission", "notifications_notification", "notifications_letter"} <= set(before)

    gone_at = NOW + timedelta(hours=1)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo, at=gone_at)
    assert not Ticket.objects.exists()
    lying = belongings.of(ticket)
    assert {table: len(rows) for table, rows in lying.items()} == {table: len(rows) for table, rows in before.items()}
    trash.restore(entry=entry, by=cast.ana, at=gone_at + STAY)

    assert belongings.of(ticket) == _after_the_stay(before, STAY)
    assert not TrashEntry.objects.exists()


def test_what_was_left_of_working_hours_is_left_after_the_stay(cast: Cast) -> None:
    """R2.41, A8: a stay over many nights takes nothing of the hours that were left on a Friday evening."""
    cast.rules(calendar=promises.a_calendar())  # until six o'clock
    promises.a_level(first_start=3 * promises.HOUR)
    ticket = promises.again(walks.opened(cast, at=datetime(2026, 3, 13, 17, tzinfo=UTC)))
    assert ticket.start_due_at == datetime(2026, 3, 16, 11, tzinfo=UTC)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo, at=datetime(2026, 3, 13, 17, 30, tzinfo=UTC))
    back_at = datetime(2026, 3, 25, 12, tzinfo=UTC)
    trash.restore(entry=entry, by=cast.ana, at=back_at)
    ticket = promises.again(ticket)
    assert ticket.start_due_at == back_at + 2.5 * promises.HOUR
    assert sla.spent(ticket, back_at + 0.5 * promises.HOUR) == promises.HOUR


def test_snapshot_knows_every_table_that_a_ticket_can_have(cast: Cast) -> None:
    """R2.40: the test above would not see what it does not find."""
    cast.rules(decision_reminder=timedelta(hours=4))
    ticket = walks.started(cast, at=NOW)
    _decided(cast, ticket)
    ticket = walks.closed(cast, ticket=Ticket.objects.get(pk=ticket.pk), at=NOW)
    assert sorted(belongings.of(ticket)) == [
        "approvals_actionrequest",
        "approvals_actionrequest_asked",
        "approvals_priorityrequest",
        "attachments_attachment",
        "attachments_auditentry",
        "attachments_folder",
        "attachments_folderfile",
        "attachments_folderuserpermission",
        "notifications_letter",
        "notifications_notification",
        "surveys_survey",
        "tickets_event",
        "tickets_message",
        "tickets_message_attachments",
        "tickets_ticket",
    ]


def test_restored_ticket_goes_on_with_what_was_left(cast: Cast) -> None:
    """R2.41, R6.24: the clock does not act on it in the trash, and acts afterwards when the rest has run out."""
    ticket = walks.solved(cast, at=NOW)
    due = ticket.timer_due_at
    assert due == NOW + timedelta(days=2)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo, at=NOW + timedelta(days=1))
    assert sweep(at=NOW + timedelta(days=20)) == 0
    trash.restore(entry=entry, by=cast.ana, at=NOW + timedelta(days=20))
    assert sweep(at=NOW + timedelta(days=20, hours=23)) == 0
    assert sweep(at=NOW + timedelta(days=21, minutes=1)) == 1
    assert Ticket.objects.get().status == Status.CLOSED


def test_nothing_expires_in_the_trash(cast: Cast) -> None:
    """A33, R2.41: the action waits, for nobody, and waits for its managers again afterwards."""
    request = consents.asked(cast, at=NOW)
    entry = trash.put_ticket(ticket=request.ticket, by=cast.hugo, at=NOW)
    assert not ActionRequest.objects.exists()
    with pytest.raises(Refused, match="not there any more"):
        approvals.actions.approve_action(request=request, by=cast.max)
    trash.restore(entry=entry, by=cast.ana)
    for person in (cast.max, cast.petra):
        assert list(ActionRequest.objects.waiting().decided_by_managers_like(person)) == [request]
    approvals.actions.approve_action(request=request, by=cast.max)
    assert consents.again(request).state == "approved"


def test_who_became_a_manager_meanwhile_is_asked_after_the_restoring(cast: Cast) -> None:
    """R2.13, R2.41: grants follow the facts as they are then."""
    request = consents.asked(cast, at=NOW)
    entry = trash.put_ticket(ticket=request.ticket, by=cast.hugo, at=NOW)
    cast.cora.manages_organization = True
    save_person(person=cast.cora, fields=["manages_organization"])
    trash.restore(entry=entry, by=cast.ana)
    assert cast.names_of(consents.again(request).asked.all()) == ["cora", "max", "petra"]


def test_changed_rules_fit_the_clock_of_a_ticket_in_the_trash(cast: Cast) -> None:
    """R6.24, R4.16: what has no clock and needs one meanwhile gets a full window with the restoring."""
    cast.rules(distribution_mode=Department.DistributionMode.PULL)
    ticket = walks.opened(cast, at=NOW)
    asking = walks.started(cast, at=NOW)
    approvals.actions.request_priority(ticket=asking, by=cast.ada, priority="urgent", text="Fire.", at=NOW)
    entries = [trash.put_ticket(ticket=one, by=cast.hugo, at=NOW) for one in (ticket, asking)]
    cast.department.distribution_mode = Department.DistributionMode.BOTH
    cast.department.decision_reminder = timedelta(hours=4)
    save_department(department=cast.department)
    back = NOW + timedelta(days=3)
    for entry in entries:
        trash.restore(entry=entry, by=cast.ana, at=back)
    ticket.refresh_from_db()
    assert ticket.timer_due_at == back + timedelta(minutes=cast.department.distribution_minutes)
    assert PriorityRequest.objects.get().remind_due_at == back + timedelta(hours=4)


def test_survey_that_was_over_stays_as_it_was(cast: Cast) -> None:
    """R2.41: only what runs is moved on."""
    cast.rules(survey_period=timedelta(days=7))
    ticket = walks.closed(cast, at=NOW)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo, at=NOW + timedelta(days=8))
    assert surveys.actions.end_unanswered(at=NOW + timedelta(days=9)) == 0
    trash.restore(entry=entry, by=cast.ana, at=NOW + timedelta(days=10))
    assert Survey.objects.get().open_until == NOW + timedelta(days=7)
    assert surveys.actions.end_unanswered(at=NOW + timedelta(days=10)) == 1


@pytest.mark.parametrize(
    ("name", "may"),
    [
        *(("hugo", True), ("ana", True)),
        *((name, False) for name in ("rita", "cora", "max", "petra", "eve", "ada", "bob", "otto", "nora")),
    ],
)
def test_heads_and_administrators_move_a_ticket_to_the_trash(cast: Cast, name: str, may: bool) -> None:
    """R2.42: nobody else does, its executor and requester included."""
    ticket = walks.started(cast)
    if may:
        entry = trash.put_ticket(ticket=ticket, by=cast.people[name])
        assert (entry.name, entry.deleted_by, entry.key) == (ticket.subject, cast.people[name], str(ticket.number))
        return
    with pytest.raises(Refused, match="Only a head of the department"):
        trash.put_ticket(ticket=ticket, by=cast.people[name])
    assert not TrashEntry.objects.exists()


def test_only_administrators_restore(cast: Cast) -> None:
    """R2.42: a head who has deleted it asks one."""
    entry = trash.put_ticket(ticket=walks.opened(cast), by=cast.hugo)
    for person in (cast.hugo, cast.ada, cast.rita):
        with pytest.raises(Refused, match="Only an administrator"):
            trash.restore(entry=entry, by=person)
        with pytest.raises(Refused, match="Only an administrator"):
            trash.delete_for_good(entry=entry, by=person, typed=entry.key)
    assert TrashEntry.objects.visible_to(cast.hugo).count() == 0


def test_no_move_is_possible_in_the_trash_and_history_says_nothing_of_it(cast: Cast) -> None:
    """R2.41: the audit log tells who deleted and when; the ticket's own history is as it was."""
    ticket = walks.started(cast)
    events = Event.objects.count()
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
    for move in (
        lambda: tickets.actions.note(ticket=ticket, by=cast.ada, text="Hm."),
        lambda: tickets.actions.cancel(ticket=ticket, by=cast.rita),
        lambda: trash.put_ticket(ticket=ticket, by=cast.ana),
    ):
        with pytest.raises(Refused, match="This ticket is not there any more"):
            move()
    trash.restore(entry=entry, by=cast.ana)
    assert Event.objects.count() == events
    with pytest.raises(Refused, match="somebody was quicker"):
        trash.restore(entry=entry, by=cast.ana)


@pytest.mark.parametrize("verb", ["put", "restore"])
def test_many_tickets_cost_no_more_statements(cast: Cast, verb: str) -> None:
    """Design 6: a customer's tickets go and come in bulk."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            entry = trash.put_customer(customer=cast.rita, by=cast.ana)
        put = len(queries)
        with CaptureQueriesContext(connection) as queries:
            trash.restore(entry=entry, by=cast.ana)
        return put if verb == "put" else len(queries)

    walks.opened(cast)
    statements()
    few = statements()
    for _ in range(6):
        walks.opened(cast)
    assert statements() == few
