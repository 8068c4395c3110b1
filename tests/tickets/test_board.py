"""The board: its columns, its cards, what can be done with them, and what it costs (R4.37 to R4.39)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import tickets.actions
from helpdesk.people.actions import join_department
from helpdesk.people.models import Department, User
from tests import walks
from tests.cast import Cast
from tickets.lifecycle import COLUMNS, MOVES, OPEN, Status
from tickets.models import Ticket

from .plenty import BEGAN, analyse, customers, many, scans_of

pytestmark = pytest.mark.django_db

COSTS = {"ada": 8, "hugo": 9, "ana": 10}
BOARD = "/panel/board/"
ALL = f"{BOARD}?kept=1&whose=all"


def entered(person: User) -> Client:
    window = Client()
    window.force_login(person)
    return window


def board_of(person: User, path: str = BOARD) -> Any:
    answer = entered(person).get(path)
    assert answer.status_code == 200
    return answer


def shown(answer: Any) -> dict[str, list[int]]:
    """The numbers of the columns that have any."""
    return {one.name: [card.number for card in one.cards] for one in answer.context["columns"] if one.cards}


def card_of(answer: Any, ticket: Ticket) -> Any:
    return next(card for one in answer.context["columns"] for card in one.cards if card.number == ticket.number)


def steps_of(answer: Any, ticket: Ticket) -> dict[str, str]:
    """What the card's menu offers: verb and column."""
    return {step.verb: step.to for step in card_of(answer, ticket).way.steps}


def asked_for_line_2(cast: Cast) -> Ticket:
    return tickets.actions.request_line_change(ticket=walks.started(cast), by=cast.ada, text="Needs the network team.")


# --- columns


def test_columns_cover_every_open_status_once() -> None:
    """R4.38: six columns, from the lifecycle's own table."""
    assert [name for name, _label, _statuses in COLUMNS] == [
        "distribution", "assigned", "service", "decision", "checking", "rating",
    ]  # fmt: skip
    covered = [status for _name, _label, statuses in COLUMNS for status in statuses]
    assert sorted(covered) == sorted(OPEN)


def test_every_status_stands_in_its_column(cast: Cast) -> None:
    """R4.37: open tickets of the department; what ended is gone."""
    made = {
        "distribution": [walks.opened(cast)],
        "assigned": [walks.assumed(cast)],
        "service": [walks.started(cast), walks.asked(cast)],
        "decision": [asked_for_line_2(cast)],
        "checking": [walks.solved(cast)],
        "rating": [walks.awaiting_rating(cast)],
    }
    walks.cancelled(cast)
    walks.opened(cast, department=cast.other_department, service=cast.other_service)
    expected = {name: [ticket.number for ticket in there] for name, there in made.items()}
    assert shown(board_of(cast.bob, ALL)) == expected
    assert shown(board_of(cast.ada, ALL)) == expected


def test_card_shows_what_is_asked_for(cast: Cast) -> None:
    """R4.38: number, short content, priority, client, executor, line, the time left of the running deadline."""
    ticket = walks.solved(cast, ticket=walks.started(cast, ticket=walks.opened(cast, priority="urgent")))
    html = board_of(cast.bob, ALL).content.decode()
    card = html[html.index(f'id="card-{ticket.number}"') :].partition("</li>")[0]
    for words in (
        f"#{ticket.number}",
        "Printer is on fire",
        "urgent",
        "Rita Ramos · Horizonte Sul",
        "Ada Alves",
        "line 1",
    ):
        assert words in card, words
    assert "deadline" in card
    assert "avatar" in card
    assert 'class="board-card board-card--urgent"' in html


def test_cards_stand_nearest_deadline_first_then_by_age(cast: Cast) -> None:
    now = timezone.now()
    late, soon = walks.solved(cast, at=now - timedelta(hours=1)), walks.solved(cast, at=now - timedelta(hours=40))
    first, second = walks.started(cast), walks.asked(cast)
    third = walks.started(cast)
    answer = board_of(cast.ada)
    assert shown(answer) == {
        "service": [first.number, second.number, third.number],
        "checking": [soon.number, late.number],
    }


