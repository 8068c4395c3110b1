"""Who can open what, when: every person at every moment, for both settings of A1. The tables are literal."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import tickets.actions
from attachments.models import Attachment, AuditEntry, FolderFile
from tests import walks
from tests.cast import Cast, a_file, leave_department
from tickets.models import Ticket

MOMENTS = ("opened", "assumed", "solved", "closed", "taken over", "cancelled")

# The letter says what a person gets at the addresses of the folder, its archive, a copy and an original:
# V = all of them; . = 404, as if they were not there; - = the sign-in page.
ON_ASSUME = """
             opened  assumed  solved  closed  taken_over  cancelled
rita         V       V        V       V       V           V
ada          .       V        V       V       V           V
bob          .       .        .       .       V           .
otto         .       .        .       .       .           .
hugo         V       V        V       V       V           V
nora         .       .        .       .       .           .
cora         .       .        .       .       .           .
max          .       .        .       .       .           .
petra        .       .        .       .       .           .
eve          .       .        .       .       .           .
ana          V       V        V       V       V           V
stranger     -       -        -       -       -           -
"""
ON_OPEN = """
             opened  assumed  solved  closed  taken_over  cancelled
rita         V       V        V       V       V           V
ada          V       V        V       V       V           V
bob          V       V        V       V       V           V
otto         V       V        V       V       V           V
hugo         V       V        V       V       V           V
nora         .       .        .       .       .           .
cora         .       .        .       .       .           .
max          .       .        .       .       .           .
petra        .       .        .       .       .           .
eve          .       .        .       .       .           .
ana          V       V        V       V       V           V
stranger     -       -        -       -       -           -
"""


def _to(moment: str, cast: Cast) -> Ticket:
    if moment == "taken over":
        # Ada is away when Rita returns the solution; Bob takes the ticket. Then Ada is back: a former executor.
        ticket = walks.solved(cast)
        cast.deactivate(cast.ada)
        ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="It burns again.")
        cast.ada.is_active = True
        cast.ada.save(update_fields=["is_active"])
        return tickets.actions.assume(ticket=ticket, by=cast.bob)
    walk = {"opened": walks.opened, "assumed": walks.assumed, "solved": walks.solved, "closed": walks.closed}
    if moment == "cancelled":
        return walks.cancelled(cast, ticket=walks.assumed(cast))
    return walk[moment](cast)


def _addresses(ticket: Ticket) -> list[str]:
    copy, original = ticket.folder.files.get(), ticket.folder.attachments.get()
    return [
        f"/folders/{ticket.number}/",
        f"/folders/{ticket.number}/zip/",
        f"/folders/{ticket.number}/files/{copy.pk}/",
        f"/attachments/{original.pk}/",
    ]


def _seen(client: Client, addresses: list[str]) -> str:
    answers = [client.get(address) for address in addresses]
    codes = {answer.status_code for answer in answers}
    if codes == {302}:
        assert {answer.headers["Location"].partition("?")[0] for answer in answers} == {"/account/login/"}
    return {frozenset({200}): "V", frozenset({404}): ".", frozenset({302}): "-"}.get(frozenset(codes), str(codes))


@pytest.mark.parametrize(("setting", "table"), [("on_assume", ON_ASSUME), ("on_open", ON_OPEN)])
@pytest.mark.parametrize("moment", MOMENTS)
def test_files_open_for_those_involved_only(cast: Cast, setting: str, table: str, moment: str) -> None:
    """R1.12 to R1.16, A1: whoever is not involved cannot tell a file from none."""
    cast.rules(attachment_access_moment=setting)
    ticket = _to(moment, cast)
    addresses = _addresses(ticket)
    head, *rows = [line.split() for line in table.strip().splitlines()]
    column = head.index(moment.replace(" ", "_"))
    expected = {row[0]: row[1 + column] for row in rows}
    found = {}
    for name in expected:
        client = Client()
        if name != "stranger":
            client.force_login(cast.again(cast.people[name]))
        found[name] = _seen(client, addresses)
    assert found == expected


def test_list_of_folders_holds_exactly_the_granted_ones(cast: Cast, client: Client) -> None:
    """R1.15: neither in the list nor by search, whatever the words."""
    mine = walks.assumed(cast)
    walks.opened(cast, by=cast.eve, subject="Printer of the rival")
    walks.opened(cast, by=cast.rita, subject="Second printer")
    numbers = {}
    for name in ("rita", "ada", "bob", "hugo", "eve", "ana", "cora"):
        client.force_login(cast.people[name])
        pages = [client.get("/folders/"), client.get("/folders/", {"q": "printer"})]
        shown = [[folder.title for folder in page.context["folders"]] for page in pages]
        assert shown[0] == shown[1], name
        numbers[name] = shown[0]
    assert numbers == {
        "rita": ["Second printer", "Printer is on fire"],
        "ada": ["Printer is on fire"],
        "bob": [],
        "hugo": ["Second printer", "Printer of the rival", "Printer is on fire"],
        "eve": ["Printer of the rival"],
        "ana": ["Second printer", "Printer of the rival", "Printer is on fire"],
        "cora": [],
    }
    client.force_login(cast.ada)
    for words, expected in (
        (f"#{mine.number}", [str(mine.number)]),
        ("PRINTERS", [str(mine.number)]),
        ("\x00'\"(", []),
    ):
        found = client.get("/folders/", {"q": words}).context["folders"]
        assert [folder.name for folder in found] == expected, words


def test_folders_are_paged_by_key_in_both_directions(cast: Cast, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("attachments.views.PAGE", 2)
    cast.rules(attachment_access_moment="on_open")
    for number in range(5):
        walks.opened(cast, subject=f"Number {number}", by=cast.rita if number % 2 else cast.cora)
    for person, expected in (
        (cast.hugo, ["43", "21", "0"]),
        (cast.ana, ["43", "21", "0"]),
        (cast.ada, ["43", "21", "0"]),
        (cast.cora, ["42", "0"]),
    ):
        client.force_login(person)
        pages, back, query = [], [], ""
        while query is not None:
            context = client.get(f"/folders/{query}").context
            pages.append(_numbers(context))
            query = f"?before={context['older']}" if context["older"] else None
        while context["newer"]:
            context = client.get(f"/folders/?after={context['newer']}").context
            back.append(_numbers(context))
        assert (pages, back) == (expected, expected[-2::-1])


def _numbers(context: Any) -> str:
    return "".join(folder.title.removeprefix("Number ") for folder in context["folders"])


def test_removed_membership_takes_the_groups_access_along(cast: Cast, client: Client) -> None:
    cast.rules(attachment_access_moment="on_open")
    addresses = _addresses(walks.opened(cast))
    client.force_login(cast.bob)
    assert _seen(client, addresses) == "V"
    leave_department(cast.department, cast.bob)
    assert _seen(client, addresses) == "."


def test_ids_do_not_lead_out_of_their_folder(cast: Cast, client: Client) -> None:
    """R1.15: a file of another folder is not found through one's own."""
    mine, other = walks.opened(cast), walks.opened(cast, by=cast.eve)
    theirs = other.folder.files.get()
    client.force_login(cast.rita)
    for address in (
        f"/folders/{mine.number}/files/{theirs.pk}/",
        f"/folders/{other.number}/files/{theirs.pk}/",
        f"/folders/{other.number}/files/{mine.folder.files.get().pk}/",
        f"/folders/{mine.number}/files/{theirs.pk}/remove/",
        f"/folders/{mine.number}/files/999999999999/",
        "/folders/999999999/",
        "/folders/0/zip/",
        f"/folders/{10**30}/",
        "/folders/%00/",
        "/attachments/999999999999/",
        f"/attachments/{10**30}/",
    ):
        assert client.get(address).status_code == 404, address


