"""The panel's search: numbers, words in three languages, names; only what the reader serves; frequent words bounded."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import tickets.actions
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast, a_person
from tickets import search
from tickets.models import Message, Ticket

from .plenty import BEGAN, analyse, customers, many, scans_of

pytestmark = pytest.mark.django_db


def as_(person: User) -> Client:
    window = Client()
    window.force_login(person)
    return window


def found(person: User, words: str, **more: Any) -> list[int]:
    """The numbers of the tickets that a search brings."""
    answer = as_(person).get("/panel/search/", {"q": words} | more)
    assert answer.status_code == 200
    return [row.number for row in answer.context.get("rows", [])]


def page(person: User, words: str) -> str:
    return as_(person).get("/panel/search/", {"q": words}).content.decode()


# --- numbers


@pytest.mark.parametrize("written", ["{}", "#{}", " {} ", "0{}"])
def test_search_for_a_number_leads_to_the_ticket(cast: Cast, written: str) -> None:
    ticket = walks.opened(cast)
    answer = as_(cast.ada).get("/panel/search/", {"q": written.format(ticket.number)})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/panel/tickets/{ticket.number}/")


def test_search_for_a_number_out_of_sight_tells_nothing(cast: Cast) -> None:
    """R6.26: a number of another department and one that does not exist look the same."""
    ticket = walks.opened(cast)
    theirs, nobodys = (page(cast.nora, str(number)) for number in (ticket.number, ticket.number + 1))
    assert f"There is no ticket #{ticket.number} that you can see." in theirs
    assert _bare(theirs) == _bare(nobodys)


def _bare(page: str) -> str:
    """A page without its numbers, tokens and nonces."""
    return re.sub(r"\d+|value=\"[^\"]*\"|nonce=\"[^\"]*\"|hx-headers='[^']*'", "", page)


def test_search_for_a_number_in_quotes_is_for_the_word(cast: Cast) -> None:
    ticket = walks.opened(cast, subject="Error 500 again")
    assert found(cast.ada, '"500"') == [ticket.number]
    assert found(cast.ada, "500") == [ticket.number]


# --- words


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("The printers were burning", "printer burn"),
        ("PRINTER", "printer"),
        ("Solicitações de acesso", "solicitacao"),
        ("Solicitação de acesso", "solicitações"),
        ("solicitacao de acesso", "SOLICITAÇÃO"),
        ("Não consigo imprimir", "nao consigo"),
        ("Принтеры не печатают накладные", "принтер накладная"),
        ("Ещё одна заявка", "еще заявки"),
        ("naïve café", "cafe naive"),
    ],
)
@pytest.mark.parametrize("place", ["subject", "description", "reply"])
def test_search_knows_the_endings_and_accents_of_three_languages(
    cast: Cast, written: str, asked: str, place: str
) -> None:
    """In the subject, in the description and in what was said later."""
    others = walks.opened(cast, subject="Something else", description="Nothing of the kind")
    ticket = walks.started(
        cast,
        ticket=walks.opened(
            cast,
            subject=written if place == "subject" else "A subject",
            description=written if place == "description" else "A text",
        ),
    )
    if place == "reply":
        tickets.actions.reply(ticket=ticket, by=cast.ada, text=written)
    assert found(cast.ada, asked) == [ticket.number]
    assert others.number not in found(cast.ada, asked)


def test_search_understands_quotes_and_without_and_or(cast: Cast) -> None:
    jam = walks.opened(cast, subject="Paper jam in the printer")
    ink = walks.opened(cast, subject="Printer without ink, paper is fine")
    fax = walks.opened(cast, subject="Fax")
    assert found(cast.ada, '"paper jam"') == [jam.number]
    assert found(cast.ada, "printer -ink") == [jam.number]
    assert found(cast.ada, "ink or fax") == [fax.number, ink.number]
    assert found(cast.ada, "printer paper") == [ink.number, jam.number]


@pytest.mark.parametrize(
    "words", ["", "   ", "the", "'", '"', "((", "\\", "%", "\x00", "a\x00b", "😀", "-", "x" * 5000]
)
def test_search_for_nothing_that_can_be_found_is_harmless(cast: Cast, words: str) -> None:
    walks.opened(cast)
    assert found(cast.ada, words) == []


def test_search_finds_notes_in_the_panel_only(cast: Cast) -> None:
    """Internal notes are searched for those who may read them, and never for the requester."""
    ticket = walks.started(cast)
    tickets.actions.note(ticket=ticket, by=cast.ada, text="A xylophone is inside")
    assert found(cast.bob, "xylophone") == [ticket.number]
    answer = as_(cast.rita).get("/tickets/", {"q": "xylophone"})
    assert list(answer.context["tickets"]) == []
    assert b"A xylophone is inside" not in answer.content


def test_search_brings_only_what_the_reader_serves(cast: Cast) -> None:
    """R6.26: departments do not see each other's tickets; executors see theirs; administrators see all."""
    ours = walks.opened(cast, subject="A walrus")
    theirs = walks.opened(cast, subject="A walrus too", department=cast.other_department, service=cast.other_service)
    seen = {name: found(cast.people[name], "walrus") for name in ("ada", "hugo", "nora", "ana")}
    assert seen == {
        "ada": [ours.number],
        "hugo": [ours.number],
        "nora": [theirs.number],
        "ana": [theirs.number, ours.number],
    }


