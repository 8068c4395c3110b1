"""The managers' side in the portal: tab, list, one page, decision, old links; and who learns nothing (R2.25 to R2.36)."""

from __future__ import annotations

import pytest

import approvals.actions
import tickets.actions
from approvals.lifecycle import State
from approvals.models import ActionRequest
from attachments.models import AuditEntry, Folder
from attachments.permissions import reason_not
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import save_organization, save_person
from helpdesk.people.models import Organization, User
from tests import walks
from tests.approvals.consents import COMMENT, NAME, again, an_action, asked, switched_on
from tests.cast import Cast, a_file, a_person
from tests.pages import as_, queries_of, text_of
from tickets.models import Ticket

NOBODYS = ("rita", "cora", "eve", "ada", "bob", "otto", "hugo", "nora", "ana")


def _outsiders(cast: Cast) -> dict[str, User]:
    """Everybody but Max and Petra: with the managers of a rival and of a sister branch."""
    sister = Organization.objects.create(name="Horizonte Norte", parent=cast.parent)
    others = {
        "ruth": a_person("Ruth Reed", organization=cast.rival, manages_organization=True),
        "sina": a_person("Sina Silva", organization=sister, manages_organization=True),
    }
    return {name: cast.people[name] for name in NOBODYS} | others


def _page(person: User, address: str = "/approvals/") -> str:
    return text_of(as_(person).get(address))


# The tab


def test_tab_counts_on_every_page_and_goes_when_nothing_waits(cast: Cast) -> None:
    """R2.27, R2.28, A36, A34: X follows without a new sign-in; never "(0)"; the start page has it too (R2.26)."""
    switched_on(cast)
    browser = as_(cast.max)
    assert "Approve actions" not in text_of(browser.get("/tickets/"))
    first, second = asked(cast), asked(cast)
    assert "Approve actions (2)" in text_of(browser.get("/tickets/"))
    assert "Approve actions (2)" in text_of(browser.get("/notifications/"))
    assert f"Approve or reject: {NAME}" in text_of(browser.get("/"))
    approvals.actions.approve_action(request=first, by=cast.petra)
    assert "Approve actions (1)" in text_of(browser.get("/tickets/"))
    approvals.actions.cancel_action(request=second, by=cast.ada)
    for address in ("/", "/tickets/", "/notifications/"):
        assert "Approve actions" not in text_of(browser.get(address))


def test_list_shows_own_organization_and_branches_and_nothing_else(cast: Cast) -> None:
    """R2.29: Max his branch's, Petra the parent's and the branches', Ruth the rival's, Sina nothing."""
    outsiders = _outsiders(cast)
    of_parent = walks.started(cast, ticket=walks.opened(cast, by=cast.petra, subject="Of the parent"))
    of_rival = walks.started(cast, ticket=walks.opened(cast, by=cast.eve, subject="Of the rival"))
    for ticket in (walks.started(cast), of_parent, of_rival):
        asked(cast, ticket=ticket)
    subjects = ("Printer is on fire", "Of the parent", "Of the rival")
    seen = {
        person.name: [subject for subject in subjects if subject in _page(person)]
        for person in (cast.max, cast.petra, outsiders["ruth"], outsiders["sina"])
    }
    assert seen == {
        "Max Moreira": ["Printer is on fire"],
        "Petra Prado": ["Printer is on fire", "Of the parent"],
        "Ruth Reed": ["Of the rival"],
        "Sina Silva": [],
    }


def test_list_is_paged_and_costs_the_same(cast: Cast) -> None:
    """R2.29: with one row and with thirty under one count of questions."""
    asked(cast)
    few = queries_of(as_(cast.max), "/approvals/")
    for _ in range(29):
        asked(cast)
    assert queries_of(as_(cast.max), "/approvals/") == few
    page = as_(cast.max).get("/approvals/")
    assert len(page.context["rows"]) == 25
    rest = as_(cast.max).get(f"/approvals/?after={page.context['newer']}")
    assert len(rest.context["rows"]) == 5


def test_empty_list_is_for_managers_on_the_plan(cast: Cast) -> None:
    """R2.1: on another plan there is no page either."""
    assert as_(cast.max).get("/approvals/").status_code == 404
    switched_on(cast)
    assert "Nothing waits for you" in _page(cast.max)


# One page with everything


def test_page_shows_all_of_the_ticket_and_of_the_action(cast: Cast) -> None:
    """R2.30: although the manager cannot open the ticket otherwise; no internal note, no adding of files."""
    ticket = walks.asked(cast)
    tickets.actions.note(ticket=ticket, by=cast.ada, text="They always say that.")
    request = asked(cast, ticket=ticket, action=an_action(description="Stops sign-ins for an hour."))
    assert as_(cast.max).get(f"/tickets/{ticket.number}/").status_code == 404
    page = _page(cast.max, f"/approvals/{request.pk}/")
    for words in (
        NAME, "Stops sign-ins for an hour.", COMMENT, "Ada Alves", "Rita Ramos", f"#{ticket.number}",
        "Printer is on fire", "It burns since nine o'clock.", "Which printer?", "Support", "Workplace", "normal",
        "screen.txt", "Approve", "Reject",
    ):  # fmt: skip
        assert words in page, words
    assert "They always say that." not in page


