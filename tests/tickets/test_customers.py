"""Customers and organizations in the panel: who sees them, who changes them, and what nobody but administrators may."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.models import Organization, Profile, User
from tests import walks
from tests.cast import Cast, a_person, leave_department
from tests.pages import as_, queries_of, text_of
from tickets.actions import trash

CUSTOMERS, NEW = "/panel/customers/", "/panel/customers/new/"
CARL = {"name": "Carl Cruz", "email": "Carl@Demo.Example", "language": "ru", "time_zone": "Europe/Moscow"}


def _kept(person: User, **changes: Any) -> dict[str, Any]:
    """The form as it would be sent for a customer; None leaves a mark out."""
    data = {
        "name": person.name,
        "email": person.email,
        "organization_name": person.organization.name if person.organization else "",
        "language": person.language,
        "time_zone": person.time_zone,
        "is_active": "on" if person.is_active else None,
    }
    return {key: value for key, value in (data | changes).items() if value is not None}


def _with(cast: Cast, person: User, **rules: Any) -> User:
    User.objects.filter(pk=person.pk).update(profile=Profile.objects.create(name="Other", **rules))
    return cast.again(person)


def errors_of(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422
    return dict(answer.context["form"].errors)


def test_customers_are_those_who_do_not_work_here(cast: Cast) -> None:
    """R2.46: no agent, no head, no administrator, however inactive."""
    leave_department(cast.department, cast.otto)
    cast.deactivate(cast.bob)
    assert cast.names_of(User.objects.customers()) == ["cora", "eve", "max", "otto", "petra", "rita"]
    client = as_(cast.ada)
    shown = {name: client.get(f"{CUSTOMERS}{person.pk}/").status_code for name, person in cast.people.items()}
    customers = {"cora", "eve", "max", "otto", "petra", "rita"}
    assert shown == {name: 200 if name in customers else 404 for name in cast.people}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ramos", ["Rita Ramos"]),
        ("RITA", ["Rita Ramos"]),
        ("cora@", ["Cora Costa"]),
        ("alves", []),
        ("ri", ["Rita Ramos"]),
        ("xx", []),
    ],
)
def test_customers_are_found_by_name_and_address(cast: Cast, words: str, found: list[str]) -> None:
    page = as_(cast.ada).get(CUSTOMERS, {"q": words})
    assert [one.name for one in page.context["page"].rows] == found


def test_page_of_a_customer_shows_the_tickets_in_the_readers_sight(cast: Cast) -> None:
    """R6.26: who somebody is says nothing of his tickets."""
    mine = walks.opened(cast, subject="Seen by Ada")
    walks.opened(cast, subject="Seen by Nora", department=cast.other_department, service=cast.other_service)
    words = text_of(as_(cast.ada).get(f"{CUSTOMERS}{cast.rita.pk}/"))
    assert f"#{mine.number}" in words
    assert ("Seen by Ada" in words, "Seen by Nora" in words, "Horizonte Sul" in words) == (True, False, True)


def test_agent_adds_and_invites_a_customer(cast: Cast) -> None:
    """R2.46, R3.24: no password is ever seen; the customer chooses it. No manager is made on the way (A12)."""
    client = as_(cast.ada)
    answer = client.post(
        NEW, CARL | {"organization_name": " horizonte  SUL", "manages_organization": "on", "send_invitation": "on"}
    )
    carl = User.objects.get(email="carl@demo.example")
    assert (answer.status_code, answer["Location"]) == (302, f"{CUSTOMERS}{carl.pk}/")
    facts = (carl.organization, carl.manages_organization, carl.language, carl.is_active, carl.has_usable_password())
    assert facts == (cast.branch, False, "ru", True, False)
    assert OrmQ.objects.get().task["args"][:2] == ("invitation", carl.pk)
    client.post(f"{CUSTOMERS}{carl.pk}/invite/")
    assert [one.task["args"][:2] for one in OrmQ.objects.order_by("pk")] == [("invitation", carl.pk)] * 2


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"email": "RITA@demo.example"}, {"email": ["Somebody has this e-mail address already."]}),
        ({"name": " "}, {"name": ["This field is required."]}),
        ({"organization_name": "Horizont"}, {"organization_name": ["There is no active organization with this name. Is it one of these: Horizonte, Horizonte Sul?"]}),
        ({"organization_name": "Acme"}, {"organization_name": ["There is no active organization with this name."]}),
    ],
)  # fmt: skip
def test_faulty_customer_is_refused_beside_the_field(
    cast: Cast, change: dict[str, str], errors: dict[str, list[str]]
) -> None:
    answer = as_(cast.ada).post(NEW, CARL | change)
    assert errors_of(answer) == errors
    assert not User.objects.filter(name="Carl Cruz").exists()


def test_manager_is_not_an_agents_to_make_move_or_readdress(cast: Cast) -> None:
    """A12, R2.46: whoever could would consent to his own requests."""
    words = "This person manages the organization: only an administrator can change it."
    for name in ("Rival", ""):
        moved = as_(cast.ada).post(f"{CUSTOMERS}{cast.max.pk}/edit/", _kept(cast.max, organization_name=name))
        assert errors_of(moved) == {"organization_name": [words]}
    away = as_(cast.ada).post(f"{CUSTOMERS}{cast.max.pk}/edit/", _kept(cast.max, is_active=None))
    assert errors_of(away) == {"__all__": ["Only an administrator can change this."]}
    User.objects.filter(pk=cast.max.pk).update(password="!")
    as_(cast.ada).post(f"{CUSTOMERS}{cast.max.pk}/edit/", _kept(cast.max, email="ada+max@demo.example"))
    with pytest.raises(Refused, match="Only an administrator"):
        actions.save_customer(person=User(name="M", email="m@demo.example", manages_organization=True), by=cast.ada)
    cora = cast.again(cast.cora)
    cora.manages_organization = True
    with pytest.raises(Refused, match="Only an administrator"):
        actions.save_customer(person=cora, by=cast.ada, fields=["manages_organization"])
    kept = cast.again(cast.max)
    assert (kept.email, kept.organization, kept.manages_organization) == ("max@demo.example", cast.branch, True)
    assert list(User.objects.filter(manages_organization=True)) == [cast.max, cast.petra]


def test_who_was_named_manager_meanwhile_stays_where_he_is(cast: Cast) -> None:
    """A12: the mark is not carried into another organization by a form that was opened before."""
    cora = cast.again(cast.cora)
    actions.appoint_manager(person=cast.cora, by=cast.petra)
    cora.organization = cast.rival
    with pytest.raises(Refused, match="Only an administrator"):
        actions.save_customer(person=cora, by=cast.ada, fields=["organization"])
    assert cast.again(cast.cora).organization == cast.branch


def test_people_of_the_own_company_are_not_an_agents_to_change(cast: Cast) -> None:
    """R2.46: also those who only ask for something, from a sector."""
    hanna = a_person("Hanna Horn", sector=cast.sector)
    answer = as_(cast.ada).post(f"{CUSTOMERS}{hanna.pk}/edit/", _kept(hanna, is_active=None))
    assert errors_of(answer) == {
        "__all__": ["This person belongs to the own company: only an administrator can change the account."]
    }


def test_address_of_a_customer_in_the_trash_is_told_to_agents_and_not_to_managers(cast: Cast) -> None:
    """R2.42, R2.44: who was a customer of ours is nothing to other customers."""
    trash.put_customer(customer=cast.eve, by=cast.ana)
    told = errors_of(as_(cast.ada).post(NEW, CARL | {"email": "eve@demo.example"}))
    assert "in the trash" in told["email"][0]
    sent = {"name": "Eve", "email": "eve@demo.example", "language": "en", "time_zone": "UTC"}
    with pytest.raises(Refused, match="There is an account with this address already"):
        actions.add_member(organization=cast.branch, by=cast.petra, **sent)
    page = as_(cast.petra).post(f"/organization/{cast.branch.pk}/members/new/", sent)
    assert (page.status_code, "trash" in text_of(page)) == (422, False)


def test_member_who_went_to_the_trash_meanwhile_is_not_there(cast: Cast) -> None:
    trash.put_customer(customer=cast.cora, by=cast.ana)
    with pytest.raises(Refused, match="not there any more"):
        actions.appoint_manager(person=cast.cora, by=cast.petra)
    with pytest.raises(Refused, match="not there any more"):
        actions.save_customer(person=cast.cora, by=cast.ada, fields=["name"])


def test_agent_changes_a_customer_and_nothing_else_of_him(cast: Cast) -> None:
    """R2.46: what others changed meanwhile, passwords and marks of the own company stay as they are."""
    sent = _kept(
        cast.rita,
        name="Rita Renamed",
        organization_name="",
        is_active=None,
        is_superuser="on",
        password="x",
        sector=cast.sector.pk,
    )
    before = User.objects.get(pk=cast.rita.pk)
    assert as_(cast.ada).post(f"{CUSTOMERS}{cast.rita.pk}/edit/", sent).status_code == 302
    rita = User.objects.get(pk=cast.rita.pk)
    assert (rita.name, rita.organization, rita.is_active) == ("Rita Renamed", None, False)
    kept = ("password", "is_superuser", "sector_id", "email", "profile_id")
    assert [getattr(rita, name) for name in kept] == [getattr(before, name) for name in kept]


def test_address_is_changed_only_until_somebody_came_in_with_it(cast: Cast) -> None:
    """Whoever could change it could have a new password, and with it the account, sent to himself."""
    zoe = User.objects.create_user("zoo@demo.example", "Zoë Zander")
    client = as_(cast.ada)
    address = f"{CUSTOMERS}{zoe.pk}/edit/"
    assert client.post(address, _kept(zoe, email="zoe@demo.example")).status_code == 302
    zoe.refresh_from_db()
    assert zoe.email == "zoe@demo.example"
    User.objects.filter(pk=zoe.pk).update(last_login=timezone.now())
    assert "an administrator can change that" in text_of(client.get(address))
    assert client.post(address, _kept(zoe, email="ada+zoe@demo.example")).status_code == 302
    assert User.objects.get(pk=zoe.pk).email == "zoe@demo.example"
    zoe.email = "ada+zoe@demo.example"
    with pytest.raises(Refused, match="signs in with the address already"):
        actions.save_customer(person=zoe, by=cast.ada, fields=["email"])


@pytest.mark.parametrize("name", ["ada", "bob", "hugo", "ana"])
def test_people_of_the_own_company_are_not_the_agents_to_change(cast: Cast, name: str) -> None:
    """R2.46, R6.26: at the door and in the service layer."""
    person = cast.again(cast.people[name])
    client = as_(cast.ada)
    assert client.post(f"{CUSTOMERS}{person.pk}/edit/", _kept(person, name="Mine")).status_code == 404
    assert client.post(f"{CUSTOMERS}{person.pk}/invite/").status_code == 404
    with pytest.raises(Refused, match="own company"):
        actions.save_customer(person=person, by=cast.ada, fields=["name"])
    with pytest.raises(Refused):
        actions.invite(person=person, by=cast.ada)


def test_agents_make_nobody_an_administrator(cast: Cast) -> None:
    new = User(email="n@demo.example", name="N", is_superuser=True)
    for person, fields in (
        (new, ["name"]),
        (cast.rita, ["is_superuser"]),
        (cast.rita, ["profile"]),
        (cast.rita, ["password"]),
    ):
        with pytest.raises(Refused):
            actions.save_customer(person=person, by=cast.ada, fields=fields)
    assert not User.objects.filter(email="n@demo.example").exists()


def test_organization_is_added_and_changed(cast: Cast) -> None:
    """R2.46: its name and whether it is active; what it belongs to is an administrator's to say."""
    client = as_(cast.ada)
    answer = client.post("/panel/organizations/new/", {"name": "Aurora", "is_active": "on", "parent": cast.parent.pk})
    aurora = Organization.objects.get(name="Aurora")
    assert (answer["Location"], aurora.parent) == (f"/panel/organizations/{aurora.pk}/", None)
    address = f"/panel/organizations/{cast.branch.pk}/edit/"
    taken = client.post(address, {"name": "aurora", "is_active": "on"})
    assert errors_of(taken) == {"__all__": ["There is an organization with this name already."]}
    assert client.post(address, {"name": "Horizonte Norte", "parent": cast.rival.pk}).status_code == 302
    branch = Organization.objects.get(pk=cast.branch.pk)
    assert (branch.name, branch.is_active, branch.parent) == ("Horizonte Norte", False, cast.parent)
    found = client.get("/panel/organizations/", {"q": "norte"}).context["page"].rows
    assert list(found) == [branch]
    people = text_of(client.get(f"/panel/organizations/{branch.pk}/"))
    assert ("Rita Ramos" in people, "Eve Evans" in people) == (True, False)


