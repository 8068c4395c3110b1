"""Two at once around the trash: one of them happens, the other reads a sentence; never half of either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

import approvals.actions
import surveys.actions
import tickets.actions
from helpdesk.core.refusals import Refused
from helpdesk.people.models import User
from tests import walks
from tests.approvals import consents
from tests.cast import Cast
from tests.together import at_once
from tickets import opening
from tickets.actions import trash
from tickets.models import Event, Ticket, TrashEntry
from tickets.tasks import sweep
from tickets.timers import fire_next

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def _refused(answers: list[Any]) -> int:
    """How many were refused; anything else that failed is a fault."""
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error for error in failed if not isinstance(error, Refused)] == []
    return len(failed)


def test_two_deletions_one_entry(cast: Cast) -> None:
    """R2.42."""
    for _ in range(ROUNDS):
        ticket = walks.opened(cast)
        answers = at_once(*(partial(trash.put_ticket, ticket=ticket, by=by) for by in (cast.hugo, cast.ana)))
        assert _refused(answers) == 1
        assert TrashEntry.objects.filter(ticket=ticket).count() == 1


@pytest.mark.parametrize("move", ["note", "approve", "answer", "consent", "clock"])
def test_move_and_deletion_at_once(cast: Cast, move: str) -> None:
    """R2.41: the move is made before, and lies in the trash with its ticket, or is refused; the clock finds nothing."""
    for _ in range(ROUNDS):
        long_ago = timezone.now() - timedelta(days=3)
        if move in {"note", "consent"}:
            ticket = walks.started(cast)
        else:
            ticket = walks.closed(cast) if move == "answer" else walks.solved(cast, at=long_ago)
        moves: dict[str, Callable[[], Any]] = {
            "note": partial(tickets.actions.note, ticket=ticket, by=cast.ada, text="Hm."),
            "approve": partial(tickets.actions.approve, ticket=ticket, by=cast.rita),
            "clock": fire_next,
        }
        if move == "consent":
            request = consents.asked(cast, ticket=ticket)
            moves["consent"] = partial(approvals.actions.approve_action, request=request, by=cast.max)
        if move == "answer":
            survey = ticket.survey
            moves["answer"] = partial(surveys.actions.answer, survey=survey, by=cast.rita, solved=True, rating=5)
        before = Event.objects.filter(ticket=ticket).count()
        made, entry = at_once(moves[move], partial(trash.put_ticket, ticket=ticket, by=cast.hugo))
        assert isinstance(entry, TrashEntry)
        refused = _refused([made])
        happened = Event.objects.filter(ticket=ticket).count() > before
        assert happened is (not refused and made is not None)
        trash.restore(entry=entry, by=cast.ana)
        trash.put_ticket(ticket=ticket, by=cast.ana)


def test_restoring_and_deleting_for_good_at_once(cast: Cast) -> None:
    """R2.42: it is back, or it is gone."""
    for _ in range(ROUNDS):
        ticket = walks.opened(cast)
        entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
        answers = at_once(
            partial(trash.restore, entry=entry, by=cast.ana),
            partial(trash.delete_for_good, entry=entry, by=cast.ana, typed=str(ticket.number)),
            partial(trash.empty, at=timezone.now() + timedelta(days=31)),
        )
        _refused(answers)
        assert not TrashEntry.objects.exists()
        assert Ticket.with_trash.filter(pk=ticket.pk).count() == Ticket.objects.filter(pk=ticket.pk).count()
        assert isinstance(answers[0], TrashEntry) is Ticket.objects.filter(pk=ticket.pk).exists()


def test_customer_and_his_ticket_at_once(cast: Cast) -> None:
    """R2.42: the ticket follows him or lies there by itself, once; and all of it comes back."""
    for _ in range(ROUNDS):
        ticket = walks.opened(cast)
        alone, customer = at_once(
            partial(trash.put_ticket, ticket=ticket, by=cast.hugo),
            partial(trash.put_customer, customer=cast.rita, by=cast.ana),
        )
        assert isinstance(customer, TrashEntry)
        assert TrashEntry.objects.filter(ticket=ticket).count() == 1
        trash.restore(entry=customer, by=cast.ana)
        if isinstance(alone, TrashEntry):
            trash.restore(entry=alone, by=cast.ana)
        assert Ticket.objects.filter(pk=ticket.pk).exists()
        assert not TrashEntry.objects.exists()


def test_customer_who_opens_a_ticket_at_once(cast: Cast) -> None:
    """R2.42: no ticket stays behind whose requester lies in the trash."""
    for number in range(ROUNDS):
        wish: dict[str, Any] = {"department": cast.department, "service": cast.service, "description": "Please."}
        opened, entry = at_once(
            partial(opening.open_once, by=cast.again(cast.cora), subject=f"Wish {number}", **wish),
            partial(trash.put_customer, customer=cast.cora, by=cast.ana),
        )
        assert isinstance(entry, TrashEntry)
        assert isinstance(opened, (opening.Opened, Refused, User.DoesNotExist)), opened
        assert not Ticket.objects.filter(requester__trashed_at__isnull=False).exists()
        trash.restore(entry=entry, by=cast.ana)


def test_two_customers_of_one_organization_at_once(cast: Cast) -> None:
    """R2.42: managers of the same organization go and come back together without waiting for each other for ever."""
    for _ in range(ROUNDS):
        consents.asked(cast)
        entries = at_once(
            partial(trash.put_customer, customer=cast.max, by=cast.ana),
            partial(trash.put_customer, customer=cast.petra, by=cast.ana),
        )
        assert _refused(entries) == 0
        assert _refused(at_once(*(partial(trash.restore, entry=one, by=cast.ana) for one in entries))) == 0


def test_emptying_twice_at_once_deletes_each_once(cast: Cast) -> None:
    """R2.42: a task may run twice."""
    for _ in range(3):
        trash.put_ticket(ticket=walks.opened(cast), by=cast.hugo)
    later = timezone.now() + timedelta(days=31)
    assert sum(at_once(*[partial(trash.empty, at=later)] * 3)) == 3
    assert not Ticket.with_trash.exists()
    assert sweep(at=later) == 0
