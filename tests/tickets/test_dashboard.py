"""The dashboard's page: who gets there, what it says, and that every figure leads to exactly its tickets (R3.33, R3.57)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import walks
from tests.cast import Cast
from tests.pages import as_, queries_of, text_of
from tests.tickets.plenty import analyse, many, scans_of
from tests.tickets.recount import a_past
from tickets.indicators import COHORTS
from tickets.models import Ticket

HERE = "/panel/dashboard/"
# A figure in a tile or a table, with the address of its list.
_TILE = re.compile(r'<a href="([^"]+)" class="tile[^"]*">.*?<span class="tile__figure">([^<]*)</span>(.*?)</a>', re.S)
_CELL = re.compile(r'<td class="bars__figure"><a href="([^"]+)">([\d,]+)<')


def _listed(client: Client, address: str) -> int:
    """How many tickets the list has, over all of its pages."""
    count, path = 0, address.split("?", maxsplit=1)[0]
    while address:
        page = client.get(address).text
        count += page.count('<td class="list__no">')
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = path + unescape(older[1]) if older else ""
    return count


@pytest.mark.parametrize("name", ["rita", "petra", "ada", "otto", "nora"])
def test_dashboard_is_for_heads_and_administrators(cast: Cast, name: str) -> None:
    """R4.36: both entries are absent for others, and both addresses answer 403."""
    client = as_(cast.people[name])
    assert client.get(HERE).status_code == client.get(f"{HERE}tickets/").status_code == 403
    assert HERE not in client.get("/", follow=True).text


@pytest.mark.parametrize("name", ["hugo", "ana"])
def test_start_page_and_menu_lead_to_the_dashboard(cast: Cast, name: str) -> None:
    """R4.36, R4.43: a head starts with what waits for a decision, an administrator with his tasks."""
    page = as_(cast.people[name]).get("/", follow=True).text
    assert re.search(rf'<a class="nav-link" href="{HERE}"', page)
    assert f'href="{HERE}"' in page[page.index("<main") :]


@pytest.mark.parametrize("query", ["?period=all", "?period=custom&since=2026-03-01&until=2026-04-30"])
@pytest.mark.parametrize("name", ["hugo", "ana"])
def test_every_figure_leads_to_as_many_tickets(cast: Cast, name: str, query: str) -> None:
    """R3.57: tiles, bars, totals, and the points of the line."""
    a_past(cast, 40)
    client = as_(cast.people[name])
    page = client.get(HERE + query).text
    tiles = [(link, figure) for link, figure, _rest in _TILE.findall(page) if figure.isdecimal()]
    cells = _CELL.findall(page)
    assert len(tiles) == 5
    assert len(cells) > 60
    for link, figure in {*tiles, *cells}:
        assert _listed(client, unescape(link)) == int(figure), link
    for link, figure, rest in _TILE.findall(page):
        if (of := re.search(r"of (\d+) (tickets|answers)<", rest)) and figure != "–":
            assert _listed(client, unescape(link)) == int(of[1]), link


def test_list_is_read_page_by_page(cast: Cast) -> None:
    """R3.57: by key, with the figure and the filters kept."""
    many(cast, 60, lambda index: {"opened_at": timezone.now() - timedelta(minutes=index)})
    assert _listed(as_(cast.hugo), f"{HERE}tickets/?figure=opened&by=service&key={cast.service.pk}") == 60


def test_figures_compare_with_the_period_before(cast: Cast) -> None:
    """R3.33: in words, not by an arrow alone; nothing is before all time."""
    now = timezone.now()
    many(cast, 5, lambda index: {"opened_at": now - timedelta(hours=1)})
    many(cast, 3, lambda index: {"opened_at": now - timedelta(days=35)})
    client = as_(cast.hugo)
    assert "Opened 5 ↑ more than before (3)" in text_of(client.get(HERE))
    assert "Opened 5 ↑ more than before (0)" in text_of(client.get(f"{HERE}?period=7"))
    assert "before (" not in text_of(client.get(f"{HERE}?period=all"))


def test_days_begin_at_the_readers_midnight(cast: Cast) -> None:
    """R3.57: a period is of whole days in the reader's time zone."""
    ticket = walks.opened(cast)
    Ticket.objects.filter(pk=ticket.pk).update(opened_at="2026-03-10T02:30:00Z")
    cast.hugo.time_zone = "America/Sao_Paulo"
    cast.hugo.save()
    for person, found in ((cast.hugo, 1), (cast.ana, 0)):
        link = f"{HERE}tickets/?figure=opened&period=custom&since=2026-03-09&until=2026-03-09"
        assert _listed(as_(person), link) == found


