"""Eve reaches nothing of Rita's: not by an address, a guess, a search, a form, a notice, a file or a zip (R6.26).

The same holds for Rita's colleague, for the manager of her organization unless a switch says otherwise, and for agents of
another department. The parent organization's manager reads along, and that is all he does (R2.44).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest
from django.test import Client

import approvals.actions
from attachments.models import AuditEntry
from tests import walks
from tests.cast import Cast, a_file
from tests.project.doors import (
    DOORS,
    SECRET_FILE,
    SECRET_WORDS,
    SUBJECT,
    World,
    build_world,
    client_of,
    taken_back,
)
from tickets.lifecycle import MOVES
from tickets.models import Event, Ticket

OUTSIDERS = ("eve", "cora", "max", "nora")
# Nothing of these may stand in any answer to an outsider.
SECRETS = (SUBJECT, SECRET_FILE, SECRET_WORDS, "Rita Ramos", "rita@demo.example")


@pytest.fixture
def world(cast: Cast) -> World:
    return build_world(cast)


def _client(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def _decided(world: World, name: str) -> None:
    """Managers read a ticket while its action waits for them, and not a word of it afterwards (R2.30, A20)."""
    if world.cast.people[name].manages_organization:
        approvals.actions.cancel_action(request=world.consent, by=world.cast.ana)


def _body(response: object) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode(errors="replace")


# Who Rita is, an agent of any department may read, but of her tickets nothing (R2.46).
OF_CUSTOMERS = ("panel/customers/", "panel/organizations/")
PERSONAL = ("Rita Ramos", "rita@demo.example")


def _leaks(body: str, asked: str = "", name: str = "") -> list[str]:
    """The secrets that an answer holds; what stood in the question may stand in the answer."""
    known = (
        PERSONAL
        if name == "nora" and asked.strip("/").startswith(tuple(one.strip("/") for one in OF_CUSTOMERS))
        else ()
    )
    return [
        secret for secret in SECRETS if secret in body and secret not in unquote_plus(asked) and secret not in known
    ]


def _addresses(world: World) -> Iterator[str]:
    """Everything that an outsider may think of: the known addresses, guessed numbers, searches, pages."""
    for door in DOORS:
        if not door.route.startswith("surveys/"):  # whose address is its key, and is told to nobody else
            yield door.fill(world)
    for number in (world.served.number, world.closed.number):
        yield f"/tickets/?q={number}"
        yield f"/tickets/?q=%23{number}"
        yield f"/folders/?q={number}"
        yield f"/panel/search/?q={number}"
        yield f"/panel/search/?q=%23{number}"
        yield f"/tickets/{number}/"
        yield f"/folders/{number}/zip/"
        yield f"/tickets/?before={number + 1}"
        yield f"/tickets/?after={number - 1}"
        yield f"/folders/?before={world.served.folder.pk + 1}"
        yield f"/notifications/?before={world.notice.pk + 100}"
        yield f"/tickets/{number}/cancel/"
        yield f"/panel/tickets/{number}/cancel/"
    for words in ("Zeppelin", "zeppelin", "hymn", SECRET_FILE, "Rita", "rita@demo.example"):
        for place in ("/tickets/", "/folders/", "/panel/search/", "/panel/queue/", "/panel/closed/"):
            yield f"{place}?q={words}"
    yield f"/panel/queue/?department={world.cast.department.pk}"
    yield f"/panel/closed/?department={world.cast.department.pk}"
    yield f"/tickets/new/?subject={SUBJECT}"
    yield "/tickets/?show=closed"
    yield "/notifications/?show=unread"
    for pk in range(1, 4):
        yield f"/folders/{world.served.number}/files/{world.copy.pk + pk}/"
        yield f"/attachments/{world.original.pk + pk}/"


@pytest.mark.parametrize("name", OUTSIDERS)
def test_outsider_reads_nothing_of_ritas(world: World, name: str) -> None:
    """R1.15, R1.43, R6.26: no answer to any address holds a word of it."""
    _decided(world, name)
    client = _client(world, name)
    leaks = {}
    for address in _addresses(world):
        with taken_back():
            found = _leaks(_body(client.get(address)), address, name)
        if found:
            leaks[address] = found
    assert leaks == {}


def test_lookalikes_are_ones_own(world: World) -> None:
    """What is found while a subject is typed is looked for among the own tickets."""
    part = {"HX-Request": "true", "HX-Target": "lookalikes"}
    address = f"/tickets/new/?subject={SUBJECT}"
    assert f"/tickets/{world.served.number}/" in _body(_client(world, "rita").get(address, headers=part))
    for name in OUTSIDERS:
        body = _body(_client(world, name).get(address, headers=part))
        assert SUBJECT not in body
        assert str(world.served.number) not in body


@pytest.mark.parametrize("name", [*OUTSIDERS, "petra"])
def test_outsider_moves_nothing_of_ritas(world: World, name: str) -> None:
    """R6.26: every verb at both doors is out of sight or refused, and leaves no event."""
    client = _client(world, name)
    before = Event.objects.count()
    statuses = set()
    for number in (world.served.number, world.closed.number):
        for verb in MOVES:
            for place in ("tickets", "panel/tickets"):
                response = client.post(f"/{place}/{number}/{verb}/", {"text": "Mine!", "files": [a_file()]})
                assert _leaks(_body(response)) == []
                statuses.add(response.status_code)
    assert statuses <= {403, 404}
    assert Event.objects.count() == before


@pytest.mark.parametrize("name", OUTSIDERS)
def test_outsider_posts_to_no_door_of_ritas(world: World, name: str) -> None:
    """R6.26: what is posted with Rita's keys changes nothing of hers."""
    _decided(world, name)
    client = _client(world, name)
    before = (Event.objects.count(), AuditEntry.objects.count(), world.notice.read_at)
    for door in DOORS:
        if "<" in door.route and not door.route.startswith(("surveys/", "account/")):
            response = door.knock(client, "POST", world)
            if name == "nora" and door.route.startswith(OF_CUSTOMERS):
                continue  # an agent edits customers: tests/tickets/test_customers.py
            refusals = {403, 404, 405, 409} if door.route.startswith("approvals/") else {403, 404, 405}
            assert response.status_code in refusals, door.route
    world.notice.refresh_from_db()
    assert (Event.objects.count(), AuditEntry.objects.count(), world.notice.read_at) == before


