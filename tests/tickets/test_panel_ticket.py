"""The ticket in the panel: who sees it, what is shown, which buttons stand there, and what pressing them does."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

import tickets.actions
from helpdesk.people.actions import join_department
from helpdesk.people.models import Department, User
from tests import walks
from tests.cast import Cast, a_file, leave_department
from tickets.lifecycle import Status
from tickets.models import Event, Message, Ticket

from .plenty import a_long_talk

pytestmark = pytest.mark.django_db
S = Status


def as_(person: User) -> Client:
    window = Client()
    window.force_login(person)
    return window


def path_of(ticket: Ticket, verb: str = "") -> str:
    return f"/panel/tickets/{ticket.number}/" + (f"{verb}/" if verb else "")


def page(person: User, ticket: Ticket, query: str = "") -> str:
    answer = as_(person).get(path_of(ticket) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def text_of(answer: HttpResponse) -> str:
    """What is read on the page, without the marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def context(person: User, ticket: Ticket) -> dict[str, Any]:
    """The buttons, the modes of the writing box and the menu that ``person`` finds."""
    found = as_(person).get(path_of(ticket)).context
    return {
        "buttons": [(str(one["label"]), str(one["reason"] or "")) for one in found["buttons"]],
        "modes": [one["value"] for one in found["modes"]],
        "menu": [str(one["label"]) for one in found["menu"]],
    }


def said(ticket: Ticket) -> list[tuple[str, str]]:
    return list(Message.objects.filter(ticket=ticket).order_by("pk").values_list("kind", "text"))


# --- who sees it


def test_ticket_is_seen_by_those_who_serve_it_and_by_nobody_else(cast: Cast) -> None:
    """R1.43, R6.26: out of sight is 404, also for its moves; a requester is not let into the panel at all (403)."""
    ticket = walks.assumed(cast)
    seen = {name: as_(person).get(path_of(ticket)).status_code for name, person in cast.people.items()}
    assert seen == {
        "rita": 403,
        "cora": 403,
        "max": 403,
        "petra": 403,
        "eve": 403,
        "ada": 200,
        "bob": 200,
        "otto": 200,
        "hugo": 200,
        "nora": 404,
        "ana": 200,
    }
    for verb in ("note", "assume", "cancel"):
        assert as_(cast.nora).post(path_of(ticket, verb), {"text": "Hm"}).status_code == 404
        assert as_(cast.eve).post(path_of(ticket, verb), {"text": "Hm"}).status_code == 403
    assert Event.objects.filter(ticket=ticket).count() == 2


def test_ticket_stays_in_sight_of_its_executor_who_changed_departments(cast: Cast) -> None:
    ticket = walks.started(cast)
    leave_department(cast.department, cast.ada)
    leave_department(cast.other_department, cast.nora)
    join_department(department=cast.other_department, user=cast.ada, line=1)
    found = page(cast.ada, ticket)
    assert "composer" in found
    assert f"/panel/departments/{cast.department.pk}/" not in found


def test_ticket_that_does_not_exist_is_not_found(cast: Cast) -> None:
    assert as_(cast.ana).get("/panel/tickets/999999/").status_code == 404
    assert as_(cast.ada).post("/panel/tickets/999999/note/", {"text": "Hm"}).status_code == 404


def test_verbs_of_the_other_side_are_not_found(cast: Cast) -> None:
    """The panel has no address for what requesters and the clock do."""
    ticket = walks.solved(cast)
    verbs = ("approve", "return_solution", "write", "answer", "rate", "open", "assign", "close_unrated", "nonsense")
    assert {
        verb: as_(cast.ada).post(path_of(ticket, verb), {"text": "x"}).status_code for verb in verbs
    } == dict.fromkeys(verbs, 404)


# --- what is shown


def test_ticket_shows_everything_that_was_said_notes_included(cast: Cast) -> None:
    ticket = walks.solved(cast)
    tickets.actions.note(ticket=ticket, by=cast.hugo, text="Between us")
    text = text_of(as_(cast.bob).get(path_of(ticket)))
    for words in ("It burns since nine", "took the ticket", "started working", "We put it out.", "Between us"):
        assert words in text, words
    assert "Approved automatically" in text
    assert "47 h" in text or "1 d 23 h" in text or "2 d" in text
    assert "Between us" not in as_(cast.rita).get(f"/tickets/{ticket.number}/").content.decode()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (S.AWAITING_DISTRIBUTION, "Given to an agent automatically"),
        (S.AWAITING_APPROVAL, "Approved automatically"),
        (S.AWAITING_RATING, "Closed without a rating"),
    ],
)
def test_ticket_says_which_clock_runs(cast: Cast, status: Status, words: str) -> None:
    """R6.24: each timer is shown as the time that is left."""
    ticket = walks.to(status, cast)
    assert re.search(f'{words}</span><time class="deadline deadline--chip"', page(cast.hugo, ticket))


