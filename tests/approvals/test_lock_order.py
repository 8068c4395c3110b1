"""Who decides for an organization changes from two sides at once: both happen, and neither waits for ever."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from approvals.models import ActionRequest
from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.models import Organization
from tests import walks
from tests.approvals import consents
from tests.cast import Cast
from tests.together import at_once
from tickets import opening
from tickets.actions import trash
from tickets.models import TrashEntry

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def _saved(cast: Cast, parent: Organization | None) -> Any:
    branch = Organization.objects.get(pk=cast.branch.pk)
    branch.parent = parent
    return partial(actions.save_organization, organization=branch, by=cast.ana)


def _nothing_failed(answers: list[Any]) -> None:
    assert [answer for answer in answers if isinstance(answer, Exception)] == []


def _who_is_asked(cast: Cast, request: ActionRequest) -> list[str]:
    return cast.names_of(consents.again(request).asked.all())


def test_manager_goes_to_the_trash_while_his_organization_gets_another_parent(cast: Cast) -> None:
    """R2.23, R2.42: what waits beside his own tickets and others' is locked in one order from either side."""
    first = consents.asked(cast, ticket=walks.started(cast))
    for number in range(4):
        consents.asked(cast, ticket=walks.started(cast, ticket=walks.opened(cast, by=cast.max, subject=f"{number}")))
    last = consents.asked(cast, ticket=walks.started(cast))
    for turn in range(ROUNDS):
        parent = None if turn % 2 == 0 else cast.parent
        answers = at_once(partial(trash.put_customer, customer=cast.max, by=cast.ana), _saved(cast, parent))
        _nothing_failed(answers)
        asked = [] if parent is None else ["petra"]
        assert [_who_is_asked(cast, request) for request in (first, last)] == [asked, asked]
        entry = TrashEntry.objects.get(customer=cast.max)
        _nothing_failed(at_once(partial(trash.restore, entry=entry, by=cast.ana), _saved(cast, cast.parent)))
        assert [_who_is_asked(cast, request) for request in (first, last)] == [["max", "petra"]] * 2


def test_manager_of_the_new_parent_who_goes_is_not_asked(cast: Cast) -> None:
    """R2.23, R2.42: whichever comes first."""
    request = consents.asked(cast)
    for _turn in range(ROUNDS):
        _nothing_failed([_saved(cast, None)()])
        answers = at_once(partial(trash.put_customer, customer=cast.petra, by=cast.ana), _saved(cast, cast.parent))
        _nothing_failed(answers)
        assert _who_is_asked(cast, request) == ["max"]
        trash.restore(entry=TrashEntry.objects.get(customer=cast.petra), by=cast.ana)
        assert _who_is_asked(cast, request) == ["max", "petra"]


def test_mark_is_taken_while_the_organization_gets_another_parent(cast: Cast) -> None:
    """R2.23, R2.44."""
    request = consents.asked(cast)
    petra = cast.again(cast.petra)
    for _turn in range(ROUNDS):
        mark = partial(actions.dismiss_manager, person=cast.again(cast.max), by=petra)
        _nothing_failed(at_once(mark, _saved(cast, cast.rival))[1:])  # or Petra leads the branch no longer
        _nothing_failed([_saved(cast, cast.parent)()])
        actions.appoint_manager(person=cast.again(cast.max), by=petra)
        assert _who_is_asked(cast, request) == ["max", "petra"]


def test_manager_opens_while_he_goes_to_the_trash(cast: Cast) -> None:
    """R2.42, R2.43: the openings of an organization with a quota wait for each other, and for nobody in a circle."""
    Organization.objects.filter(pk=cast.branch.pk).update(monthly_quota=1000)
    wish: dict[str, Any] = {"department": cast.department, "service": cast.service, "description": "Please."}
    for number in range(ROUNDS):
        answers = at_once(
            partial(trash.put_customer, customer=cast.max, by=cast.ana),
            partial(opening.open_once, by=cast.again(cast.max), subject=f"Wish {number}", **wish),
        )
        assert isinstance(answers[0], TrashEntry)
        assert isinstance(answers[1], (opening.Opened, Refused))
        trash.restore(entry=answers[0], by=cast.ana)