def test_same_words_open_a_ticket_of_ones_own(world: World) -> None:
    """Nobody is led to another's ticket because he writes the same."""
    client = _client(world, "eve")
    response = client.post(
        "/tickets/new/",
        {
            "department": world.cast.department.pk,
            "service": world.cast.service.pk,
            "priority": "normal",
            "subject": SUBJECT,
            "description": SECRET_WORDS,
            "files": [a_file(SECRET_FILE, SECRET_WORDS)],
        },
        follow=True,
    )
    ticket = Ticket.objects.latest("pk")
    assert ticket.requester == world.cast.eve
    assert response.redirect_chain[-1][0] == f"/tickets/{ticket.number}/"
    assert "Rita Ramos" not in _body(response)
    assert str(world.served.number) not in [str(ticket.number), str(ticket.folder.name)]


def test_zip_holds_the_own_folders_files_only(world: World) -> None:
    """R1.12: equal bytes in two folders are two files, each behind its own door."""
    mine = walks.opened(world.cast, by=world.cast.eve, files=[a_file("mine.txt", SECRET_WORDS)])
    client = _client(world, "eve")
    archive = b"".join(client.get(f"/folders/{mine.number}/zip/"))
    assert zipfile.ZipFile(io.BytesIO(archive)).namelist() == ["mine.txt"]
    assert client.get(f"/folders/{mine.number}/files/{world.copy.pk}/").status_code == 404
    assert client.get(f"/folders/{world.served.number}/files/{mine.folder.files.get().pk}/").status_code == 404


def _plain(body: str, numbers: tuple[int, int]) -> str:
    """A page without what differs each time: nonces, tokens and the number that was asked for."""
    body = re.sub(r'(nonce|value)="[\w-]{20,}"|token": "\w{20,}"', "", body)
    return re.sub("|".join(map(str, sorted(numbers, reverse=True))), "N", body)


def test_answers_about_hidden_and_missing_tickets_are_the_same(world: World) -> None:
    """R1.15: a guess does not even learn whether there is such a ticket."""
    client = _client(world, "eve")
    for template in ("/tickets/{}/", "/folders/{}/", "/folders/{}/zip/", "/tickets/{}/cancel/"):
        hidden = client.get(template.format(world.served.number))
        missing = client.get(template.format(world.served.number + 1_000_000))
        assert hidden.status_code == missing.status_code == 404
        numbers = (world.served.number, world.served.number + 1_000_000)
        assert _plain(_body(hidden), numbers) == _plain(_body(missing), numbers)


def test_anonymous_people_learn_nothing(world: World) -> None:
    """R6.26: everything but the doors of the house leads to the sign-in."""
    client = client_of(world.cast, "anonymous")
    for address in _addresses(world):
        with taken_back():
            assert _leaks(_body(client.get(address)), address) == [], address