def test_only_administrators_remove_files(cast: Cast, client: Client) -> None:
    """R1.16: also while the activity runs; who sees the file reads why not, who does not sees nothing."""
    ticket = walks.started(cast)
    copy = f"/folders/{ticket.number}/files/{ticket.folder.files.get().pk}/remove/"
    original = f"/attachments/{ticket.folder.attachments.get().pk}/remove/"
    codes = {}
    for name in ("rita", "ada", "hugo", "bob", "eve", "ana"):
        client.force_login(cast.people[name])
        codes[name] = [client.get(copy).status_code, client.get(original).status_code]
        if name != "ana":
            codes[name] += [client.post(copy).status_code, client.post(original).status_code]
    assert codes == {
        "rita": [403, 403, 403, 403],
        "ada": [403, 403, 403, 403],
        "hugo": [403, 403, 403, 403],
        "bob": [404, 404, 404, 404],
        "eve": [404, 404, 404, 404],
        "ana": [200, 200],
    }
    assert (FolderFile.objects.kept().count(), Attachment.objects.kept().count()) == (1, 1)


def test_every_access_is_written_down(cast: Cast, client: Client) -> None:
    """R1.17: grants, downloads, archives, removals, in order; what was refused leaves no line."""
    ticket = walks.assumed(cast)
    copy, original = ticket.folder.files.get(), ticket.folder.attachments.get()
    client.force_login(cast.ada)
    b"".join(client.get(f"/folders/{ticket.number}/files/{copy.pk}/"))
    b"".join(client.get(f"/attachments/{original.pk}/"))
    b"".join(client.get(f"/folders/{ticket.number}/zip/"))
    client.force_login(cast.eve)
    client.get(f"/attachments/{original.pk}/")
    client.force_login(cast.ana)
    client.post(f"/folders/{ticket.number}/files/{copy.pk}/remove/")
    number = str(ticket.number)
    assert list(ticket.folder.audit_entries.values_list("verb", "actor__name", "subject", "detail")) == [
        ("granted", "Rita Ramos", "Rita Ramos", "add_file"),
        ("granted", "Rita Ramos", "Rita Ramos", "view_folder"),
        ("granted", "Rita Ramos", "Hugo Hahn", "view_folder"),
        ("added", "Rita Ramos", "screen.txt", ""),
        ("granted", "Ada Alves", "Ada Alves", "add_file"),
        ("granted", "Ada Alves", "Ada Alves", "view_folder"),
        ("downloaded", "Ada Alves", "screen.txt", "copy"),
        ("downloaded", "Ada Alves", "screen.txt", "attachment"),
        ("zipped", "Ada Alves", number, ""),
        ("removed", "Ana Andrade", "screen.txt", "copy"),
    ]
    shown = client.get(f"/folders/{number}/").context
    assert [entry.verb for entry in shown["records"]][:2] == ["removed", "zipped"]
    assert [file.name for file in shown["removed"]] == ["screen.txt"]


