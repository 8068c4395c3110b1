"""Who reads along in an organization's tickets, what he reads there, and what he does not (R2.43, R2.44, R6.26)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import approvals.actions
import tickets.actions
from attachments.models import Folder
from helpdesk.notifications.live.topics import NOTHING, following
from helpdesk.people.actions import save_organization, save_person
from helpdesk.people.models import Organization, User
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file, a_person
from tests.pages import as_, queries_of, text_of
from tickets import search
from tickets.actions.trash import put_ticket
from tickets.models import Ticket

from .plenty import analyse, customers, many, scans_of

PAGE = "/tickets/organization/"


@pytest.fixture
def world(cast: Cast) -> dict[str, Ticket]:
    """Tickets of two branches, of their parent, of a rival and of nobody's organization, by name."""
    north = Organization.objects.create(name="Horizonte Norte", parent=cast.parent)
    nina, rex = a_person("Nina Nord", organization=north), a_person("Rex Royal", organization=cast.rival)
    return {
        "ritas": walks.started(cast, ticket=walks.opened(cast, subject="Of Rita", files=[a_file("plan.txt")])),
        "coras": walks.opened(cast, by=cast.cora, subject="Of Cora"),
        "coras ended": walks.cancelled(cast, ticket=walks.opened(cast, by=cast.cora, subject="Ended of Cora")),
        "ninas": walks.opened(cast, by=nina, subject="Of Nina"),
        "petras": walks.opened(cast, by=cast.petra, subject="Of Petra"),
        "eves": walks.opened(cast, by=cast.eve, subject="Of Eve"),
        "rexs": walks.opened(cast, by=rex, subject="Of Rex"),
        "adas": walks.opened(cast, by=cast.ada, subject="Of Ada"),
    }


BRANCH = {"ritas", "coras", "coras ended"}
NAMES = ("rita", "cora", "max", "petra", "eve", "rex", "nina", "ada", "hugo", "ana")


def _people(cast: Cast) -> dict[str, User]:
    return {name: User.objects.get(email=f"{name}@demo.example") for name in NAMES}


def _set(organization: Organization, **switches: Any) -> None:
    organization.refresh_from_db()
    for name, value in switches.items():
        setattr(organization, name, value)
    save_organization(organization=organization)


def _named(world: dict[str, Ticket], found: Any) -> set[str]:
    numbers = {ticket.number: name for name, ticket in world.items()}
    return {numbers[ticket.number] for ticket in found}


SWITCHES: list[tuple[dict[str, dict[str, bool]], dict[str, set[str]]]] = [
    ({}, {"petra": BRANCH | {"ninas"}}),
    ({"branch": {"managers_see_tickets": True}}, {"petra": BRANCH | {"ninas"}, "max": BRANCH}),
    (
        {"branch": {"team_sees_tickets": True}},
        {"petra": BRANCH | {"ninas"}, "max": BRANCH, "rita": BRANCH, "cora": BRANCH},
    ),
    ({"parent": {"managers_see_tickets": True}}, {"petra": BRANCH | {"ninas", "petras"}}),
    ({"parent": {"team_sees_tickets": True}}, {"petra": BRANCH | {"ninas", "petras"}}),
    # A rival's switches concern the rival.
    (
        {"rival": {"team_sees_tickets": True, "managers_see_tickets": True}},
        {"petra": BRANCH | {"ninas"}, "eve": {"eves", "rexs"}, "rex": {"eves", "rexs"}},
    ),
]


