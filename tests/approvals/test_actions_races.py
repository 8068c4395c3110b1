"""Two at once beside one ticket: the first counts, and the other reads so (R2.17, R2.22, R2.33)."""

from __future__ import annotations

import pytest

import approvals.actions
import tickets.actions
from approvals.lifecycle import State
from approvals.models import ActionRequest
from attachments.models import FolderUserPermission
from helpdesk.core.refusals import Refused
from helpdesk.notifications.models import Letter
from tests import walks
from tests.approvals.consents import again, an_action, asked, switched_on
from tests.cast import Cast
from tests.together import at_once
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_managers_at_once_and_one_evaluation_counts(cast: Cast) -> None:
    """R2.33: one event, one letter; the other is told who was first."""
    for _ in range(5):
        request = asked(cast)
        answers = at_once(
            lambda request=request: approvals.actions.approve_action(request=again(request), by=cast.again(cast.max)),
            lambda request=request: approvals.actions.reject_action(
                request=again(request), by=cast.again(cast.petra), text="No."
            ),
        )
        (refusal,) = [answer for answer in answers if isinstance(answer, Refused)]
        (made,) = [answer for answer in answers if isinstance(answer, ActionRequest)]
        found = again(request)
        assert found.state == made.state
        assert str(refusal).startswith(f"{found.evaluated_by} has decided this already: {found.get_state_display()} on")
        verbs = Event.objects.filter(ticket=request.ticket, verb__in=["approve_action", "reject_action"])
        assert verbs.count() == 1
        letters = Letter.objects.filter(kind__in=["action_approved", "action_rejected"])
        assert letters.filter(facts__number=request.ticket_id).count() == 1


def test_evaluation_while_the_ticket_ends_is_either_counted_or_expired(cast: Cast) -> None:
    """R2.22: never both, and the folder is closed to the managers in any case."""
    for _ in range(5):
        request = asked(cast)
        answers = at_once(
            lambda request=request: approvals.actions.approve_action(request=again(request), by=cast.again(cast.max)),
            lambda request=request: tickets.actions.cancel(
                ticket=Ticket.objects.get(pk=request.ticket_id), by=cast.again(cast.rita)
            ),
        )
        found = again(request)
        was_late = isinstance(answers[0], Refused)
        assert isinstance(answers[1], Ticket)
        assert found.state == (State.EXPIRED if was_late else State.APPROVED)
        events = Event.objects.filter(ticket=request.ticket, verb__in=["approve_action", "expire_action"])
        assert list(events.values_list("verb", flat=True)) == ["expire_action" if was_late else "approve_action"]
        folder = FolderUserPermission.objects.filter(content_object=request.ticket.folder)
        assert not folder.filter(user__in=[cast.max, cast.petra]).exists()


def test_two_requests_at_once_and_one_waits(cast: Cast) -> None:
    """R2.17: executor and head press at the same moment."""
    switched_on(cast)
    action = an_action()
    for _ in range(5):
        ticket = walks.started(cast)
        answers = at_once(
            *(
                lambda ticket=ticket, by=by: approvals.actions.request_action(
                    ticket=ticket, by=cast.again(by), action=action
                )
                for by in (cast.ada, cast.hugo)
            )
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["ActionRequest", "Refused"]
        assert ActionRequest.objects.waiting().filter(ticket=ticket).count() == 1


def test_request_while_the_ticket_ends_leaves_nothing_waiting(cast: Cast) -> None:
    """R2.12, R2.22: either it comes too late, or it expires at once."""
    switched_on(cast)
    action = an_action()
    for _ in range(5):
        ticket = walks.started(cast)
        at_once(
            lambda ticket=ticket: approvals.actions.request_action(
                ticket=ticket, by=cast.again(cast.ada), action=action
            ),
            lambda ticket=ticket: tickets.actions.cancel(ticket=ticket, by=cast.again(cast.rita)),
        )
        assert not ActionRequest.objects.waiting().filter(ticket=ticket).exists()
