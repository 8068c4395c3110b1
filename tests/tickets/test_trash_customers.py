"""A customer in the trash: signed out, in no list, told nothing; he and his tickets come back as they were (R2.42)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

import approvals.actions
from approvals.models import ActionRequest
from attachments.models import FolderUserPermission
from helpdesk.core.refusals import Refused
from helpdesk.notifications.delivery import deliver
from helpdesk.notifications.live.visitors import admit
from helpdesk.notifications.models import Letter, Notification
from helpdesk.people.actions import join_department, save_department, save_organization
from helpdesk.people.models import Organization, User
from tests import walks
from tests.approvals import consents
from tests.cast import PASSWORD, Cast, a_person
from tests.pages import as_, text_of
from tests.tickets import belongings
from tickets import opening, search
from tickets.actions import trash
from tickets.lifecycle import Status
from tickets.models import Ticket, TrashEntry

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def test_customer_and_his_tickets_come_back_as_they_were(cast: Cast) -> None:
    """R2.40, R2.42: he, everything of every ticket, and nobody else's."""
    tickets = [walks.to(status, cast, at=NOW) for status in (Status.IN_SERVICE, Status.CLOSED, Status.CANCELLED)]
    consents.asked(cast, ticket=tickets[0], at=NOW)
    others = walks.opened(cast, by=cast.cora, at=NOW)
    before, person = [belongings.of(ticket) for ticket in tickets], belongings.of_person(cast.rita)
    coras = belongings.of(others)
    entry = trash.put_customer(customer=cast.rita, by=cast.ana, at=NOW)
    assert list(Ticket.objects.all()) == [others]
    assert entry.tickets_with_it.count() == 3
    trash.restore(entry=entry, by=cast.ana, at=NOW)
    assert [belongings.of(ticket) for ticket in tickets] == before
    assert belongings.of_person(cast.rita) == person
    assert belongings.of(others) == coras
    assert not TrashEntry.objects.exists()


def test_ticket_deleted_before_its_customer_stays_in_the_trash(cast: Cast) -> None:
    """R2.42: restoring the customer restores exactly the tickets that followed him."""
    alone, followed = walks.opened(cast), walks.opened(cast)
    first = trash.put_ticket(ticket=alone, by=cast.hugo)
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    with pytest.raises(Refused, match="The requester of this ticket, Rita Ramos, lies in the trash"):
        trash.restore(entry=first, by=cast.ana)
    with pytest.raises(Refused, match="went to the trash with Rita Ramos"):
        trash.restore(entry=TrashEntry.objects.get(ticket=followed), by=cast.ana)
    with pytest.raises(Refused, match="went to the trash with Rita Ramos"):
        trash.delete_for_good(entry=TrashEntry.objects.get(ticket=followed), by=cast.ana, typed=str(followed.number))
    trash.restore(entry=entry, by=cast.ana)
    assert list(Ticket.objects.all()) == [followed]
    trash.restore(entry=first, by=cast.ana)
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("is_active", [True, False])
def test_customer_remembers_whether_he_was_active(cast: Cast, is_active: bool) -> None:
    """R2.42: who was deactivated before comes back deactivated."""
    if not is_active:
        cast.deactivate(cast.rita)
    before = belongings.of_person(cast.rita)
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    trash.restore(entry=entry, by=cast.ana)
    assert belongings.of_person(cast.rita) == before


def test_customer_in_the_trash_cannot_sign_in_and_is_signed_out(cast: Cast) -> None:
    """R2.42: also a session from before does not come back with him."""
    client = Client()
    login = {"login": "rita@demo.example", "password": PASSWORD}
    assert client.post("/account/login/", login).status_code == 302
    session = client.session.session_key
    assert client.get("/tickets/").status_code == 200
    assert admit(session, "", None) is not None
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    assert client.get("/tickets/").status_code == 302
    assert admit(session, "", None) is None
    assert authenticate(email="rita@demo.example", password=PASSWORD) is None
    fresh = Client()
    fresh.post("/account/login/", login)
    assert fresh.get("/tickets/").status_code == 302
    trash.restore(entry=entry, by=cast.ana)
    assert client.get("/tickets/").status_code == 302
    fresh.post("/account/login/", login)
    assert fresh.get("/tickets/").status_code == 200


