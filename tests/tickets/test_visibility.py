"""What a person sees at all: the exact set, hidden rows named (R1.43, R6.26)."""

from __future__ import annotations

import re

import pytest

import tickets.actions
from attachments.models import Attachment, Folder, FolderFile
from helpdesk.core.clock import CLOCK
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, leave_department
from tests.pages import as_, text_of
from tickets.models import Ticket
from tickets.permissions import available_moves, who_is


@pytest.fixture
def world(cast: Cast) -> dict[str, Ticket]:
    """Tickets of everybody, by name."""
    elsewhere = {"department": cast.other_department, "service": cast.other_service}
    return {
        "ritas pooled": walks.opened(cast),
        "ritas served": walks.started(cast),
        "ritas closed": walks.closed(cast, by=cast.bob),
        "ritas elsewhere": walks.opened(cast, **elsewhere),
        "coras pooled": walks.opened(cast, by=cast.cora),
        "eves pooled": walks.opened(cast, by=cast.eve),
        "eves elsewhere": walks.opened(cast, by=cast.eve, **elsewhere),
    }


RITAS = {"ritas pooled", "ritas served", "ritas closed", "ritas elsewhere"}
SUPPORT = {"ritas pooled", "ritas served", "ritas closed", "coras pooled", "eves pooled"}
NETWORK = {"ritas elsewhere", "eves elsewhere"}

SEEN = {
    "rita": RITAS,
    "cora": {"coras pooled"},
    "max": set(),
    "petra": set(),
    "eve": {"eves pooled", "eves elsewhere"},
    "ada": SUPPORT,
    "bob": SUPPORT,
    "otto": SUPPORT,
    "hugo": SUPPORT,
    "nora": NETWORK,
    "ana": SUPPORT | NETWORK,
}


def _names(world: dict[str, Ticket], found: object) -> set[str]:
    numbers = {ticket.pk: name for name, ticket in world.items()}
    return {numbers[ticket.pk] for ticket in found}


