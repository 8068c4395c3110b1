"""A parent organization's managers: their page, members they add, managers they name (R2.44); the switches (R2.43)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.models import Organization, User
from tests.approvals import consents
from tests.cast import Cast, a_person
from tests.pages import as_, queries_of, text_of
from tests.together import at_once

PAGE = "/organization/"
NEW = {"name": "Zoë Zander", "email": "Zoe@Customers.Example", "language": "pt-br", "time_zone": "America/Sao_Paulo"}
ONLY = "Only managers of the parent organization can do this."


def _of(organization: Organization) -> str:
    return f"{PAGE}{organization.pk}/"


def _marks(*people: User) -> list[bool]:
    return [User.objects.get(pk=one.pk).manages_organization for one in people]


# --- the organization's form


def test_administrator_sets_the_switches(cast: Cast, client: Client) -> None:
    """R2.43: who reads, whether tickets may be opened, how many a month."""
    client.force_login(cast.ana)
    sent = {"name": "Neu", "parent": cast.parent.pk, "is_active": "on", "team_sees_tickets": "on", "monthly_quota": "7"}
    assert client.post("/admin/people/organization/add/", sent).status_code == 302
    new = Organization.objects.get(name="Neu")
    switches = (new.managers_see_tickets, new.team_sees_tickets, new.may_open_tickets, new.monthly_quota)
    assert switches == (False, True, False, 7)


def test_new_organization_sees_nothing_and_may_open(cast: Cast) -> None:
    """R2.43: nothing is visible by default."""
    made = Organization.objects.create(name="Neu")
    switches = (made.managers_see_tickets, made.team_sees_tickets, made.may_open_tickets, made.monthly_quota)
    assert switches == (False, False, True, None)


def test_quota_of_nothing_is_refused(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    sent = {"name": "Neu", "monthly_quota": "0"}
    answer = client.post("/admin/people/organization/add/", sent)
    assert list(answer.context["adminform"].form.errors) == ["monthly_quota"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=cast.rival.pk).update(monthly_quota=0)


# --- the page


def test_page_is_there_for_managers_of_a_parent_only(cast: Cast) -> None:
    """R2.44, A12: not for a branch's manager, heads, administrators, or managers whose organization has no branch."""
    rex = a_person("Rex Royal", organization=cast.rival, manages_organization=True)
    found = {name: as_(one).get(PAGE).status_code for name, one in (cast.people | {"rex": rex}).items()}
    assert found == dict.fromkeys(found, 404) | {"petra": 200}
    leads = {name: f'href="{PAGE}"' in as_(one).get("/tickets/").content.decode() for name, one in cast.people.items()}
    assert leads == dict.fromkeys(leads, False) | {"petra": True}


def test_page_shows_the_own_organization_first_and_nobody_elses(cast: Cast) -> None:
    """R2.44, R6.26."""
    Organization.objects.create(name="A branch", parent=cast.parent)
    answer = as_(cast.petra).get(PAGE)
    assert [str(row["organization"]) for row in answer.context["rows"]] == ["Horizonte", "A branch", "Horizonte Sul"]
    words = text_of(answer)
    assert "Max Moreira" in words
    assert "Rival" not in words


def test_members_are_shown_with_their_marks(cast: Cast) -> None:
    """R2.44: name, address, whether active, whether manager; of these organizations only."""
    cast.deactivate(cast.cora)
    answer = as_(cast.petra).get(_of(cast.branch))
    assert [one.name for one in answer.context["people"]] == ["Cora Costa", "Max Moreira", "Rita Ramos"]
    words = text_of(answer)
    assert "Cora Costa cora@demo.example not active" in words
    assert "Max Moreira manager max@demo.example active Remove as manager" in words
    assert "Rita Ramos rita@demo.example active Make a manager" in words
    for address in (_of(cast.rival), f"{_of(cast.rival)}members/new/", f"{PAGE}members/{cast.eve.pk}/appoint/"):
        assert as_(cast.petra).get(address).status_code == 404, address
    for address in (_of(cast.branch), f"{_of(cast.branch)}members/new/", f"{PAGE}members/{cast.rita.pk}/appoint/"):
        assert as_(cast.max).get(address).status_code == 404, address