def test_search_shows_the_words_marked_and_everything_else_harmless(cast: Cast) -> None:
    """The newest message that holds the words is shown; what people wrote is text, whatever it looks like."""
    ticket = walks.started(cast, ticket=walks.opened(cast, subject="A <b>walrus</b> & friends"))
    tickets.actions.reply(ticket=ticket, by=cast.ada, text="Which walrus? <script>alert(1)</script>")
    tickets.actions.reply(ticket=ticket, by=cast.ada, text="Nothing here")
    shown = page(cast.ada, "walrus")
    assert "A &lt;b&gt;<mark>walrus</mark>&lt;/b&gt; &amp; friends" in shown
    assert "Which <mark>walrus</mark>?" in shown
    assert "<script>alert" not in shown
    assert "Nothing here" not in shown


@pytest.mark.parametrize(
    ("written", "asked", "marked"),
    [
        ("Принтеры сломались", "принтер", "<mark>Принтеры</mark>"),
        ("As solicitações chegaram", "solicitação", "<mark>solicitações</mark>"),
        ("The printers broke", "printer", "<mark>printers</mark>"),
    ],
)
def test_search_marks_words_with_other_endings(cast: Cast, written: str, asked: str, marked: str) -> None:
    walks.opened(cast, subject="A subject", description=written)
    assert marked in page(cast.ada, asked)


# --- names


def test_search_for_a_name_brings_the_person_with_tickets_in_sight(cast: Cast) -> None:
    """Case and accents are ignored; who has no ticket that the reader serves is not named."""
    jose = a_person("José Açaí")
    his = walks.opened(cast, by=jose)
    hers = walks.started(cast)
    people = as_(cast.ada).get("/panel/search/", {"q": "jose aca"}).context["people"]
    assert [(one["person"], [t.number for t in one["tickets"]]) for one in people] == [(jose, [his.number])]
    people = as_(cast.ada).get("/panel/search/", {"q": "ALVES"}).context["people"]
    assert [(cast.name_of(one["person"]), [t.number for t in one["tickets"]]) for one in people] == [
        ("ada", [hers.number])
    ]
    assert as_(cast.nora).get("/panel/search/", {"q": "jose"}).context["people"] == []
    assert as_(cast.ada).get("/panel/search/", {"q": "Petra"}).context["people"] == []
    assert as_(cast.ada).get("/panel/search/", {"q": "jo"}).context["people"] == []


def test_search_for_a_name_is_not_cut_before_it_is_known_who_is_in_sight(cast: Cast) -> None:
    """However many namesakes the reader knows nothing of: nobody in sight is lost behind them."""
    User.objects.bulk_create(User(email=f"{n}@demo.example", name=f"Silva {n:03}") for n in range(300))
    last = [a_person(f"Silva Z{n}", email=f"z{n}@demo.example") for n in range(8)]
    numbers = [walks.opened(cast, by=person).number for person in last]
    people = as_(cast.ada).get("/panel/search/", {"q": "silva"}).context["people"]
    found = [(one["person"], [ticket.number for ticket in one["tickets"]]) for one in people]
    assert found == [(person, [number]) for person, number in zip(last, numbers, strict=True)][:6]