def test_ticket_without_a_clock_shows_none(cast: Cast) -> None:
    cast.rules(distribution_mode="pull", approval_period=timedelta(0))
    for ticket in (walks.opened(cast), walks.started(cast), walks.solved(cast)):
        assert "deadline--chip" not in page(cast.ada, ticket)


def test_ticket_marks_the_current_activity_and_the_current_status(cast: Cast) -> None:
    """R1.1, R1.41: the strip and the diagram show where the ticket is."""
    found = page(cast.ada, walks.asked(cast))
    assert re.search(r'strip__step--now" aria-current="step"><span class="strip__word">Service', found)
    assert re.search(r'diagram__node--now">.*?Awaiting requester</text>', found)
    assert found.count("diagram__node--now") == 1


def test_files_are_named_but_withheld_until_the_ticket_is_taken(cast: Cast) -> None:
    """A1: before assuming, agents see names and sizes; from then on the executor opens the files, others do not."""
    ticket = walks.opened(cast, files=[a_file("plan.txt", "secret")])
    links = {
        name: f"/folders/{ticket.number}/files/" in page(cast.people[name], ticket) for name in ("ada", "bob", "hugo")
    }
    assert links == {"ada": False, "bob": False, "hugo": True}
    assert "plan.txt" in page(cast.ada, ticket)
    walks.assumed(cast, ticket=ticket)
    links = {
        name: f"/folders/{ticket.number}/files/" in page(cast.people[name], ticket) for name in ("ada", "bob", "ana")
    }
    assert links == {"ada": True, "bob": False, "ana": True}
    assert "/attachments/" not in page(cast.bob, ticket)
    assert "plan.txt" in page(cast.bob, ticket)


def test_people_of_a_ticket_are_named_with_what_they_are(cast: Cast) -> None:
    """R1.14: requester, executor, heads, and who had it before."""
    ticket = walks.solved(cast)
    leave_department(cast.department, cast.ada)
    ticket = tickets.actions.return_solution(ticket=ticket, by=cast.rita, text="No")
    ticket = tickets.actions.assume(ticket=ticket, by=cast.bob)
    people = as_(cast.bob).get(path_of(ticket)).context["people"]
    assert [(cast.name_of(one["user"]), str(one["note"])) for one in people] == [
        ("rita", "requester · Horizonte Sul"),
        ("bob", "executor"),
        ("ada", "had it before"),
        ("hugo", "head of the department"),
    ]


def test_long_conversation_shows_its_newest_part_and_leads_back_to_all_of_it(cast: Cast) -> None:
    """230 messages: fifty at a time, each once, and no more queries than for one."""
    ticket = walks.started(cast)
    a_long_talk(ticket, 230)
    window, shown, query = as_(cast.ada), [], ""
    while True:
        answer = window.get(path_of(ticket) + query)
        history = answer.context["history"]
        shown = [entry.event.pk for entry in history.entries] + shown
        assert len(history.entries) <= 50
        assert ("composer" in answer.content.decode()) is (query == "")
        if history.earlier is None:
            break
        assert f'href="{path_of(ticket)}?before={history.earlier}"' in answer.content.decode()
        query = f"?before={history.earlier}"
    assert shown == list(ticket.events.order_by("pk").values_list("pk", flat=True))
    assert len(shown) == 233


# --- the buttons


