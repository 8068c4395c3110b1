"""The change of priority through the panel's addresses: asked, decided, set; what each person reads of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

import approvals.actions
import tickets.actions
from approvals.models import PriorityRequest
from helpdesk.people.models import User
from tests import walks
from tests.cast import Cast, an_agent
from tests.pages import as_, queries_of, text_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
WHY = "The whole floor stands still."
DECISIONS = "/panel/decisions/"


def path_of(ticket: Ticket, rest: str = "") -> str:
    return f"/panel/tickets/{ticket.number}/{rest}"


def asked(cast: Cast, *, priority: str = "urgent") -> PriorityRequest:
    """Ada works on a ticket and asks for another priority."""
    ticket = walks.started(cast)
    return approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority=priority, text=WHY)


def decision(request: PriorityRequest, verb: str) -> str:
    return path_of(request.ticket, f"priority/{request.pk}/{verb}/")


def priority_of(ticket: Ticket) -> str:
    return Ticket.objects.values_list("priority", flat=True).get(pk=ticket.pk)


def menu_of(window: Client, ticket: Ticket) -> str:
    """What the menu "More" says."""
    page = window.get(path_of(ticket)).content.decode()
    found = re.search(r'<div class="menu" id="ticket-menu".*?</div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_executor_asks_for_another_priority(cast: Cast) -> None:
    """R4.30, R4.33: from the menu; the present priority is no choice and stays until a head has decided."""
    ticket = walks.started(cast)
    window = as_(cast.ada)
    assert "Request change of priority" in menu_of(window, ticket)
    page = window.get(path_of(ticket, "priority/request/"))
    assert [value for value, _label in page.context["form"].fields["priority"].choices] == ["low", "high", "urgent"]
    assert "The heads of Support are told and decide" in text_of(page)
    data = {"priority": "urgent", "text": WHY}
    answer = window.post(path_of(ticket, "priority/request/"), data, follow=True)
    assert answer.redirect_chain == [(path_of(ticket), 302)]
    assert f"Ada Alves asks for another priority: normal to urgent just now {WHY}" in text_of(answer)
    assert "The heads of Support decide; the present priority stays until then." in text_of(answer)
    assert priority_of(ticket) == "normal"
    assert "Request change of priority A change of priority waits for the head's decision." in menu_of(
        window, ticket
    ).replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"text": WHY}, "Choose a priority."),
        ({"priority": "normal", "text": WHY}, "Choose another priority than the present one."),
        ({"priority": "nonsense", "text": WHY}, "Choose another priority than the present one."),
        ({"priority": "high", "text": " "}, "the text is needed"),
    ],
)
def test_request_that_is_not_whole_comes_back(cast: Cast, data: dict[str, str], reason: str) -> None:
    """R4.33: justification and another priority are needed; what was typed is kept."""
    ticket = walks.started(cast)
    answer = as_(cast.ada).post(path_of(ticket, "priority/request/"), data)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert (WHY in answer.content.decode()) is (data["text"] == WHY)
    assert not PriorityRequest.objects.exists()


def test_only_one_request_waits(cast: Cast) -> None:
    """R4.33: the second one is refused with its sentence, words and all."""
    ticket = asked(cast).ticket
    answer = as_(cast.ada).post(path_of(ticket, "priority/request/"), {"priority": "high", "text": "Or so"})
    assert answer.status_code == 422
    assert "A change of priority already waits for the head's decision." in text_of(answer)
    assert PriorityRequest.objects.count() == 1


def test_head_approves_and_lists_follow(cast: Cast) -> None:
    """R4.32, R4.33: in force at once; the history says who asked, why, who decided."""
    request = asked(cast)
    window = as_(cast.hugo)
    page = window.get(path_of(request.ticket)).content.decode()
    assert f'href="{decision(request, "approve")}"' in page
    assert f'href="{decision(request, "reject")}"' in page
    assert WHY in text_of(window.get(decision(request, "approve")))
    answer = window.post(decision(request, "approve"), {"text": "Right"}, follow=True)
    assert "The new priority is in force." in text_of(answer)
    assert priority_of(request.ticket) == "urgent"
    facts = list(request.ticket.events.filter(verb__contains="priority").values_list("verb", "comment", "facts"))
    change = {"old_priority": "normal", "new_priority": "urgent"}
    assert [(verb, comment, {name: one[name] for name in change}) for verb, comment, one in facts] == [
        ("request_priority", WHY, change),
        ("approve_priority", "Right", change),
    ]
    said = text_of(answer)
    assert WHY in said
    assert "Right" in said


def test_rejection_needs_its_reason(cast: Cast) -> None:
    """R4.32, R4.33: the old priority stays; asking again is possible."""
    request = asked(cast)
    window = as_(cast.hugo)
    answer = window.post(decision(request, "reject"), {"text": ""})
    assert (answer.status_code, "the text is needed" in text_of(answer)) == (422, True)
    assert WHY in text_of(answer)
    answer = window.post(decision(request, "reject"), {"text": "One room only"}, follow=True)
    assert "The present priority stays. The agent was told." in text_of(answer)
    assert priority_of(request.ticket) == "normal"
    data = {"priority": "high", "text": "Two rooms"}
    assert as_(cast.ada).post(path_of(request.ticket, "priority/request/"), data).status_code == 302


def test_second_head_reads_who_was_first_and_keeps_his_words(cast: Cast) -> None:
    """A41: the first decision counts."""
    request = asked(cast)
    approvals.actions.approve_priority(request=request, by=cast.hugo)
    second = as_(an_agent("Hilda Hahn", cast.department, line=None, is_head=True))
    answer = second.post(decision(request, "reject"), {"text": "One room only"}, follow=True)
    assert "Hugo Hahn has decided this already: approved on" in text_of(answer)
    assert "What you wrote was not sent: One room only" in text_of(answer)
    assert priority_of(request.ticket) == "urgent"


def test_request_that_ended_with_its_ticket_cannot_be_decided(cast: Cast) -> None:
    """R4.29: nothing waits any more, on the page neither."""
    request = asked(cast)
    tickets.actions.cancel(ticket=request.ticket, by=cast.rita)
    window = as_(cast.hugo)
    answer = window.get(decision(request, "approve"), follow=True)
    assert "This ticket has ended: it is cancelled." in text_of(answer)
    assert "asks for another priority:" not in text_of(answer)
    window.post(decision(request, "approve"))
    assert priority_of(request.ticket) == "normal"


def test_requester_sees_the_resulting_priority_only(cast: Cast) -> None:
    """R4.34: neither request nor reasons."""
    request = asked(cast)
    window, path = as_(cast.rita), f"/tickets/{request.ticket.number}/"
    before = window.get(path).content.decode()
    approvals.actions.approve_priority(request=request, by=cast.hugo, text="Right so")
    after = window.get(path).content.decode()
    for page in (before, after):
        assert (WHY in page, "Right so" in page) == (False, False)
    assert ("priority--urgent" in before, "priority--urgent" in after) == (False, True)


def test_who_may_do_what(cast: Cast) -> None:
    """R4.30, R4.35, A12: executor asks, heads and administrators decide, administrators set; others read why not."""
    request = asked(cast)
    codes: dict[str, list[int]] = {}
    for name in ("rita", "ada", "bob", "otto", "hugo", "nora", "ana"):
        window = as_(cast.people[name])
        codes[name] = [
            window.get(address).status_code
            for address in (
                path_of(request.ticket, "priority/request/"),
                decision(request, "approve"),
                decision(request, "reject"),
                path_of(request.ticket, "priority/set/"),
            )
        ]
    assert codes == {
        "rita": [403, 403, 403, 403],
        "ada": [200, 302, 302, 302],
        "bob": [302, 302, 302, 302],
        "otto": [302, 302, 302, 302],
        "hugo": [302, 200, 200, 302],
        "nora": [404, 404, 404, 404],
        "ana": [302, 200, 200, 200],
    }
    answer = as_(cast.ada).post(decision(request, "approve"), follow=True)
    assert "Only a head of the department can do this." in text_of(answer)
    answer = as_(cast.bob).post(
        path_of(request.ticket, "priority/request/"), {"priority": "low", "text": "Hm"}, follow=True
    )
    assert "Only the executor of the ticket can do this." in text_of(answer)
    assert priority_of(request.ticket) == "normal"


def test_request_of_another_ticket_is_not_found(cast: Cast) -> None:
    """The address names both, and both must belong together."""
    request, other = asked(cast), walks.started(cast)
    assert as_(cast.hugo).post(path_of(other, f"priority/{request.pk}/approve/")).status_code == 404


def test_administrator_sets_the_priority_on_record(cast: Cast) -> None:
    """R4.35: at once, with a reason; what waits ends with it."""
    request = asked(cast)
    window = as_(cast.ana)
    assert "Set priority" in menu_of(window, request.ticket)
    assert "Set priority" not in menu_of(as_(cast.hugo), request.ticket)
    answer = window.post(
        path_of(request.ticket, "priority/set/"), {"priority": "low", "text": "By contract"}, follow=True
    )
    assert "The priority is changed." in text_of(answer)
    request.refresh_from_db()
    assert (priority_of(request.ticket), request.state) == ("low", "cancelled")
    assert request.ticket.events.last().comment == "By contract"


def test_where_no_head_is_needed_the_page_says_that_it_changes_at_once(cast: Cast) -> None:
    """criticality_change_needs_approval off."""
    cast.rules(criticality_change_needs_approval=False)
    ticket = walks.started(cast)
    window = as_(cast.ada)
    assert "It changes at once" in text_of(window.get(path_of(ticket, "priority/request/")))
    window.post(path_of(ticket, "priority/request/"), {"priority": "high", "text": WHY})
    assert priority_of(ticket) == "high"


# --- on the page of decisions


def test_changes_of_priority_are_decided_on_the_spot(cast: Cast) -> None:
    """R4.31: the head's task; decided there, he comes back there."""
    first, second = asked(cast), asked(cast, priority="high")
    window = as_(cast.hugo)
    page = window.get(DECISIONS)
    assert [one.pk for one in page.context["priorities"].rows] == [first.pk, second.pk]
    answer = window.post(decision(first, "approve"), {"text": "", "next": DECISIONS}, follow=True)
    assert answer.redirect_chain == [(DECISIONS, 302)]
    assert f"#{first.ticket.number}: The new priority is in force." in text_of(answer)
    answer = window.post(decision(second, "reject"), {"text": "", "next": DECISIONS})
    assert answer.status_code == 422
    assert f'name="next" value="{DECISIONS}"' in answer.content.decode()


