"""What an organization may open: its switch, and its quota of the calendar month (R2.43)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tickets.actions
from attachments.models import Folder
from helpdesk.core.refusals import Refused
from helpdesk.people.actions import save_organization
from helpdesk.people.models import Organization
from tests import walks
from tests.cast import Cast, a_file, a_person
from tests.pages import as_, text_of
from tests.together import at_once
from tickets import opening
from tickets.actions import trash
from tickets.allowance import allowance_of
from tickets.models import Ticket

from .plenty import BEGAN, analyse, many, scans_of

NEW = "/tickets/new/"
CLOSED = "Horizonte Sul opens no new tickets at the moment. Please ask your manager; open ones go on."


def _may(organization: Organization, **rules: Any) -> Organization:
    for name, value in rules.items():
        setattr(organization, name, value)
    return save_organization(organization=organization)


def _typed(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "department": cast.department.pk,
        "service": cast.service.pk,
        "priority": "normal",
        "subject": "A fine kettle",
        "description": "It whistles in the archive.",
        "files": [a_file()],
    } | more


# --- the switch


def test_switched_off_is_said_before_anybody_types(cast: Cast) -> None:
    """R2.43: on the start page and in place of the form; others open as ever."""
    _may(cast.branch, may_open_tickets=False)
    start, form = as_(cast.rita).get("/"), as_(cast.rita).get(NEW)
    assert CLOSED in text_of(start)
    assert f'class="button button--primary" href="{NEW}"' not in start.content.decode()
    assert CLOSED in text_of(form)
    assert 'name="subject"' not in form.content.decode()
    assert CLOSED not in text_of(as_(cast.eve).get("/"))
    assert 'name="subject"' in as_(cast.eve).get(NEW).content.decode()


@pytest.mark.parametrize("door", ["page", "once", "action"])
def test_switched_off_opens_at_no_door(cast: Cast, door: str) -> None:
    """R2.43, R6.26: refused on the server: no ticket, no folder; what was typed is kept."""
    _may(cast.branch, may_open_tickets=False)
    wish = {"department": cast.department, "service": cast.service, "subject": "A", "description": "B"}
    if door == "page":
        answer = as_(cast.rita).post(NEW, _typed(cast))
        assert answer.status_code == 422
        assert CLOSED in text_of(answer)
        for kept in ("A fine kettle", "It whistles in the archive."):
            assert kept in answer.content.decode()
    else:
        act: Any = opening.open_once if door == "once" else tickets.actions.open
        with pytest.raises(Refused, match="opens no new tickets"):
            act(by=cast.again(cast.rita), files=[a_file()], **wish)
    assert (Ticket.objects.count(), Folder.objects.count()) == (0, 0)


def test_switched_off_lets_open_tickets_go_on(cast: Cast) -> None:
    """R2.43: only opening is closed."""
    ticket = walks.started(cast)
    _may(cast.branch, may_open_tickets=False)
    assert as_(cast.rita).post(f"/tickets/{ticket.number}/write/", {"text": "And now?"}).status_code == 302


def test_what_is_brought_over_is_not_limited(cast: Cast) -> None:
    """R2.43: a ticket that was opened elsewhere is there already."""
    _may(cast.branch, may_open_tickets=False, monthly_quota=1)
    for _one in range(2):
        walks.opened(cast, is_brought_over=True)
    assert Ticket.objects.count() == 2


# --- the quota


def test_quota_is_said_beforehand_and_refused_beyond(cast: Cast) -> None:
    """R2.43: how many are used, then the day from which new ones can be opened; nothing typed is lost."""
    _may(cast.branch, monthly_quota=2)
    rita, cora = as_(cast.rita), as_(cast.cora)
    assert "Horizonte Sul has opened 0 of its 2 tickets of this month." in text_of(rita.get(NEW))
    assert cora.post(NEW, _typed(cast)).status_code == 302
    assert "Horizonte Sul has opened 1 of its 2 tickets of this month." in text_of(rita.get(NEW))
    assert rita.post(NEW, _typed(cast)).status_code == 302
    used_up = "Horizonte Sul has opened all 2 tickets of this month. New ones can be opened from"
    for page in (rita.get("/"), rita.get(NEW), cora.get(NEW)):
        assert used_up in text_of(page)
    refused = rita.post(NEW, _typed(cast, subject="Another kettle"))
    assert refused.status_code == 422
    assert used_up in text_of(refused)
    assert "Another kettle" in refused.content.decode()
    assert Ticket.objects.count() == 2


def test_second_press_is_the_same_ticket_though_the_quota_is_used_up(cast: Cast) -> None:
    """R2.43: who presses twice is led to the ticket, not refused."""
    _may(cast.branch, monthly_quota=1)
    rita = as_(cast.rita)
    first, second = (rita.post(NEW, _typed(cast)).headers["Location"] for _press in range(2))
    assert first == second


def test_quota_counts_the_organizations_own_tickets_of_the_month(cast: Cast) -> None:
    """R2.43: cancelled ones too; not those of a branch, of the parent, of a rival, or of the month before."""
    march, april = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    walks.opened(cast, at=march)
    walks.cancelled(cast, ticket=walks.opened(cast, at=april), at=april)
    walks.opened(cast, by=cast.cora, at=april)
    for other in (cast.petra, cast.eve, cast.ada):
        walks.opened(cast, by=other, at=april)
    _may(cast.branch, monthly_quota=9)
    counts = {at: allowance.used for at in (march, april) if (allowance := allowance_of(cast.branch, at))}
    assert counts == {march: 1, april: 2}
    trash.put_ticket(ticket=Ticket.objects.filter(requester=cast.cora).get(), by=cast.ana, at=april)
    assert allowance_of(cast.branch, april).used == 2  # so that what comes back finds its place
    assert allowance_of(cast.parent, april) is None


@pytest.mark.parametrize(
    ("zone", "last", "first", "again_on"),
    [
        # Midnight of the company, which is not that of the server.
        ("America/Sao_Paulo", "2026-04-01T02:59:59Z", "2026-04-01T03:00:00Z", "2026-04-01"),
        ("Pacific/Auckland", "2026-03-31T10:59:59Z", "2026-03-31T11:00:00Z", "2026-04-01"),
        ("UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2027-01-01"),
    ],
)
def test_quota_begins_anew_at_the_companys_midnight(
    cast: Cast, zone: str, last: str, first: str, again_on: str
) -> None:
    """R2.43: the calendar month of the account's time zone."""
    cast.account.time_zone = zone
    cast.account.save()
    _may(cast.branch, monthly_quota=1)
    before, after = datetime.fromisoformat(last), datetime.fromisoformat(first)
    walks.opened(cast, at=before)
    with pytest.raises(Refused, match="has opened all 1 tickets of this month"):
        walks.opened(cast, by=cast.cora, at=before)
    allowance = allowance_of(cast.branch, before)
    assert allowance is not None
    assert (allowance.again_on.isoformat(), allowance.is_used_up) == (again_on, True)
    walks.opened(cast, by=cast.cora, at=after)


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_open_exactly_the_quota(cast: Cast) -> None:
    """R2.43: the openings of one organization wait for each other where there is a quota."""
    _may(cast.branch, monthly_quota=4)
    people = [a_person(f"Member{number} M", organization=cast.branch) for number in range(10)]
    answers = at_once(*(lambda one=one: walks.opened(cast, by=cast.again(one)) for one in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused"] * 6 + ["Ticket"] * 4
    assert (Ticket.objects.count(), Folder.objects.count()) == (4, 4)


def test_quota_is_counted_off_an_index(cast: Cast) -> None:
    """Section 6: what is said on the form costs no look at all tickets."""
    many(cast, 4000, lambda n: {"organization": cast.branch if n % 40 == 0 else cast.rival})
    analyse()
    _may(cast.branch, monthly_quota=9)
    with CaptureQueriesContext(connection) as queries:
        allowance = allowance_of(cast.branch, BEGAN)
    assert allowance is not None
    assert allowance.used == 100
    assert scans_of([one["sql"] for one in queries]) == []
