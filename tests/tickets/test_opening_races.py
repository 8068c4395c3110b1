"""One person who presses twice at once: one ticket, one folder, and no more than the limit allows."""

from __future__ import annotations

from typing import Any

import pytest

from attachments.models import Folder
from helpdesk.core.refusals import Refused
from tests.cast import Cast, a_file
from tests.together import at_once
from tickets import opening
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def _open(cast: Cast, subject: str) -> tuple[Ticket, bool]:
    return opening.open_once(
        by=cast.again(cast.rita),
        department=cast.department,
        service=cast.service,
        subject=subject,
        description="It burns.",
        files=[a_file()],
    )[:2]


def test_four_presses_at_once_open_one_ticket(cast: Cast) -> None:
    answers = at_once(*[lambda: _open(cast, "Printer is on fire")] * 4)
    ticket = Ticket.objects.get()
    assert sorted(answers, key=str) == [(ticket, False)] * 3 + [(ticket, True)]
    assert Folder.objects.count() == 1


def test_many_at_once_stay_within_the_limit(cast: Cast, settings: Any) -> None:
    settings.OPENINGS_A_MINUTE = 2
    answers = at_once(*(lambda number=number: _open(cast, f"Fire {number}") for number in range(6)))
    assert [type(answer) for answer in answers if not isinstance(answer, tuple)] == [Refused] * 4
    assert Ticket.objects.count() == 2
