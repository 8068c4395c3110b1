"""The trash as heads and administrators see it: the way in, the list, and the two ways out (R2.42)."""

from __future__ import annotations

import re
from datetime import timedelta

from django.contrib.messages import get_messages
from django.utils import timezone

from helpdesk.people.actions import join_department
from helpdesk.people.models import User
from tests import walks
from tests.approvals import consents
from tests.cast import Cast
from tests.pages import as_, queries_of, text_of
from tickets.actions import trash
from tickets.models import Ticket, TrashEntry


def _said(response: object) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))  # type: ignore[attr-defined]  # the test client's


def test_menu_of_the_ticket_leads_to_the_trash_for_heads_and_administrators_only(cast: Cast) -> None:
    """R2.42: the item stands last in "More"."""
    ticket = walks.started(cast)
    address = f"/panel/tickets/{ticket.number}/"
    for name, offered in (("hugo", True), ("ana", True), ("ada", False), ("bob", False)):
        page = as_(cast.people[name]).get(address).text
        assert (f"{address}trash/" in page) is offered, name
    menu = re.search(r'id="ticket-menu".*?</div></div>|id="ticket-menu".*', as_(cast.hugo).get(address).text, re.S)
    assert menu
    assert menu[0].index("/cancel/") < menu[0].index(f"{address}trash/")


def test_head_moves_a_ticket_to_the_trash(cast: Cast) -> None:
    """R2.42: asking changes nothing; afterwards he reads who can restore it, and the list is the way on."""
    ticket = walks.started(cast)
    hugo, address = as_(cast.hugo), f"/panel/tickets/{ticket.number}/trash/"
    words = text_of(hugo.get(address))
    assert f"Move ticket #{ticket.number} to the trash?" in words
    assert "neither Rita Ramos nor the service desk" in words
    assert "After 30 days it is deleted for good" in words
    assert Ticket.objects.exists()
    response = hugo.post(address)
    assert response.headers["Location"] == "/panel/queue/"
    assert _said(response) == f"Ticket #{ticket.number} is in the trash. An administrator can restore it."
    assert hugo.post(address).status_code == 404
    assert hugo.get("/panel/trash/").status_code == 403


def test_administrator_can_undo_at_once(cast: Cast) -> None:
    """R2.42: the message leads to the restoring."""
    ticket = walks.closed(cast)
    ana = as_(cast.ana)
    response = ana.post(f"/panel/tickets/{ticket.number}/trash/")
    assert response.headers["Location"] == "/panel/closed/"
    entry = TrashEntry.objects.get()
    assert f'<a href="/panel/trash/{entry.pk}/restore/">Undo</a>' in ana.get("/panel/closed/").text
    assert f"Restore ticket #{ticket.number}?" in text_of(ana.get(f"/panel/trash/{entry.pk}/restore/"))
    assert TrashEntry.objects.exists()
    response = ana.post(f"/panel/trash/{entry.pk}/restore/")
    assert response.headers["Location"] == f"/panel/tickets/{ticket.number}/"
    assert ana.get(response.headers["Location"]).status_code == 200
    assert ana.get(f"/panel/trash/{entry.pk}/restore/").status_code == 404


def test_list_says_type_name_who_when_and_until_when(cast: Cast) -> None:
    """R2.42."""
    ticket = walks.opened(cast, subject="Broken mouse")
    trash.put_ticket(ticket=ticket, by=cast.hugo, at=timezone.now() - timedelta(days=3))
    walks.opened(cast, by=cast.cora)
    walks.opened(cast, by=cast.cora)
    entry = trash.put_customer(customer=cast.cora, by=cast.ana)
    ana = as_(cast.ana)
    rows = re.findall(r"<tr>(.*?)</tr>", ana.get("/panel/trash/").text.replace("\n", " "))[1:]
    words = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    assert len(words) == 2
    assert words[0].startswith("Customer Cora Costa cora@demo.example · with 2 tickets Ana Andrade")
    assert words[1].startswith(f"Ticket #{ticket.number} Broken mouse Hugo Hahn")
    for kind, names in (("ticket", (True, False)), ("customer", (False, True)), ("nonsense", (True, True))):
        found = text_of(ana.get(f"/panel/trash/?type={kind}"))
        assert ("Broken mouse" in found, "Cora Costa" in found) == names, kind
    followers = text_of(ana.get(f"/panel/trash/?with={entry.pk}"))
    assert "Tickets that went with Cora Costa" in followers
    assert followers.count("Printer is on fire") == 2
    assert "Restore" not in followers
    assert ana.get("/panel/trash/?with=999").status_code == 404