def test_several_are_approved_together_and_one_that_fails_says_so(cast: Cast) -> None:
    """The others stand."""
    requests = [asked(cast), asked(cast, priority="high"), asked(cast, priority="low")]
    approvals.actions.reject_priority(request=requests[1], by=cast.hugo, text="No")
    window = as_(an_agent("Hilda Hahn", cast.department, line=None, is_head=True))
    data = {"request": [one.pk for one in requests], "next": DECISIONS}
    answer = window.post("/panel/decisions/priority/approve/", data, follow=True)
    assert "2 changes of priority are approved." in text_of(answer)
    assert f"#{requests[1].ticket.number}: Hugo Hahn has decided this already: rejected on" in text_of(answer)
    assert [priority_of(one.ticket) for one in requests] == ["urgent", "normal", "low"]


@pytest.mark.parametrize("chosen", [[], ["x", "", "-1"], ["999999"]])
def test_several_of_nothing_change_nothing(cast: Cast, chosen: list[str]) -> None:
    """Bad input."""
    asked(cast)
    answer = as_(cast.hugo).post("/panel/decisions/priority/approve/", {"request": chosen}, follow=True)
    words = "One of the requests is not yours to decide." if chosen == ["999999"] else "Nothing was ticked."
    assert words in text_of(answer)
    assert PriorityRequest.objects.waiting().count() == 1


def test_several_of_another_department_are_not_decided(cast: Cast) -> None:
    """A12: a head decides in the own department only; agents nowhere."""
    request = asked(cast)
    head: User = an_agent("Nils Nord", cast.other_department, line=None, is_head=True)
    as_(head).post("/panel/decisions/priority/approve/", {"request": [request.pk]})
    assert as_(cast.ada).post("/panel/decisions/priority/approve/", {"request": [request.pk]}).status_code == 403
    assert as_(cast.hugo).get("/panel/decisions/priority/approve/").status_code == 405
    assert priority_of(request.ticket) == "normal"


def test_ticket_page_asks_the_same_with_and_without_a_request(cast: Cast) -> None:
    """The banner and the menu share one query."""
    plain, request = walks.started(cast), asked(cast)
    assert queries_of(as_(cast.hugo), path_of(plain)) == queries_of(as_(cast.hugo), path_of(request.ticket))
