"""A ticket's record: what stands in it, for whom which version, and what never leaves the house (R1.15, R2.39)."""

from __future__ import annotations

import hashlib
import io
import socket
import sys
import uuid
from typing import Any

import pytest
from django.utils.safestring import mark_safe
from pypdf import PdfReader

import approvals.actions
import attachments.actions
import tickets.actions
import tickets.actions.trash
from attachments.models import FolderFile
from helpdesk.core.refusals import Refused
from reports.documents import pdf, record
from tests import walks
from tests.approvals import consents
from tests.cast import Cast, a_file
from tests.pages import as_, text_of
from tickets.lifecycle import Priority
from tickets.models import Ticket

from .paper import AT, dense, made, pages_of, text_on
from .talk import HOSTILE, ODD, long_talk, texts


def mark() -> str:
    """A word that stands nowhere else."""
    return f"mark{uuid.uuid4().hex[:10]}"


def record_of(ticket: Ticket, reader: Any, version: str = "customer") -> bytes:
    return made(record.make, reader, {"ticket": str(ticket.pk), "version": version})


def rich(cast: Cast) -> tuple[Ticket, dict[str, str]]:
    """A ticket with everything that can hang on one, and a mark on each of the things."""
    marks = {
        name: mark()
        for name in ("opening", "note", "question", "action", "reason", "comment", "priority", "verdict", "solution")
    }
    consents.switched_on(cast)
    ticket = walks.opened(cast, description=marks["opening"], files=[a_file("plan.txt", b"the plan")])
    ticket = walks.started(cast, ticket=ticket)
    tickets.actions.note(ticket=ticket, by=cast.ada, text=marks["note"])
    request = consents.asked(cast, ticket=ticket, action=consents.an_action(marks["action"]), text=marks["comment"])
    approvals.actions.reject_action(request=request, by=cast.max, text=marks["reason"])
    approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority=Priority.URGENT, text=marks["priority"])
    asked = ticket.priorityrequests.get()
    approvals.actions.reject_priority(request=asked, by=cast.hugo, text=marks["verdict"])
    tickets.actions.ask(ticket=ticket, by=cast.ada, text=marks["question"])
    return ticket, marks


HIDDEN = {"note", "action", "reason", "comment", "priority", "verdict"}


def test_desks_version_has_everything(cast: Cast) -> None:
    """R2.39: conversation, notes, events, actions, files with size and checksum, the service level."""
    ticket, marks = rich(cast)
    words = text_on(record_of(ticket, cast.ada, "staff"))
    assert [name for name, word in marks.items() if word not in words] == ["solution"]
    for said in (
        *("Demo Desk", f"Record of ticket #{ticket.number}", ticket.subject, "Rita Ramos", "Horizonte Sul"),
        *("Support", "Workplace", "Ada Alves", "awaiting requester", "UTC", "plan.txt", "8 bytes", "Internal note"),
        "For the service desk only",
    ):
        assert said in words, said
    assert hashlib.sha256(b"the plan").hexdigest() in dense(words)


@pytest.mark.parametrize("name", ["rita", "ada", "hugo", "ana"])
def test_customers_version_has_no_trace_of_the_desks_own(cast: Cast, name: str) -> None:
    """R2.39: neither notes, nor actions, nor decisions, whoever asks for it."""
    ticket, marks = rich(cast)
    paper = record_of(ticket, cast.people[name])
    words = text_on(paper)
    shown = {one for one, word in marks.items() if word in words}
    assert shown == {"opening", "question"}
    assert not any(marks[one].encode() in paper for one in HIDDEN)
    for inner in ("Internal note", "Approval actions", "asked the customer", "Line", "Assigned"):
        assert inner not in words
    assert hashlib.sha256(b"the plan").hexdigest() in dense(words)


def test_customers_version_says_what_the_portals_page_says(cast: Cast) -> None:
    """R2.39: every line of the history that stands on the page stands in the document, and no other."""
    ticket, _marks = rich(cast)
    history = as_(cast.rita).get(f"/tickets/{ticket.pk}/").context["history"]
    words = dense(text_on(record_of(ticket, cast.rita)))
    for entry in history.entries:
        assert dense(entry.text) in words
    inner = as_(cast.ada).get(f"/panel/tickets/{ticket.pk}/").context["history"]
    shown = {dense(entry.text) for entry in history.entries}
    missing = [one for entry in inner.entries if (one := dense(entry.text)) not in shown]
    assert missing
    assert [one for one in missing if one in words] == []