def test_list_of_the_trash_needs_as_many_queries_for_many(cast: Cast) -> None:
    """Design 9."""
    trash.put_ticket(ticket=walks.opened(cast), by=cast.hugo)
    ana = as_(cast.ana)
    one = queries_of(ana, "/panel/trash/")
    for _ in range(3):
        trash.put_ticket(ticket=walks.opened(cast), by=cast.hugo)
    assert queries_of(ana, "/panel/trash/") == one


def test_empty_trash_says_what_will_be_there(cast: Cast) -> None:
    """Look: empty states; R2.42: without a retention the page says so."""
    cast.account.trash_retention = 0
    cast.account.save()
    words = text_of(as_(cast.ana).get("/panel/trash/"))
    assert "The trash is empty" in words
    assert "stays until somebody deletes it for good" in words


def test_deleting_for_good_asks_for_the_number(cast: Cast) -> None:
    """R2.42: the error stands beside the field, what was typed is not lost, the way on is the list."""
    ticket = walks.opened(cast)
    entry = trash.put_ticket(ticket=ticket, by=cast.hugo)
    ana, address = as_(cast.ana), f"/panel/trash/{entry.pk}/delete/"
    assert "the number is never used again" in text_of(ana.get(address))
    for typed, words in (("", "Type it, so that nothing is deleted"), ("77777", "This is not the ticket's number")):
        response = ana.post(address, {"typed": typed})
        assert response.status_code == 422
        assert words in text_of(response)
        assert 'aria-invalid="true"' in response.text
        assert f'value="{typed}"' in response.text or not typed
    assert ana.post(address, {"typed": str(ticket.number)}).headers["Location"] == "/panel/trash/"
    assert not Ticket.with_trash.exists()
    assert ana.post(address, {"typed": str(ticket.number)}).status_code == 404


def test_customer_goes_and_comes_back_by_the_pages(cast: Cast) -> None:
    """R2.42: from the person's page in the administration."""
    walks.opened(cast)
    ana = as_(cast.ana)
    person = f"/admin/people/user/{cast.rita.pk}/"
    assert f"{person}trash/" in ana.get(f"{person}change/").text
    response = ana.get(f"{person}trash/")
    assert response.headers["Location"] == f"/panel/customers/{cast.rita.pk}/trash/"
    assert "1 ticket goes to the trash with this customer" in text_of(ana.get(response.headers["Location"]))
    assert ana.post(response.headers["Location"]).headers["Location"] == "/panel/trash/"
    entry = TrashEntry.objects.get(kind="customer")
    follower = TrashEntry.objects.get(kind="ticket")
    page = ana.get(f"/panel/trash/{follower.pk}/restore/")
    assert "Restore the customer, and it comes back too" in text_of(page)
    assert ana.post(f"/panel/trash/{follower.pk}/restore/").status_code == 422
    assert ana.get(f"/panel/trash/{follower.pk}/delete/").status_code == 302
    assert "rita@demo.example" in text_of(ana.get(f"/panel/trash/{entry.pk}/delete/"))
    assert ana.post(f"/panel/trash/{entry.pk}/restore/").status_code == 302
    assert User.objects.filter(pk=cast.rita.pk, is_active=True).exists()


def test_who_works_here_cannot_go_and_the_page_says_why(cast: Cast) -> None:
    """R2.42."""
    ana, address = as_(cast.ana), f"/panel/customers/{cast.ada.pk}/trash/"
    assert "Ada Alves works here. Deactivate the account instead" in text_of(ana.get(address))
    assert ana.post(address).status_code == 422
    assert not TrashEntry.objects.exists()


def test_head_of_another_department_learns_nothing(cast: Cast) -> None:
    """R6.26: out of sight is 404."""
    join_department(department=cast.other_department, user=cast.nora, line=None, is_head=True)
    ticket = walks.opened(cast)
    assert as_(cast.nora).post(f"/panel/tickets/{ticket.number}/trash/").status_code == 404


def test_old_links_lead_nowhere_in_a_friendly_way(cast: Cast) -> None:
    """R2.41, A20: letters are kept; what they lead to says nothing of the ticket."""
    request = consents.asked(cast)
    trash.put_ticket(ticket=request.ticket, by=cast.hugo)
    for person, address in (
        (cast.max, f"/approvals/{request.pk}/"),
        (cast.rita, f"/tickets/{request.ticket_id}/"),
        (cast.ada, f"/panel/tickets/{request.ticket_id}/"),
    ):
        response = as_(person).get(address)
        assert response.status_code == 404
        assert "There is nothing here" in text_of(response)


def test_retention_is_a_setting_of_the_account(cast: Cast) -> None:
    """R2.42, section 7: `trash_retention`, 30 days."""
    assert cast.account.trash_retention == 30
    page = as_(cast.ana).get("/admin/people/account/1/change/").text
    assert 'name="trash_retention"' in page
    assert "panel/trash/" in page
