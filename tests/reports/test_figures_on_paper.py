"""Dashboard and satisfaction as documents: the page's figures, for whoever may read the page (R3.55 to R3.57, R4.36)."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from django.utils import timezone

from helpdesk.core.refusals import Refused
from reports.documents import dashboard, satisfaction
from surveys.models import Survey
from tests.cast import Cast
from tests.pages import as_
from tests.tickets.recount import a_past
from tickets.models import Ticket

from .paper import AT, dense, made, text_on

FILTERS: list[dict[str, str]] = [
    {"period": "all"},
    {"period": "custom", "since": "2026-03-01", "until": "2026-04-30"},
    {"period": "custom", "since": "2026-03-01", "until": "2026-04-30", "organization": "Horizonte"},
]
PAGES = {"dashboard": "/panel/dashboard/", "satisfaction": "/panel/satisfaction/"}
MAKERS = {"dashboard": dashboard.make, "satisfaction": satisfaction.make}


def _charts(name: str, context: Any) -> list[Any]:
    if name == "satisfaction":
        return context["charts"]
    return [context["levels"], *context["of_opened"], context["outcomes"], *context["of_open"]]


@pytest.mark.parametrize("facts", FILTERS, ids=["all", "period", "organization"])
@pytest.mark.parametrize(("name", "who"), [("dashboard", "hugo"), ("dashboard", "ana"), ("satisfaction", "ana")])
def test_page_and_document_have_the_same_figures(cast: Cast, name: str, who: str, facts: dict[str, str]) -> None:
    """R3.57: every tile, every row of every table and every total, in the same words; in tables their numbers."""
    a_past(cast, 60)
    reader = cast.people[who]
    page = as_(reader).get(PAGES[name], facts).context
    words = dense(text_on(made(MAKERS[name], reader, facts, at=timezone.now())))
    sheet = made(MAKERS[name], reader, facts, "csv", at=timezone.now()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet)))
    for tile in page["tiles"]:
        assert dense(f"{tile.word}{tile.figure}{tile.note}") in words, tile
        if tile.change:
            assert dense(tile.change.words) in words
        assert any(row[:1] == [str(tile.word)] and tile.figure in row for row in rows), tile
    for chart in _charts(name, page):
        assert dense(chart.title) in words
        assert [chart.title] in rows
        for label, cells in [*((bar.label, bar.cells) for bar in chart.bars), ("Total", chart.total)]:
            if chart.bars:
                assert dense(label + "".join(cell.text for cell in cells)) in words, (chart.title, label)
            said = [str(cell.text if cell.value is None else cell.value) for cell in cells]
            assert [label, *said] in rows, (chart.title, label)
    for label, definition in page["definitions"]:
        assert dense(f"{label}{definition}") in words
    if name == "dashboard":
        for days, cells in page["line"].rows:
            assert dense(days + "".join(cell.text for cell in cells)) in words
    assert dense(page["period"]) in words
    assert dense(reader.name) in words
    assert facts.get("organization", "") in words


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("form", ["pdf", "csv", "xlsx"])
@pytest.mark.parametrize("who", ["rita", "max", "ada", "nora"])
def test_figures_are_for_heads_and_administrators(cast: Cast, name: str, form: str, who: str) -> None:
    """R4.36: as the page, which answers 403."""
    assert as_(cast.people[who]).get(PAGES[name]).status_code == 403
    with pytest.raises(Refused, match="Only heads"):
        made(MAKERS[name], cast.people[who], {}, form)


@pytest.mark.parametrize(
    "facts", [{"period": "never"}, {"department": "other"}, {"organization": "Nobody"}, {"agent": "999999"}]
)
def test_wrong_filters_are_refused_and_not_left_out(cast: Cast, facts: dict[str, str]) -> None:
    """R3.57: figures of everything must not pass for those of a filter; a head's sight ends at his departments."""
    if "department" in facts:
        facts = {"department": str(cast.other_department.pk)}
    with pytest.raises(Refused, match="no figures for these filters"):
        made(dashboard.make, cast.hugo, facts)