def test_reminders_are_no_deadlines(cast: Cast) -> None:
    """A9, R4.16: where people are only reminded, no time runs out, and age decides."""
    cast.rules(approval_period=timedelta(0), decision_reminder=timedelta(hours=4))
    now = timezone.now()
    later, sooner = walks.solved(cast, at=now), walks.solved(cast, at=now - timedelta(hours=30))
    asked = asked_for_line_2(cast)
    answer = board_of(cast.hugo, ALL)
    assert shown(answer) == {"decision": [asked.number], "checking": [later.number, sooner.number]}
    assert [str(card_of(answer, ticket).deadline) for ticket in (asked, later, sooner)] == [""] * 3


def test_column_shows_the_first_cards_and_says_how_many_more(cast: Cast) -> None:
    """Issue's point "Board": never a full count."""
    made = many(cast, 25, lambda index: {"executor": cast.ada})
    many(cast, 225)
    answer = board_of(cast.ada)
    by_name = {one.name: one for one in answer.context["columns"]}
    assert shown(answer)["assigned"] == [ticket.number for ticket in made[:20]]
    assert (by_name["assigned"].count, by_name["assigned"].more) == ("25", "5")
    assert (by_name["distribution"].count, by_name["distribution"].more) == ("200+", "200+")
    html = answer.content.decode()
    assert "5 more in the queue" in html
    assert "200+ more in the queue" in html


@pytest.mark.parametrize("name", [name for name, _label, _statuses in COLUMNS])
def test_column_leads_to_the_same_tickets_in_the_queue(cast: Cast, name: str) -> None:
    for walk in (walks.opened, walks.assumed, walks.started, walks.asked, asked_for_line_2, walks.solved):
        walk(cast)
    walks.started(cast, by=cast.bob)
    walks.awaiting_rating(cast)
    for path in (BOARD, ALL):
        answer = board_of(cast.ada, path)
        column = next(one for one in answer.context["columns"] if one.name == name)
        html = entered(cast.ada).get(column.queue).content
        listed = [int(number) for number in re.findall(rb'<td class="list__no">#(\d+)</td>', html)]
        assert sorted(listed) == sorted(card.number for card in column.cards), path


# --- whose


def test_board_is_mine_at_first(cast: Cast) -> None:
    """R4.38: mine is what I serve, could take or give, and decide; the address says when it is all."""
    hers, his = walks.started(cast), walks.started(cast, by=cast.bob)
    new, second_line = walks.opened(cast), walks.opened(cast)
    Ticket.objects.filter(pk=second_line.pk).update(line=2)
    asked = asked_for_line_2(cast)
    assert shown(board_of(cast.ada)) == {
        "distribution": [new.number], "service": [hers.number], "decision": [asked.number],
    }  # fmt: skip
    assert shown(board_of(cast.bob)) == {"distribution": [new.number], "service": [his.number]}
    assert shown(board_of(cast.otto)) == {"distribution": [second_line.number]}
    assert shown(board_of(cast.hugo)) == {
        "distribution": [new.number, second_line.number], "decision": [asked.number],
    }  # fmt: skip
    everything = {
        "distribution": [new.number, second_line.number],
        "service": [hers.number, his.number],
        "decision": [asked.number],
    }
    assert shown(board_of(cast.otto, ALL)) == everything
    # Whoever serves nowhere has nothing of his own here, so he is not asked.
    answer = board_of(cast.ana)
    assert shown(answer) == everything
    assert "whose" not in {one.name for one in answer.context["filters"].all}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("priority=urgent", ["urgent"]),
        ("line=2", ["second line"]),
        ("line=7&priority=x", ["new", "second line", "urgent"]),
    ],
)
def test_board_filters_stand_in_the_address(cast: Cast, query: str, expected: list[str]) -> None:
    made = {
        "new": walks.opened(cast),
        "second line": walks.opened(cast),
        "urgent": walks.opened(cast, priority="urgent"),
    }
    Ticket.objects.filter(pk=made["second line"].pk).update(line=2)
    found = shown(board_of(cast.ada, f"{ALL}&{query}"))
    assert sorted(found["distribution"]) == sorted(made[name].number for name in expected)


