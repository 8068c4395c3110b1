"""Service levels on the pages: set up in plain words, seen by those who serve, and by nobody else (R3.28, R3.58, R5.54)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import walks
from tests.cast import Cast
from tests.people.sent import errors_of
from tests.tickets.promises import DAY, HOUR, a_calendar, a_level, again
from tickets.models import ServiceLevel, Ticket

ADD = "/admin/tickets/servicelevel/add/"
LIST = "/admin/tickets/servicelevel/"


def _client(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name])
    return client


def _page(cast: Cast, name: str, url: str) -> str:
    answer = _client(cast, name).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- the administration


def _sent(**changes: Any) -> dict[str, Any]:
    return {
        "requester": "", "organization": "", "service": "", "priority": "high",
        "first_start_0": "30", "first_start_1": "minutes", "conclusion_0": "2", "conclusion_1": "days",
    } | changes  # fmt: skip


def test_level_is_set_up_in_plain_words(cast: Cast) -> None:
    """R3.28, R3.58."""
    client = _client(cast, "ana")
    assert client.post(ADD, _sent()).status_code == 302
    assert (
        client.post(ADD, _sent(organization=cast.branch.pk, service=cast.service.pk, first_start_0="")).status_code
        == 302
    )
    levels = ServiceLevel.objects.order_by("pk").values_list(
        "organization__name", "service__name", "first_start", "conclusion"
    )
    assert list(levels) == [
        (None, None, HOUR / 2, 2 * DAY),
        ("Horizonte Sul", "Workplace", None, 2 * DAY),
    ]
    page = _words(_page(cast, "ana", LIST))
    assert "everybody any service high 30 minutes 2 days" in page
    assert "Horizonte Sul Support · Workplace high – 2 days" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?scope=general", ["everybody"]),
        ("?scope=organization", ["Horizonte Sul"]),
        ("?scope=requester", ["Rita Ramos"]),
        ("?priority__exact=low", ["Rita Ramos"]),
        ("", ["everybody", "Horizonte Sul", "Rita Ramos"]),
    ],
)
def test_levels_are_found_by_whom_they_are_for(cast: Cast, query: str, found: list[str]) -> None:
    a_level()
    a_level(organization=cast.branch)
    a_level("low", requester=cast.rita)
    page = _words(_page(cast, "ana", LIST + query))
    assert [name for name in ("everybody", "Horizonte Sul", "Rita Ramos") if f"{name} any service" in page] == found


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"conclusion_0": "0"}, {"conclusion": ["Longer than 0, or empty where nothing is promised."]}),
        ({"first_start_0": "soon"}, {"first_start": ["Enter a whole number."]}),
        ({"priority": ""}, {"priority": ["This field is required."]}),
        ({"priority": "normal"}, {"__all__": ["There is a service level for these already."]}),
    ],
)  # fmt: skip
def test_errors_of_a_level_stand_beside_its_fields(
    cast: Cast, changes: dict[str, str], errors: dict[str, list[str]]
) -> None:
    a_level()
    assert errors_of(_client(cast, "ana").post(ADD, _sent(**changes))) == errors


def test_level_is_of_a_person_or_of_an_organization(cast: Cast) -> None:
    answer = _client(cast, "ana").post(ADD, _sent(requester=cast.rita.pk, organization=cast.branch.pk))
    assert errors_of(answer)["organization"] == ["Choose a requester or an organization, not both."]


def test_level_is_deleted_and_leaves_open_tickets_alone(cast: Cast) -> None:
    level = a_level()
    ticket = walks.opened(cast)
    client = _client(cast, "ana")
    assert (
        client.post(reverse("admin:tickets_servicelevel_delete", args=[level.pk]), {"post": "yes"}).status_code == 302
    )
    assert not ServiceLevel.objects.exists()
    assert again(ticket).conclusion_target == 8 * HOUR


def test_level_of_a_service_that_is_no_longer_offered_can_still_be_changed(cast: Cast) -> None:
    level = a_level(service=cast.service)
    cast.service.is_active = False
    cast.service.save()
    url = reverse("admin:tickets_servicelevel_change", args=[level.pk])
    sent = _sent(service=cast.service.pk, priority="normal")
    assert _client(cast, "ana").post(url, sent).status_code == 302
    level.refresh_from_db()
    assert (level.service, level.conclusion) == (cast.service, 2 * DAY)


# --- lists of work


def _numbers(html: str) -> list[int]:
    """The tickets that a page links to, in their order."""
    return list(dict.fromkeys(int(one) for one in re.findall(r'href="/panel/tickets/(\d+)/"', html)))


def test_my_tasks_have_the_nearest_deadline_first(cast: Cast) -> None:
    """R5.54: first start and conclusion alike; what has no deadline comes last."""
    now = timezone.now()
    a_level("high", first_start=HOUR, conclusion=9 * HOUR)
    a_level("normal", first_start=None, conclusion=3 * HOUR)
    high = walks.assumed(cast, ticket=walks.opened(cast, at=now, priority="high"), at=now)
    low = walks.assumed(cast, ticket=walks.opened(cast, at=now, priority="low"), at=now)
    normal = walks.started(cast, ticket=walks.opened(cast, at=now), at=now)
    assert _numbers(_page(cast, "ada", "/panel/")) == [high.pk, normal.pk, low.pk]
    walks.started(cast, ticket=again(high), at=now)
    page = _page(cast, "ada", "/panel/")
    assert _numbers(page) == [normal.pk, high.pk, low.pk]
    assert "Conclusion: " in page
    assert "2 h 59 min left" in page


@pytest.mark.parametrize("url", ["/panel/queue/?kept=1", "/panel/board/?kept=1&whose=all"])
def test_queue_and_board_show_what_is_due_next(cast: Cast, url: str) -> None:
    now = timezone.now()
    a_level(first_start=10 * HOUR, conclusion=None)
    a_level("high", first_start=timedelta(minutes=5), conclusion=None)
    a_level("urgent", first_start=None, conclusion=HOUR)
    walks.opened(cast, at=now)
    walks.opened(cast, at=now, priority="high")
    walks.started(cast, ticket=walks.opened(cast, at=now - 3 * HOUR, priority="urgent"), at=now - 3 * HOUR)
    page = _words(_page(cast, "ada", url))
    assert [words for words in ("14 min left", "4 min left", "overdue by 2 h") if words in page] == [
        "14 min left", "4 min left", "overdue by 2 h",
    ]  # fmt: skip
    assert "9 h 59 min left" not in page


def test_board_s_columns_have_the_nearest_deadline_first(cast: Cast) -> None:
    """R4.38: what a head decides is no deadline of the reminder, but has its conclusion."""
    now = timezone.now()
    cast.rules(decision_reminder=timedelta(minutes=1))
    a_level("normal", conclusion=9 * HOUR)
    a_level("high", conclusion=2 * HOUR)
    found: dict[str, list[int]] = {"started": [], "line_change_requested": []}
    for walk, numbers in found.items():
        for priority in ("low", "normal", "high"):
            ticket = walks.started(cast, ticket=walks.opened(cast, at=now, priority=priority), at=now)
            ticket = ticket if walk == "started" else walks.line_change_requested(cast, ticket=ticket, at=now)
            numbers.insert(0, ticket.pk)
    page = _page(cast, "ana", "/panel/board/?kept=1&whose=all")
    cards = [int(number) for number in re.findall(r'id="card-(\d+)"', page)]
    assert cards == found["started"] + found["line_change_requested"]


# --- the ticket


def _ticket(cast: Cast, ticket: Ticket, name: str = "ada") -> str:
    side = "portal" if name == "rita" else "panel"
    return _words(_page(cast, name, reverse(f"{side}:ticket", args=[ticket.pk])))


def test_ticket_shows_its_targets_and_what_became_of_them(cast: Cast) -> None:
    now = timezone.now()
    a_level()
    ticket = walks.assumed(cast, at=now - 2 * HOUR)
    page = _ticket(cast, ticket)
    assert "Service level First start within 1 h overdue by 1 h Conclusion within 8 h 5 h 59 min left" in page
    ticket = walks.started(cast, ticket=again(ticket), at=now - HOUR / 2)
    assert "Service level First start within 1 h missed Conclusion within 8 h 5 h 59 min left" in _ticket(cast, ticket)
    ticket = walks.asked(cast, ticket=again(ticket), at=now)
    assert "Conclusion within 8 h 6 h left, stands still while the requester is asked" in _ticket(cast, ticket)
    ticket = walks.solved(cast, ticket=again(ticket), at=now)
    assert "First start within 1 h missed Conclusion within 8 h met" in _ticket(cast, ticket)


def test_ticket_says_that_working_hours_are_counted(cast: Cast) -> None:
    cast.rules(calendar=a_calendar())
    a_level(conclusion=2 * DAY)
    page = _ticket(cast, walks.assumed(cast))
    assert "Conclusion within 18 h" in page
    assert "Counted in the department's working hours." in page
    rules = _words(_page(cast, "ada", reverse("panel:department", args=[cast.department.pk])))
    assert "Working time The hours of “Office” count for every period." in rules


def test_ticket_without_targets_shows_none(cast: Cast) -> None:
    assert "Service level" not in _ticket(cast, walks.assumed(cast))
    a_level()
    cancelled = walks.cancelled(cast, ticket=walks.assumed(cast))
    assert "Service level" not in _ticket(cast, cancelled, "ada")


def test_requesters_see_nothing_of_it(cast: Cast) -> None:
    """It is the company's own measure; what a contract says of it stands in the contract."""
    a_level()
    ticket = walks.started(cast)
    assert "left" not in _ticket(cast, ticket, "rita")
    assert "Service level" not in _ticket(cast, ticket, "rita")