def test_definitions_stand_on_the_page(cast: Cast) -> None:
    """A4: what is counted, and which instant puts it into the period, in one table."""
    words = text_of(as_(cast.hugo).get(HERE))
    assert "What the figures mean" in words
    for cohort in COHORTS.values():
        assert (f"{cohort.label} {cohort.definition}" in words) is (cohort.page == "dashboard")


def test_organization_counts_with_its_branches(cast: Cast) -> None:
    """R2.44: reports can be filtered by parent organization; the name can be typed in any case."""
    many(cast, 2, lambda index: {"organization": cast.branch, "opened_at": timezone.now()})
    many(cast, 3, lambda index: {"organization": cast.parent, "opened_at": timezone.now()})
    many(cast, 4, lambda index: {"organization": cast.rival, "opened_at": timezone.now()})
    client = as_(cast.ana)
    for name, count in (("horizonte", 5), ("Horizonte Sul", 2), ("Rival", 4), ("", 9)):
        assert re.search(rf"\bOpened {count} ", text_of(client.get(HERE, {"organization": name}))), name
    refused = client.get(HERE, {"organization": "Nobody"})
    assert "No organization has this name." in text_of(refused)
    assert 'value="Nobody"' in refused.text


def test_foreign_departments_are_in_no_figure_and_no_choice(cast: Cast) -> None:
    """R3.57: a head has the departments that he heads; another one's key says no more than one that does not exist."""
    many(cast, 2, lambda index: {"opened_at": timezone.now()})
    many(cast, 7, lambda index: {"opened_at": timezone.now()}, department=cast.other_department)
    hugo = as_(cast.hugo)
    page = text_of(hugo.get(HERE))
    assert re.search(r"\bOpened 2 ", page)
    assert "Network" not in page
    assert "Nora" not in page
    foreign, missing = (hugo.get(HERE, {"department": key}) for key in (cast.other_department.pk, 999999))
    assert text_of(foreign) == text_of(missing)
    assert "No figures for these filters" in text_of(foreign)
    for query in (
        f"figure=opened&department={cast.other_department.pk}",
        f"figure=opened&by=department&key={cast.other_department.pk}",
        f"figure=opened&by=agent&key={'9' * 30}",
        "figure=opened&by=nothing&key=1",
        "figure=nothing",
        "",
    ):
        answer = hugo.get(f"{HERE}tickets/?{query}")
        assert "No tickets" in text_of(answer), query
        assert "Network" not in text_of(answer), query
    assert re.search(r"\bOpened 9 ", text_of(as_(cast.ana).get(HERE)))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("period=custom&since=2026-03-09&until=2026-03-01", "The period ends before it begins."),
        ("period=custom&since=soon&until=2026-03-01", "Enter a valid date."),
        ("period=custom&since=0001-01-01&until=2026-03-01", "Choose a day between 1990 and 2199."),
        ("period=century", "Select a valid choice."),
    ],
)
def test_period_that_is_none_is_refused_beside_its_field(cast: Cast, query: str, said: str) -> None:
    answer = as_(cast.hugo).get(f"{HERE}?{query}")
    assert answer.status_code == 200
    assert said in text_of(answer)


def test_own_period_begins_with_the_usual_one(cast: Cast) -> None:
    """R3.57: choosing it shows two fields, filled in."""
    page = as_(cast.hugo).get(f"{HERE}?period=custom").text
    first = timezone.localdate() - timedelta(days=29)
    assert f'value="{first}"' in page
    assert f'value="{timezone.localdate()}"' in page


@pytest.mark.parametrize("query", ["", "?period=all"])
def test_dashboard_needs_as_many_queries_for_three_as_for_one(cast: Cast, query: str) -> None:
    """R3.57."""
    hugo = as_(cast.hugo)
    walks.closed(cast)
    one = queries_of(hugo, HERE + query)
    for _turn in range(2):
        walks.closed(cast)
        walks.started(cast)
    assert queries_of(hugo, HERE + query) == one


def test_figures_of_a_period_read_no_more_than_its_tickets(cast: Cast) -> None:
    """Design, speed: no statement of a bounded period reads the whole table."""
    began = timezone.now() - timedelta(days=400)

    def ended(index: int) -> dict[str, object]:
        at = began + timedelta(hours=2 * index)
        return {"opened_at": at, "closed_at": at + timedelta(hours=5), "concluded_at": at + timedelta(hours=3)}

    many(cast, 4000, ended)
    many(cast, 10, lambda index: {"opened_at": timezone.now()})
    analyse()
    day = timezone.localdate() - timedelta(days=200)
    for person, query in (
        (cast.ana, "?period=7"),
        (cast.hugo, "?period=7"),
        (cast.ana, f"?period=7&agent={cast.ada.pk}"),
        (cast.ana, f"?period=custom&since={day}&until={day}"),
    ):
        client = as_(person)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(HERE + query).status_code == 200
        assert scans_of([one["sql"] for one in captured.captured_queries]) == []