def test_notice_leads_to_the_action(cast: Cast) -> None:
    """R2.24, R2.25, R2.36: an unread row in the hub, with the link to the page."""
    request = asked(cast)
    row = Notification.objects.get(kind="action_requested", recipient=cast.max)
    answer = as_(cast.max).post(f"/notifications/{row.pk}/open/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/approvals/{request.pk}/")


def test_folder_is_open_to_managers_while_the_action_waits(cast: Cast) -> None:
    """R2.30, R1.14: read only, and only until it is decided; every grant is on record."""
    request = asked(cast)
    folder = Folder.objects.get()
    browser = as_(cast.max)
    page = browser.get(f"/folders/{folder.name}/")
    assert page.status_code == 200
    assert f'href="/approvals/{request.pk}/"' in page.content.decode()
    assert browser.get(f"/folders/{folder.name}/zip/").status_code == 200
    for person in (cast.max, cast.petra):
        rights = [verb for verb in ("view", "add", "remove") if reason_not(cast.again(person), verb, folder) is None]
        assert rights == ["view"]
    approvals.actions.reject_action(request=request, by=cast.petra)
    assert browser.get(f"/folders/{folder.name}/").status_code == 404
    assert browser.get("/folders/").context["folders"].count() == 0
    records = AuditEntry.objects.filter(folder=folder, subject__in=["Max Moreira", "Petra Prado"])
    assert sorted(records.values_list("verb", flat=True)) == ["granted", "granted", "revoked", "revoked"]


@pytest.mark.parametrize("end", ["approve", "cancel", "expire"])
def test_folder_closes_however_the_action_ends(cast: Cast, end: str) -> None:
    """R1.14, R2.22: expired and cancelled as well."""
    request = asked(cast)
    if end == "expire":
        tickets.actions.cancel(ticket=request.ticket, by=cast.rita)
    else:
        getattr(approvals.actions, f"{end}_action")(request=request, by=cast.max)
    assert [reason_not(cast.again(one), "view", Folder.objects.get()) is None for one in (cast.max, cast.petra)] == [
        False, False,
    ]  # fmt: skip


def test_manager_who_is_involved_otherwise_keeps_his_access(cast: Cast) -> None:
    """A22, R1.14: his own ticket's folder stays his; his evaluation is recorded."""
    ticket = walks.started(cast, ticket=walks.opened(cast, by=cast.max))
    request = approvals.actions.approve_action(request=asked(cast, ticket=ticket), by=cast.max)
    assert (request.evaluated_by, ticket.events.filter(verb="approve_action", actor=cast.max).count()) == (cast.max, 1)
    assert reason_not(cast.again(cast.max), "add", ticket.folder) is None
    assert reason_not(cast.again(cast.petra), "view", ticket.folder) is not None


def test_manager_appointed_later_is_asked_and_a_former_one_no_more(cast: Cast) -> None:
    """R2.13, R2.29: list, page and folder follow the marks at once."""
    request = asked(cast)
    folder = Folder.objects.get()
    cast.cora.manages_organization, cast.max.manages_organization = True, False
    for person in (cast.cora, cast.max):
        save_person(person=person, fields=["manages_organization"])
    seen = {
        name: (
            as_(person).get(f"/approvals/{request.pk}/").status_code,
            reason_not(cast.again(person), "view", folder) is None,
        )
        for name, person in (("cora", cast.cora), ("max", cast.max), ("petra", cast.petra))
    }
    assert seen == {"cora": (200, True), "max": (404, False), "petra": (200, True)}
    approvals.actions.approve_action(request=request, by=cast.again(cast.cora))
    assert reason_not(cast.again(cast.cora), "view", folder) is not None


def test_parents_managers_follow_the_tree_of_organizations(cast: Cast) -> None:
    """R2.29: a branch that leaves its parent takes its pending actions along."""
    request = asked(cast)
    cast.branch.parent = None
    save_organization(organization=cast.branch)
    assert as_(cast.petra).get(f"/approvals/{request.pk}/").status_code == 404
    assert reason_not(cast.again(cast.petra), "view", Folder.objects.get()) is not None
    assert as_(cast.max).get(f"/approvals/{request.pk}/").status_code == 200


# The decision