def test_customer_in_the_trash_is_in_no_list_search_or_picker(cast: Cast) -> None:
    """R2.42: the administration's list and picker, people found by name, his organization, those who can be asked."""
    walks.opened(cast)
    picker = "/admin/autocomplete/?app_label=people&model_name=absence&field_name=user&term=Rita"

    def seen() -> list[bool]:
        ana = as_(cast.ana)
        return [
            "Rita Ramos" in text_of(ana.get("/admin/people/user/")),
            ana.get(f"/admin/people/user/{cast.rita.pk}/change/").status_code == 200,
            bool(ana.get(picker).json()["results"]),
            bool(search.people_named("Rita", reader=cast.ana)),
            cast.branch.people.filter(pk=cast.rita.pk).exists(),
            User.objects.named("Rita").exists(),
        ]

    assert all(seen())
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    assert not any(seen())
    trash.restore(entry=entry, by=cast.ana)
    assert all(seen())


def test_letters_to_a_customer_in_the_trash_wait(cast: Cast) -> None:
    """R2.42: a letter that asks a manager waits for him, and is neither sent nor given up."""
    consents.asked(cast)
    maxs = Letter.objects.filter(recipient=cast.max, state="queued").count()
    assert maxs == 1
    entry = trash.put_customer(customer=cast.max, by=cast.ana)
    deliver()
    assert Letter.objects.get(recipient=cast.max).state == "queued"
    trash.restore(entry=entry, by=cast.ana)
    deliver()
    assert Letter.objects.get(recipient=cast.max).state == "sent"


def test_managers_part_ends_and_comes_back(cast: Cast) -> None:
    """R2.13, R2.42: what waits on other people's tickets is not his while he is away, and his again afterwards."""
    request = consents.asked(cast)

    def his() -> tuple[list[str], bool]:
        looks = FolderUserPermission.objects.filter(user=cast.max, content_object=request.ticket.folder_id).exists()
        return cast.names_of(consents.again(request).asked.all()), looks

    assert his() == (["max", "petra"], True)
    entry = trash.put_customer(customer=cast.max, by=cast.ana)
    assert his() == (["petra"], False)
    assert not ActionRequest.objects.decided_by_managers_like(User.with_trash.get(pk=cast.max.pk)).exists()
    with pytest.raises(Refused):
        approvals.actions.approve_action(request=request, by=User.with_trash.get(pk=cast.max.pk))
    trash.restore(entry=entry, by=cast.ana)
    assert his() == (["max", "petra"], True)
    approvals.actions.approve_action(request=request, by=cast.again(cast.max))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ada", "Ada Alves works here"),
        ("hugo", "Hugo Hahn works here"),
        ("ana", "Nobody deletes himself"),
        ("eve", "Eve Evans has served tickets"),
        ("nora", "Nora Nunes works here"),
    ],
)
def test_only_customers_go_to_the_trash(cast: Cast, name: str, reason: str) -> None:
    """R2.42: whoever works here, or has served tickets once, is deactivated instead; nobody deletes himself."""
    join_department(department=cast.other_department, user=cast.eve)
    ticket = walks.opened(cast, department=cast.other_department, service=cast.other_service)
    walks.assumed(cast, ticket=ticket, by=cast.again(cast.eve))
    cast.eve.memberships.all().delete()
    with pytest.raises(Refused, match=reason):
        trash.put_customer(customer=cast.people[name], by=cast.ana)


@pytest.mark.parametrize("name", ["hugo", "ada", "max", "petra", "rita"])
def test_only_administrators_move_customers_to_the_trash(cast: Cast, name: str) -> None:
    """R2.42."""
    with pytest.raises(Refused, match="Only an administrator"):
        trash.put_customer(customer=cast.cora, by=cast.people[name])


def test_twice_is_refused(cast: Cast) -> None:
    """R2.42."""
    trash.put_customer(customer=cast.rita, by=cast.ana)
    with pytest.raises(Refused, match="in the trash already"):
        trash.put_customer(customer=cast.rita, by=cast.ana)


def test_address_of_a_customer_in_the_trash_stays_taken(cast: Cast) -> None:
    """R2.42: restoring must not collide; the form says it beside the field."""
    trash.put_customer(customer=cast.rita, by=cast.ana)
    twin = User(email="Rita@demo.example", name="Rita Two", password="x")
    with pytest.raises(ValidationError, match="A customer in the trash has this e-mail address"):
        twin.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        a_person("Rita Two", email="rita@demo.example")


def test_nobody_acts_from_the_trash(cast: Cast) -> None:
    """House rule 11: the database holds it; a form that was open is refused with a sentence."""
    trash.put_customer(customer=cast.rita, by=cast.ana)
    with pytest.raises(IntegrityError, match="people_nobody_acts_from_the_trash"), transaction.atomic():
        User.with_trash.filter(pk=cast.rita.pk).update(is_active=True)
    wish: dict[str, Any] = {"department": cast.department, "service": cast.service, "description": "Please."}
    with pytest.raises(Refused, match="not active"):
        opening.open_once(by=cast.rita, subject="One more", **wish)


