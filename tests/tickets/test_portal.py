"""The portal in a browser without script: what waits, my tickets, opening, following, and what strangers get."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import approvals.lifecycle
import tickets.actions
from helpdesk.core.clock import CLOCK
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast, a_file
from tests.pages import as_, queries_of, text_of
from tickets.lifecycle import MOVES, OPEN, Status, Who
from tickets.models import Event, Message, Ticket
from tickets.timeline import EVENT_ICONS, EVENT_WORDS, history

NEW = "/tickets/new/"


# --- start


def test_home_without_account_leads_to_the_first_run(db: None) -> None:
    assert Client().get("/").headers["Location"] == reverse("people:first_run")


def test_home_without_account_has_a_door_for_everybody(db: None) -> None:
    """An administrator from the command line has closed the first-run page; nobody is led to it or in circles."""
    ana = User.objects.create_superuser("ana@demo.example", "Ana", "secret")
    assert Client().get("/").headers["Location"] == reverse("account_login")
    assert as_(ana).get("/").headers["Location"] == reverse("admin:index")
    assert as_(ana).get(reverse("admin:index")).status_code == 200
    assert as_(User.objects.create_user("rita@demo.example", "Rita")).get("/").status_code == 200


def test_home_of_a_stranger_leads_to_sign_in(cast: Cast) -> None:
    assert Client().get("/").headers["Location"] == reverse("account_login")


def test_home_of_people_who_work_here_leads_to_the_panel(cast: Cast) -> None:
    """R4.43: agents to their tasks, heads to what waits for their decision."""
    starts = {name: as_(cast.people[name]).get("/").headers["Location"] for name in ("ada", "hugo")}
    assert starts == {"ada": reverse("panel:tasks"), "hugo": reverse("panel:decisions")}
    assert as_(cast.ana).get("/").headers["Location"].startswith("/panel/")


def test_home_of_a_requester_shows_first_what_waits_for_her(cast: Cast) -> None:
    walks.opened(cast, subject="Nothing to do here")
    asked = walks.asked(cast, ticket=walks.opened(cast, subject="A question was asked"))
    solved = walks.solved(cast, ticket=walks.opened(cast, subject="A solution was sent"))
    closed = walks.closed(cast, ticket=walks.opened(cast, subject="To be rated"))
    walks.cancelled(cast, ticket=walks.opened(cast, subject="Long gone"))

    response = as_(cast.rita).get("/")
    page = text_of(response)

    assert list(response.context["waiting"]) == [solved, asked]
    assert page.index("Approve the solution or return it") < page.index("Nothing to do here")
    assert page.index("Answer a question") < page.index("Nothing to do here")
    assert page.index("Say how our service was") < page.index("Nothing to do here")
    assert f"#{closed.number}" in page
    assert "Long gone" not in page


def test_home_before_closing_shows_the_rating_once(cast: Cast) -> None:
    ticket = walks.awaiting_rating(cast)
    page = text_of(as_(cast.rita).get("/"))
    assert page.count(f"#{ticket.number}") == 1
    assert "Say how our service was" in page


def test_home_of_a_new_requester_says_what_will_be_here(cast: Cast) -> None:
    page = text_of(as_(cast.rita).get("/"))
    assert "Nothing waits for you." in page
    assert "No open ticket" in page


# --- my tickets


def test_tickets_lists_own_ones_only_and_by_tab(cast: Cast) -> None:
    first, second = walks.opened(cast), walks.opened(cast)
    ended = walks.cancelled(cast)
    walks.opened(cast, by=cast.cora)

    client = as_(cast.rita)
    assert [t.number for t in client.get("/tickets/").context["tickets"]] == [second.number, first.number]
    assert [t.number for t in client.get("/tickets/?show=closed").context["tickets"]] == [ended.number]


def test_tickets_of_an_agent_shows_her_own(cast: Cast) -> None:
    walks.opened(cast)
    own = walks.opened(cast, by=cast.ada)
    assert [t.number for t in as_(cast.ada).get("/tickets/").context["tickets"]] == [own.number]


def test_search_finds_words_and_numbers_in_own_tickets_only(cast: Cast) -> None:
    mine = walks.opened(cast, subject="The kettle", description="It whistles in the archive.")
    walks.opened(cast, by=cast.cora, subject="The kettle", description="It whistles too.")
    other = walks.opened(cast)
    walks.cancelled(cast, ticket=other)

    client = as_(cast.rita)
    found = {
        words: [t.number for t in client.get("/tickets/", {"q": words}).context["tickets"]]
        for words in ("kettle", "whistling archive", f"#{other.number}", str(mine.number), "nowhere", "9" * 30, "\x00")
    }
    assert found == {
        "kettle": [mine.number],
        "whistling archive": [mine.number],
        f"#{other.number}": [other.number],
        str(mine.number): [mine.number],
        "nowhere": [],
        "9" * 30: [],
        "\x00": [],
    }


def test_search_in_internal_notes_finds_nothing(cast: Cast) -> None:
    ticket = walks.started(cast)
    tickets.actions.note(ticket=ticket, by=cast.ada, text="She always forgets the xylophone.")
    assert as_(cast.rita).get("/tickets/", {"q": "xylophone"}).context["tickets"] == []


def test_pages_go_by_key_there_and_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.views.portal.PAGE_SIZE", 2)
    numbers = [walks.opened(cast).number for _ in range(5)][::-1]
    client = as_(cast.rita)

    def page(address: str) -> tuple[list[int], bool, bool]:
        context = client.get(address).context
        return [t.number for t in context["tickets"]], context["newer"] is not None, context["older"] is not None

    assert page("/tickets/") == (numbers[:2], False, True)
    assert page(f"/tickets/?before={numbers[1]}") == (numbers[2:4], True, True)
    assert page(f"/tickets/?before={numbers[3]}") == (numbers[4:], True, False)
    assert page(f"/tickets/?after={numbers[4]}") == (numbers[2:4], True, True)
    assert page(f"/tickets/?after={numbers[2]}") == (numbers[:2], False, True)
    assert page("/tickets/?before=nonsense") == (numbers[:2], False, True)


# --- one ticket


@pytest.mark.parametrize(
    ("status", "writes", "others"),
    [
        ("awaiting_distribution", "write", ["cancel"]),
        ("assigned", "write", ["cancel"]),
        ("in_service", "write", ["cancel"]),
        ("awaiting_requester", "answer", ["cancel"]),
        ("awaiting_approval", "return_solution", ["approve", "cancel"]),
        ("awaiting_rating", "write", ["cancel"]),
        ("closed", None, []),
        ("cancelled", None, []),
    ],
)
def test_ticket_offers_what_its_requester_can_do_now(
    cast: Cast, status: str, writes: str | None, others: list[str]
) -> None:
    ticket = walks.to(status, cast)
    response = as_(cast.rita).get(f"/tickets/{ticket.number}/")
    wanted = {f"/tickets/{ticket.number}/{verb}/" for verb in [*others, *([writes] if writes else [])]}
    assert set(re.findall(rf'"(/tickets/{ticket.number}/\w+/)"', response.content.decode())) == wanted


@pytest.mark.parametrize(
    ("status", "current"),
    [
        ("awaiting_distribution", "Service"),
        ("awaiting_requester", "Service"),
        ("awaiting_approval", "Solution approval"),
        ("awaiting_rating", "Solution approval"),
        ("closed", "End"),
    ],
)
def test_ticket_marks_the_current_activity(cast: Cast, status: str, current: str) -> None:
    ticket = walks.to(status, cast)
    page = as_(cast.rita).get(f"/tickets/{ticket.number}/").content.decode()
    marked = re.findall(r'aria-current="step"><span class="strip__word">([^<]+)', page)
    assert marked == [current]


def test_ticket_shows_every_pass_of_the_process(cast: Cast) -> None:
    ticket = walks.solved(cast)
    tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="Still burning.")
    ticket = walks.solved(cast, ticket=Ticket.objects.get())
    passes = history(ticket, reader=cast.rita, for_requester=True).passes
    assert [(one.activity, one.nth) for one in passes] == [
        ("start", 1),
        ("service", 1),
        ("approval", 1),
        ("service", 2),
        ("approval", 2),
    ]
    page = text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))
    assert "Service · pass 2" in page
    assert "Solution approval · pass 2" in page


def test_ticket_awaiting_approval_says_when_silence_approves(cast: Cast) -> None:
    sent = timezone.now().replace(microsecond=0)
    ticket = walks.solved(cast, at=sent)
    page = text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))
    due = sent + timedelta(days=2)
    words = f"the solution counts as approved on {due.day} {due:%B %Y, %H:%M} UTC"
    assert words in page
    assert "Writing now returns the ticket to Ada Alves" in page
    assert page.count("We put it out.") == 1


def test_ticket_awaiting_approval_without_period_says_that_it_stays_open(cast: Cast) -> None:
    cast.rules(approval_period=timedelta(0))
    ticket = walks.solved(cast)
    page = text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))
    assert "The ticket stays open until you answer." in page
    assert "counts as approved" not in page


def test_ticket_approved_by_the_clock_says_so(cast: Cast) -> None:
    ticket = walks.solved(cast, at=timezone.now() - timedelta(days=3))
    tickets.actions.approve_automatically(ticket=ticket, by=CLOCK)
    page = text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))
    assert "System approved automatically: no answer came within the period" in page


def test_ticket_keeps_all_solutions_in_order(cast: Cast) -> None:
    ticket = walks.started(cast)
    for text in ("First cure", "Second cure"):
        ticket = tickets.actions.send_solution(ticket=ticket, by=cast.ada, text=text)
        ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text=f"{text} failed")
    page = text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))
    order = [page.index(words) for words in ("First cure ", "First cure failed", "Second cure ", "Second cure failed")]
    assert order == sorted(order)
    assert page.count("returned") >= 2


def test_ticket_shows_no_internal_note_and_no_private_event(cast: Cast) -> None:
    ticket = walks.opened(cast)
    tickets.actions.note(ticket=ticket, by=cast.ada, text="Beware of this customer")
    tickets.actions.alert(ticket=ticket, by=CLOCK)
    tickets.actions.note(ticket=walks.started(cast, ticket=Ticket.objects.get()), by=cast.hugo, text="Secret plan")
    client = as_(cast.rita)
    for address in ("/", "/tickets/", f"/tickets/{ticket.number}/"):
        page = text_of(client.get(address))
        assert [words for words in ("Beware", "Secret plan", "found nobody", "Hugo") if words in page] == []


def test_ticket_escapes_what_people_wrote(cast: Cast) -> None:
    ticket = walks.opened(
        cast, subject="<script>alert(1)</script>", description="<img src=x onerror=alert(2)>\n\nsecond & last"
    )
    page = as_(cast.rita).get(f"/tickets/{ticket.number}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in page


def test_every_visible_event_has_words_for_readers() -> None:
    """Moves that say nothing in the conversation are told by a sentence, those beside the ticket too."""
    silent = {verb for verb, move in {**MOVES, **approvals.lifecycle.MOVES}.items() if move.says is None}
    assert set(EVENT_WORDS) == set(EVENT_ICONS) == silent


# --- moves


def test_write_sends_words_and_file_and_returns_to_the_ticket(cast: Cast) -> None:
    ticket = walks.started(cast)
    client = as_(cast.rita)
    response = client.post(
        f"/tickets/{ticket.number}/write/", {"text": "One thing more", "files": [a_file("more.txt")]}, follow=True
    )
    assert response.redirect_chain == [(f"/tickets/{ticket.number}/", 302)]
    page = text_of(response)
    assert "Your message was sent to Ada Alves." in page
    assert "One thing more" in page
    assert page.count("more.txt") == 2


def test_answer_puts_the_ticket_back_into_service(cast: Cast) -> None:
    ticket = walks.asked(cast)
    as_(cast.rita).post(f"/tickets/{ticket.number}/answer/", {"text": "The big one."})
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_SERVICE


def test_approve_closes_and_offers_the_survey(cast: Cast) -> None:
    ticket = walks.solved(cast)
    response = as_(cast.rita).post(f"/tickets/{ticket.number}/approve/", follow=True)
    assert "You approved the solution. Thank you." in text_of(response)
    assert re.search(r'href="/surveys/[^"]+"', response.content.decode())


def test_return_without_text_is_refused_beside_the_text(cast: Cast) -> None:
    ticket = walks.solved(cast)
    response = as_(cast.rita).post(f"/tickets/{ticket.number}/return_solution/", {"text": " "})
    assert response.status_code == 422
    assert 'href="#composer-text"' in response.content.decode()
    assert "Write something: the text is needed." in text_of(response)
    ticket.refresh_from_db()
    assert ticket.status == Status.AWAITING_APPROVAL


def test_write_overtaken_by_a_solution_keeps_the_words_and_says_what_they_do_now(cast: Cast) -> None:
    ticket = walks.solved(cast)
    response = as_(cast.rita).post(f"/tickets/{ticket.number}/write/", {"text": "Typed before the solution came"})
    assert response.status_code == 422
    page = text_of(response)
    assert "This is not possible now" in page
    assert "Writing now returns the ticket" in page
    assert re.search(r"<textarea[^>]*>Typed before the solution came</textarea>", response.content.decode())


def test_write_to_an_ended_ticket_shows_the_words_again(cast: Cast) -> None:
    ticket = walks.cancelled(cast)
    response = as_(cast.rita).post(f"/tickets/{ticket.number}/write/", {"text": "Too late, but long"})
    assert response.status_code == 422
    assert "Too late, but long" in text_of(response)


def test_write_with_a_bad_file_keeps_the_words_and_says_that_the_file_is_gone(cast: Cast) -> None:
    ticket = walks.started(cast)
    response = as_(cast.rita).post(
        f"/tickets/{ticket.number}/write/", {"text": "See the file", "files": [a_file("x.exe")]}
    )
    page = text_of(response)
    assert "“x.exe” is a program" in page
    assert "Please choose your files again" in page
    assert ">See the file</textarea>" in response.content.decode()
    assert Message.objects.filter(kind=Message.Kind.MESSAGE).count() == 0


def test_write_after_an_unread_reply_is_told_of_it_first_and_then_sent(cast: Cast) -> None:
    ticket = walks.started(cast)
    client = as_(cast.rita)
    seen = client.get(f"/tickets/{ticket.number}/").context["history"].last_seen
    tickets.actions.note(ticket=ticket, by=cast.ada, text="Nothing of Rita's")
    assert client.post(f"/tickets/{ticket.number}/write/", {"text": "One", "seen": seen}).status_code == 302

    seen = client.get(f"/tickets/{ticket.number}/").context["history"].last_seen
    tickets.actions.reply(ticket=ticket, by=cast.ada, text="It is done already")
    response = client.post(f"/tickets/{ticket.number}/write/", {"text": "Any news?", "seen": seen})
    assert response.status_code == 422
    assert "Ada Alves wrote meanwhile." in text_of(response)
    assert re.search(r"<textarea[^>]*>Any news\?</textarea>", response.content.decode())

    seen = response.context["history"].last_seen
    assert client.post(f"/tickets/{ticket.number}/write/", {"text": "Thanks", "seen": seen}).status_code == 302
    assert list(Message.objects.filter(author=cast.rita).values_list("text", flat=True))[1:] == ["One", "Thanks"]


def test_long_history_is_shown_in_parts_and_can_still_be_approved(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.views.portal._ENTRIES", 3)
    ticket = walks.solved(cast)
    for count in range(4):
        tickets.actions.reply(ticket=ticket, by=cast.ada, text=f"More {count}")
    client = as_(cast.rita)
    response = client.get(f"/tickets/{ticket.number}/")
    page = text_of(response)
    assert [f"More {count}" in page for count in range(4)] == [False, True, True, True]
    assert f"/tickets/{ticket.number}/approve/" in response.content.decode()

    earlier = client.get(f"/tickets/{ticket.number}/?before={response.context['history'].earlier}")
    page = text_of(earlier)
    assert ("We put it out." in page, "More 0" in page, "More 1" in page) == (True, True, False)
    assert 'id="composer"' not in earlier.content.decode()


def test_cancel_asks_first_and_takes_an_optional_reason(cast: Cast) -> None:
    ticket = walks.started(cast)
    client = as_(cast.rita)
    assert "Cancel this ticket?" in text_of(client.get(f"/tickets/{ticket.number}/cancel/"))
    ticket.refresh_from_db()
    assert ticket.status == Status.IN_SERVICE

    response = client.post(f"/tickets/{ticket.number}/cancel/", {"text": "Found it myself"}, follow=True)
    assert "The ticket is cancelled." in text_of(response)
    event = Event.objects.get(verb="cancel")
    assert (event.comment, event.actor) == ("Found it myself", cast.rita)


def test_cancel_of_an_ended_ticket_leads_back_or_is_refused(cast: Cast) -> None:
    ticket = walks.closed(cast)
    client = as_(cast.rita)
    assert client.get(f"/tickets/{ticket.number}/cancel/").headers["Location"] == f"/tickets/{ticket.number}/"
    response = client.post(f"/tickets/{ticket.number}/cancel/", {"text": ""})
    assert (response.status_code, "This ticket has ended: it is closed." in text_of(response)) == (422, True)


def test_get_of_a_move_changes_nothing_and_shows_the_ticket(cast: Cast) -> None:
    ticket = walks.solved(cast)
    client = as_(cast.rita)
    for verb in ("approve", "return_solution", "write", "answer"):
        assert client.get(f"/tickets/{ticket.number}/{verb}/").headers["Location"] == f"/tickets/{ticket.number}/"
    assert Ticket.objects.get().status == Status.AWAITING_APPROVAL


def test_move_that_is_not_the_requesters_is_not_found(cast: Cast) -> None:
    ticket = walks.opened(cast, by=cast.ada)  # who could take tickets, but not through this door
    client = as_(cast.ada)
    answers = {
        verb: client.post(f"/tickets/{ticket.number}/{verb}/", {"text": "x"}).status_code
        for verb in ("assume", "start", "note", "open", "rate", "assign", "nonsense", "objects")
    }
    assert answers == dict.fromkeys(answers, 404)


# --- strangers


@pytest.mark.parametrize("status", ["in_service", "awaiting_approval"])
def test_others_get_404_for_a_ticket_and_all_its_moves(cast: Cast, status: str) -> None:
    ticket = walks.to(status, cast)
    verbs = [verb for verb, move in MOVES.items() if Who.REQUESTER in move.who]
    answers = {}
    for name in ("eve", "cora", "max", "petra", "ada", "hugo", "ana"):
        client = as_(cast.people[name])
        answers[name] = {client.get(f"/tickets/{ticket.number}/").status_code}
        for verb in verbs:
            answers[name].add(client.get(f"/tickets/{ticket.number}/{verb}/").status_code)
            answers[name].add(client.post(f"/tickets/{ticket.number}/{verb}/", {"text": "I want this"}).status_code)
    # A parent organization's manager reads what its branches ask for, and moves none of it (R2.44).
    assert answers == {name: {404} for name in answers} | {"petra": {200, 404}}
    assert Ticket.objects.get().status == status


def test_eve_finds_nothing_of_ritas(cast: Cast) -> None:
    ticket = walks.opened(cast, subject="Confidential merger")
    client = as_(cast.eve)
    pages = [
        client.get("/"),
        client.get("/tickets/"),
        client.get("/tickets/", {"q": "merger"}),
        client.get("/tickets/", {"q": str(ticket.number)}),
        client.get(NEW, {"subject": "Confidential merger"}, headers={"HX-Request": "true", "HX-Target": "lookalikes"}),
    ]
    assert [response.status_code for response in pages] == [200] * 5
    assert [text_of(response).count(f"#{ticket.number}") for response in pages] == [0, 0, 0, 0, 0]


def test_signed_out_people_are_led_to_sign_in(cast: Cast) -> None:
    ticket = walks.opened(cast)
    for address in ("/tickets/", NEW, f"/tickets/{ticket.number}/", f"/tickets/{ticket.number}/write/"):
        assert Client().get(address).headers["Location"] == f"/account/login/?next={address}"


# --- queries


@pytest.mark.parametrize("address", ["/", "/tickets/", "/tickets/?show=closed", "/tickets/?q=printer", NEW])
def test_lists_need_as_many_queries_for_three_rows_as_for_one(cast: Cast, address: str) -> None:
    client, counts = as_(cast.rita), []
    for rows in (1, 2):
        for _ in range(rows):
            for status in sorted(OPEN - {Status.AWAITING_RATING}):
                walks.to(status, cast)
            walks.closed(cast)
        counts.append(queries_of(client, address))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_ticket_needs_as_many_queries_for_three_messages_as_for_one(cast: Cast) -> None:
    ticket, client, counts = walks.started(cast), as_(cast.rita), []
    for messages in (1, 2):
        for number in range(messages):
            files = [a_file(f"{messages}-{number}-{copy}.txt") for copy in range(2)]
            tickets.actions.write(ticket=ticket, by=cast.rita, text="More", files=files)
            tickets.actions.reply(ticket=ticket, by=cast.ada, text="Thanks", files=[a_file("thanks.txt")])
        counts.append(queries_of(client, f"/tickets/{ticket.number}/"))
    assert counts[0] == counts[1]
    assert counts[0] <= 15