def test_period_ends_with_the_day_at_which_it_is_made(cast: Cast) -> None:
    """A document that the worker makes late is still of the day on which it was due."""
    words = text_on(made(dashboard.make, cast.hugo, {"period": "7"}, at=AT))
    assert "26 Mar 2026 – 1 Apr 2026" in words
    assert "19 Mar 2026 – 25 Mar 2026" in words


def test_workbook_has_a_sheet_for_every_table(cast: Cast) -> None:
    """One for each chart, one for the tiles, and one that says what the figures are."""
    a_past(cast, 20)
    book = zipfile.ZipFile(io.BytesIO(made(dashboard.make, cast.ana, {"period": "all"}, "xlsx")))
    names = book.read("xl/workbook.xml").decode()
    for title in ("About", "At a glance", "Opened and ended tickets", "Opened tickets by service", "Current tasks"):
        assert f'name="{title}' in names


# --- comments


def _commented(ticket: Ticket, words: str, **fields: Any) -> Survey:
    survey = Survey.objects.get(ticket=ticket)
    for name, value in {"answered_at": AT, "rating": 2, "solved": False, "comment": words, **fields}.items():
        setattr(survey, name, value)
    survey.save()
    return survey


def test_comments_are_on_the_page_and_in_every_document(cast: Cast) -> None:
    """R3.55: with the rating and the ticket, as somebody wrote them, and no formula in a table."""
    a_past(cast, 60)
    ticket = Ticket.objects.filter(survey__isnull=False, department=cast.department, trashed_at=None)[0]
    Survey.objects.filter(ticket=ticket).update(department=cast.department)
    _commented(ticket, "=1+1 <b>Slow</b>, but полезно")
    page = as_(cast.hugo).get(PAGES["satisfaction"], {"period": "all"})
    assert "=1+1 &lt;b&gt;Slow&lt;/b&gt;, but полезно" in page.content.decode()
    assert dense("=1+1 <b>Slow</b>, but полезно") in dense(
        text_on(made(satisfaction.make, cast.hugo, {"period": "all"}))
    )
    rows = list(
        csv.reader(io.StringIO(made(satisfaction.make, cast.hugo, {"period": "all"}, "csv").decode("utf-8-sig")))
    )
    [row] = [row for row in rows if len(row) > 4 and "Slow" in row[4]]
    assert row[0] == str(ticket.number)
    assert not row[4].startswith("=")


def test_comments_of_other_departments_are_not_read(cast: Cast) -> None:
    """R3.57: what was said of another department is its head's, whoever has the ticket by now."""
    a_past(cast, 60)
    ticket = Ticket.objects.filter(survey__isnull=False, department=cast.department, trashed_at=None)[0]
    Survey.objects.filter(ticket=ticket).update(department=cast.other_department, agent=cast.nora)
    _commented(ticket, "xylophone")
    assert "xylophone" not in as_(cast.hugo).get(PAGES["satisfaction"], {"period": "all"}).text
    assert "xylophone" not in text_on(made(satisfaction.make, cast.hugo, {"period": "all"}))
    assert "xylophone" in as_(cast.ana).get(PAGES["satisfaction"], {"period": "all"}).text


# --- where they are asked for


@pytest.mark.parametrize("name", PAGES)
def test_pages_offer_their_documents_with_their_filters(cast: Cast, name: str) -> None:
    """R3.57: what is asked for is what is seen."""
    page = as_(cast.ana).get(PAGES[name], {"period": "90", "organization": "Horizonte"}).text
    for said in (f'name="kind" value="{name}"', 'name="period" value="90"', 'name="organization" value="Horizonte"'):
        assert said in page
    for form in ("pdf", "csv", "xlsx"):
        assert f'name="form" value="{form}"' in page


def test_dashboard_leads_to_satisfaction_and_back(cast: Cast) -> None:
    """With the filters that are set."""
    assert 'href="/panel/satisfaction/?period=90"' in as_(cast.hugo).get(PAGES["dashboard"], {"period": "90"}).text
    assert 'href="/panel/dashboard/?period=90"' in as_(cast.hugo).get(PAGES["satisfaction"], {"period": "90"}).text
