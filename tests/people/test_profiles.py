"""Profiles of agents: their rows, their form, who has them, and the page that says what everybody may (R2.46, R3.25)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from approvals.lifecycle import MOVES as BESIDE
from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.models import Department, Profile, Sees, User
from helpdesk.people.models.profiles import SEES_HELP
from tests.cast import Cast
from tests.pages import as_, text_of
from tickets.lifecycle import MOVES, Who
from tickets.views.panel.roles import all_roles

from .sent import change_url, errors_of, sent_for

LIST, ADD = "/admin/people/profile/", "/admin/people/profile/add/"
NARROW = {"name": "Night shift", "description": "", "sees": "own", "sees_customers": "on"}


@pytest.fixture
def default(db: None) -> Profile:
    """The profile that the migration has made; made again where a test before has emptied the tables."""
    usual = {"name": "Agent", "sees": Sees.LINKED}
    return Profile.objects.get_or_create(is_default=True, defaults=usual)[0]


def test_folders_of_a_department_open_to_who_sees_all_of_it(cast: Cast, default: Profile) -> None:
    """R1.12, R2.46: where files open to the group at once, whoever sees only his own tickets is not in it."""
    group = cast.department.group
    assert cast.names_of(group.user_set.all()) == ["ada", "bob", "hugo", "otto"]
    night = actions.save_agents_profile(profile=Profile(name="Night", sees=Sees.OWN_AND_LINKED), by=cast.ana)
    for person in (cast.ada, cast.hugo):
        person.profile = night
        actions.save_person(person=person, fields=["profile"], by=cast.ana)
    assert cast.names_of(group.user_set.all()) == ["bob", "hugo", "otto"]  # a head sees his department whole
    night.sees = Sees.ALL
    actions.save_agents_profile(profile=night, by=cast.ana)
    assert cast.names_of(group.user_set.all()) == ["ada", "bob", "hugo", "otto"]
    default.sees = Sees.OWN
    actions.save_agents_profile(profile=default, by=cast.ana)
    assert cast.names_of(group.user_set.all()) == ["ada", "hugo"]
    actions.join_department(department=cast.department, user=cast.nora, line=1, by=cast.ana)
    assert cast.names_of(group.user_set.all()) == ["ada", "hugo"]


def test_default_profile_is_what_agents_always_could(default: Profile) -> None:
    """R2.46, R5.4: the default group sees tickets of linked departments, sees and edits clients and organizations."""
    assert (default.name, default.sees, default.sees_customers, default.edits_customers) == (
        "Agent",
        "linked",
        True,
        True,
    )


def test_rules_of_the_default_hold_for_whoever_has_no_profile(cast: Cast, default: Profile) -> None:
    """R3.25: at once, also when they change, and as they always were where the row is missing."""
    rules = []
    for sees, edits in ((Sees.LINKED, True), (Sees.OWN, False)):
        Profile.objects.filter(pk=default.pk).update(sees=sees, edits_customers=edits)
        ada = cast.again(cast.ada)
        rules.append((ada.sight.shows_all_of(cast.department.pk), ada.sees_customers, ada.edits_customers))
    Profile.objects.filter(pk=default.pk).delete()
    ada = cast.again(cast.ada)
    rules.append((ada.sight.shows_all_of(cast.department.pk), ada.sees_customers, ada.edits_customers))
    assert rules == [(True, True, True), (False, True, False), (True, True, True)]


def test_own_profile_comes_before_the_default_one(cast: Cast, default: Profile) -> None:
    Profile.objects.filter(pk=default.pk).update(sees=Sees.OWN, sees_customers=False, edits_customers=False)
    wide = Profile.objects.create(name="Wide", sees=Sees.ALL)
    User.objects.filter(pk=cast.ada.pk).update(profile=wide)
    assert cast.again(cast.ada).sight.everything
    assert cast.again(cast.ada).edits_customers
    assert not cast.again(cast.bob).sees_customers


@pytest.mark.parametrize(
    "fields",
    [{"sees": "everybody"}, {"sees_customers": False}, {"name": "AGENT"}, {"is_default": True}],
    ids=["unknown sight", "edits unseen", "same name", "second default"],
)
def test_database_refuses_what_makes_no_sense(default: Profile, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Profile.objects.create(**({"name": "New"} | fields))


def test_sight_that_nobody_knows_is_the_least() -> None:
    """R6.26: a value from elsewhere never widens."""
    from helpdesk.people.models.profiles import sight_of

    assert sight_of("tomorrow's", headed=[1], served=[2]) == sight_of(Sees.OWN, headed=[1], served=[2])


def test_profiles_are_no_groups_of_departments(cast: Cast, default: Profile) -> None:
    """The groups that open folders are departments and nothing else."""
    Profile.objects.create(name="Wide", sees=Sees.ALL)
    from django.contrib.auth.models import Group

    assert Group.objects.count() == Department.objects.count()


# --- the administration


def test_administrator_makes_a_profile_and_gives_it(cast: Cast, default: Profile) -> None:
    """R3.25: each choice is explained where it is made."""
    ana = as_(cast.ana)
    form = text_of(ana.get(ADD))
    for sentence in (*SEES_HELP.values(), *(field.help_text for field in Profile.permissions())):
        assert str(sentence) in form
    assert ana.post(ADD, NARROW).status_code == 302
    narrow = Profile.objects.get(name="Night shift")
    assert (narrow.sees, narrow.sees_customers, narrow.edits_customers, narrow.is_default) == (
        "own",
        True,
        False,
        False,
    )
    assert ana.post(change_url(cast.ada), sent_for(cast.ada, profile=narrow.pk)).status_code == 302
    assert cast.again(cast.ada).profile == narrow
    assert text_of(as_(cast.ada).get("/profile/")).count("Night shift (sees tickets: own only)") == 1
    assert "Night shift" in text_of(ana.get(f"/admin/people/user/?profile__id__exact={narrow.pk}"))


def test_faulty_profile_is_refused_beside_the_field(cast: Cast, default: Profile) -> None:
    ana = as_(cast.ana)
    assert errors_of(ana.post(ADD, NARROW | {"sees": "tomorrow's"})).keys() == {"sees"}
    answer = ana.post(ADD, {"name": "Blind", "sees": "own", "edits_customers": "on"})
    assert errors_of(answer) == {"__all__": ["Whoever edits customers has to see them."]}


def test_profile_in_use_and_the_default_one_cannot_be_deleted(cast: Cast, default: Profile) -> None:
    """PROTECT, and a sentence instead of an error."""
    used, free = Profile.objects.create(name="Used"), Profile.objects.create(name="Free")
    User.objects.filter(pk=cast.ada.pk).update(profile=used)
    ana = as_(cast.ana)
    words = {one.name: text_of(ana.get(f"{LIST}{one.pk}/change/")) for one in (default, used, free)}
    assert "This is the default profile" in words["Agent"]
    assert "People have this profile. Give them another one first." in words["Used"]
    found = {
        one.name: ana.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code for one in (default, used, free)
    }
    assert found == {"Agent": 403, "Used": 403, "Free": 302}
    assert set(Profile.objects.all()) == {default, used}
    with pytest.raises(Refused):
        actions.delete_agents_profile(profile=used, by=cast.ana)
    with pytest.raises(ProtectedError):
        used.delete()


@pytest.mark.parametrize("name", ["ada", "hugo", "rita"])
def test_only_administrators_change_profiles(cast: Cast, default: Profile, name: str) -> None:
    """R2.46, R6.26: in the service layer too; nobody widens his own sight."""
    person = cast.people[name]
    default.sees = Sees.ALL
    with pytest.raises(Refused):
        actions.save_agents_profile(profile=default, by=person)
    with pytest.raises(Refused):
        actions.delete_agents_profile(profile=Profile.objects.create(name="Free"), by=person)
    as_(person).post("/profile/", {"name": "N", "language": "en", "time_zone": "UTC", "profile": default.pk})
    assert cast.again(person).profile is None


# --- the page of roles


def test_page_names_every_role_and_every_profile(cast: Cast, default: Profile) -> None:
    """R2.46, R3.25: out of the tables, so that a new move or profile stands there by itself."""
    Profile.objects.create(name="Night shift", sees=Sees.OWN, edits_customers=False)
    words = text_of(as_(cast.hugo).get("/panel/roles/"))
    for role in (
        "Requester",
        "Organization manager",
        "Manager of a parent",
        "Agent, line 1",
        "Agent, line 2",
        "Head",
        "Administrator",
    ):
        assert role in words
    assert "Night shift" in words
    assert "Sees tickets: own only" in words
    assert re.search(r"Edits customers and organizations: no", words)
    people = {Who.CLOCK}
    for move in [*MOVES.values(), *BESIDE.values()]:
        if move.who - people:
            assert str(move.label) in words, move.verb
    assert "/admin/people/profile/" not in as_(cast.hugo).get("/panel/roles/").content.decode()
    assert "/admin/people/profile/" in as_(cast.ana).get("/panel/roles/").content.decode()


def test_roles_differ_as_the_moves_table_says(db: None) -> None:
    """R4.11, R4.17: line 1 asks for line 2, the last line for the closing; who may what is nowhere typed by hand."""
    found = {str(role.name): {move.verb for part in role.parts for move in part.moves} for role in all_roles()}
    assert found["Agent, line 1"] - found["Agent, line 2"] == {"request_line_change"}
    assert found["Agent, line 2"] - found["Agent, line 1"] == {"request_closing"}
    assert found["Requester"] == {verb for verb, move in MOVES.items() if Who.REQUESTER in move.who}
    assert found["Head"] == found["Administrator"] == {verb for verb, move in MOVES.items() if Who.HEAD in move.who}
    assert found["Organization manager"] == set()