def test_buttons_stand_in_the_order_of_the_table(cast: Cast) -> None:
    """What each person finds in each status; a move that is not his has no button at all."""
    ticket = walks.opened(cast)
    nothing: dict[str, Any] = {"buttons": [], "modes": ["note"], "menu": []}
    assert context(cast.ada, ticket) == nothing | {"buttons": [("Take", "")]}
    assert context(cast.otto, ticket) == {"buttons": [], "modes": [], "menu": []}
    assert context(cast.hugo, ticket) == nothing | {
        "buttons": [("Give to an agent", "")],
        "menu": ["Cancel ticket", "Move to the trash"],
    }
    ticket = walks.assumed(cast, ticket=ticket)
    assert context(cast.ada, ticket) == {
        "buttons": [("Start", "")],
        "modes": ["reply", "note"],
        "menu": ["Forward to another department", "Cancel ticket"],
    }
    assert context(cast.bob, ticket) == nothing
    ticket = walks.started(cast, ticket=ticket)
    asking = ["Request change of line", "Forward to another department", "Request closing without solution"]
    working = {"buttons": [], "modes": ["reply", "ask", "solution", "note"], "menu": [*asking, "Cancel ticket"]}
    assert context(cast.ada, ticket) == working
    ticket = walks.asked(cast, ticket=ticket)
    waiting = [asking[0], asking[2], "Cancel ticket"]
    assert context(cast.ada, ticket) == working | {"modes": ["reply", "solution", "note"], "menu": waiting}
    ticket = walks.solved(cast, ticket=ticket)
    assert context(cast.ada, ticket) == working | {"modes": ["reply", "note"], "menu": ["Cancel ticket"]}
    ticket = walks.closed(cast, ticket=ticket)
    assert context(cast.ada, ticket) == {"buttons": [("Finalize service engagement", "")], "modes": [], "menu": []}
    assert context(cast.ana, ticket) == {"buttons": [], "modes": [], "menu": ["Move to the trash"]}


def test_button_refused_for_now_is_disabled_with_the_reason_as_its_title(cast: Cast) -> None:
    """A2, R3.32: in sight, not to be pressed, and it says why."""
    cast.rules(distribution_mode=Department.DistributionMode.PUSH)
    reason = "In this department tickets are given to agents; they cannot be taken."
    found = page(cast.ada, walks.opened(cast))
    assert re.search(f'<button[^>]*type="button" aria-disabled="true" title="{re.escape(reason)}">', found)
    reason = "This service engagement is already finalized."
    assert f'aria-disabled="true" title="{reason}"' in page(cast.ada, walks.finalized(cast))


# --- pressing them


def test_take_start_ask_reply_solve_and_finalize_by_the_buttons(cast: Cast) -> None:
    """R1.22, R1.24, R3.8 to R3.11: the whole job through the panel's addresses, as plain forms post."""
    ticket = walks.opened(cast)
    window = as_(cast.ada)
    steps = [
        ("assume", {}, S.ASSIGNED, "The ticket is yours."),
        ("start", {}, S.IN_SERVICE, "You have started. Rita Ramos was told."),
        ("note", {"text": "Hot"}, S.IN_SERVICE, "Your note was added. Rita Ramos does not see it."),
        ("ask", {"text": "Where?"}, S.AWAITING_REQUESTER, "Your question was sent to Rita Ramos"),
        (
            "reply",
            {"text": "", "files": [a_file("map.txt")]},
            S.AWAITING_REQUESTER,
            "Your reply was sent to Rita Ramos.",
        ),
        ("send_solution", {"text": "Out."}, S.AWAITING_APPROVAL, "Your solution was sent to Rita Ramos."),
    ]
    for verb, data, status, words in steps:
        answer = window.post(path_of(ticket, verb), data, follow=True)
        assert answer.redirect_chain == [(path_of(ticket), 302)], verb
        assert words in text_of(answer), verb
        ticket.refresh_from_db()
        assert ticket.status == status, verb
    tickets.actions.approve(ticket=ticket, by=cast.rita)
    window.post(path_of(ticket, "finalize"))
    ticket.refresh_from_db()
    assert ticket.finalized_by == cast.ada
    kinds = ["opening", "note", "message", "message", "solution"]
    assert [kind for kind, _text in said(ticket)] == kinds


@pytest.mark.parametrize(
    ("verb", "data", "reason"),
    [
        ("send_solution", {"text": "  "}, "Write something: the text is needed."),
        ("ask", {"text": ""}, "Write something: the text is needed."),
        ("reply", {"text": ""}, "Write something or add a file."),
        ("note", {"text": ""}, "Write something: the text is needed."),
        ("cancel", {"text": ""}, "Give the reason."),
    ],
)
def test_move_without_its_words_comes_back_with_the_reason(
    cast: Cast, verb: str, data: dict[str, str], reason: str
) -> None:
    """A14, R1.25: 422, the mode stays chosen, and nothing has happened."""
    ticket = walks.started(cast)
    answer = as_(cast.ada).post(path_of(ticket, verb), data)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    mode = {"send_solution": "solution"}.get(verb, verb)
    if verb != "cancel":
        assert re.search(rf'value="{mode}" data-mode="{mode}"[^>]*checked', answer.content.decode())
    assert Event.objects.filter(ticket=ticket).count() == 3


