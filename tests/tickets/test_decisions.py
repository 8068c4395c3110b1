"""The page of decisions: what waits for a head, decided there, one by one or several at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

import approvals.actions
import tickets.actions
from helpdesk.people.actions import join_department
from helpdesk.people.models import Absence, Department
from tests import walks
from tests.cast import Cast, an_agent
from tests.pages import as_, queries_of, text_of
from tickets.lifecycle import Status
from tickets.models import Ticket

from .plenty import many

pytestmark = pytest.mark.django_db
S = Status
PATH = "/panel/decisions/"
WHY = "It needs a deeper look."


def line_change_asked(cast: Cast, why: str = WHY) -> Ticket:
    return tickets.actions.request_line_change(ticket=walks.started(cast), by=cast.ada, text=why)


def on_line_2(cast: Cast) -> Ticket:
    ticket = tickets.actions.approve_line_change(ticket=line_change_asked(cast), by=cast.hugo)
    tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.otto)
    return tickets.actions.start(ticket=ticket, by=cast.otto)


def closing_asked(cast: Cast, why: str = WHY) -> Ticket:
    return tickets.actions.request_closing(ticket=on_line_2(cast), by=cast.otto, text=why)


def numbers(rows: Any) -> list[int]:
    return [row.ticket.number for row in rows.rows]


def of_network(cast: Cast, **fields: Any) -> Ticket:
    return walks.opened(cast, department=cast.other_department, service=cast.other_service, **fields)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("executor").get(pk=ticket.pk)


# --- who comes in, and what is there


def test_decisions_are_for_heads_and_administrators(cast: Cast) -> None:
    """A12, A41: agents and customers are told that this is not their place."""
    codes = {name: as_(person).get(PATH).status_code for name, person in cast.people.items()}
    assert {name for name, code in codes.items() if code == 200} == {"hugo", "ana"}
    assert set(codes.values()) == {200, 403}
    for name in ("rita", "ada", "nora"):
        assert as_(cast.people[name]).post(f"{PATH}give/", {"number": 1, "executor": 1}).status_code == 403
    assert as_(cast.hugo).get(f"{PATH}give/").status_code == 405
    for verb in ("assume", "cancel", "approve_closing", "nonsense"):
        assert as_(cast.hugo).post(f"{PATH}{verb}/", {"number": 1}).status_code == 404


def test_empty_page_says_what_will_stand_there(cast: Cast) -> None:
    assert "Nothing waits for your decision" in text_of(as_(cast.hugo).get(PATH))


def test_everything_that_waits_stands_there_in_order(cast: Cast) -> None:
    """R4.3, R4.7, R4.12, R4.18, R4.31, R4.43: nearest deadline first, oldest request first; with who asked, why and when."""
    now = timezone.now()
    later, sooner = walks.opened(cast, at=now), walks.opened(cast, at=now - timedelta(minutes=10))
    changes = [line_change_asked(cast, "First"), line_change_asked(cast, "Second")]
    tickets.actions.return_line_change(ticket=changes[0], by=cast.hugo, text="No")
    tickets.actions.request_line_change(ticket=changes[0], by=cast.ada, text="Please")
    closing = closing_asked(cast)
    asked = approvals.actions.request_priority(ticket=walks.started(cast), by=cast.ada, priority="low", text="Calm")
    page = as_(cast.hugo).get(PATH)
    assert numbers(page.context["distribution"]) == [sooner.number, later.number]
    assert numbers(page.context["line_changes"]) == [changes[1].number, changes[0].number]
    assert numbers(page.context["closings"]) == [closing.number]
    assert [one.pk for one in page.context["priorities"].rows] == [asked.pk]
    said = text_of(page)
    assert "Ada Alves asks for a change of line. just now Second" in said
    assert "Otto Orlov asks to close without a solution. just now" in said
    assert "First" not in said
    assert "4 min left" in said


def test_candidates_stand_with_their_tasks_and_absence(cast: Cast) -> None:
    """R4.7, R4.8: least loaded first; line 2 has its own."""
    walks.assumed(cast, by=cast.ada)
    Absence.objects.create(user=cast.bob, starts_at=timezone.now() - timedelta(hours=1))
    first = walks.opened(cast)
    second = tickets.actions.approve_line_change(ticket=line_change_asked(cast), by=cast.hugo)
    rows = {row.ticket.number: row.line for row in as_(cast.hugo).get(PATH).context["distribution"].rows}
    agents = {n: [(one.name, one.tasks, one.is_absent) for one in line.agents] for n, line in rows.items()}
    assert agents == {
        first.number: [("Bob Braun", 0, True), ("Ada Alves", 1, False)],
        second.number: [("Otto Orlov", 0, False)],
    }
    assert {line.name for line in rows.values()} == {"Support · line 1", "Support · line 2"}


def test_many_agents_are_one_page_away(cast: Cast) -> None:
    """Six have a button, all are on the page of giving; and all can be chosen for several at once."""
    for nth in range(6):
        an_agent(f"Agent{nth} Extra", cast.department)
    ticket = walks.opened(cast)
    page = as_(cast.hugo).get(PATH)
    assert page.content.decode().count('name="executor"') == 6
    assert f'href="/panel/tickets/{ticket.number}/give/?next={PATH}"' in page.content.decode()


def test_department_where_agents_take_themselves_has_nothing_to_give(cast: Cast) -> None:
    """A2: pull mode."""
    walks.opened(cast)
    cast.rules(distribution_mode=Department.DistributionMode.PULL)
    assert numbers(as_(cast.hugo).get(PATH).context["distribution"]) == []


def test_administrator_sees_all_departments_and_filters(cast: Cast) -> None:
    """A41: administrators can decide too; a head sees the own department only."""
    here, there = walks.opened(cast), of_network(cast)
    assert numbers(as_(cast.hugo).get(PATH).context["distribution"]) == [here.number]
    window = as_(cast.ana)
    assert numbers(window.get(PATH).context["distribution"]) == [here.number, there.number]
    page = window.get(f"{PATH}?department={cast.other_department.pk}")
    assert numbers(page.context["distribution"]) == [there.number]
    assert window.get(PATH).headers["Location"] == f"{PATH}?kept=1&department={cast.other_department.pk}"
    assert numbers(window.get(f"{PATH}?department=nonsense").context["distribution"]) == [here.number, there.number]


def test_head_who_is_an_agent_elsewhere_decides_here_only(cast: Cast) -> None:
    """A12: being an agent of a department is not deciding in it."""
    join_department(department=cast.other_department, user=cast.hugo, line=1)
    walks.opened(cast)
    there = of_network(cast)
    window = as_(cast.again(cast.hugo))
    assert there.number not in numbers(window.get(PATH).context["distribution"])
    answer = window.post(f"{PATH}give/", {"number": there.number, "executor": cast.ada.pk}, follow=True)
    assert f"#{there.number} is not yours to decide." in text_of(answer)


@pytest.mark.parametrize("name", ["hugo", "ana"])
def test_page_asks_no_more_for_three_than_for_one(cast: Cast, name: str) -> None:
    """The same number of queries, whatever waits; candidates are read once for each line."""

    def one_of_each() -> None:
        walks.opened(cast)
        line_change_asked(cast)
        closing_asked(cast)
        approvals.actions.request_priority(ticket=walks.started(cast), by=cast.ada, priority="low", text="Calm")

    one_of_each()
    window = as_(cast.people[name])
    for_one = queries_of(window, PATH)
    one_of_each()
    one_of_each()
    assert len(window.get(PATH).context["line_changes"].rows) == 3
    assert queries_of(window, PATH) == for_one
    assert for_one <= 15


def test_list_shows_its_beginning_and_says_that_there_is_more(cast: Cast) -> None:
    """Nothing is counted; the queue has the rest."""
    due = timezone.now() + timedelta(minutes=5)
    many(cast, 30, lambda index: {"timer_due_at": due + timedelta(minutes=index)})
    page = as_(cast.hugo).get(PATH)
    assert len(page.context["distribution"].rows) == 25
    assert "25+" in text_of(page)
    assert "These are the 25 whose time ends first. All in the queue" in text_of(page)


# --- deciding there


def test_one_click_gives(cast: Cast) -> None:
    """R4.5: the button posts to the ticket's own address and comes back here."""
    ticket = walks.opened(cast)
    window = as_(cast.hugo)
    assert f'action="/panel/tickets/{ticket.number}/give/"' in window.get(PATH).content.decode()
    data = {"executor": cast.bob.pk, "next": PATH}
    answer = window.post(f"/panel/tickets/{ticket.number}/give/", data, follow=True)
    assert answer.redirect_chain == [(PATH, 302)]
    assert f"#{ticket.number}: Bob Braun has the ticket now and was told." in text_of(answer)
    assert again(ticket).executor == cast.bob


