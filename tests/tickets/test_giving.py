"""Moves that ask something or carry words, each on a page of its own: giving, forwarding, asking heads, deciding."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

import tickets.actions
from helpdesk.people.models import Absence, Department, Membership, User
from tests import walks
from tests.cast import Cast, a_file, an_agent
from tests.pages import as_, text_of
from tickets.lifecycle import Status
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db
S = Status
WHY = "It needs a deeper look."


def path_of(ticket: Ticket, verb: str = "") -> str:
    return f"/panel/tickets/{ticket.number}/" + (f"{verb}/" if verb else "")


def on_line_2(cast: Cast) -> Ticket:
    """Otto of line 2 works on it."""
    ticket = walks.started(cast)
    tickets.actions.request_line_change(ticket=ticket, by=cast.ada, text=WHY)
    tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo)
    tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.otto)
    return tickets.actions.start(ticket=ticket, by=cast.otto)


def line_change_asked(cast: Cast) -> Ticket:
    return tickets.actions.request_line_change(ticket=walks.started(cast), by=cast.ada, text=WHY)


def closing_asked(cast: Cast) -> Ticket:
    return tickets.actions.request_closing(ticket=on_line_2(cast), by=cast.otto, text=WHY)


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("executor", "department").get(pk=ticket.pk)


def a_second_head(cast: Cast) -> User:
    return an_agent("Hilda Hahn", cast.department, line=None, is_head=True)


# --- giving


def test_head_gives_a_ticket_to_one_of_its_line(cast: Cast) -> None:
    """R4.5, R4.7: every active agent of the line with current tasks, least loaded first; who is absent is marked."""
    walks.assumed(cast, by=cast.ada)
    Absence.objects.create(user=cast.bob, starts_at=timezone.now() - timedelta(hours=1))
    ticket = walks.opened(cast)
    window = as_(cast.hugo)
    assert f'href="{path_of(ticket, "give")}"' in window.get(path_of(ticket)).content.decode()
    page = window.get(path_of(ticket, "give"))
    said = text_of(page)
    assert "Bob Braun 0 current tasks · absent Ada Alves 1 current task" in said
    assert "Otto" not in said.partition("Agent")[2]
    assert "The agent is told, and Rita Ramos reads who has the ticket." in said
    answer = window.post(path_of(ticket, "give"), {"executor": cast.ada.pk}, follow=True)
    assert answer.redirect_chain == [(path_of(ticket), 302)]
    assert "Ada Alves has the ticket now and was told." in text_of(answer)
    assert (again(ticket).status, again(ticket).executor) == (S.ASSIGNED, cast.ada)


@pytest.mark.parametrize("chosen", ["", "nonsense", "0", "rita", "otto", "nora"])
def test_only_agents_of_the_line_can_be_chosen(cast: Cast, chosen: str) -> None:
    """R4.7: bad input comes back with the reason beside its field, and nothing has happened."""
    ticket = walks.opened(cast)
    given = cast.people[chosen].pk if chosen in cast.people else chosen
    answer = as_(cast.hugo).post(path_of(ticket, "give"), {"executor": given})
    assert answer.status_code == 422
    reason = "Choose an agent." if not chosen else "This agent cannot be given the ticket."
    assert reason in text_of(answer)
    assert again(ticket).executor is None


def test_line_without_agents_says_what_to_do(cast: Cast) -> None:
    """R4.9: nobody can be chosen, so nothing can be sent; the page says who can help."""
    ticket = walks.opened(cast)
    Membership.objects.filter(department=cast.department, line=1).delete()
    page = as_(cast.hugo).get(path_of(ticket, "give"))
    assert "There is nobody else on this support line." in text_of(page)
    assert "Give the ticket" not in text_of(page)


def test_giving_is_for_heads_and_administrators(cast: Cast) -> None:
    """A41: an agent who follows the address is told why and sees the ticket; customers are not let in."""
    ticket = walks.opened(cast)
    answer = as_(cast.ada).get(path_of(ticket, "give"), follow=True)
    assert "Only a head of the department can do this." in text_of(answer)
    assert as_(cast.ada).post(path_of(ticket, "give"), {"executor": cast.ada.pk}).status_code == 422
    assert as_(cast.rita).get(path_of(ticket, "give")).status_code == 403
    assert as_(cast.nora).get(path_of(ticket, "give")).status_code == 404
    assert as_(cast.ana).post(path_of(ticket, "give"), {"executor": cast.bob.pk}).status_code == 302
    assert again(ticket).executor == cast.bob


def test_where_agents_take_themselves_nobody_gives(cast: Cast) -> None:
    """A2: pull mode; the button is there, disabled, with its sentence."""
    cast.rules(distribution_mode=Department.DistributionMode.PULL)
    ticket = walks.opened(cast)
    reason = "In this department agents take tickets themselves; they are not given."
    assert f'aria-disabled="true" title="{reason}"' in as_(cast.hugo).get(path_of(ticket)).content.decode()
    answer = as_(cast.hugo).post(path_of(ticket, "give"), {"executor": cast.ada.pk})
    assert (answer.status_code, reason in text_of(answer)) == (422, True)


def test_second_head_who_gives_reads_who_has_it(cast: Cast) -> None:
    """A41: one wins; the other comes back to his list with the sentence."""
    ticket = walks.opened(cast)
    tickets.actions.give(ticket=ticket, by=cast.hugo, executor=cast.ada)
    window, there = as_(a_second_head(cast)), "/panel/decisions/"
    answer = window.post(path_of(ticket, "give"), {"executor": cast.bob.pk, "next": there}, follow=True)
    assert answer.redirect_chain == [(there, 302)]
    assert f"#{ticket.number}: Ada Alves already has this ticket." in text_of(answer)
    answer = window.post(path_of(ticket, "give"), {"executor": cast.bob.pk})
    assert (answer.status_code, "Ada Alves already has this ticket." in text_of(answer)) == (422, True)
    assert again(ticket).executor == cast.ada


# --- taking away, forwarding


def test_head_hands_a_ticket_over_and_takes_it_back(cast: Cast) -> None:
    """R6.21: with a comment that the history keeps; whoever has it already is not offered."""
    ticket = walks.started(cast)
    window = as_(cast.hugo)
    labels = [str(one["label"]) for one in window.get(path_of(ticket)).context["menu"]]
    assert labels == [
        "Give to another agent",
        "Take back into distribution",
        "Forward to another department",
        "Cancel ticket",
        "Move to the trash",
    ]
    page = window.get(path_of(ticket, "hand_over"))
    assert [value for value, _label in page.context["form"].fields["executor"].choices] == [str(cast.bob.pk)]
    window.post(path_of(ticket, "hand_over"), {"executor": cast.bob.pk, "text": "Ada is ill"})
    assert again(ticket).executor == cast.bob
    assert ticket.events.last().comment == "Ada is ill"
    answer = window.post(path_of(ticket, "take_back"), {"text": ""}, follow=True)
    assert "The ticket waits for an agent again." in text_of(answer)
    assert (again(ticket).status, again(ticket).executor) == (S.AWAITING_DISTRIBUTION, None)


def test_comment_is_kept_when_the_choice_is_refused(cast: Cast) -> None:
    """look.md: nothing typed is ever lost."""
    ticket = walks.started(cast)
    answer = as_(cast.hugo).post(path_of(ticket, "hand_over"), {"text": "Ada is ill"})
    assert answer.status_code == 422
    assert "Choose an agent." in text_of(answer)
    assert ">\nAda is ill</textarea>" in answer.content.decode()


@pytest.mark.parametrize("name", ["ada", "hugo", "ana"])
def test_ticket_is_forwarded_to_a_service_of_another_department(cast: Cast, name: str) -> None:
    """R5.52: with a reason, by executor, head or administrator; out of sight, he comes to the start of the panel."""
    ticket = walks.started(cast)
    window = as_(cast.people[name])
    page = window.get(path_of(ticket, "forward"))
    assert [group for group, _services in page.context["form"].fields["service"].choices[1:]] == ["Network"]
    assert window.post(path_of(ticket, "forward"), {"service": cast.other_service.pk, "text": ""}).status_code == 422
    answer = window.post(path_of(ticket, "forward"), {"service": cast.other_service.pk, "text": WHY}, follow=True)
    assert answer.status_code == 200
    assert "The ticket was forwarded to Network." in text_of(answer)
    assert again(ticket).department == cast.other_department
    assert ticket.events.last().facts["former_department"] == "Support"
    leads_to = {"ada": "/panel/", "hugo": "/panel/", "ana": path_of(ticket)}[name]
    assert answer.redirect_chain == [(leads_to, 302)]


@pytest.mark.parametrize("chosen", ["", "x", "own"])
def test_ticket_is_not_forwarded_to_nowhere(cast: Cast, chosen: str) -> None:
    """R5.52: bad input, and the own department."""
    ticket = walks.started(cast)
    service = cast.service.pk if chosen == "own" else chosen
    answer = as_(cast.ada).post(path_of(ticket, "forward"), {"service": service, "text": WHY})
    assert answer.status_code == 422
    assert ("Choose a service." if not chosen else "This service cannot be chosen.") in text_of(answer)
    assert again(ticket).department == cast.department


def test_forwarding_without_other_departments_says_so(cast: Cast) -> None:
    cast.other_service.is_active = False
    cast.other_service.save(update_fields=["is_active"])
    page = as_(cast.ada).get(path_of(walks.started(cast), "forward"))
    assert "No other department offers a service at the moment." in text_of(page)


# --- asking the head, and deciding


def test_executor_asks_for_the_second_line_and_everybody_reads_it(cast: Cast) -> None:
    """R4.11, R4.12: who asked what, why and when stands on the ticket; heads find their decisions beside it."""
    ticket = walks.started(cast)
    window = as_(cast.ada)
    assert "The heads of Support are told and decide" in text_of(window.get(path_of(ticket, "request_line_change")))
    assert window.post(path_of(ticket, "request_line_change"), {"text": " "}).status_code == 422
    answer = window.post(path_of(ticket, "request_line_change"), {"text": WHY}, follow=True)
    assert "The heads of Support were told; they decide." in text_of(answer)
    assert f"Ada Alves asks for a change of line. just now {WHY} The heads of Support decide." in text_of(answer)
    assert answer.context["decisions"] == []
    seen = as_(cast.hugo).get(path_of(ticket))
    assert [str(one["label"]) for one in seen.context["decisions"]] == ["Approve change of line", "Return for rework"]
    assert WHY not in text_of(as_(cast.rita).get(f"/tickets/{ticket.number}/"))


def test_one_line_has_no_change_of_line(cast: Cast) -> None:
    """A29: hidden there; with two lines, the last line is told why not."""
    cast.rules(support_lines=1)
    menu = as_(cast.ada).get(path_of(walks.started(cast))).context["menu"]
    assert [str(one["label"]) for one in menu] == [
        "Forward to another department",
        "Request closing without solution",
        "Cancel ticket",
    ]
    cast.rules(support_lines=2)
    ticket = again(on_line_2(cast))
    refusals = {str(one["label"]): one["reason"] for one in as_(cast.otto).get(path_of(ticket)).context["menu"]}
    assert refusals["Request change of line"] == "The ticket is on the last support line already."
    assert refusals["Request closing without solution"] is None


def test_head_approves_or_returns_a_change_of_line(cast: Cast) -> None:
    """R4.13, R4.14: a return needs its comment; an approval may have one."""
    ticket = line_change_asked(cast)
    window = as_(cast.hugo)
    page = window.get(path_of(ticket, "return_line_change"))
    assert f"Ada Alves asks for a change of line. just now {WHY}" in text_of(page)
    answer = window.post(path_of(ticket, "return_line_change"), {"text": ""})
    assert (answer.status_code, "the text is needed" in text_of(answer)) == (422, True)
    window.post(path_of(ticket, "return_line_change"), {"text": "Look at the cable first"})
    assert (again(ticket).status, again(ticket).line) == (S.IN_SERVICE, 1)
    tickets.actions.request_line_change(ticket=ticket, by=cast.ada, text="I did")
    window.post(path_of(ticket, "approve_line_change"))
    assert (again(ticket).status, again(ticket).line) == (S.AWAITING_DISTRIBUTION, 2)


def test_head_closes_without_solution_or_refuses(cast: Cast) -> None:
    """R4.18, R4.19, R4.20: the reason is for the customer; a refusal is for the executor only."""
    ticket = closing_asked(cast)
    window = as_(cast.hugo)
    window.post(path_of(ticket, "refuse_closing"), {"text": "Ask the maker"})
    assert again(ticket).status == S.IN_SERVICE
    tickets.actions.request_closing(ticket=ticket, by=cast.otto, text="The maker is gone")
    page = text_of(window.get(path_of(ticket, "approve_closing")))
    assert "Rita Ramos gets an apology with your reason, and no survey." in page
    assert "Reason, in words for Rita Ramos" in page
    assert window.post(path_of(ticket, "approve_closing"), {"text": ""}).status_code == 422
    answer = window.post(path_of(ticket, "approve_closing"), {"text": "Nobody makes it any more."}, follow=True)
    assert "The ticket is closed without a solution. Rita Ramos was told." in text_of(answer)
    assert (again(ticket).status, again(ticket).outcome) == (S.CLOSED, "closed_without_solution")


def test_where_no_head_is_needed_the_page_says_that_it_closes(cast: Cast) -> None:
    """A28: closing_without_solution_needs_head off."""
    cast.rules(closing_without_solution_needs_head=False, support_lines=1)
    ticket = walks.started(cast)
    window = as_(cast.ada)
    assert "It is closed at once." in text_of(window.get(path_of(ticket, "request_closing")))
    answer = window.post(path_of(ticket, "request_closing"), {"text": "Cannot be had"}, follow=True)
    assert "The ticket is closed without a solution. Rita Ramos was told." in text_of(answer)


@pytest.mark.parametrize("verb", ["approve_line_change", "return_line_change"])
def test_second_head_reads_who_was_first_and_keeps_his_words(cast: Cast, verb: str) -> None:
    """A41: who decided, how and when; what he typed stands on the page."""
    ticket = line_change_asked(cast)
    second = as_(a_second_head(cast))
    tickets.actions.approve_line_change(ticket=ticket, by=cast.hugo)
    answer = second.post(path_of(ticket, verb), {"text": "Check the cable", "next": "/panel/decisions/"})
    assert answer.status_code == 422
    assert "Hugo Hahn has decided this already (Approve change of line, " in text_of(answer)
    assert "Check the cable" in text_of(answer)
    answer = second.get(path_of(ticket, verb), follow=True)
    assert "Hugo Hahn has decided this already" in text_of(answer)


def test_customer_who_cancels_is_named_to_the_head(cast: Cast) -> None:
    """R4.28: nothing is decided any more."""
    ticket = closing_asked(cast)
    tickets.actions.cancel(ticket=ticket, by=cast.rita)
    answer = as_(cast.hugo).post(path_of(ticket, "approve_closing"), {"text": "Sorry"})
    assert (answer.status_code, "This ticket has ended: it is cancelled." in text_of(answer)) == (422, True)


@pytest.mark.parametrize("name", ["ada", "otto", "bob"])
def test_decisions_are_not_the_agents(cast: Cast, name: str) -> None:
    """A12, A41: neither the executor nor his colleagues decide; what they typed is not lost."""
    ticket = line_change_asked(cast)
    answer = as_(cast.people[name]).post(path_of(ticket, "return_line_change"), {"text": "Mine"})
    assert answer.status_code == 422
    assert "Only a head of the department can do this." in text_of(answer)
    assert again(ticket).status == S.LINE_CHANGE_REQUESTED


# --- the way back


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/panel/decisions/?kept=1&department=1", "/panel/decisions/?kept=1&department=1"),
        ("/panel/board/", "/panel/board/"),
        ("https://evil.example/panel/decisions/", ""),
        ("//evil.example/panel/decisions/", ""),
        ("/admin/", ""),
        ("/nowhere/", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_move_leads_back_to_where_one_came_from(cast: Cast, asked: str, leads_to: str) -> None:
    """Only to our own lists; everything else counts as the ticket's page."""
    ticket = walks.opened(cast)
    window = as_(cast.hugo)
    page = window.get(path_of(ticket, "give"), {"next": asked}).content.decode()
    assert ("evil" in page, "javascript:" in page) == (False, False)
    answer = window.post(path_of(ticket, "give"), {"executor": cast.ada.pk, "next": asked})
    assert answer.headers["Location"] == (leads_to or path_of(ticket))


def test_files_cannot_go_with_a_decision(cast: Cast) -> None:
    """They would vanish without a word."""
    ticket = line_change_asked(cast)
    answer = as_(cast.hugo).post(path_of(ticket, "return_line_change"), {"text": "No", "files": [a_file()]})
    assert (answer.status_code, "Files cannot go with this" in text_of(answer)) == (422, True)


def test_asking_for_a_page_does_nothing(cast: Cast) -> None:
    """A GET never writes."""
    ticket = line_change_asked(cast)
    count = Event.objects.count()
    for verb in ("give", "approve_line_change", "return_line_change", "cancel", "forward", "hand_over"):
        assert as_(cast.hugo).get(path_of(ticket, verb)).status_code in {200, 302}
    assert Event.objects.count() == count