def test_board_of_one_department_among_several(cast: Cast) -> None:
    join_department(department=cast.other_department, user=cast.ada, line=1)
    walks.opened(cast)
    elsewhere = walks.opened(cast, department=cast.other_department, service=cast.other_service)
    found = shown(board_of(cast.ada, f"{BOARD}?kept=1&department={cast.other_department.pk}"))
    assert found == {"distribution": [elsewhere.number]}
    # The address of a department that is not one's own shows nothing of it.
    assert elsewhere.number not in shown(board_of(cast.bob, f"{ALL}&department={cast.other_department.pk}")).get(
        "distribution", []
    )


def test_board_comes_back_with_the_filters_of_the_last_visit(cast: Cast) -> None:
    window = entered(cast.ada)
    window.get(f"{ALL}&priority=urgent")
    assert window.get(BOARD).headers["Location"] == f"{ALL}&priority=urgent"
    window.get(f"{BOARD}?kept=1")
    assert window.get(BOARD).status_code == 200


def test_empty_board_says_what_to_do(cast: Cast) -> None:
    walks.started(cast, by=cast.bob)
    html = board_of(cast.ada).content.decode()
    assert "Nothing here is yours" in html
    assert f'href="{BOARD}?kept=1&amp;whose=all"' in html
    assert "data-board" not in html


# --- moves


def test_cards_offer_the_moves_that_their_reader_may_make(cast: Cast) -> None:
    """R4.39: targets follow from the moves table and the reader's rights, each with the column it leads to."""
    new, assigned, served = walks.opened(cast), walks.assumed(cast), walks.started(cast)
    asked = asked_for_line_2(cast)
    ada = board_of(cast.ada, ALL)
    assert steps_of(ada, new) == {"assume": "assigned"}
    assert steps_of(ada, assigned)["start"] == "service"
    found = steps_of(ada, served)
    assert found["send_solution"] == "checking"
    assert found["ask"] == "service"
    assert found["request_line_change"] == "decision"
    assert found["cancel"] == ""
    hugo = board_of(cast.hugo, ALL)
    assert steps_of(hugo, new)["give"] == "assigned"
    assert steps_of(hugo, assigned)["hand_over"] == "assigned"
    decided = steps_of(hugo, asked)
    assert (decided["approve_line_change"], decided["return_line_change"]) == ("distribution", "service")
    assert steps_of(board_of(cast.bob, ALL), served) == {}


def test_closing_leaves_the_board_where_no_head_is_needed(cast: Cast) -> None:
    """A28: the same verb leads to the heads or off the board, as the department has it."""
    cast.rules(support_lines=1)
    ticket = walks.started(cast)
    assert steps_of(board_of(cast.ada), ticket)["request_closing"] == "decision"
    cast.rules(closing_without_solution_needs_head=False)
    assert steps_of(board_of(cast.ada), ticket)["request_closing"] == ""


def test_decision_leads_to_distribution_where_the_executor_is_gone(cast: Cast) -> None:
    """A11: what is returned to somebody who serves there no more waits in its line instead."""
    asked, other = (
        asked_for_line_2(cast),
        tickets.actions.request_line_change(ticket=walks.started(cast, by=cast.bob), by=cast.bob, text="Needs more."),
    )
    cast.deactivate(cast.bob)
    answer = board_of(cast.hugo)
    assert steps_of(answer, asked)["return_line_change"] == "service"
    assert steps_of(answer, other)["return_line_change"] == "distribution"