def test_members_are_found_and_paged(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.people.views.members.PAGE_SIZE", 2)
    client = as_(cast.petra)

    def names(query: str) -> list[str]:
        return [one.name for one in client.get(f"{_of(cast.branch)}{query}").context["people"]]

    assert names("") == ["Cora Costa", "Max Moreira"]
    assert names(f"?after={cast.max.pk}") == ["Rita Ramos"]
    assert names("?q=ramo") == names("?q=rita@") == ["Rita Ramos"]
    assert names("?q=Evans") == names("?q=eve@") == []
    assert names(f"?after={cast.eve.pk}") == ["Cora Costa", "Max Moreira"]


@pytest.mark.parametrize("address", ["", "branch"])
def test_pages_cost_the_same_with_one_and_with_three_rows(cast: Cast, address: str) -> None:
    client, cost = as_(cast.petra), 9
    url = _of(cast.branch) if address else PAGE
    assert queries_of(client, url) == cost
    for number in range(3):
        branch = Organization.objects.create(name=f"Branch {number}", parent=cast.parent)
        a_person(f"Boss{number} B", organization=branch, manages_organization=True)
        a_person(f"Another{number} A", organization=cast.branch, manages_organization=True)
    assert queries_of(client, url) == cost


# --- members


def test_member_is_added_and_invited(cast: Cast) -> None:
    """R2.44: a requester of that organization, without any mark, who chooses a password by letter."""
    answer = as_(cast.petra).post(f"{_of(cast.branch)}members/new/", NEW, follow=True)
    assert "An invitation goes to zoe@customers.example." in text_of(answer)
    zoe = User.objects.get(email="zoe@customers.example")
    assert (zoe.name, zoe.organization, zoe.language, zoe.time_zone) == (
        "Zoë Zander", cast.branch, "pt-br", "America/Sao_Paulo",
    )  # fmt: skip
    assert (zoe.manages_organization, zoe.is_superuser, zoe.works_here, zoe.has_usable_password()) == (False,) * 4
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"][:2]) == ("helpdesk.people.tasks.send_account_letter", ("invitation", zoe.pk))


def test_marks_in_the_request_are_not_taken(cast: Cast) -> None:
    """A12: the form has four fields, whatever is sent."""
    more = {"is_superuser": "on", "manages_organization": "on", "organization": cast.rival.pk, "sector": cast.sector.pk}
    as_(cast.petra).post(f"{_of(cast.branch)}members/new/", NEW | more)
    zoe = User.objects.get(email="zoe@customers.example")
    assert (zoe.is_superuser, zoe.manages_organization, zoe.organization, zoe.sector) == (
        False,
        False,
        cast.branch,
        None,
    )


@pytest.mark.parametrize("address", ["EVE@demo.example", "ana@demo.example", "cora@demo.example"])
def test_address_in_use_is_refused_without_a_word_about_whose(cast: Cast, address: str) -> None:
    """R6.26: one sentence for a rival's person, an administrator and one's own; what was typed is kept."""
    before = User.objects.count()
    answer = as_(cast.petra).post(f"{_of(cast.branch)}members/new/", NEW | {"email": address})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "email": ["There is an account with this address already. If the person belongs here, please write to us."]
    }
    assert "Zoë Zander" in answer.content.decode()
    for hidden in ("Eve Evans", "Rival", "Ana Andrade", "Cora Costa"):
        assert hidden not in text_of(answer)
    assert (User.objects.count(), OrmQ.objects.count()) == (before, 0)


@pytest.mark.parametrize("change", [{"name": " "}, {"email": "nonsense"}, {"language": "xx"}, {"time_zone": "Mars"}])
def test_faulty_member_is_refused_beside_the_field(cast: Cast, change: dict[str, str]) -> None:
    answer = as_(cast.petra).post(f"{_of(cast.branch)}members/new/", NEW | change)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(change))