def test_profile_without_customers_has_no_such_pages(cast: Cast) -> None:
    """R2.46, R5.4: not allowed is not shown and refused by the server."""
    walks.opened(cast)
    ada = _with(cast, cast.ada, sees_customers=False, edits_customers=False)
    client = as_(ada)
    for path in (
        CUSTOMERS,
        NEW,
        f"{CUSTOMERS}{cast.rita.pk}/",
        "/panel/organizations/",
        f"/panel/organizations/{cast.branch.pk}/",
    ):
        assert client.get(path).status_code == 403, path
    queue = client.get("/panel/queue/").content.decode()
    assert CUSTOMERS not in queue
    named = {one.name: as_(one).get("/panel/search/?q=Rita").context["people"] for one in (ada, cast.bob)}
    assert [len(named[one.name]) for one in (ada, cast.bob)] == [0, 1]
    assert client.get(f"/panel/search/?person={cast.rita.pk}").status_code == 404


def test_profile_that_only_looks_changes_nothing(cast: Cast) -> None:
    """R2.46: in the service layer too."""
    ada = _with(cast, cast.ada, edits_customers=False)
    client = as_(ada)
    page = client.get(f"{CUSTOMERS}{cast.rita.pk}/")
    assert (page.status_code, "/edit/" in page.content.decode(), "/invite/" in page.content.decode()) == (
        200,
        False,
        False,
    )
    assert NEW not in client.get(CUSTOMERS).content.decode()
    for path in (
        NEW,
        f"{CUSTOMERS}{cast.rita.pk}/edit/",
        "/panel/organizations/new/",
        f"/panel/organizations/{cast.branch.pk}/edit/",
    ):
        assert {client.get(path).status_code, client.post(path, CARL).status_code} == {403}, path
    assert client.post(f"{CUSTOMERS}{cast.rita.pk}/invite/").status_code == 403
    for act in (
        lambda: actions.save_customer(person=cast.rita, by=ada, fields=["name"]),
        lambda: actions.save_customers_organization(organization=cast.branch, by=ada),
        lambda: actions.invite(person=cast.rita, by=ada),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize("path", [CUSTOMERS, "/panel/organizations/"])
def test_lists_cost_the_same_for_few_and_for_many(cast: Cast, path: str) -> None:
    client = as_(cast.ada)
    few = queries_of(client, path)
    for index in range(30):
        organization = Organization.objects.create(name=f"Organization {index}", parent=cast.parent)
        a_person(f"Customer{index} Cruz", organization=organization)
    assert queries_of(client, path) == few
    page = client.get(path)
    assert len(page.context["page"].rows) == 25
    older = client.get(f"{path}?before={page.context['page'].older}")
    assert {one.pk for one in older.context["page"].rows} & {one.pk for one in page.context["page"].rows} == set()