def test_visible_tickets_are_exactly_these(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.43: requester, those who take part, the process' managers; not colleagues, not other organizations."""
    seen = {name: _names(world, Ticket.objects.visible_to(cast.again(person))) for name, person in cast.people.items()}
    assert seen == SEEN


def test_portal_shows_ones_own_only(cast: Cast, world: dict[str, Ticket]) -> None:
    """R3.4: the client area is for one's own tickets, administrators included."""
    seen = {name: _names(world, Ticket.objects.requested_by(person)) for name, person in cast.people.items()}
    own = {"rita": RITAS, "cora": {"coras pooled"}, "eve": {"eves pooled", "eves elsewhere"}}
    assert seen == {name: own.get(name, set()) for name in cast.people}


def test_panel_shows_what_one_serves(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.43: departments one serves or heads; requesters nothing."""
    staff = {"ada", "bob", "otto", "hugo", "nora", "ana"}
    for method in ("served_by", "handled_by", "in_departments_of"):
        seen = {
            name: _names(world, getattr(Ticket.objects, method)(cast.again(person)))
            for name, person in cast.people.items()
        }
        assert seen == {name: SEEN[name] if name in staff else set() for name in cast.people}


def test_executor_who_left_the_department_still_sees_his_tickets(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.43: those who took part."""
    leave_department(cast.department, cast.ada)
    ada = cast.again(cast.ada)
    assert _names(world, Ticket.objects.visible_to(ada)) == {"ritas served"}
    assert _names(world, Ticket.objects.served_by(ada)) == {"ritas served"}
    assert _names(world, Ticket.objects.in_departments_of(ada)) == set()


def _handed_over(cast: Cast, ticket: Ticket) -> Ticket:
    """Ada, who has the ticket, leaves the department; Rita returns her solution, and Bob takes it."""
    ticket = walks.solved(cast, ticket=ticket)
    leave_department(cast.department, cast.ada)
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No.")
    return walks.started(cast, ticket=ticket, by=cast.bob)


@pytest.mark.parametrize("has_another_department", [False, True])
def test_former_executor_reads_the_ticket_and_does_no_more(
    cast: Cast, world: dict[str, Ticket], has_another_department: bool
) -> None:
    """R1.14, R1.43: those who took part; in the panel, or in the portal once the panel is not their place any more."""
    ticket = _handed_over(cast, world["ritas served"])
    if has_another_department:
        join_department(department=cast.other_department, user=cast.ada)
    ada, number = cast.again(cast.ada), ticket.number
    elsewhere = NETWORK if has_another_department else set()
    assert _names(world, Ticket.objects.visible_to(ada)) == elsewhere | {"ritas served"}
    assert _names(world, Ticket.objects.served_by(ada)) == elsewhere, "it is no work of hers any more"
    assert who_is(ada, ticket) == frozenset()

    address = f"/panel/tickets/{number}/" if has_another_department else f"/tickets/{number}/"
    client = as_(ada)
    assert f'href="{address}"' in client.get(f"/folders/{number}/").content.decode()
    page = client.get(address)
    assert page.status_code == 200
    assert "We put it out." in text_of(page)
    actions = re.findall(r'(?:form)?action="([^"]*)"', page.content.decode())
    assert [action for action in actions if action.startswith(address)] == []
    assert client.post(f"{address}cancel/", {"text": "Mine."}).status_code == (422 if has_another_department else 404)
    assert client.get(f"/tickets/{number}/").status_code == (404 if has_another_department else 200)


def test_former_executor_in_the_portal_reads_what_the_requester_reads(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.38, R1.43: no internal notes, no survey that is somebody else's, nothing to write with."""
    ticket = _handed_over(cast, world["ritas served"])
    tickets.actions.note(ticket=ticket, by=cast.bob, text="Probably cockroaches.")
    walks.closed(cast, ticket=walks.solved(cast, ticket=Ticket.objects.get(pk=ticket.pk)))
    page = as_(cast.ada).get(f"/tickets/{ticket.number}/")
    assert "You had this ticket of Rita Ramos once" in text_of(page)
    for hidden in ("cockroaches", "/surveys/", "composer", "follow-up"):
        assert hidden not in page.content.decode()


def test_folder_leads_to_no_ticket_that_its_reader_does_not_see(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.14: a head keeps the folder that he had a task on; whoever never had the ticket has no link to it."""
    leave_department(cast.department, cast.hugo)
    number = world["ritas pooled"].number
    page = as_(cast.hugo).get(f"/folders/{number}/")
    assert page.status_code == 200
    assert f"/tickets/{number}/" not in page.content.decode()


def test_inactive_person_sees_nothing(cast: Cast, world: dict[str, Ticket]) -> None:
    """R6.26: everywhere."""
    for person in cast.people.values():
        cast.deactivate(person)
        again = cast.again(person)
        for found in (
            Ticket.objects.visible_to(again),
            Ticket.objects.requested_by(again),
            Ticket.objects.served_by(again),
            Ticket.objects.handled_by(again),
            Ticket.objects.in_departments_of(again),
            Folder.objects.visible_to(again),
            FolderFile.objects.visible_to(again),
            Attachment.objects.visible_to(again),
            Survey.objects.of_requester(again),
        ):
            assert list(found) == []


def test_membership_of_a_closed_department_shows_nothing(cast: Cast, world: dict[str, Ticket]) -> None:
    """A department that is not active serves nobody; its executors keep what they hold."""
    cast.rules(is_active=False)
    assert _names(world, Ticket.objects.visible_to(cast.again(cast.otto))) == set()
    assert _names(world, Ticket.objects.visible_to(cast.again(cast.ada))) == {"ritas served"}


def test_eve_reaches_nothing_of_ritas(cast: Cast, world: dict[str, Ticket]) -> None:
    """R6.26: organizations never see each other: tickets, folders, files, notices, letters, surveys."""
    eve = cast.again(cast.eve)
    hers = {world["eves pooled"].folder_id, world["eves elsewhere"].folder_id}
    assert {folder.pk for folder in Folder.objects.visible_to(eve)} == hers
    assert {file.folder_id for file in FolderFile.objects.visible_to(eve)} == hers
    assert {file.folder_id for file in Attachment.objects.visible_to(eve)} == hers
    assert list(Survey.objects.of_requester(eve)) == []
    assert list(Letter.objects.visible_to(eve)) == []
    numbers = {world["eves pooled"].number, world["eves elsewhere"].number}
    assert {row.facts["number"] for row in Notification.objects.visible_to(eve)} <= numbers
    for name in RITAS:
        assert available_moves(world[name], eve) == []
        assert who_is(eve, world[name]) == frozenset()


def test_search_finds_only_what_one_may_see(cast: Cast, world: dict[str, Ticket]) -> None:
    """R6.26: words are looked for within the visible set."""
    found = Ticket.objects.visible_to(cast.again(cast.eve)).matching("printer", notes=False)
    assert _names(world, found) == {"eves pooled", "eves elsewhere"}


def test_search_of_requesters_never_reads_notes(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.43: a note cannot be found by its words either."""
    tickets.actions.note(ticket=world["ritas served"], by=cast.ada, text="Probably cockroaches.")
    assert list(Ticket.objects.requested_by(cast.rita).matching("cockroaches", notes=False)) == []
    found = Ticket.objects.served_by(cast.again(cast.ada)).matching("cockroaches", notes=True)
    assert _names(world, found) == {"ritas served"}


def test_buttons_are_those_that_would_succeed(cast: Cast, world: dict[str, Ticket]) -> None:
    """R6.26: what is drawn and what is allowed come from one table; the portal draws the requester's moves only."""
    drawn = {
        name: [entry.move.verb for entry in available_moves(world["ritas served"], cast.again(person))]
        for name, person in cast.people.items()
    }
    assert drawn == {
        "rita": [],
        "cora": [],
        "max": [],
        "petra": [],
        "eve": [],
        "ada": [
            "send_solution", "ask", "reply", "note", "request_line_change", "forward", "request_closing", "cancel",
        ],
        "bob": ["note"],
        "otto": [],
        "hugo": ["note", "hand_over", "take_back", "forward", "cancel"],
        "nora": [],
        "ana": ["note", "hand_over", "take_back", "forward", "cancel"],
    }  # fmt: skip
    portal = available_moves(world["ritas served"], cast.rita, as_requester=True)
    assert [entry.move.verb for entry in portal] == ["write", "cancel"]


def test_clock_is_only_the_clock(cast: Cast, world: dict[str, Ticket]) -> None:
    """House rule 3: an actor of its own, with no person's rights."""
    assert [str(role) for role in who_is(CLOCK, world["ritas served"])] == ["clock"]
