"""The agents' panel: who gets in, the lists and their pages, counts, costs, the department's page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import tickets.actions
from helpdesk.notifications.models import Letter
from helpdesk.people.actions import join_department
from helpdesk.people.models import Absence, Department, User
from tests import walks
from tests.cast import Cast, Clock, a_file
from tickets.models import Ticket

from .plenty import BEGAN, analyse, customers, many, scans_of

pytestmark = pytest.mark.django_db

QUEUE, CLOSED = "/panel/queue/", "/panel/closed/"


@pytest.fixture
def enter(client: Client) -> Callable[[User], Client]:
    """``enter(cast.ada)``: a client of its own, signed in."""

    def sign_in(person: User) -> Client:
        window = Client()
        window.force_login(person)
        return window

    return sign_in


def numbers_in(html: bytes) -> list[int]:
    """The tickets of a list, in their order."""
    return [int(number) for number in re.findall(rb'<td class="list__no">#(\d+)</td>', html)]


def link(html: bytes, rel: str) -> str | None:
    """Where the pager's link leads."""
    found = re.search(rb'<a class="button[^"]*" href="([^"]*)" rel="' + rel.encode() + b'"', html)
    return found[1].decode().replace("&amp;", "&") if found else None


def pages(client: Client, path: str, rel: str = "next") -> Iterator[list[int]]:
    """Page after page, following the pager's links."""
    here: str | None = path
    while here is not None:
        html = client.get(here).content
        yield numbers_in(html)
        further = link(html, rel)
        here = path.partition("?")[0] + further if further else None


def address_of_last(client: Client, path: str) -> str:
    """The address of a list's last page."""
    here = path
    while following := link(client.get(here).content, "next"):
        here = path + following
    return here


def path_of(ticket: Ticket, verb: str = "") -> str:
    return f"/panel/tickets/{ticket.number}/" + (f"{verb}/" if verb else "")


# --- who gets in


PLACES = ["/panel/", QUEUE, CLOSED, "/panel/search/", "/panel/search/?q=printer", "/panel/departments/1/"]


@pytest.mark.parametrize("path", [*PLACES, "/panel/tickets/1/", "/panel/tickets/1/cancel/"])
def test_panel_is_closed_to_requesters(cast: Cast, enter: Any, path: str) -> None:
    """R3.7: the agent area is for those who serve; a requester is told that this is not his place."""
    answer = enter(cast.rita).get(path)
    assert answer.status_code == 403
    assert b"This is the service desk" in answer.content


def test_panel_asks_strangers_to_sign_in(cast: Cast, client: Client) -> None:
    assert client.get("/panel/queue/").headers["Location"] == "/account/login/?next=/panel/queue/"


@pytest.mark.parametrize("name", ["ada", "otto", "hugo", "ana", "nora"])
def test_panel_is_open_to_agents_heads_and_administrators(cast: Cast, enter: Any, name: str) -> None:
    window = enter(cast.people[name])
    assert [window.get(path).status_code for path in PLACES[:5]] == [200] * 5


def test_panel_is_closed_to_agents_who_left(cast: Cast, enter: Any) -> None:
    window = enter(cast.nora)
    cast.other_department.is_active = False
    cast.other_department.save()
    assert window.get("/panel/").status_code == 403


# --- my tasks


def test_tasks_show_what_i_do_what_i_wait_for_and_what_is_to_be_finalized(cast: Cast, enter: Any) -> None:
    """R4.43: an agent's start page are his own tasks; what is urgent stands above, in the order of deadlines."""
    now = timezone.now()
    low = walks.started(cast, ticket=walks.opened(cast, priority="low"))
    urgent = walks.assumed(cast, ticket=walks.opened(cast, priority="urgent"))
    asked = walks.asked(cast)
    late = walks.solved(cast, at=now - timedelta(hours=1))
    soon = walks.solved(cast, at=now - timedelta(hours=40))
    ended = walks.closed(cast)
    walks.finalized(cast)
    walks.started(cast, by=cast.bob)
    answer = enter(cast.ada).get("/panel/")
    shown = {one["name"]: [row.number for row in one["rows"]] for one in answer.context["sections"]}
    assert shown == {
        "todo": [urgent.number, low.number],
        "waiting": [soon.number, late.number, asked.number],
        "finalize": [ended.number],
    }
    assert answer.context["distribution"] is None