@pytest.mark.parametrize(("verb", "state"), [("approve", "approved"), ("reject", "rejected")])
def test_both_decisions_ask_for_a_confirmation(cast: Cast, verb: str, state: str) -> None:
    """R2.31: looking decides nothing; the confirmation does. Without script too: they are pages."""
    request = asked(cast)
    browser = as_(cast.max)
    confirmation = text_of(browser.get(f"/approvals/{request.pk}/{verb}/"))
    assert f"{verb.title()} this action?" in confirmation
    assert again(request).state == State.WAITING
    answer = browser.post(f"/approvals/{request.pk}/{verb}/", follow=True)
    assert f"You {state} “{NAME}”." in text_of(answer)
    found = again(request)
    assert (found.state, found.evaluated_by, found.reason) == (state, cast.max, "")


def test_rejecting_takes_a_reason_that_the_desk_reads(cast: Cast) -> None:
    """R2.32, R2.33: optional; kept with evaluator and time, shown in the panel."""
    request = asked(cast)
    as_(cast.max).post(f"/approvals/{request.pk}/reject/", {"text": "Not before Monday."})
    found = again(request)
    assert (found.state, found.reason, found.evaluated_by) == (State.REJECTED, "Not before Monday.", cast.max)
    assert found.evaluated_at is not None
    panel = text_of(as_(cast.ada).get(f"/panel/tickets/{request.ticket_id}/"))
    for words in (f"rejected “{NAME}”", "Rejected by Max Moreira", "Not before Monday."):
        assert words in panel
    letter = Letter.objects.get(kind="action_rejected", recipient=cast.ada)
    assert letter.facts["text"] == "Not before Monday."


def test_approving_takes_no_reason(cast: Cast) -> None:
    """R2.32: the field belongs to the rejection."""
    request = asked(cast)
    as_(cast.max).post(f"/approvals/{request.pk}/approve/", {"text": "Sure."})
    assert (again(request).state, again(request).reason) == (State.APPROVED, "")


def test_second_manager_reads_who_was_first_when_and_how(cast: Cast) -> None:
    """R2.33: his page was open; what he sent is not counted, and he is told so."""
    request = asked(cast)
    browser = as_(cast.max)
    browser.get(f"/approvals/{request.pk}/reject/")
    approvals.actions.approve_action(request=request, by=cast.petra)
    answer = browser.post(f"/approvals/{request.pk}/reject/", {"text": "Too late."})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Petra Prado approved it on" in page
    assert "What you have just sent was not counted." in page
    assert (again(request).state, again(request).reason) == (State.APPROVED, "")
    assert Ticket.objects.get().events.filter(verb="reject_action").count() == 0


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("approve", "Petra Prado approved it on"),
        ("reject", "Petra Prado rejected it on"),
        ("cancel", "Petra Prado cancelled it on"),
        ("expire", "It expired on"),
    ],
)
@pytest.mark.parametrize("address", ["", "approve/", "reject/", "cancel/"])
def test_old_link_says_what_happened_and_nothing_more(cast: Cast, end: str, says: str, address: str) -> None:
    """R2.22, R2.33, A20: by whom and when; nothing of the ticket, the action, comment or reason; nothing changes."""
    request = asked(cast, ticket=walks.started(cast, ticket=walks.opened(cast, files=[a_file("secret-plan.txt")])))
    if end == "expire":
        tickets.actions.cancel(ticket=request.ticket, by=cast.rita)
    else:
        more = {"text": "A private reason."} if end == "reject" else {}
        getattr(approvals.actions, f"{end}_action")(request=request, by=cast.petra, **more)
    answer = as_(cast.max).get(f"/approvals/{request.pk}/{address}")
    page = text_of(answer)
    assert answer.status_code == 200
    assert says in page
    for words in (NAME, COMMENT, "Printer is on fire", "A private reason.", "Rita", "secret-plan", "Ada"):
        assert words not in page, words
    assert "Approve actions" not in page
    assert _page(cast.max).count("Printer is on fire") == 0


def test_unknown_verbs_are_no_pages(cast: Cast) -> None:
    """R2.20, R2.22: nobody lets an action expire by hand."""
    request = asked(cast)
    assert {as_(cast.max).post(f"/approvals/{request.pk}/{verb}/").status_code for verb in ("expire", "request")} == {
        404
    }
    assert again(request).state == State.WAITING


def test_manager_cancels_from_the_portal(cast: Cast) -> None:
    """R2.20, R2.21: the parent's manager too, after a confirmation."""
    request = asked(cast)
    browser = as_(cast.petra)
    assert "Cancel this request?" in text_of(browser.get(f"/approvals/{request.pk}/cancel/"))
    assert browser.post(f"/approvals/{request.pk}/cancel/").status_code == 302
    assert (again(request).state, again(request).evaluated_by) == (State.CANCELLED, cast.petra)


# Who learns nothing