def test_decisions_with_words_come_back_here(cast: Cast) -> None:
    """R4.13, R4.18: a missing word leads to the move's page, which leads back here."""
    change, closing = line_change_asked(cast), closing_asked(cast)
    window = as_(cast.hugo)
    path = f"/panel/tickets/{change.number}/return_line_change/"
    answer = window.post(path, {"text": "", "next": PATH})
    assert answer.status_code == 422
    assert f'name="next" value="{PATH}"' in answer.content.decode()
    assert window.post(path, {"text": "Cable?", "next": PATH}).headers["Location"] == PATH
    path = f"/panel/tickets/{closing.number}/approve_closing/"
    answer = window.post(path, {"text": "Nobody makes it.", "next": PATH}, follow=True)
    assert f"#{closing.number}: The ticket is closed without a solution. Rita Ramos was told." in text_of(answer)
    assert (again(change).status, again(closing).status) == (S.IN_SERVICE, S.CLOSED)


def test_several_tickets_are_given_to_one_agent(cast: Cast) -> None:
    """One that cannot be given says why, and the others stand."""
    chosen = [walks.opened(cast), walks.opened(cast), of_network(cast), walks.opened(cast)]
    tickets.actions.assume(ticket=chosen[1], by=cast.bob)
    data = {"number": [one.number for one in chosen], "executor": cast.ada.pk, "next": PATH}
    answer = as_(cast.ana).post(f"{PATH}give/", data, follow=True)
    said = text_of(answer)
    assert answer.redirect_chain == [(PATH, 302)]
    assert "Ada Alves has 2 tickets more." in said
    assert f"#{chosen[1].number}: Bob Braun already has this ticket." in said
    assert f"#{chosen[2].number}: Ada Alves is no active agent of this department and support line." in said
    assert [again(one).executor for one in chosen] == [cast.ada, cast.bob, None, cast.ada]