def test_entry_is_of_one_ticket_or_one_customer(cast: Cast) -> None:
    """House rule 11: the database holds it."""
    ticket = walks.opened(cast)
    for values in ({}, {"ticket": ticket, "customer": cast.rita}, {"customer": cast.rita}):
        with pytest.raises(IntegrityError, match="trash_entry_is_of_one_thing"), transaction.atomic():
            TrashEntry.objects.create(kind="ticket", name="x", deleted_by=cast.ana, **values)


def test_nothing_open_comes_back_into_a_department_that_is_switched_off(cast: Cast) -> None:
    """R1.21: nobody would see it; ended tickets come back."""
    ended, waiting = walks.cancelled(cast), walks.opened(cast, by=cast.cora)
    customer = trash.put_customer(customer=cast.cora, by=cast.ana)
    entry = trash.put_ticket(ticket=ended, by=cast.hugo)
    cast.department.is_active = False
    save_department(department=cast.department)
    with pytest.raises(Refused, match=f"#{waiting.number} is open, and its department Support is switched off"):
        trash.restore(entry=customer, by=cast.ana)
    trash.restore(entry=entry, by=cast.ana)
    cast.department.is_active = True
    save_department(department=cast.department)
    trash.restore(entry=customer, by=cast.ana)
    assert Ticket.objects.count() == 2


def test_organizations_follow_their_people(cast: Cast) -> None:
    """R2.43: an organization is changed while its manager lies in the trash; he comes back into it."""
    request = consents.asked(cast)
    entry = trash.put_customer(customer=cast.petra, by=cast.ana)
    cast.branch.parent = None
    save_organization(organization=Organization.objects.get(pk=cast.branch.pk))
    trash.restore(entry=entry, by=cast.ana)
    assert cast.names_of(consents.again(request).asked.all()) == ["max", "petra"]


def test_deleted_for_good_with_his_tickets_and_everything_personal(cast: Cast) -> None:
    """R2.41, R2.42: nothing elsewhere names her, so the row goes too."""
    walks.closed(cast)
    first = trash.put_ticket(ticket=walks.opened(cast), by=cast.hugo)
    walks.opened(cast)
    entry = trash.put_customer(customer=cast.rita, by=cast.ana)
    for typed in ("", "rita", "3"):
        with pytest.raises(Refused, match="not the customer's e-mail address") as refusal:
            trash.delete_for_good(entry=entry, by=cast.ana, typed=typed)
        assert refusal.value.field == "typed"
    trash.delete_for_good(entry=entry, by=cast.ana, typed=" Rita@demo.example ")
    assert not User.with_trash.filter(pk=cast.rita.pk).exists()
    assert not Ticket.with_trash.exists()
    assert not TrashEntry.objects.filter(pk=first.pk).exists()
    assert not Letter.with_withheld.filter(recipient=cast.rita.pk).exists()
    assert not Notification.with_withheld.filter(recipient=cast.rita.pk).exists()


def test_whom_history_names_stays_without_anything_personal(cast: Cast) -> None:
    """R2.42: Max has approved something on Rita's ticket; his decision stays, his name and address do not."""
    request = consents.asked(cast)
    approvals.actions.approve_action(request=request, by=cast.max)
    walks.opened(cast, by=cast.max)
    entry = trash.put_customer(customer=cast.max, by=cast.ana)
    trash.delete_for_good(entry=entry, by=cast.ana, typed="max@demo.example")
    row = User.with_trash.get(pk=cast.max.pk)
    assert (row.name, row.email) == ("Deleted customer", f"deleted-{row.pk}@deleted.invalid")
    assert (row.organization, row.manages_organization, row.is_active) == (None, False, False)
    assert not row.has_usable_password()
    assert not User.objects.filter(pk=row.pk).exists()
    assert not TrashEntry.objects.exists()
    assert consents.again(request).evaluated_by == row
    assert "Deleted customer" in text_of(as_(cast.ana).get(f"/panel/tickets/{request.ticket_id}/"))
    assert not Letter.with_withheld.filter(recipient=row).exists()
    a_person("Max Two", email="max@demo.example")  # the address is free again


def test_retention_takes_customers_too(cast: Cast) -> None:
    """R2.42: with the tickets that followed them, and not a day early."""
    walks.opened(cast)
    trash.put_customer(customer=cast.rita, by=cast.ana, at=NOW)
    assert trash.empty(at=NOW + timedelta(days=29, hours=23)) == 0
    assert trash.empty(at=NOW + timedelta(days=30)) == 1
    assert not User.with_trash.filter(pk=cast.rita.pk).exists()
    assert not Ticket.with_trash.exists()