@pytest.mark.parametrize(("switches", "expected"), SWITCHES, ids=lambda one: "-".join(one) or "off")
def test_followed_tickets_are_exactly_these(
    cast: Cast, world: dict[str, Ticket], switches: dict[str, dict[str, bool]], expected: dict[str, set[str]]
) -> None:
    """R2.43, R2.44: a parent's managers their branches always, the own organization by its switches; nobody else."""
    for name, values in switches.items():
        _set(getattr(cast, name), **values)
    people = _people(cast)
    read = {name: _named(world, Ticket.objects.followed_by_organization(one)) for name, one in people.items()}
    assert read == {name: expected.get(name, set()) for name in NAMES}

    # The list, its search, each ticket's page and the live channel say the same; what is not theirs is not there.
    for name, person in people.items():
        client, theirs = as_(person), expected.get(name, set())
        shown = _listed(client, "") | _listed(client, "?show=closed")
        assert shown == {world[one].number for one in theirs}, name
        assert _listed(client, "?q=burns") == shown, name
        for ticket in world.values():
            found = _listed(client, f"?q=%23{ticket.number}")
            assert found == shown & {ticket.number}, name
        own = {one for one in world if world[one].requester == person}
        listens = {
            one for one, ticket in world.items() if following(person, f"ticket-{ticket.number}", None) != NOTHING
        }
        assert listens == theirs | own, name
        opens = {one for one, ticket in world.items() if client.get(f"/tickets/{ticket.number}/").status_code == 200}
        assert opens == theirs | own, name


def _listed(client: Any, query: str) -> set[int]:
    answer = client.get(f"{PAGE}{query}")
    if answer.status_code == 404:
        return set()
    assert answer.status_code == 200
    return {ticket.number for ticket in answer.context["tickets"]}