# Who: may he have the customer's version, and the desk's?
VERSIONS = {
    "rita": (True, False),
    "petra": (True, False),
    **dict.fromkeys(("cora", "max", "eve", "nora"), (False, False)),
    **dict.fromkeys(("ada", "bob", "otto", "hugo", "ana"), (True, True)),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_each_has_the_versions_of_the_pages_that_he_opens(cast: Cast, name: str) -> None:
    """R2.39, R6.26: no word in the facts opens more than the pages do; what is not seen is not known to exist."""
    ticket, reader = walks.started(cast), cast.again(cast.people[name])
    client = as_(reader)
    pages = (f"/tickets/{ticket.pk}/", f"/panel/tickets/{ticket.pk}/")
    in_portal, in_panel = (client.get(page).status_code == 200 for page in pages)
    assert (in_portal or in_panel, in_panel) == VERSIONS[name]
    for version, allowed in zip(("customer", "staff"), VERSIONS[name], strict=True):
        facts = {"ticket": str(ticket.pk), "version": version}
        assert (record.reason_not(reader, facts) is None) is allowed
        if not allowed:
            with pytest.raises(Refused):
                made(record.make, reader, facts)


@pytest.mark.parametrize(
    "facts", [{}, {"ticket": "0"}, {"ticket": "x"}, {"ticket": "9" * 40}, {"ticket": "1", "version": "whole"}]
)
def test_unknown_tickets_and_versions_are_refused(cast: Cast, facts: dict[str, str]) -> None:
    """Whatever a form can be made to send."""
    walks.opened(cast)
    with pytest.raises(Refused):
        made(record.make, cast.ana, facts)


@pytest.mark.parametrize("name", ["rita", "ada", "ana"])
def test_ticket_in_the_trash_has_no_record(cast: Cast, name: str) -> None:
    """R2.42: it is there for nobody."""
    ticket = walks.cancelled(cast)
    tickets.actions.trash.put_ticket(ticket=ticket, by=cast.ana)
    for version in ("customer", "staff"):
        with pytest.raises(Refused):
            record_of(ticket, cast.people[name], version)


def test_who_reads_along_reads_names_of_files_and_no_checksums(cast: Cast) -> None:
    """R1.12, R1.15, R2.44: the folder is for those involved."""
    ticket = walks.opened(cast, files=[a_file("plan.txt", b"the plan")])
    words = text_on(record_of(ticket, cast.petra))
    assert "plan.txt" in words
    assert "Only those involved in the ticket can open its files." in words
    assert hashlib.sha256(b"the plan").hexdigest()[:12] not in dense(words)
    assert "SHA-256" not in words


def test_checksums_are_those_of_the_stored_bytes(cast: Cast) -> None:
    """R1.8: of every file that is kept; a removed one is not in the folder any more."""
    contents = [b"one", b"two" * 5000, b""]
    ticket = walks.opened(cast, files=[a_file(f"file {n}.txt", one or b" ") for n, one in enumerate(contents)])
    gone = FolderFile.objects.get(folder=ticket.folder, name="file 0.txt")
    attachments.actions.remove(file=gone, by=cast.ana)
    words = dense(text_on(record_of(ticket, cast.rita)))
    for file in ticket.folder.files.kept().select_related("blob"):
        with file.blob.open() as stored:
            assert f"SHA-256{hashlib.sha256(stored.read()).hexdigest()}" in words
    assert words.count("SHA-256") == len(contents) - 1


def test_survey_is_read_by_whom_it_is_for(cast: Cast) -> None:
    """R3.42: requester, agent, heads and administrators; a colleague reads that it was rated, and not what was said."""
    ticket = walks.closed(cast)
    survey = ticket.survey
    words = mark()
    import surveys.actions

    if survey.answered_at is None:
        surveys.actions.answer(survey=survey, by=cast.rita, rating=4, solved=True, comment=words)
    else:
        words = "Satisfaction survey"
    for name, reads in (("rita", True), ("ada", True), ("hugo", True), ("ana", True), ("bob", False), ("petra", False)):
        version = "customer" if name in {"rita", "petra"} else "staff"
        assert (words in text_on(record_of(ticket, cast.people[name], version))) is reads, name


# --- what it looks like


def test_two_hundred_messages_are_laid_out_whole(cast: Cast) -> None:
    """Every message in full, whatever it says, on numbered pages with a running header, none of them empty."""
    ticket = walks.started(cast)
    long_talk(ticket, 200)
    paper = record_of(ticket, cast.ada, "staff")
    pages = pages_of(paper)
    assert 20 <= len(pages) <= 45
    for number, words in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in words
        assert len(words) > 200
        if number > 1:
            assert "Demo Desk" in words
            assert f"Record of ticket #{ticket.number}" in words
    # What runs over the end of a page has header and footer between its lines.
    around = (f"Recordofticket#{ticket.number}", "DemoDesk")
    whole = ""
    for number, words in enumerate(pages, start=1):
        inside = dense(words)
        for one in (f"{number}/{len(pages)}", *around):
            inside = inside.removeprefix(one).removesuffix(one)
        for one in reversed(around):
            inside = inside.removeprefix(one).removesuffix(one)
        whole += inside
    for text in (*HOSTILE, *ODD[:3], *(one for one in texts(200) if one[:1].isalpha() and len(one) < 200)):
        if not any("\u0590" <= letter <= "\u08ff" or letter > "\u2fff" for letter in text):
            assert dense(text)[:60] in whole, text
    document = PdfReader(io.BytesIO(paper))
    assert document.metadata
    assert document.metadata.title == f"#{ticket.number} {ticket.subject}"
    assert document.metadata.author == "Demo Desk"
    assert document.root_object["/Lang"] == "en"
    assert [one["/Title"] for one in document.outline if isinstance(one, dict)] == [ticket.subject]


def test_same_record_has_the_same_bytes(cast: Cast) -> None:
    """Deterministic apart from the instant at which it is made, which it says."""
    ticket = walks.started(cast)
    once, again = (record_of(ticket, cast.ada, "staff") for _round in range(2))
    assert once == again
    assert "1 April 2026, 12:00 UTC" in text_on(once)


def test_instants_have_the_readers_zone(cast: Cast) -> None:
    """And the document says in its own words which that is."""
    cast.rita.time_zone = "America/Sao_Paulo"
    cast.rita.save()
    words = text_on(record_of(walks.opened(cast, at=AT), cast.again(cast.rita)))
    assert "1 April 2026, 09:00 -03" in words
    assert "America/Sao_Paulo" in dense(words)


# --- what never leaves


def test_nothing_is_fetched_for_anybodys_words(cast: Cast) -> None:
    """No file of the machine and nothing of the network, neither from messages nor if a template let markup through."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/x.png"
        markup = f'<img src="file:///etc/passwd"><img src="{address}"><link rel="stylesheet" href="{address}">'
        markup += f'<link rel="attachment" href="file:///etc/passwd"><p style="background: url({address})">x</p>'
        ticket = walks.opened(cast, subject=f"A picture {markup}"[:120], description=markup)
        paper = record_of(ticket, cast.rita)
        assert dense(markup) in dense(text_on(paper))
        target = io.BytesIO()
        entry = {"kind": "event", "who": "", "text": mark_safe(markup), "at": AT}  # as if nobody had escaped it
        pdf.write("pdf/entry.html", {"entry": entry}, target, at=AT)
        for one in (paper, target.getvalue()):
            document = PdfReader(io.BytesIO(one))
            assert dict(document.attachments) == {}
            assert "root:x:0" not in text_on(one)
            assert b"root:x:0" not in one
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.filterwarnings("ignore")
def test_missing_library_says_what_to_install(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Pango makes no PDFs, and says how it would."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(pdf.CannotLayOut, match="libpango"):
        record_of(walks.opened(cast), cast.rita)


def test_progress_is_told(cast: Cast) -> None:
    """Who waits sees that it goes on, up to the end."""
    told: list[tuple[int, int]] = []
    ticket = walks.opened(cast)
    made(record.make, cast.rita, {"ticket": str(ticket.pk)}, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert [done for done, _total in told] == sorted(done for done, _total in told)


# --- where it is asked for


def test_pages_of_a_ticket_offer_its_record(cast: Cast) -> None:
    """Both versions at the desk; in the portal one, which has no other word."""
    ticket = walks.started(cast)
    desk = as_(cast.ada).get(f"/panel/tickets/{ticket.pk}/")
    assert "Record (PDF)" in text_of(desk)
    assert "Record for the customer (PDF)" in text_of(desk)
    portal = as_(cast.rita).get(f"/tickets/{ticket.pk}/").content.decode()
    assert 'name="version" value="customer"' in portal
    assert 'value="staff"' not in portal
    answer = as_(cast.rita).post(
        "/reports/ask/", {"kind": "record", "form": "pdf", "ticket": ticket.pk, "version": "customer"}
    )
    assert answer.status_code == 302
