"""Lists of tickets as files: what is in them, for whom, and in how many statements."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import surveys.actions
import tickets.actions
from helpdesk.people.models import Department, Membership, Profile, User
from helpdesk.people.models.profiles import Sees
from reports import actions, lists, rights
from tests import walks
from tests.cast import Cast
from tests.reports.desk import asked, made, read
from tests.tickets.plenty import many
from tests.tickets.promises import a_level
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def desk(cast: Cast) -> Cast:
    """Something in every list: waiting, served, closed, cancelled, and the same of another department."""
    walks.opened(cast)
    walks.assumed(cast)
    walks.started(cast)
    walks.closed(cast)
    walks.cancelled(cast)
    walks.opened(cast, department=cast.other_department, service=cast.other_service)
    return cast


def on_page(client: Client, path: str) -> set[int]:
    return {int(one) for one in re.findall(r'href="/panel/tickets/(\d+)/"', client.get(path).content.decode())}


PAGES = {
    "queue/?kept=1": {"list": "queue"},
    "queue/?status=assigned": {"list": "queue", "status": "assigned"},
    "queue/?status=service": {"list": "queue", "status": "service"},
    "queue/?executor=me": {"list": "queue", "executor": "me"},
    "queue/?executor=nobody&line=1": {"list": "queue", "executor": "nobody", "line": "1"},
    "queue/?department={other}&priority=normal": {"list": "queue", "department": "{other}", "priority": "normal"},
    "closed/?kept=1": {"list": "closed"},
    "closed/?outcome=solved": {"list": "closed", "outcome": "solved"},
    "closed/?outcome=to_finalize": {"list": "closed", "outcome": "to_finalize"},
    "closed/?executor=me&department={other}": {"list": "closed", "executor": "me", "department": "{other}"},
    "search/?q=printer": {"list": "search", "q": "printer"},
}


def test_lists_hold_what_their_pages_show(desk: Cast, client: Client) -> None:
    """R6.26: for everybody the same tickets as on the page, and none that he may not see."""
    seen = 0
    for name in ("ada", "otto", "hugo", "nora", "ana"):
        reader = desk.again(desk.people[name])
        client.force_login(reader)
        for page, said in PAGES.items():
            other = str(desk.other_department.pk)
            facts = {key: value.format(other=other) for key, value in said.items()}
            found = set(lists.tickets_of(reader, facts).values_list("pk", flat=True))
            assert found == on_page(client, f"/panel/{page.format(other=other)}"), (name, page)
            assert found <= set(Ticket.objects.visible_to(reader).values_list("pk", flat=True))
            seen += len(found)
    assert seen > 40


def test_lists_follow_the_readers_profile(desk: Cast, client: Client) -> None:
    """R2.46."""
    client.force_login(desk.ada)
    for sees in Sees.values:
        desk.ada.profile = Profile.objects.create(name=f"Sees {sees}", sees=sees)
        desk.ada.save()
        for name in ("queue", "closed"):
            found = set(lists.tickets_of(desk.again(desk.ada), {"list": name}).values_list("pk", flat=True))
            assert found == on_page(client, f"/panel/{name}/?kept=1"), (sees, name)


def test_lists_behind_figures_hold_what_their_pages_show(desk: Cast, client: Client) -> None:
    """R3.57."""
    client.force_login(desk.hugo)
    for query in ("figure=opened", "figure=open&by=agent&key=-", "figure=ended&period=all"):
        facts = {"list": "figure"} | dict(part.split("=") for part in query.split("&"))
        found = set(lists.tickets_of(desk.again(desk.hugo), facts).values_list("pk", flat=True))
        assert found == on_page(client, f"/panel/dashboard/tickets/?{query}"), query


def test_list_of_a_person_holds_what_its_page_shows(desk: Cast, client: Client) -> None:
    client.force_login(desk.ada)
    for person in (desk.rita, desk.ada, desk.eve):
        found = set(lists.tickets_of(desk.again(desk.ada), {"list": "search", "person": str(person.pk)}))
        assert {one.pk for one in found} == on_page(client, f"/panel/search/?person={person.pk}")


def test_unknown_list_is_empty(desk: Cast) -> None:
    for facts in ({}, {"list": "everything"}, {"list": "figure"}, {"list": "figure", "figure": "opened", "by": "x"}):
        assert not lists.tickets_of(desk.again(desk.ana), facts).exists()


def test_row_says_what_the_ticket_is(cast: Cast) -> None:
    """Every column, of a ticket that has them all and of one that has hardly any."""
    a_level()
    ticket = walks.closed(cast)
    waiting = walks.opened(cast)
    cast.hugo.time_zone = "America/Sao_Paulo"
    cast.hugo.save()
    [row] = read(made(asked(cast.hugo, list="closed")))
    ticket.refresh_from_db()
    local = {
        name: at.astimezone(ZoneInfo("America/Sao_Paulo")).strftime("%Y-%m-%d %H:%M:%S")
        for name, at in {
            "Opened": ticket.opened_at,
            "First start": ticket.started_at,
            "Concluded": ticket.concluded_at,
            "Closed": ticket.closed_at,
        }.items()
        if at
    }
    assert row == local | {
        "Number": str(ticket.number),
        "Subject": ticket.subject,
        "Status": "closed",
        "Criticality": "normal",
        "Department": "Support",
        "Service": "Workplace",
        "Line": "1",
        "Requester": "Rita Ramos",
        "Organization": "Horizonte Sul",
        "Executor": "Ada Alves",
        "Outcome": "solved",
        "Hours left of the service level": "",
        "Service level": "met",
        "Rating": "",
    }
    [row] = read(made(asked(cast.hugo), at=waiting.opened_at + timedelta(minutes=30)))
    assert {name: row[name] for name in ("Number", "Executor", "First start", "Outcome", "Rating")} == {
        "Number": str(waiting.number), "Executor": "", "First start": "", "Outcome": "", "Rating": "",
    }  # fmt: skip
    assert 0 < float(row["Hours left of the service level"]) <= 1


def test_ratings_are_told_to_who_may_read_the_answer(cast: Cast) -> None:
    """R3.42, R1.43: to its agent, the heads and the administrators; a colleague's list says nothing of it."""
    ticket = walks.closed(cast)
    surveys.actions.answer(survey=ticket.survey, by=cast.rita, rating=2, solved=True, comment="")
    told = {
        name: [row["Rating"] for row in _closed(cast.again(cast.people[name]))]
        for name in ("ada", "hugo", "ana", "bob")
    }
    assert told == {"ada": ["2"], "hugo": ["2"], "ana": ["2"], "bob": [""]}