def test_live_lists_hear_of_their_own_organizations_only(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.43, R6.26: whoever follows none hears nothing, not even that there is something."""
    people = _people(cast)
    north = Organization.objects.get(name="Horizonte Norte")

    def heard() -> dict[str, set[str]]:
        return {name: set(following(one, "organization", None).topics) for name, one in people.items()}

    branches = {f"organization-{cast.branch.pk}", f"organization-{north.pk}"}
    assert heard() == {name: branches if name == "petra" else set() for name in NAMES}
    _set(cast.branch, managers_see_tickets=True)
    assert heard()["max"] == {f"organization-{cast.branch.pk}"}
    assert (heard()["rita"], heard()["eve"]) == (set(), set())


def test_those_who_left_read_nothing(cast: Cast, world: dict[str, Ticket]) -> None:
    """R6.26: another organization, no mark any more, not active: the old tickets are out of sight at once."""
    _set(cast.branch, managers_see_tickets=True)
    max_, address = cast.again(cast.max), f"/tickets/{world['ritas'].number}/"
    assert as_(max_).get(address).status_code == 200
    max_.manages_organization = False
    save_person(person=max_, fields=["manages_organization"])
    assert as_(cast.again(max_)).get(address).status_code == 404
    max_.manages_organization, max_.organization = True, cast.rival
    save_person(person=max_, fields=["manages_organization", "organization"])
    _set(cast.rival, managers_see_tickets=True)
    again = cast.again(max_)
    assert _named(world, Ticket.objects.followed_by_organization(again)) == {"eves", "rexs"}
    cast.deactivate(again)
    assert list(Ticket.objects.followed_by_organization(cast.again(max_))) == []


def test_ticket_stays_with_the_organization_it_was_opened_for(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.44: whoever moves on takes the own tickets along for himself, and leaves them to those who read them."""
    rita = cast.again(cast.rita)
    rita.organization = cast.rival
    save_person(person=rita, fields=["organization"])
    _set(cast.rival, team_sees_tickets=True)
    assert as_(cast.again(rita)).get(f"/tickets/{world['ritas'].number}/").status_code == 200
    assert as_(cast.eve).get(f"/tickets/{world['ritas'].number}/").status_code == 404
    assert as_(cast.petra).get(f"/tickets/{world['ritas'].number}/").status_code == 200


# --- the page of one ticket


def test_ticket_is_read_and_nothing_else(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.44, R1.15, R2.39: conversation and status; no notes, no moves, no approval actions, no file."""
    consents.switched_on(cast)
    ticket, number = world["ritas"], world["ritas"].number
    tickets.actions.note(ticket=ticket, by=cast.ada, text="Probably cockroaches.")
    request = consents.asked(cast, ticket=ticket)
    approvals.actions.reject_action(request=request, by=cast.max, text="Much too dear.")
    tickets.actions.ask(ticket=ticket, by=cast.ada, text="Which printer is it?")
    client = as_(cast.petra)
    page = client.get(f"/tickets/{number}/")
    words, html = text_of(page), page.content.decode()
    for shown in (
        "A ticket of Rita Ramos, Horizonte Sul. You read along",
        "It burns since nine o'clock.",
        "Which printer is it?",
        "waits for the requester's answer",
        "plan.txt",
        "Only those involved in the ticket can open its files.",
    ):
        assert shown in words
    for hidden in (
        "cockroaches",
        "Much too dear",
        consents.NAME,
        "/folders/",
        "/attachments/",
        "composer",
        "waits for your",
    ):
        assert hidden not in html.partition("<main")[2]
    assert re.findall(rf'"(/tickets/{number}/[a-z_]+/)"', html) == []

    file, original = ticket.folder.files.get(), ticket.folder.attachments.get()
    for address in (
        f"/folders/{number}/",
        f"/folders/{number}/zip/",
        f"/folders/{number}/files/{file.pk}/",
        f"/attachments/{original.pk}/",
    ):
        assert client.get(address).status_code == 404, address
    assert ticket.folder not in Folder.objects.visible_to(cast.petra)
    assert f"/folders/{number}/" not in client.get("/folders/").content.decode()
    for verb in ("answer", "write", "cancel", "approve"):
        assert client.post(f"/tickets/{number}/{verb}/", {"text": "Mine."}).status_code == 404


def test_pending_action_opens_the_folder_as_before(cast: Cast, world: dict[str, Ticket]) -> None:
    """R1.14, R2.30: a manager who is asked reads the files while he is asked, from the ticket's page too."""
    consents.switched_on(cast)
    address = f"/folders/{world['ritas'].number}/"
    request = consents.asked(cast, ticket=world["ritas"])
    assert address in as_(cast.petra).get(f"/tickets/{world['ritas'].number}/").content.decode()
    approvals.actions.approve_action(request=request, by=cast.petra)
    assert address not in as_(cast.petra).get(f"/tickets/{world['ritas'].number}/").content.decode()


def test_own_ticket_stays_the_own_one(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.43: reading along changes nothing for who asked."""
    _set(cast.branch, team_sees_tickets=True)
    page = as_(cast.rita).get(f"/tickets/{world['ritas'].number}/")
    assert "You read along" not in text_of(page)
    assert f'"/tickets/{world["ritas"].number}/write/"' in page.content.decode()
    assert "waits for an agent" in text_of(as_(cast.rita).get(PAGE))


# --- the list


def test_my_tickets_leads_to_the_organizations(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.44: only where somebody follows any."""
    leads = {
        name: f'href="{PAGE}"' in as_(one).get("/tickets/").content.decode() for name, one in _people(cast).items()
    }
    assert leads == {name: name == "petra" for name in NAMES}
    assert f'href="{PAGE}?q=kettle"' in as_(cast.petra).get("/tickets/?q=kettle").content.decode()


def test_list_shows_whose_tickets_they_are_and_takes_one_organization(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.44: requester and branch stand in the list; the filter knows the followed ones only."""
    client, north = as_(cast.petra), Organization.objects.get(name="Horizonte Norte")
    words = text_of(client.get(PAGE))
    for shown in ("Of Nina", "Nina Nord", "Horizonte Norte", "Rita Ramos", "Horizonte Sul"):
        assert shown in words
    assert _listed(client, f"?organization={north.pk}") == {world["ninas"].number}
    assert _listed(client, f"?organization={north.pk}&q=burns") == {world["ninas"].number}
    everything = {world[one].number for one in ("ritas", "coras", "ninas")}
    for unknown in (cast.rival.pk, cast.parent.pk, 0, "x", "9" * 30):
        answer = client.get(f"{PAGE}?organization={unknown}")
        assert {ticket.number for ticket in answer.context["tickets"]} == everything
        assert "Rival" not in text_of(answer)


def test_search_never_reads_notes(cast: Cast, world: dict[str, Ticket]) -> None:
    """R2.44, R6.26: a note cannot be found by its words."""
    tickets.actions.note(ticket=world["ritas"], by=cast.ada, text="She forgets the xylophone.")
    assert _listed(as_(cast.petra), "?q=xylophone") == set()
    assert _listed(as_(cast.petra), "?q=Rita") == {world["ritas"].number}


def test_pages_go_by_key_there_and_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on "My tickets", over all branches in one order."""
    monkeypatch.setattr("tickets.views.organization.PAGE_SIZE", 2)
    nina = a_person("Nina Nord", organization=Organization.objects.create(name="Norte", parent=cast.parent))
    numbers = [walks.opened(cast, by=(cast.rita, nina)[n % 2]).number for n in range(5)][::-1]
    client = as_(cast.petra)

    def page(query: str) -> tuple[list[int], bool, bool]:
        context = client.get(f"{PAGE}{query}").context
        return [t.number for t in context["tickets"]], context["newer"] is not None, context["older"] is not None

    for more in ("", "&q=burns"):
        assert page(f"?x=1{more}") == (numbers[:2], False, True)
        assert page(f"?before={numbers[1]}{more}") == (numbers[2:4], True, True)
        assert page(f"?before={numbers[3]}{more}") == (numbers[4:], True, False)
        assert page(f"?after={numbers[4]}{more}") == (numbers[2:4], True, True)
        assert page(f"?after={numbers[2]}{more}") == (numbers[:2], False, True)


def test_search_goes_back_in_windows_and_finds_the_same(
    cast: Cast, world: dict[str, Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one look at everything, however narrow the windows are; the trash stays out (R2.42)."""
    monkeypatch.setattr("tickets.search._FIRST_AMONG", 1)
    monkeypatch.setattr("tickets.search._STEP", 1)
    opened = [walks.opened(cast, by=(cast.rita, cast.cora)[n % 2]) for n in range(5)]
    tickets.actions.write(ticket=opened[0], by=cast.rita, text="A marmalade of it.")
    put_ticket(ticket=opened[3], by=cast.ana)
    among = [cast.parent, cast.branch]
    for words, also in (("burns", None), ("marmalade", None), ("marmalade", opened[2].number), ("nothing", None)):
        theirs = Ticket.objects.filter(organization__in=among)
        plain = theirs.matching(words, notes=False, organizations=among) | theirs.filter(pk=also or 0)
        expected = sorted(plain.values_list("pk", flat=True), reverse=True)
        assert search.find_among(among, words, also=also, size=25) == expected
        assert search.find_among(among, words, also=also, size=2) == expected[:3]


@pytest.mark.parametrize(("query", "cost"), [("", 10), ("?show=closed", 10), ("?q=burns", 12)])
def test_list_costs_the_same_with_one_and_with_three_rows(cast: Cast, query: str, cost: int) -> None:
    """Design, section 9: one literal count."""
    end = walks.cancelled if "closed" in query else lambda cast, ticket: ticket
    end(cast, ticket=walks.opened(cast))
    client = as_(cast.petra)
    assert queries_of(client, f"{PAGE}{query}") == cost
    nina = a_person("Nina Nord", organization=Organization.objects.create(name="Norte", parent=cast.parent))
    for person in (cast.cora, nina):
        end(cast, ticket=walks.opened(cast, by=person))
    assert queries_of(client, f"{PAGE}{query}") == cost


@pytest.mark.parametrize("query", ["", "?show=closed", "?before=3000", "?after=10", "?q=needle"])
def test_list_scans_no_table(cast: Cast, query: str) -> None:
    """Section 6: with enough data, every page is read off an index, however old an organization's tickets are."""
    people = customers(300)
    many(
        cast,
        6000,
        lambda n: (
            {
                "requester": cast.rita if n < 200 else people[n % 300],
                "organization": cast.branch if n < 200 else cast.rival if n % 2 else None,
            }
            | ({"closed_at": cast.account.created_at} if n % 3 else {})
        ),
        text=lambda n: f"about {n} " + ("a needle" if n % 997 == 5 else "nothing"),
    )
    analyse()
    client = as_(cast.petra)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{PAGE}{query}").status_code == 200
    statements = [one["sql"] for one in queries]
    assert scans_of(statements) == []
    assert scans_of(statements, "tickets_message") == []