def test_columns_that_no_move_leads_to_say_why(cast: Cast) -> None:
    """R4.39: every other drop is refused with a sentence."""
    cast.rules(distribution_mode=Department.DistributionMode.PUSH)
    new = walks.opened(cast)
    served = walks.started(cast)
    answer = board_of(cast.bob, ALL)
    refusals = json.loads(answer.context["refusals"])
    pooled = refusals[card_of(answer, new).way.number]
    assert pooled["assigned"] == "In this department tickets are given to agents; they cannot be taken."
    assert pooled["rating"] == "No step leads from “awaiting distribution” to “Awaiting rating”."
    assert refusals[card_of(answer, served).way.number]["checking"] == "Only the executor of the ticket can do this."
    for one in answer.context["columns"]:
        for card in one.cards:
            reached = {step.to for step in card.way.steps} | {one.name}
            assert set(card.way.refusals) | reached >= {name for name, _label, _statuses in COLUMNS}


def test_menus_are_links_and_forms_that_work_without_script(cast: Cast) -> None:
    """R4.39, look.md: a move without words is one press, others lead to their own page and come back."""
    new, assigned, served = walks.opened(cast), walks.assumed(cast), walks.started(cast)
    window = entered(cast.ada)
    html = window.get(ALL).content.decode()
    assert f'form="board-form" formaction="/panel/tickets/{new.number}/assume/"' in html
    assert f'href="/panel/tickets/{assigned.number}/cancel/?next=%2Fpanel%2Fboard%2F%3Fkept%3D1%26whose%3Dall"' in html
    assert f'href="/panel/tickets/{served.number}/?mode=solution#composer"' in html
    page = window.get(f"/panel/tickets/{served.number}/?mode=solution")
    assert re.search(rb'value="solution"[^>]*checked', page.content)
    answer = window.post(f"/panel/tickets/{assigned.number}/start/", {"next": ALL})
    assert answer.headers["Location"] == ALL
    assigned.refresh_from_db()
    assert assigned.status == Status.IN_SERVICE
    # Who comes too late reads why, on the board again.
    late = entered(cast.bob).post(f"/panel/tickets/{new.number}/assume/", {"next": ALL})
    assert late.headers["Location"] == ALL
    answer = window.post(f"/panel/tickets/{new.number}/assume/", {"next": ALL}, follow=True)
    assert answer.redirect_chain[-1][0] == ALL
    assert b"notice--error" in answer.content


def test_every_way_names_moves_of_the_table(cast: Cast) -> None:
    for walk in (walks.opened, walks.assumed, walks.started, walks.asked, asked_for_line_2, walks.solved):
        walk(cast)
    for person in (cast.ada, cast.hugo, cast.ana):
        for one in board_of(person, ALL).context["columns"]:
            for card in one.cards:
                for step in card.way.steps:
                    assert MOVES[step.verb].target is not None
                    assert step.is_posted == (step.verb in {"assume", "start"})


# --- what it costs


@pytest.mark.parametrize("name", ["ada", "hugo", "ana"])
@pytest.mark.parametrize("count", [1, 3])
def test_board_costs_the_same_for_one_card_and_for_three(cast: Cast, name: str, count: int) -> None:
    """Issue's point 4."""
    for _ in range(count):
        for walk in (walks.opened, walks.started, asked_for_line_2, walks.solved):
            walk(cast)
    window = entered(cast.people[name])
    window.get(ALL)
    with CaptureQueriesContext(connection) as seen:
        assert window.get(ALL).status_code == 200
    assert len(seen) == COSTS[name], [one["sql"] for one in seen]


def test_board_never_reads_the_whole_table(cast: Cast) -> None:
    """design.md, section 6: with enough data, no plan of the board scans the table of tickets."""
    people = customers(300)
    many(
        cast,
        2800,
        lambda index: {"closed_at": BEGAN + timedelta(minutes=index), "requester": people[index % 300]},
    )
    many(cast, 200, lambda index: {"executor": cast.ada if index % 2 else None})
    analyse()
    for person in (cast.ada, cast.hugo, cast.ana):
        window = entered(person)
        for path in (BOARD, ALL, f"{ALL}&priority=urgent&line=1"):
            with CaptureQueriesContext(connection) as seen:
                assert window.get(path).status_code in {200, 302}
            assert scans_of([one["sql"] for one in seen]) == [], (person.name, path)