@pytest.mark.parametrize("by", ["rita", "max", "eve", "ada", "hugo", "ana"])
def test_nobody_else_adds_members_or_names_managers(cast: Cast, by: str) -> None:
    """R2.44, A12: in the service layer too; administrators have their own pages."""
    person = cast.people[by]
    calls: list[Any] = [
        lambda: actions.add_member(organization=cast.branch, by=person, **NEW),
        lambda: actions.appoint_manager(person=cast.rita, by=person),
        lambda: actions.dismiss_manager(person=cast.max, by=person),
    ]
    for call in calls:
        with pytest.raises(Refused, match=ONLY):
            call()
    assert _marks(cast.rita, cast.max) == [False, True]


def test_petra_reaches_no_further_than_her_branches(cast: Cast) -> None:
    """R6.26: no other organization, and nobody of none; a mark that was taken meanwhile counts no more."""
    for person in (cast.eve, cast.ada, cast.ana):
        with pytest.raises(Refused, match=ONLY):
            actions.appoint_manager(person=person, by=cast.petra)
    with pytest.raises(Refused, match=ONLY):
        actions.add_member(organization=cast.rival, by=cast.petra, **NEW)
    User.objects.filter(pk=cast.petra.pk).update(manages_organization=False)
    with pytest.raises(Refused, match=ONLY):
        actions.add_member(organization=cast.branch, by=cast.petra, **NEW)
    with pytest.raises(Refused, match=ONLY):
        actions.appoint_manager(person=cast.rita, by=cast.petra)


def test_invitations_of_a_day_are_limited_and_nothing_typed_is_lost(cast: Cast, settings: Any) -> None:
    """R2.44: for the organization with its branches, whoever of its managers asks; what was refused does not count."""
    settings.INVITATIONS_A_DAY = 2
    paula = a_person("Paula Porto", organization=cast.parent, manages_organization=True)
    now = timezone.now()

    def add(number: int, by: User, to: Organization, at: datetime = now) -> None:
        actions.add_member(organization=to, by=by, **NEW | {"email": f"new{number}@customers.example"}, at=at)

    with pytest.raises(Refused, match="account with this address"):
        actions.add_member(organization=cast.branch, by=cast.petra, **NEW | {"email": "eve@demo.example"})
    add(1, cast.petra, cast.branch)
    add(2, paula, cast.parent)
    answer = as_(cast.petra).post(f"{_of(cast.branch)}members/new/", NEW)
    assert answer.status_code == 422
    words = "Your organization has invited 2 people within 24 hours. Please go on tomorrow"
    assert words in answer.context["form"].non_field_errors()[0]
    assert words in text_of(answer)
    assert [answer.context["form"][name].value() for name in NEW] == list(NEW.values())
    assert not User.objects.filter(email="zoe@customers.example").exists()
    assert OrmQ.objects.count() == 2
    other = Organization.objects.create(name="Rival Norte", parent=cast.rival)
    add(3, a_person("Rex Royal", organization=cast.rival, manages_organization=True), other)
    add(4, cast.petra, cast.branch, now + timedelta(days=1, seconds=1))


# --- managers


def test_manager_is_named_after_a_confirmation(cast: Cast) -> None:
    """R2.44: the question writes nothing; the same for the way back."""
    client, address = as_(cast.petra), f"{PAGE}members/{cast.rita.pk}/"
    assert "Make Rita Ramos a manager of Horizonte Sul?" in text_of(client.get(f"{address}appoint/"))
    assert _marks(cast.rita) == [False]
    assert "Rita Ramos manages Horizonte Sul now." in text_of(client.post(f"{address}appoint/", follow=True))
    assert _marks(cast.rita) == [True]
    assert "will have no manager of its own" not in text_of(client.get(f"{address}dismiss/"))
    assert "does not manage Horizonte Sul any more" in text_of(client.post(f"{address}dismiss/", follow=True))
    assert _marks(cast.rita) == [False]
    last = text_of(client.get(f"{PAGE}members/{cast.max.pk}/dismiss/"))
    assert "Horizonte Sul will have no manager of its own then" in last
    assert client.get(f"{address}promote/").status_code == 404


