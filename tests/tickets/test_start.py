"""Where people arrive, and the places that the panel's rail offers them (R4.36, R4.37, R4.43)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import approvals.actions
import tickets.actions
from helpdesk.people.actions import join_department
from helpdesk.people.models import Department, Membership, User
from tests import walks
from tests.cast import Cast
from tickets.lifecycle import Priority

from .plenty import many

pytestmark = pytest.mark.django_db


def entered(person: User) -> Client:
    window = Client()
    window.force_login(person)
    return window


def start_of(person: User) -> str:
    """The address at which somebody arrives; the portal's start is the door itself."""
    answer = entered(person).get("/")
    return answer.headers.get("Location", "/")


def places_of(person: User, path: str = "/panel/search/") -> dict[str, str]:
    """The places of the rail, each with its count."""
    html = entered(person).get(path).content.decode()
    rail = html[html.index('id="rail"') : html.index("</nav>")]
    found = re.findall(
        r'<a class="nav-link" href="([^"]+)".*?</svg>([^<]+)(?:<span class="count[^"]*">([^<]+)</span>)?', rail
    )
    return {path: count for path, _word, count in found}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rita", "/"),
        ("max", "/"),
        ("ada", "/panel/"),
        ("otto", "/panel/"),
        ("hugo", "/panel/decisions/"),
        ("ana", "/panel/"),
    ],
)
def test_everybody_arrives_where_his_work_is(cast: Cast, name: str, expected: str) -> None:
    """R4.1, R4.43: client → own appeals; employee → own tasks; head → pending decisions."""
    assert start_of(cast.people[name]) == expected


def test_agent_who_becomes_head_arrives_at_the_decisions(cast: Cast) -> None:
    Membership.objects.filter(user=cast.ada).update(is_head=True)
    assert start_of(cast.again(cast.ada)) == "/panel/decisions/"


@pytest.mark.parametrize("path", ["/panel/decisions/", "/panel/board/"])
def test_requesters_have_neither_board_nor_decisions(cast: Cast, path: str) -> None:
    """R4.36, R4.37: no entry, and the address answers 403."""
    assert entered(cast.rita).get(path).status_code == 403
    assert b"/panel/" not in entered(cast.rita).get("/").content


def test_rail_offers_the_places_of_the_role(cast: Cast) -> None:
    """R4.36, R4.43: what somebody may not open is not offered, and the address answers 403."""
    common = {"/panel/", "/panel/queue/", "/panel/board/", "/panel/closed/", "/panel/search/", "/folders/", "/reports/"}
    common |= {"/panel/customers/"}
    heads = common | {"/panel/decisions/", "/panel/dashboard/", "/panel/roles/"}
    assert set(places_of(cast.ada)) == common
    assert set(places_of(cast.hugo)) == heads
    assert set(places_of(cast.ana)) == heads | {"/panel/letters/", "/panel/trash/", "/admin/"}
    assert entered(cast.ada).get("/panel/decisions/").status_code == 403


def test_tasks_lead_to_the_board(cast: Cast) -> None:
    """R4.43: employee → own tasks and board."""
    assert b'href="/panel/board/"' in entered(cast.ada).get("/panel/").content.partition(b"<main")[2]


def test_decisions_are_counted_with_what_waits_beside_tickets(cast: Cast) -> None:
    """R4.43: line changes, closings, distribution and priority requests of the departments that one heads."""
    walks.opened(cast)
    tickets.actions.request_line_change(ticket=walks.started(cast), by=cast.ada, text="Needs more.")
    served = walks.started(cast)
    assert places_of(cast.hugo)["/panel/decisions/"] == "2"
    approvals.actions.request_priority(ticket=served, by=cast.ada, priority=Priority.URGENT, text="It is worse.")
    walks.opened(cast, department=cast.other_department, service=cast.other_service)
    assert places_of(cast.hugo)["/panel/decisions/"] == "3"
    assert places_of(cast.ana)["/panel/decisions/"] == "4"
    # Where agents only take tickets, nobody gives them.
    cast.rules(distribution_mode=Department.DistributionMode.PULL)
    assert places_of(cast.hugo)["/panel/decisions/"] == "2"


def test_decisions_stop_counting_at_a_hundred(cast: Cast) -> None:
    many(cast, 99)
    served = walks.started(cast)
    assert places_of(cast.hugo)["/panel/decisions/"] == "99"
    approvals.actions.request_priority(ticket=served, by=cast.ada, priority=Priority.URGENT, text="It is worse.")
    assert places_of(cast.hugo)["/panel/decisions/"] == "99+"
    many(cast, 20)
    assert places_of(cast.hugo)["/panel/decisions/"] == "99+"


@pytest.mark.parametrize(("name", "queries"), [("ada", 6), ("hugo", 7), ("ana", 7)])
def test_rail_costs_heads_one_query_more_and_others_none(cast: Cast, name: str, queries: int) -> None:
    """Session, person, memberships, company, counts, bell, and for those who decide the requests beside tickets."""
    walks.opened(cast)
    window = entered(cast.people[name])
    window.get("/panel/search/")
    with CaptureQueriesContext(connection) as seen:
        window.get("/panel/search/")
    assert len(seen) == queries, [one["sql"] for one in seen]


def test_department_shows_one_line_or_two(cast: Cast) -> None:
    """R1.41, R4.41: the process as configured, in the drawing and in words."""

    def page() -> Any:
        return entered(cast.again(cast.ada)).get(f"/panel/departments/{cast.department.pk}/")

    two = page()
    assert dict(two.context["rules"])["Support lines"].startswith("Two lines")
    cast.rules(support_lines=1)
    one = page()
    assert dict(one.context["rules"])["Support lines"].startswith("One line")
    assert [answer.content.count(b"<svg") > 0 for answer in (two, one)] == [True, True]
    assert two.content != one.content


def test_head_of_one_department_sees_no_decisions_of_another(cast: Cast) -> None:
    join_department(department=cast.other_department, user=cast.hugo, line=1)
    walks.opened(cast, department=cast.other_department, service=cast.other_service)
    assert places_of(cast.again(cast.hugo))["/panel/decisions/"] == ""
