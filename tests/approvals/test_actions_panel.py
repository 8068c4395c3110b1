"""Approval actions on the desk's own pages: banner, warnings, cards, history (R2.16, R2.37 to R2.39)."""

from __future__ import annotations

import pytest

import approvals.actions
import tickets.actions
from approvals.lifecycle import State
from tests import walks
from tests.approvals.consents import COMMENT, NAME, again, an_action, asked
from tests.cast import Cast
from tests.pages import as_, queries_of, text_of
from tickets.models import Ticket

WARNING = "still waits for approval"


def _page(cast: Cast, number: int, who: str = "ada") -> str:
    return text_of(as_(cast.again(cast.people[who])).get(f"/panel/tickets/{number}/"))


def test_banner_says_who_asked_what_and_when_and_is_gone_with_the_decision(cast: Cast) -> None:
    """R2.16, R2.38: nothing is locked; the page says what waits."""
    request = asked(cast)
    page = _page(cast, request.ticket_id)
    for words in (f"Ada Alves asked the customer's managers to approve {NAME}", COMMENT, "Nothing is locked"):
        assert words in page
    approvals.actions.approve_action(request=request, by=cast.max)
    assert "Nothing is locked" not in _page(cast, request.ticket_id)


def test_cancel_button_stands_for_those_who_may(cast: Cast) -> None:
    """R2.20: executor, whoever asked, administrator; not for the other agents, and not for the head who did not ask."""
    request = asked(cast)
    tickets.actions.hand_over(ticket=request.ticket, by=cast.hugo, executor=cast.bob)
    seen = {
        who: "Cancel the request" in _page(cast, request.ticket_id, who)
        for who in ("ada", "bob", "otto", "hugo", "ana")
    }
    assert seen == {"ada": True, "bob": True, "otto": False, "hugo": False, "ana": True}
    answer = as_(cast.hugo).post(f"/panel/actions/{request.pk}/", follow=True)
    assert "Only those involved in the ticket can do this." in text_of(answer)
    assert again(request).state == State.WAITING
    answer = as_(cast.bob).post(f"/panel/actions/{request.pk}/", follow=True)
    assert f"The request for “{NAME}” is cancelled." in text_of(answer)
    assert again(request).state == State.CANCELLED


def test_looking_at_a_request_cancels_nothing(cast: Cast) -> None:
    """House rule 6: a GET never writes."""
    request = asked(cast)
    assert as_(cast.ada).get(f"/panel/actions/{request.pk}/").status_code == 200
    assert again(request).state == State.WAITING


@pytest.mark.parametrize("who", ["rita", "cora", "max", "petra", "eve"])
def test_customers_are_no_readers_of_the_panels_page(cast: Cast, who: str) -> None:
    """R2.39, A12."""
    request = asked(cast)
    assert as_(cast.people[who]).get(f"/panel/actions/{request.pk}/").status_code == 403
    assert as_(cast.nora).get(f"/panel/actions/{request.pk}/").status_code == 404


def test_finishing_warns_that_the_action_will_expire(cast: Cast) -> None:
    """R2.38, A18: at the solution, at cancelling, at closing without a solution; not where nothing waits."""
    request = asked(cast)
    number = request.ticket_id
    cast.rules(support_lines=1)
    addresses = ("", "cancel/", "request_closing/")
    ada = as_(cast.ada)
    seen = {address: WARNING in text_of(ada.get(f"/panel/tickets/{number}/{address}")) for address in addresses}
    assert seen == dict.fromkeys(addresses, True)
    assert WARNING not in text_of(ada.get(f"/panel/tickets/{number}/forward/"))
    tickets.actions.request_closing(ticket=Ticket.objects.get(), by=cast.ada, text="It cannot be had.")
    assert WARNING in text_of(as_(cast.hugo).get(f"/panel/tickets/{number}/approve_closing/"))
    assert WARNING not in text_of(as_(cast.hugo).get(f"/panel/tickets/{number}/refuse_closing/"))
    approvals.actions.approve_action(request=request, by=cast.max)
    assert WARNING not in text_of(as_(cast.hugo).get(f"/panel/tickets/{number}/approve_closing/"))


def test_whole_history_of_actions_stands_in_the_panel(cast: Cast) -> None:
    """R2.39: five sentences in the timeline; a card for each with state, evaluator and reason."""
    ticket = walks.started(cast)
    approvals.actions.approve_action(request=asked(cast, ticket=ticket, action=an_action("One")), by=cast.max)
    approvals.actions.reject_action(
        request=asked(cast, ticket=ticket, action=an_action("Two")), by=cast.petra, text="Too dear."
    )
    approvals.actions.cancel_action(request=asked(cast, ticket=ticket, action=an_action("Three")), by=cast.ana)
    asked(cast, ticket=ticket, action=an_action("Four"))
    tickets.actions.cancel(ticket=ticket, by=cast.rita)
    page = _page(cast, ticket.number)
    for words in (
        "asked the customer's managers to approve “One”", "approved “One”", "rejected “Two”",
        "cancelled the request to approve “Three”", "let “Four” expire: the ticket has ended",
        "Approved by Max Moreira", "Rejected by Petra Prado", "Too dear.", "Cancelled by Ana Andrade",
        "Expired: the ticket ended first",
    ):  # fmt: skip
        assert words in page, words


def test_ticket_page_costs_the_same_with_many_actions(cast: Cast) -> None:
    """R2.39: one question, however many there were."""
    ticket = walks.started(cast)
    approvals.actions.approve_action(request=asked(cast, ticket=ticket), by=cast.max)
    address = f"/panel/tickets/{ticket.number}/"
    one = queries_of(as_(cast.ada), address)
    for _ in range(2):
        approvals.actions.approve_action(request=asked(cast, ticket=ticket), by=cast.max)
    assert queries_of(as_(cast.ada), address) == one


def test_name_in_the_history_is_the_one_of_then(cast: Cast) -> None:
    """R2.6, R2.39: an action that is renamed later was asked for by its former name."""
    request = asked(cast)
    request.action.name = "Something else"
    request.action.save()
    assert f"to approve “{NAME}”" in _page(cast, request.ticket_id)