def _closed(reader: User) -> list[dict[str, str]]:
    return read(made(asked(reader, list="closed")))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("figure", "no such report"),
        ("by", "no such report"),
        ("department", "Department: Choose"),
        ("period", "Period: "),
    ],
)
def test_figure_that_there_is_not_any_more_is_no_empty_list(cast: Cast, wrong: str, words: str) -> None:
    """R3.57: a department that somebody heads no more, a figure of another edition: it fails and says so."""
    facts = {"list": "figure", "figure": "opened", wrong: str(cast.other_department.pk)}
    report = made(actions.ask(by=cast.hugo, kind="tickets", form="csv", facts=facts))
    assert (report.state, words in report.error) == ("failed", True), report.error


def test_subject_that_is_a_formula_stays_a_text(cast: Cast) -> None:
    walks.opened(cast, subject="=HYPERLINK(1)")
    [row] = read(made(asked(cast.hugo)))
    assert row["Subject"] == "'=HYPERLINK(1)"


def test_words_are_of_the_readers_language(cast: Cast) -> None:
    """The header in the language in which it was asked for, whatever is active where it is made."""
    walks.opened(cast)
    report = asked(cast.hugo)
    assert (report.language, report.time_zone, report.title) == ("en", "UTC", "Queue")
    assert asked(cast.hugo, status="assigned").title == "Queue (Status: assigned)"


def test_three_thousand_rows_cost_as_many_statements_as_one(cast: Cast) -> None:
    """Two statements: how many, and the rows by a cursor of the server."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            lists.make(
                reader=reader,
                facts={"list": "queue"},
                form="csv",
                target=io.BytesIO(),
                at=NOW,
                progress=lambda *_: None,
            )
        return len(asked_for)

    reader = cast.again(cast.hugo)
    assert reader.is_head  # memberships are read once for each person
    many(cast, 1)
    first = statements()
    many(cast, 3000)
    assert (first, statements()) == (2, 2)


def test_who_may_have_lists(cast: Cast) -> None:
    """R3.7, R4.36: lists are the desk's, those behind figures the heads' and administrators'."""
    may = {
        one: {name for name in cast.people if rights.at_the_desk(cast.again(cast.people[name]), {"list": one}) is None}
        for one in ("queue", "figure")
    }
    assert may == {"queue": {"ada", "bob", "otto", "hugo", "nora", "ana"}, "figure": {"hugo", "ana"}}


def test_records_are_for_who_asked_and_who_serves(cast: Cast) -> None:
    """R2.39: the customer's version for who asked and who reads along, both for the desk, nothing for others."""
    ticket = walks.started(cast)
    may = {
        (name, version)
        for name in cast.people
        for version in ("customer", "staff")
        if rights.of_record(cast.again(cast.people[name]), {"ticket": str(ticket.number), "version": version}) is None
    }
    desk = {(name, version) for name in ("ada", "bob", "otto", "hugo", "ana") for version in ("customer", "staff")}
    assert may == desk | {("rita", "customer"), ("petra", "customer")}  # the parent organization's manager (R2.44)
    assert rights.of_record(cast.ana, {"ticket": "x", "version": "staff"})
    assert rights.of_record(cast.ana, {"ticket": str(ticket.number), "version": "whole"})


def test_sight_changes_with_what_is_seen(cast: Cast) -> None:
    before = rights.sight_of(cast.again(cast.ada))
    assert before == rights.sight_of(cast.again(cast.bob))
    Membership.objects.filter(user=cast.ada).update(is_head=True)
    assert rights.sight_of(cast.again(cast.ada)) != before
    tickets.actions.cancel(ticket=walks.opened(cast), by=cast.rita)
    assert rights.sight_of(cast.again(cast.bob)) == before


def test_sight_stays_with_another_order_of_departments(cast: Cast) -> None:
    """A department is called otherwise and stands elsewhere among them: nobody has to ask for his reports anew."""
    Membership.objects.create(user=cast.hugo, department=cast.other_department, is_head=True)
    before = rights.sight_of(cast.again(cast.hugo))
    Department.objects.filter(pk=cast.other_department.pk).update(name="Zebras")
    assert rights.sight_of(cast.again(cast.hugo)) == before


def test_sight_changes_with_the_sight_of_customers(cast: Cast) -> None:
    """R2.46: lists of a customer's tickets are for whoever sees customers."""
    profile = Profile.objects.create(name="Blind", sees=Sees.LINKED, sees_customers=True, edits_customers=False)
    User.objects.filter(pk=cast.ada.pk).update(profile=profile)
    before = rights.sight_of(cast.again(cast.ada))
    Profile.objects.filter(pk=profile.pk).update(sees_customers=False)
    assert rights.sight_of(cast.again(cast.ada)) != before