def test_several_changes_of_line_are_approved_together(cast: Cast) -> None:
    """R4.14, A41: the second head learns who was first."""
    chosen = [line_change_asked(cast), line_change_asked(cast)]
    tickets.actions.return_line_change(ticket=chosen[0], by=cast.hugo, text="No")
    second = as_(an_agent("Hilda Hahn", cast.department, line=None, is_head=True))
    data = {"number": [one.number for one in chosen]}
    answer = second.post(f"{PATH}approve_line_change/", data, follow=True)
    assert "1 ticket waits for line 2 now." in text_of(answer)
    assert f"#{chosen[0].number}: Hugo Hahn has decided this already (Return for rework, " in text_of(answer)
    assert [again(one).line for one in chosen] == [1, 2]


@pytest.mark.parametrize(
    ("verb", "data", "reason"),
    [
        ("give", {"executor": "ada"}, "Nothing was ticked."),
        ("give", {"number": ["x", "", "-1", "99999999999999999999"], "executor": "ada"}, "Nothing was ticked."),
        ("give", {"number": ["own"]}, "Choose an agent."),
        ("give", {"number": ["own"], "executor": "x"}, "Choose an agent."),
        ("give", {"number": ["own"], "executor": "rita"}, "Choose an agent."),
        ("give", {"number": ["own"], "executor": "nora"}, "Choose an agent."),
        ("approve_line_change", {}, "Nothing was ticked."),
    ],
)
def test_several_without_what_is_needed_keep_their_ticks(
    cast: Cast, verb: str, data: dict[str, Any], reason: str
) -> None:
    """Bad input: the page comes back as it was, with the reason."""
    ticket, _other = walks.opened(cast), walks.opened(cast)
    sent = dict(data)
    if sent.get("number") == ["own"]:
        sent["number"] = [ticket.number]
    if sent.get("executor") in cast.people:
        sent["executor"] = cast.people[sent["executor"]].pk
    answer = as_(cast.hugo).post(f"{PATH}{verb}/", sent)
    assert (answer.status_code, reason in text_of(answer)) == (422, True)
    is_kept = f'value="{ticket.number}" form="give-several" checked' in answer.content.decode()
    assert is_kept is (sent.get("number") == [ticket.number])
    assert again(ticket).executor is None


def test_ticket_out_of_sight_is_not_decided(cast: Cast) -> None:
    """R6.26: a number that was typed by hand."""
    there = of_network(cast)
    data = {"number": [there.number, 999999], "executor": cast.ada.pk}
    answer = as_(cast.hugo).post(f"{PATH}give/", data, follow=True)
    assert f"#{there.number} is not yours to decide." in text_of(answer)
    assert "#999999 is not yours to decide." in text_of(answer)
    assert again(there).executor is None


def test_filters_come_back_after_a_decision(cast: Cast) -> None:
    """look.md: every list keeps its filters on return."""
    first, second = walks.opened(cast), walks.opened(cast)
    here = f"{PATH}?kept=1&department={cast.department.pk}"
    window = as_(cast.ana)
    assert f'name="next" value="{PATH}?kept=1&amp;department={cast.department.pk}"' in window.get(here).content.decode()
    data = {"number": [first.number], "executor": cast.ada.pk, "next": here}
    assert window.post(f"{PATH}give/", data).headers["Location"] == here
    answer = window.post(f"{PATH}give/", {"number": [second.number], "next": here})
    assert answer.status_code == 422
    assert f'value="{PATH}?kept=1&amp;department={cast.department.pk}"' in answer.content.decode()
    assert answer.context["department"] == str(cast.department.pk)


def test_a_request_whose_history_is_not_there_is_decided_all_the_same(cast: Cast) -> None:
    """Rows that were brought over from elsewhere may have a status without the event that led to it."""
    [brought] = many(cast, 1, lambda _index: {"executor": cast.ada, "status": S.CLOSING_REQUESTED, "line": 2})
    page = as_(cast.hugo).get(PATH)
    assert page.status_code == 200
    assert f"#{brought.number}" in text_of(page)