def test_new_manager_is_asked_what_waits_already(cast: Cast) -> None:
    """R2.23, R2.44: pending approval actions follow the mark, there and back."""
    request = consents.asked(cast)
    actions.appoint_manager(person=cast.rita, by=cast.petra)
    actions.appoint_manager(person=cast.cora, by=cast.petra)
    assert cast.names_of(request.asked.all()) == ["cora", "max", "petra", "rita"]
    actions.dismiss_manager(person=cast.cora, by=cast.petra)
    assert cast.names_of(request.asked.all()) == ["max", "petra", "rita"]
    assert as_(cast.cora).get(f"/approvals/{request.pk}/").status_code == 404
    assert as_(cast.rita).get(f"/approvals/{request.pk}/").status_code == 200


@pytest.mark.parametrize("who", ["agent", "administrator", "of a sector", "inactive"])
def test_people_of_the_own_company_and_inactive_ones_are_not_touched(cast: Cast, who: str) -> None:
    """R2.44, A12: whatever organization they stand in."""
    one = cast.rita
    one.is_superuser, one.is_active = who == "administrator", who != "inactive"
    one.sector = cast.sector if who == "of a sector" else None
    one.save()
    if who == "agent":
        actions.join_department(department=cast.department, user=one)
    client = as_(cast.petra)
    assert f"{PAGE}members/{one.pk}/" not in client.get(_of(cast.branch)).content.decode()
    answer = client.post(f"{PAGE}members/{one.pk}/appoint/")
    assert answer.status_code == 403
    words = "This account is not active." if who == "inactive" else "works for the service desk"
    assert words in text_of(answer)
    assert _marks(one) == [False]


def test_last_manager_of_the_parent_keeps_the_mark(cast: Cast) -> None:
    """R2.44: nobody locks himself and his organization out by accident; it is said, and with another it works."""
    client, address = as_(cast.petra), f"{PAGE}members/{cast.petra.pk}/dismiss/"
    refused = client.post(address)
    assert refused.status_code == 403
    assert "You are the last manager of Horizonte. Make somebody else a manager first." in text_of(refused)
    paula = a_person("Paula Porto", organization=cast.parent, manages_organization=True)
    assert "This is your own mark" in text_of(client.get(address))
    assert client.post(address).status_code == 302
    assert _marks(cast.petra, paula) == [False, True]
    assert client.get(PAGE).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_end_each_others_mark_at_once_leave_one(cast: Cast) -> None:
    """R2.44: whoever comes second is no manager any more, and is refused."""
    paula = a_person("Paula Porto", organization=cast.parent, manages_organization=True)
    pairs = ((cast.petra, paula), (paula, cast.petra))
    answers = at_once(*(lambda pair=pair: actions.dismiss_manager(person=pair[0], by=pair[1]) for pair in pairs))
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "User"]
    assert sorted(_marks(cast.petra, paula)) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_one_address_added_twice_at_once_is_one_person(cast: Cast) -> None:
    answers = at_once(*[lambda: actions.add_member(organization=cast.branch, by=cast.petra, **NEW)] * 3)
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "Refused", "User"]
    assert User.objects.filter(email="zoe@customers.example").count() == 1


@pytest.mark.django_db(transaction=True)
def test_invitations_at_once_are_counted_together(cast: Cast, settings: Any) -> None:
    settings.INVITATIONS_A_DAY = 2
    mails = [NEW | {"email": f"new{number}@customers.example"} for number in range(4)]
    answers = at_once(
        *(lambda new=new: actions.add_member(organization=cast.branch, by=cast.petra, **new) for new in mails)
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "Refused", "User", "User"]