@pytest.mark.parametrize("verb", ["reply", "ask", "send_solution", "note"])
def test_move_with_a_bad_file_keeps_every_word(cast: Cast, verb: str) -> None:
    """look.md: nothing typed is ever lost; what a note cannot carry is said, not dropped."""
    ticket = walks.started(cast)
    data = {"text": "A long and careful text", "files": [a_file("run.exe", b"MZ\x00\x00")]}
    answer = as_(cast.ada).post(path_of(ticket, verb), data)
    assert answer.status_code == 422
    reason = "Files cannot go with this" if verb == "note" else "is a program"
    assert reason in text_of(answer)
    assert re.search(r"<textarea[^>]*>A long and careful text</textarea>", answer.content.decode())
    assert "Please choose your files again" in text_of(answer)
    assert said(ticket)[1:] == []


def test_second_taker_reads_who_has_it(cast: Cast) -> None:
    """R1.23: exactly one wins, and the loser sees who."""
    ticket = walks.opened(cast)
    walks.assumed(cast, ticket=ticket)
    answer = as_(cast.bob).post(path_of(ticket, "assume"))
    assert answer.status_code == 422
    assert "Ada Alves already has this ticket." in text_of(answer)
    ticket.refresh_from_db()
    assert ticket.executor == cast.ada


def test_words_for_a_ticket_that_ended_meanwhile_are_shown_again(cast: Cast) -> None:
    ticket = walks.started(cast)
    window = as_(cast.ada)
    tickets.actions.cancel(ticket=ticket, by=cast.rita)
    answer = window.post(path_of(ticket, "send_solution"), {"text": "A long and careful text"})
    assert answer.status_code == 422
    assert "This ticket has ended: it is cancelled." in text_of(answer)
    assert "What you wrote was not sent A long and careful text" in text_of(answer)


def test_writer_is_told_first_what_came_meanwhile(cast: Cast) -> None:
    """look.md, section 4: who answers second is told before sending; a note needs no such word."""
    ticket = walks.started(cast)
    window = as_(cast.ada)
    seen = window.get(path_of(ticket)).context["history"].last_seen
    tickets.actions.write(ticket=ticket, by=cast.rita, text="It is out, thanks")
    answer = window.post(path_of(ticket, "send_solution"), {"text": "Try water", "seen": seen})
    assert answer.status_code == 422
    assert "Rita Ramos wrote meanwhile." in text_of(answer)
    assert re.search(r"<textarea[^>]*>Try water</textarea>", answer.content.decode())
    assert window.post(path_of(ticket, "note"), {"text": "Hm", "seen": seen}).status_code == 302
    seen = answer.context["history"].last_seen
    assert window.post(path_of(ticket, "send_solution"), {"text": "So we close", "seen": seen}).status_code == 302


@pytest.mark.parametrize("name", ["ada", "hugo", "ana"])
def test_cancel_asks_for_a_reason_on_a_page_of_its_own(cast: Cast, name: str) -> None:
    """A14: executor, head and administrator may; they give a reason, and it can be done without script."""
    ticket = walks.started(cast)
    window = as_(cast.people[name])
    assert f'href="{path_of(ticket, "cancel")}"' in window.get(path_of(ticket)).content.decode()
    asked = window.get(path_of(ticket, "cancel"))
    assert "Cancel this ticket?" in text_of(asked)
    assert ticket.events.count() == 3  # asking has done nothing
    assert window.post(path_of(ticket, "cancel"), {"text": "Twice"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.closed_by, ticket.events.last().comment) == (S.CANCELLED, cast.people[name], "Twice")


def test_asking_for_a_move_leads_to_the_ticket_and_does_nothing(cast: Cast) -> None:
    """A GET never writes: somebody came back from signing in, or a mail scanner followed a link."""
    ticket = walks.opened(cast)
    for verb in ("assume", "note", "send_solution"):
        answer = as_(cast.ada).get(path_of(ticket, verb))
        assert (answer.status_code, answer.headers["Location"]) == (302, path_of(ticket))
    ended = walks.cancelled(cast)
    assert as_(cast.ada).get(path_of(ended, "cancel")).headers["Location"] == path_of(ended)
    assert ticket.events.count() == 1


def test_bystander_cannot_make_the_executors_moves(cast: Cast) -> None:
    """In sight but refused says why; what he typed stays with him."""
    ticket = walks.started(cast)
    answer = as_(cast.bob).post(path_of(ticket, "send_solution"), {"text": "Mine"})
    assert answer.status_code == 422
    assert "Only the executor of the ticket can do this." in text_of(answer)
    assert re.search(r"<textarea[^>]*>Mine</textarea>", answer.content.decode())
    ticket.refresh_from_db()
    assert ticket.status == S.IN_SERVICE