def test_record_is_shown_to_administrators_only(cast: Cast, client: Client) -> None:
    ticket = walks.assumed(cast)
    for name, is_shown in (("rita", False), ("ada", False), ("hugo", False), ("ana", True)):
        client.force_login(cast.people[name])
        page = client.get(f"/folders/{ticket.number}/")
        assert ("records" in page.context, b"Access record" in page.content) == (is_shown, is_shown), name


def test_archive_tells_its_length_and_holds_the_folder(cast: Cast, client: Client) -> None:
    ticket = walks.opened(cast, files=[a_file("one.txt", "1" * 3_000_000), a_file("отчёт.txt", "2")])
    client.force_login(cast.rita)
    answer = client.get(f"/folders/{ticket.number}/zip/")
    body = b"".join(answer)
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ticket.number}.zip"'
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    assert [(entry.filename, entry.file_size) for entry in archive.infolist()] == [
        ("one.txt", 3_000_000),
        ("отчёт.txt", 1),
    ]


def test_lost_bytes_are_told_in_words(cast: Cast, client: Client, caplog: Any) -> None:
    """No server error, no line in the record, a word to those who read the log; the archive says what is missing."""
    ticket = walks.opened(cast, files=[a_file("lost.txt", "1"), a_file("kept.txt", "2")])
    lost = ticket.folder.files.get(name="lost.txt")
    default_storage.delete(lost.blob.storage_name)
    client.force_login(cast.rita)
    for address in (
        f"/folders/{ticket.number}/files/{lost.pk}/",
        f"/attachments/{ticket.folder.attachments.get(name='lost.txt').pk}/",
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "The content of “lost.txt” is missing in our storage." in answer.content.decode()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.get(f"/folders/{ticket.number}/zip/"))))
    assert archive.namelist() == ["kept.txt", "_missing.txt"]
    assert archive.read("_missing.txt") == b"These files are missing in our storage:\r\nlost.txt\r\n"
    assert [record.message for record in caplog.records if record.name == "attachments.actions"] == [
        "stored bytes are missing"
    ] * 3
    assert not AuditEntry.objects.filter(verb="downloaded").exists()


def test_the_same_upload_heals_what_was_lost(cast: Cast, client: Client) -> None:
    ticket = walks.opened(cast, files=[a_file("lost.txt", "1")])
    file = ticket.folder.files.get()
    default_storage.delete(file.blob.storage_name)
    walks.opened(cast, files=[a_file("again.txt", "1")])
    client.force_login(cast.rita)
    assert b"".join(client.get(f"/folders/{ticket.number}/files/{file.pk}/")) == b"1"


@pytest.mark.parametrize("person", ["rita", "hugo", "ana"])
def test_folder_pages_cost_the_same_for_one_and_for_three(cast: Cast, client: Client, person: str) -> None:
    ticket = walks.opened(cast)
    client.force_login(cast.people[person])
    addresses = ("/folders/", "/folders/?q=printer", f"/folders/{ticket.number}/")
    client.get("/folders/")
    with_one = [_queries(client, address) for address in addresses]
    for number in range(2):
        walks.opened(cast, subject=f"printer {number}")
        tickets.actions.write(ticket=ticket, by=cast.rita, files=[a_file(f"{number}.txt", str(number))])
    with_three = [_queries(client, address) for address in addresses]
    assert with_three == with_one
    assert max(with_three) <= 15


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