def test_tasks_of_a_head_say_how_much_waits_for_distribution(cast: Cast, enter: Any) -> None:
    """R4.7: the head sees how much waits and the time that is left."""
    first, _second = walks.opened(cast), walks.opened(cast)
    walks.assumed(cast)
    for person, expected in ((cast.hugo, 2), (cast.ana, 2)):
        answer = enter(person).get("/panel/")
        assert answer.context["distribution"]["count"] == expected
        assert answer.context["distribution"]["next_at"] == first.timer_due_at
        assert b"Waiting for distribution: 2" in answer.content


def test_tasks_without_any_say_so_and_lead_to_the_queue(cast: Cast, enter: Any) -> None:
    html = enter(cast.ada).get("/panel/").content.decode()
    assert "Nothing waits for you" in html
    assert "Open the queue" in html


# --- the queue


def test_queue_shows_open_tickets_of_my_departments_first_what_nobody_has(cast: Cast, enter: Any) -> None:
    """R1.23: what was taken leaves the pool and stands behind it; other departments' tickets are out of sight."""
    taken = walks.assumed(cast)
    second, third = walks.opened(cast), walks.opened(cast)
    walks.cancelled(cast)
    elsewhere = walks.opened(cast, department=cast.other_department, service=cast.other_service)
    assert numbers_in(enter(cast.ada).get(QUEUE).content) == [second.number, third.number, taken.number]
    assert numbers_in(enter(cast.nora).get(QUEUE).content) == [elsewhere.number]
    everything = [second.number, third.number, elsewhere.number, taken.number]
    assert numbers_in(enter(cast.ana).get(QUEUE).content) == everything


def test_queue_offers_take_to_whoever_may(cast: Cast, enter: Any) -> None:
    """R1.22: one click on "Take"; not on the other line, not where tickets are given only (A2)."""
    ticket = walks.opened(cast)
    button = f'action="{path_of(ticket, "assume")}"'.encode()
    assert button in enter(cast.ada).get(QUEUE).content
    assert button not in enter(cast.otto).get(QUEUE).content
    assert button not in enter(cast.hugo).get(QUEUE).content
    cast.rules(distribution_mode=Department.DistributionMode.PUSH)
    assert button not in enter(cast.ada).get(QUEUE).content


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["new", "urgent", "second line", "hers", "his"]),
        ("status=awaiting_distribution", ["new", "urgent", "second line"]),
        ("status=closed", ["new", "urgent", "second line", "hers", "his"]),
        ("priority=urgent", ["urgent"]),
        ("line=2", ["second line"]),
        ("executor=me", ["hers"]),
        ("executor=nobody", ["new", "urgent", "second line"]),
        ("executor=nobody&priority=normal&line=1", ["new"]),
        ("priority=nonsense&line=7", ["new", "urgent", "second line", "hers", "his"]),
    ],
)
def test_queue_filters_stand_in_the_address(cast: Cast, enter: Any, query: str, expected: list[str]) -> None:
    """A filter that is not offered counts as not set."""
    made = {
        "hers": walks.assumed(cast),
        "his": walks.assumed(cast, by=cast.bob),
        "new": walks.opened(cast),
        "urgent": walks.opened(cast, priority="urgent"),
        "second line": walks.opened(cast),
    }
    Ticket.objects.filter(pk=made["second line"].pk).update(line=2)
    names = {ticket.number: name for name, ticket in made.items()}
    html = enter(cast.ada).get(f"{QUEUE}?kept=1&{query}").content
    assert [names[number] for number in numbers_in(html)] == expected


def test_queue_of_one_department_among_several(cast: Cast, enter: Any) -> None:
    walks.opened(cast)
    elsewhere = walks.opened(cast, department=cast.other_department, service=cast.other_service)
    window = enter(cast.ana)
    html = window.get(f"{QUEUE}?kept=1&department={cast.other_department.pk}").content
    assert numbers_in(html) == [elsewhere.number]
    # Who has one department has no such choice, and cannot ask for another one by the address.
    nora = enter(cast.nora).get(f"{QUEUE}?kept=1&department={cast.department.pk}")
    assert numbers_in(nora.content) == [elsewhere.number]
    assert "department" not in nora.context["filters"].set