def test_outsiders_learn_nothing_by_address_list_count_search_or_notice(cast: Cast) -> None:
    """R2.29, R6.26, A12: the rival's and the sister's managers, requesters and agents, Ada and Ana included."""
    outsiders = _outsiders(cast)
    request = asked(cast, text="zebracrossing", action=an_action("Zebra stripes"))
    for name, person in outsiders.items():
        browser = as_(person)
        for address in ("", "approve/", "reject/", "cancel/"):
            assert browser.get(f"/approvals/{request.pk}/{address}").status_code == 404, name
        for verb in ("approve", "reject", "cancel"):
            assert browser.post(f"/approvals/{request.pk}/{verb}/").status_code == 404, name
        assert browser.get("/approvals/").status_code == (200 if person.manages_organization else 404), name
        assert "Approve actions (" not in text_of(browser.get("/tickets/")), name
        for address in (
            "/approvals/",
            "/tickets/?q=zebracrossing",
            "/tickets/?q=Zebra",
            "/notifications/",
            "/folders/",
        ):
            assert "Zebra stripes" not in text_of(browser.get(address)), (name, address)
        assert not Notification.objects.filter(recipient=person, kind="action_requested").exists(), name
    assert again(request).state == State.WAITING


@pytest.mark.parametrize("end", ["approve", "reject", "cancel", "expire"])
def test_outsiders_get_no_letter_no_notice_no_access_however_it_ends(cast: Cast, end: str) -> None:
    """R2.23, R2.29, R2.34, R1.15: managers are asked, whoever asked is answered; nobody else, Rita included."""
    outsiders = _outsiders(cast)
    request = asked(cast)
    kinds = [f"action_{word}" for word in ("requested", "approved", "rejected", "cancelled", "expired")]

    def reached() -> tuple[list[str], list[str], list[str]]:
        hub, letters = (model.objects.filter(kind__in=kinds) for model in (Notification, Letter))
        may_look = [
            name
            for name, person in (outsiders | {"max": cast.max, "petra": cast.petra}).items()
            if reason_not(cast.again(person), "view", request.ticket.folder) is None
        ]
        return cast.names_of(row.recipient for row in hub), cast.names_of(row.recipient for row in letters), may_look

    before = ["rita", "ada", "hugo", "ana"]  # requester, executor, the head with his task, administrator
    assert reached() == (["max", "petra"], ["max", "petra"], [*before, "max", "petra"])
    if end == "expire":
        tickets.actions.cancel(ticket=request.ticket, by=cast.rita)
    else:
        getattr(approvals.actions, f"{end}_action")(request=request, by=cast.petra)
    answered = ["ada"] if end in {"approve", "reject"} else []  # else by a line in the hub only
    assert reached() == (["ada", "max", "petra"], [*answered, "max", "petra"], before)


@pytest.mark.parametrize("name", ["bob", "nora"])
def test_agents_find_nothing_of_it_that_is_not_theirs(cast: Cast, name: str) -> None:
    """R2.39, R2.46: the department's other agents read the ticket's history; another department finds nothing."""
    request = asked(cast, text="zebracrossing", action=an_action("Zebra stripes"))
    sees = name == "bob"
    browser = as_(cast.people[name])
    for words in ("zebracrossing", "Zebra", str(request.ticket_id)):
        page = browser.get(f"/panel/search/?q={words}")
        assert "Zebra stripes" not in text_of(page)
        assert sees or f"/panel/tickets/{request.ticket_id}/" not in page.content.decode()
    assert ("Zebra stripes" in text_of(browser.get(f"/panel/tickets/{request.ticket_id}/"))) == sees
    assert browser.get(f"/panel/actions/{request.pk}/").status_code == (200 if sees else 404)


def test_requester_sees_nothing_of_it_in_his_ticket(cast: Cast) -> None:
    """R2.39: neither while it waits nor afterwards, in page, history, folder or notices."""
    request = asked(cast)
    approvals.actions.reject_action(request=request, by=cast.max, text="A private reason.")
    asked(cast, ticket=request.ticket)
    number = request.ticket_id
    for address in (f"/tickets/{number}/", f"/folders/{number}/", "/notifications/", "/tickets/", "/"):
        page = _page(cast.rita, address)
        for words in (NAME, COMMENT, "A private reason.", "approv", "Max Moreira rejected"):
            allowed = words == "approv" and address in {f"/tickets/{number}/"}  # the process names its approval
            assert allowed or words not in page.lower().replace("solution approval", ""), (address, words)
    assert ActionRequest.objects.count() == 2


def test_managers_page_does_not_reach_the_folder_of_others(cast: Cast) -> None:
    """R1.15: the grant is for one folder."""
    asked(cast)
    other = walks.started(cast, ticket=walks.opened(cast, by=cast.eve))
    assert as_(cast.max).get(f"/folders/{other.number}/").status_code == 404