def test_search_for_a_person_shows_all_that_is_in_sight(cast: Cast) -> None:
    requested = [walks.opened(cast).number, walks.closed(cast).number]
    executed = walks.started(cast, ticket=walks.opened(cast, by=cast.eve)).number
    answer = as_(cast.hugo).get("/panel/search/", {"person": cast.rita.pk})
    assert [row.number for row in answer.context["rows"]] == requested[::-1]
    answer = as_(cast.hugo).get("/panel/search/", {"person": cast.ada.pk})
    assert [row.number for row in answer.context["rows"]] == [executed]
    for number in (cast.petra.pk, 999999, "x"):
        assert as_(cast.hugo).get("/panel/search/", {"person": number}).status_code == 404
    assert as_(cast.nora).get("/panel/search/", {"person": cast.rita.pk}).status_code == 404


def test_search_for_a_person_pages_by_key(cast: Cast) -> None:
    made = [ticket.number for ticket in many(cast, 60)]
    seen, before = [], None
    while True:
        page_found = search.tickets_of(cast.rita, reader=cast.ada, before=before)
        seen += page_found.numbers
        if not page_found.is_more:
            break
        before = page_found.numbers[-1]
    assert seen == made[::-1]


# --- how far it goes


def test_search_pages_are_exact_however_far_the_windows_reach(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows are how it works, not what it shows: every hit once, newest first."""
    monkeypatch.setattr(search, "_FIRST_WINDOW", 7)
    made = many(cast, 200, text=lambda index: "often" if index % 2 else ("seldom" if index % 40 == 0 else "never"))
    for word, picked in (("often", range(199, 0, -2)), ("seldom", range(160, -1, -40))):
        expected = [made[index].number for index in picked]
        seen, before = [], None
        while True:
            answer = as_(cast.ada).get("/panel/search/", {"q": word} | ({"before": before} if before else {}))
            result = answer.context["found"]
            seen += result.numbers
            assert result.searched_to is None
            if not result.is_more:
                break
            before = result.numbers[-1]
            assert f"?q={word}&amp;before={before}" in answer.content.decode()
        assert seen == expected


def test_search_for_a_frequent_word_pauses_and_says_how_far_it_came(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word of everybody's in a department that the reader does not serve costs a bounded look, not a whole one."""
    for name, value in {"_FIRST_WINDOW": 10, "_FEW": 5, "_ENOUGH": 50}.items():
        monkeypatch.setattr(search, name, value)
    ours = many(cast, 1, text=lambda index: "often")
    theirs = many(cast, 300, department=cast.other_department, text=lambda index: "often")
    window = as_(cast.ada)
    answer = window.get("/panel/search/", {"q": "often"})
    assert answer.context["found"].numbers == []
    reached = answer.context["found"].searched_to
    assert reached == theirs[-1].number + 1 - 110
    assert f"only tickets from #{reached} on were looked through so far" in answer.content.decode()
    seen = []
    for _step in range(10):
        answer = window.get("/panel/search/", {"q": "often", "before": reached})
        seen += answer.context["found"].numbers
        reached = answer.context["found"].searched_to
        if reached is None:
            break
    assert seen == [ours[0].number]


def test_search_for_rare_and_frequent_words_reads_no_table_whole(cast: Cast) -> None:
    """Both kinds are answered from indexes, and the number of queries does not grow with the hits."""
    people = customers(300)
    many(
        cast,
        3000,
        lambda index: {"requester": people[index % 300]} | ({"closed_at": BEGAN} if index % 20 else {}),
        text=lambda index: f"unique{index} everywhere and some more words to make it long {index % 7}",
    )
    analyse()
    window = as_(cast.ada)
    counts = {}
    for word in ("unique77", "everywhere"):
        with CaptureQueriesContext(connection) as seen:
            answer = window.get("/panel/search/", {"q": word})
        counts[word] = (len(answer.context["rows"]), len(seen))
        statements = [one["sql"] for one in seen]
        assert scans_of(statements, "tickets_ticket") == []
        assert scans_of(statements, "tickets_message") == []
    assert counts["unique77"][0] == 1
    assert counts["everywhere"][0] == 25
    assert max(queries for _rows, queries in counts.values()) <= 15
    assert Message.objects.count() == Ticket.objects.count() == 3000
