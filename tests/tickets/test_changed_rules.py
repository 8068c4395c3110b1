"""An administrator changes a department's rules while tickets wait: nothing is stranded, nothing comes too early."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import save_department
from helpdesk.people.models import Department, Membership
from tests import walks
from tests.cast import Cast, a_file
from tickets import actions, opening, tasks
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


def change(cast: Cast, **settings: Any) -> None:
    """What the administration does when a department is saved."""
    for name, value in settings.items():
        setattr(cast.department, name, value)
    save_department(department=cast.department)


def test_save_department_from_pull_to_push_starts_the_window_of_waiting_tickets(cast: Cast) -> None:
    """A2, R6.24: in push nobody may take a ticket, so the clock has to have it."""
    change(cast, distribution_mode="pull")
    ticket = walks.opened(cast)
    assert ticket.timer_due_at is None
    change(cast, distribution_mode="push")
    assert tasks.sweep(at=timezone.now() + timedelta(minutes=14)) == 0
    assert tasks.sweep(at=timezone.now() + timedelta(minutes=16)) == 1
    ticket.refresh_from_db()
    assert ticket.status == "assigned"


def test_save_department_to_pull_stops_the_window(cast: Cast) -> None:
    """A2: where agents take tickets themselves, the clock gives none."""
    ticket = walks.opened(cast)
    change(cast, distribution_mode="pull")
    assert tasks.sweep(at=timezone.now() + timedelta(days=1)) == 0
    ticket.refresh_from_db()
    assert (ticket.status, ticket.timer_due_at) == ("awaiting_distribution", None)


def test_save_department_switched_off_while_tickets_are_open_is_refused(cast: Cast) -> None:
    """R1.21: its members would not see them any more; closed ones hold nobody up."""
    pooled, served = walks.opened(cast), walks.started(cast)
    walks.closed(cast)
    with pytest.raises(Refused, match=r"^2 open tickets stand in this department") as refusal:
        change(cast, is_active=False)
    assert refusal.value.field == "is_active"
    assert Department.objects.get(pk=cast.department.pk).is_active
    walks.cancelled(cast, ticket=pooled)
    with pytest.raises(Refused, match=r"^1 open ticket stands in this department"):
        change(cast, is_active=False)
    walks.closed(cast, ticket=walks.solved(cast, ticket=served))
    change(cast, is_active=False)
    assert not Department.objects.get(pk=cast.department.pk).is_active
    change(cast, name="Support, once")  # which is off already


def test_services_switched_off_bring_no_new_tickets_and_the_others_go_on(cast: Cast) -> None:
    """R3.3: the way to empty a department."""
    ticket = walks.opened(cast)
    cast.department.services.update(is_active=False)
    assert not cast.department.services.offered().exists()
    assert walks.closed(cast, ticket=walks.solved(cast, ticket=ticket)).status == "closed"


def test_save_department_with_the_same_mode_leaves_a_running_window(cast: Cast) -> None:
    """R6.24: people were told the end of the window that runs."""
    ticket = walks.opened(cast)
    due = ticket.timer_due_at
    change(cast, distribution_minutes=60, name="Support desk")
    ticket.refresh_from_db()
    assert ticket.timer_due_at == due


def test_save_department_with_a_first_approval_period_gives_all_of_it(cast: Cast) -> None:
    """R1.27, A9: what was to be a reminder does not become an early approval."""
    change(cast, approval_period=timedelta(0))
    ticket = walks.solved(cast)
    change(cast, approval_period=timedelta(days=5))
    assert tasks.sweep(at=timezone.now() + timedelta(days=4)) == 0
    assert tasks.sweep(at=timezone.now() + timedelta(days=5, minutes=1)) == 1
    ticket.refresh_from_db()
    assert (ticket.status, ticket.approved_by_clock) == ("closed", True)


def test_message_cannot_be_changed_or_deleted(cast: Cast) -> None:
    """R6.23: what was said is history; the database holds that."""
    ticket = walks.opened(cast)
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        ticket.messages.update(text="No.")
    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_message")
    assert Message.objects.get(ticket=ticket).text != "No."


def test_message_to_a_deactivated_executor_is_told_to_the_group(cast: Cast) -> None:
    """R3.5, R3.38: words that nobody would read go to those who can act."""
    ticket = walks.started(cast)
    cast.deactivate(ticket.executor)
    Letter.objects.all().delete()
    actions.write(ticket=ticket, by=cast.rita, text="Here it is.")
    told = {letter.recipient for letter in Letter.objects.filter(kind="requester_wrote")}
    assert cast.names_of(told) == cast.names_of({cast.ada, cast.bob, cast.otto, cast.hugo} - {ticket.executor})


def test_open_where_only_line_2_has_agents_alerts_administrators(cast: Cast) -> None:
    """R1.21: nobody of line 1 can take it, so somebody has to hear of it."""
    Membership.objects.filter(department=cast.department, line=1).delete()
    walks.opened(cast)
    alerts = Notification.objects.filter(kind="department_unstaffed")
    assert cast.names_of(alert.recipient for alert in alerts) == ["ana"]


def test_open_once_again_after_cancelling_or_with_another_priority_is_another_ticket(cast: Cast) -> None:
    """R3.2: only the very same wish that still is open is not opened twice."""
    wish = {
        "by": cast.rita,
        "department": cast.department,
        "service": cast.service,
        "subject": "No paper",
        "description": "The tray is empty.",
    }
    first, is_new, _others = opening.open_once(**wish, priority="normal", files=[a_file()])
    assert is_new
    assert opening.open_once(**wish, priority="normal", files=[a_file()])[:2] == (first, False)
    urgent, is_new, _others = opening.open_once(**wish, priority="urgent", files=[a_file()])
    assert is_new
    actions.cancel(ticket=first, by=cast.rita)
    again, is_new, _others = opening.open_once(**wish, priority="normal", files=[a_file()])
    assert is_new
    assert Ticket.objects.count() == len({first, urgent, again})