def test_queue_comes_back_with_the_filters_of_the_last_visit(cast: Cast, enter: Any) -> None:
    """look.md: every list keeps its filters on return; the browser keeps them, a GET writes nothing here."""
    window = enter(cast.ada)
    window.get(f"{QUEUE}?kept=1&priority=urgent&executor=nobody&after=0_12")
    back = window.get(QUEUE)
    assert (back.status_code, back.headers["Location"]) == (302, f"{QUEUE}?kept=1&priority=urgent&executor=nobody")
    assert window.get(CLOSED).status_code == 200
    assert window.get(f"{QUEUE}?kept=1").status_code == 200
    assert window.get(QUEUE).status_code == 200


def test_queue_pages_by_key_are_exact_in_both_directions(cast: Cast, enter: Any) -> None:
    """Every ticket once, in the order of the list; what is added meanwhile moves nothing behind it."""
    made = many(cast, 70, lambda index: {"executor": cast.ada if index % 3 else None})
    expected = [t.number for t in made if t.executor is None] + [t.number for t in made if t.executor]
    window = enter(cast.ada)
    forward = list(pages(window, QUEUE))
    assert forward == [expected[:25], expected[25:50], expected[50:]]
    last = address_of_last(window, QUEUE)
    added = [t.number for t in many(cast, 2)]  # nobody has them: they belong behind the last of these
    backward = list(pages(window, last, "prev"))
    unassigned = len([t for t in made if t.executor is None])
    whole = expected[:unassigned] + added + expected[unassigned:]
    # The beginning is shown whole, though two of its rows stood on the page before.
    assert backward == [whole[52:], whole[27:52], whole[2:27], whole[:25]]


def test_queue_page_after_the_last_and_nonsense_are_harmless(cast: Cast, enter: Any) -> None:
    ticket = walks.opened(cast)
    window = enter(cast.ada)
    for cursor in ("after=x", "after=1_", "after=2_5", "after=0_99999999999999999999", "before=0_0", "after=1_1_1"):
        assert numbers_in(window.get(f"{QUEUE}?kept=1&{cursor}").content) == [ticket.number], cursor


# --- closed tickets


def test_closed_shows_ended_tickets_newest_first(cast: Cast, enter: Any, clock: Clock) -> None:
    closed = walks.closed(cast, at=clock.now)
    cancelled = walks.cancelled(cast, at=clock.turn(hours=1))
    walks.opened(cast)
    window = enter(cast.ada)
    assert numbers_in(window.get(CLOSED).content) == [cancelled.number, closed.number]
    assert numbers_in(window.get(f"{CLOSED}?kept=1&outcome=solved").content) == [closed.number]
    assert numbers_in(window.get(f"{CLOSED}?kept=1&outcome=unsolved").content) == [cancelled.number]
    assert numbers_in(window.get(f"{CLOSED}?kept=1&outcome=to_finalize").content) == [closed.number]
    assert numbers_in(enter(cast.nora).get(CLOSED).content) == []


