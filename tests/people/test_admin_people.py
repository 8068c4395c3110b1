"""People and structure through the administration's forms: what is refused, and what follows."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from helpdesk.core.refusals import Refused
from helpdesk.people import actions
from helpdesk.people.models import User
from tests.cast import Cast, a_person

from .sent import change_url, errors_of, sent_for

PERSON = {
    "name": "Zoë Zander", "email": "Zoe@Demo.Example", "language": "en", "time_zone": "UTC", "organization": "",
    "sector": "", "send_invitation": "on",
}  # fmt: skip
NO_INLINES = {
    f"{prefix}-{key}": "0" for prefix in ("memberships", "absences") for key in ("TOTAL_FORMS", "INITIAL_FORMS")
}
ADD = "/admin/people/user/add/"


# --- registering


def test_new_person_is_invited_and_cannot_sign_in_before(cast: Cast, client: Client) -> None:
    """R3.24."""
    client.force_login(cast.ana)
    assert client.post(ADD, PERSON | NO_INLINES).status_code == 302
    zoe = User.objects.get(email="zoe@demo.example")
    assert (zoe.name, zoe.is_active, zoe.is_superuser, zoe.has_usable_password()) == ("Zoë Zander", True, False, False)
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"][:2]) == ("helpdesk.people.tasks.send_account_letter", ("invitation", zoe.pk))


def test_new_person_without_invitation_gets_no_letter(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    data = {key: value for key, value in PERSON.items() if key != "send_invitation"}
    assert client.post(ADD, data | NO_INLINES).status_code == 302
    assert not OrmQ.objects.exists()


def test_company_proposes_language_and_zone(cast: Cast, client: Client) -> None:
    cast.account.language, cast.account.time_zone = "pt-br", "America/Sao_Paulo"
    cast.account.save()
    client.force_login(cast.ana)
    form = client.get(ADD).context["adminform"].form
    assert (form["language"].value(), form["time_zone"].value()) == ("pt-br", "America/Sao_Paulo")


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"email": "RITA@demo.example"}, {"email": ["Somebody has this e-mail address already."]}),
        ({"email": "nonsense"}, {"email": ["Enter a valid email address."]}),
        ({"name": " "}, {"name": ["This field is required."]}),
        (
            {"manages_organization": "on"},
            {"manages_organization": ["Choose the organization that this person manages."]},
        ),
    ],
)
def test_faulty_person_is_refused_beside_the_field(
    cast: Cast, client: Client, change: dict[str, str], errors: dict[str, list[str]]
) -> None:
    client.force_login(cast.ana)
    answer = client.post(ADD, PERSON | NO_INLINES | change)
    assert (answer.status_code, errors_of(answer)) == (200, errors)
    assert not User.objects.filter(name="Zoë Zander").exists()


def test_manager_without_organization_is_refused_by_the_database_too(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cast.ada.pk).update(manages_organization=True)


def test_two_addresses_that_differ_in_case_are_one(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Rita@demo.example", name="Rita again")


# --- the last administrator (R3.19)


@pytest.mark.parametrize(("mark", "field"), [("is_active", "is_active"), ("is_superuser", "is_superuser")])
def test_last_administrator_cannot_lose_the_mark(cast: Cast, client: Client, mark: str, field: str) -> None:
    client.force_login(cast.ana)
    answer = client.post(change_url(cast.ana), sent_for(cast.ana, **{mark: None}))
    assert errors_of(answer) == {
        field: ["This is the last active administrator. Make somebody else an administrator first."]
    }
    ana = User.objects.get(pk=cast.ana.pk)
    assert (ana.is_active, ana.is_superuser) == (True, True)


def test_what_others_changed_meanwhile_survives_the_form(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what this administrator changed is written: not the mark, not the password."""
    sent, save = sent_for(cast.rita, name="Rita Renamed"), actions.save_person

    def late(**given: Any) -> User:
        User.objects.filter(pk=cast.rita.pk).update(is_active=False, password="set meanwhile")
        return save(**given)

    monkeypatch.setattr(actions, "save_person", late)
    client.force_login(cast.ana)
    assert client.post(change_url(cast.rita), sent).status_code == 302
    rita = User.objects.get(pk=cast.rita.pk)
    assert (rita.name, rita.is_active, rita.password) == ("Rita Renamed", False, "set meanwhile")