@pytest.mark.parametrize("name", ["ada", "hugo", "ana"])
def test_closed_pages_by_key_are_exact_in_both_directions(cast: Cast, enter: Any, name: str) -> None:
    """For one department, for several of them, and for all: the same rows in the same order, however deep."""
    join_department(department=cast.other_department, user=cast.hugo, line=1)
    ours = many(cast, 45, lambda index: {"closed_at": BEGAN + timedelta(minutes=index // 3)})
    theirs = many(
        cast,
        20,
        lambda index: {"closed_at": BEGAN + timedelta(minutes=index), "executor": cast.nora},
        department=cast.other_department,
    )
    seen = ours if name == "ada" else ours + theirs
    expected = [t.number for t in sorted(seen, key=lambda t: (t.closed_at, t.number), reverse=True)]
    window = enter(cast.people[name])
    forward = list(pages(window, CLOSED))
    assert forward == [expected[start : start + 25] for start in range(0, len(expected), 25)]
    assert list(pages(window, address_of_last(window, CLOSED), "prev")) == forward[::-1]


# --- the counts beside the places


def test_rail_counts_my_tasks_what_nobody_has_decisions_and_failed_letters(cast: Cast, enter: Any) -> None:
    walks.assumed(cast)
    walks.solved(cast)
    walks.opened(cast)
    walks.opened(cast, department=cast.other_department, service=cast.other_service)
    Letter.objects.filter(pk=Letter.objects.order_by("pk").values("pk")[:1]).update(state=Letter.State.FAILED)
    counted = {
        name: enter(cast.people[name]).get("/panel/search/").context["counts"]
        for name in ("ada", "hugo", "nora", "ana")
    }
    assert counted == {
        "ada": {"tasks": "1", "queue": "1"},
        "hugo": {"queue": "1", "decisions": "1"},
        "nora": {"queue": "1"},
        "ana": {"queue": "2", "decisions": "2", "letters": "1"},
    }


def test_rail_stops_counting_at_a_hundred(cast: Cast, enter: Any) -> None:
    many(cast, 120)
    assert enter(cast.ada).get("/panel/search/").context["counts"] == {"queue": "99+"}


# --- what it costs


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/panel/", 9), (QUEUE, 8), (CLOSED, 8), ("/panel/search/?q=printer", 12)],
)
@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_row_and_for_three(
    cast: Cast, enter: Any, path: str, queries: int, count: int
) -> None:
    for _ in range(count):
        for walk in (walks.opened, walks.started, walks.solved, walks.closed, walks.cancelled):
            walk(cast)
    window = enter(cast.ada)
    window.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert len(numbers_in(window.get(path).content)) >= count
    assert len(seen) == queries, [one["sql"] for one in seen]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["ada", "hugo", "ana"])
def test_ticket_costs_the_same_for_one_message_and_for_three(cast: Cast, enter: Any, count: int, name: str) -> None:
    """At most 15 queries, whatever was said and however many files were sent."""
    ticket = walks.started(cast)
    for index in range(count):
        tickets.actions.reply(ticket=ticket, by=cast.ada, text="Look", files=[a_file(f"{index}.txt")])
        tickets.actions.note(ticket=ticket, by=cast.hugo, text="Hm")
    window = enter(cast.people[name])
    window.get(path_of(ticket))
    with CaptureQueriesContext(connection) as seen:
        assert window.get(path_of(ticket)).status_code == 200
    assert len(seen) == {"ada": 14, "hugo": 15, "ana": 14}[name], [one["sql"] for one in seen]


def test_no_list_reads_the_whole_table_of_tickets(cast: Cast, enter: Any) -> None:
    """design.md, section 6: with enough data, no plan of these pages scans the table of tickets."""
    people = customers(300)
    many(
        cast,
        2800,
        lambda index: {"closed_at": BEGAN + timedelta(minutes=index), "requester": people[index % 300]},
        text=lambda index: f"word{index} all",
    )
    ours = many(cast, 200, lambda index: {"executor": cast.ada if index % 2 else None}, text=lambda index: "open all")
    analyse()
    paths = [
        "/panel/",
        QUEUE,
        f"{QUEUE}?kept=1&after=1_2900",
        f"{QUEUE}?kept=1&executor=me",
        f"{QUEUE}?kept=1&executor=nobody&priority=normal",
        CLOSED,
        f"{CLOSED}?kept=1&after=2026-01-06T08:00:00%2B00:00_900",
        f"{CLOSED}?kept=1&outcome=to_finalize",
        "/panel/search/?q=word77",
        "/panel/search/?q=all",
        "/panel/search/?q=Rita",
        path_of(ours[0]),
        f"/panel/departments/{cast.department.pk}/",
    ]
    for person in (cast.ada, cast.hugo, cast.ana):
        window = enter(person)
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                assert window.get(path).status_code == 200
            assert scans_of([one["sql"] for one in seen]) == [], (person.name, path)


# --- the department


def test_department_shows_its_process_its_people_and_its_rules_in_words(cast: Cast, enter: Any) -> None:
    """R1.41, R1.42: visible to its members and to administrators, to nobody else."""
    cast.rules(approval_period=timedelta(0), attachment_extensions="txt, png", description="All about desks")
    Absence.objects.create(user=cast.bob)
    walks.started(cast)
    walks.solved(cast)
    path = f"/panel/departments/{cast.department.pk}/"
    answer = enter(cast.ada).get(path)
    html = answer.content.decode()
    people = [
        (one.user.name, one.line, one.is_head, one.current_tasks, one.is_absent) for one in answer.context["members"]
    ]
    assert people == [
        ("Hugo Hahn", None, True, 0, False),
        ("Ada Alves", 1, False, 1, False),
        ("Bob Braun", 1, False, 0, True),
        ("Otto Orlov", 2, False, 0, False),
    ]
    assert dict(answer.context["rules"])["Approval"].startswith("Never automatic")
    assert dict(answer.context["rules"])["Accepted files"] == "png, txt"
    assert "All about desks" in html
    assert "<svg" in html
    assert [enter(cast.people[name]).get(path).status_code for name in ("hugo", "ana", "nora")] == [200, 200, 404]
    assert enter(cast.ada).get("/panel/departments/9999/").status_code == 404