def test_administrator_can_leave_when_another_one_is_there(cast: Cast, client: Client) -> None:
    """R3.19: an administrator registers new ones; an inactive one does not count."""
    ines = a_person("Ines Ito", is_superuser=True, is_active=False)
    client.force_login(cast.ana)
    assert errors_of(client.post(change_url(cast.ana), sent_for(cast.ana, is_superuser=None))) != {}
    assert client.post(change_url(ines), sent_for(ines, is_active="on")).status_code == 302
    assert client.post(change_url(cast.ana), sent_for(cast.ana, is_superuser=None)).status_code == 302
    assert list(User.objects.administrators()) == [ines]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_take_the_mark_from_each_other_leave_one(cast: Cast) -> None:
    ines = a_person("Ines Ito", is_superuser=True)
    start, outcomes = threading.Barrier(2), []

    def take_from(person: User) -> None:
        try:
            start.wait(timeout=20)
            person = User.objects.get(pk=person.pk)
            person.is_superuser = False
            actions.save_person(person=person)
            outcomes.append("taken")
        except Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=take_from, args=(person,)) for person in (cast.ana, ines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == [
        "This is the last active administrator. Make somebody else an administrator first.",
        "taken",
    ]
    assert User.objects.administrators().count() == 1


def test_deactivated_person_is_signed_out_at_once(cast: Cast, client: Client) -> None:
    rita = Client()
    rita.force_login(cast.rita)
    assert rita.get("/profile/").status_code == 200
    client.force_login(cast.ana)
    assert client.post(change_url(cast.rita), sent_for(cast.rita, is_active=None)).status_code == 302
    assert rita.get("/profile/").status_code == 302


# --- what can be done with a person


def test_password_link_needs_a_confirmation(cast: Cast, client: Client) -> None:
    """A GET shows the question and writes nothing."""
    client.force_login(cast.ana)
    url = reverse("admin:people_user_send_link", args=[cast.rita.pk])
    assert client.get(url).status_code == 200
    assert not OrmQ.objects.exists()
    answer = client.post(url, {"_form_submitted": "True"})
    assert answer.headers["HX-Redirect"] == change_url(cast.rita)
    assert OrmQ.objects.get().task["args"][:2] == ("password_reset_key", cast.rita.pk)


def test_password_is_set_after_the_rules_and_ends_sessions(cast: Cast, client: Client) -> None:
    rita = Client()
    rita.force_login(cast.rita)
    client.force_login(cast.ana)
    url = reverse("admin:people_user_set_password", args=[cast.rita.pk])
    refused = client.post(url, {"_form_submitted": "True", "password": "rita ramos"})
    assert "The password is too similar to the name." in refused.content.decode()
    client.post(url, {"_form_submitted": "True", "password": "nine lives of a cat"})
    assert User.objects.get(pk=cast.rita.pk).check_password("nine lives of a cat")
    assert rita.get("/profile/").status_code == 302
    own = reverse("admin:people_user_set_password", args=[cast.ana.pk])
    client.post(own, {"_form_submitted": "True", "password": "nine lives of a dog"})
    assert client.get("/admin/").status_code == 200


def test_second_factor_is_removed_by_an_administrator_only(cast: Cast, client: Client) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=cast.rita, type="totp", data={"secret": "x"})
    url = reverse("admin:people_user_remove_second_factor", args=[cast.rita.pk])
    client.force_login(cast.hugo)
    assert client.post(url, {"_form_submitted": "True"}).status_code == 302
    assert Authenticator.objects.exists()
    client.force_login(cast.ana)
    client.post(url, {"_form_submitted": "True"})
    assert not Authenticator.objects.exists()
    assert OrmQ.objects.get().task["args"][:2] == ("totp_deactivated", cast.rita.pk)


def test_only_administrators_invite_and_set_passwords(cast: Cast) -> None:
    """Customers are invited by whoever edits customers, too: tests/tickets/test_customers.py (R2.46)."""
    for by in (cast.hugo, cast.rita):
        with pytest.raises(Refused):
            actions.invite(person=cast.bob, by=by)
        with pytest.raises(Refused):
            actions.set_password(person=cast.eve, password="nine lives of a cat", by=by)
    cast.deactivate(cast.eve)
    with pytest.raises(Refused):
        actions.invite(person=cast.eve, by=cast.ana)
