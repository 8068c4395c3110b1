"""A fresh deployment: the first-run page, once, and for whoever runs the machine."""

from __future__ import annotations

import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from helpdesk.core.refusals import Refused
from helpdesk.people import actions, setup_code
from helpdesk.people.models import Account, User
from tests.cast import Cast

FORM = {
    "company": "Horizonte",
    "language": "pt-br",
    "time_zone": "America/Sao_Paulo",
    "name": "Ana Andrade",
    "email": "Ana@Demo.Example",
    "password": "nine lives of a cat",
}


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["/", "/account/login/"])
def test_fresh_deployment_leads_to_its_first_run(client: Client, door: str) -> None:
    answer = client.get(door)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/setup/")
    assert client.get("/setup/").status_code == 200


@pytest.mark.django_db
def test_first_run_makes_company_and_administrator_and_signs_in(client: Client) -> None:
    """R3.15, R3.16, R4.44."""
    answer = client.post("/setup/", FORM)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    account, person = Account.objects.get(), User.objects.get()
    assert (account.pk, account.name, account.language, account.time_zone) == (
        1, "Horizonte", "pt-br", "America/Sao_Paulo",
    )  # fmt: skip
    assert (person.email, person.name, person.language, person.time_zone, person.is_administrator) == (
        "ana@demo.example", "Ana Andrade", "pt-br", "America/Sao_Paulo", True,
    )  # fmt: skip
    assert person.check_password(FORM["password"])
    assert client.get("/admin/").status_code == 200
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", FORM).status_code == 404
    assert Client().get("/").headers["Location"].startswith("/account/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"company": " "}, "company"),
        ({"name": ""}, "name"),
        ({"email": "ana"}, "email"),
        ({"language": "xx"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"password": "ana andrade"}, "password"),
    ],
)
def test_faulty_first_run_creates_nothing(client: Client, change: dict[str, str], field: str) -> None:
    answer = client.post("/setup/", FORM | change)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert (Account.objects.count(), User.objects.count()) == (0, 0)


def test_first_run_of_a_used_deployment_is_not_there(cast: Cast, client: Client) -> None:
    assert (client.get("/setup/").status_code, client.post("/setup/", FORM).status_code) == (404, 404)


@pytest.mark.django_db
def test_administrator_from_the_command_line_closes_the_page(client: Client) -> None:
    User.objects.create_superuser("ana@demo.example", "Ana", "secret")
    assert client.get("/setup/").status_code == 404


@pytest.mark.django_db
def test_address_of_somebody_is_refused_and_the_company_is_not_made() -> None:
    User.objects.create_user("ana@demo.example", "Ana")
    with pytest.raises(Refused) as refusal:
        actions.set_up(**FORM)
    assert (refusal.value.field, Account.objects.count()) == ("email", 0)


@pytest.mark.django_db(transaction=True)
def test_two_first_runs_at_once_make_one_company() -> None:
    """One has done it, the other reads that it was done; there is one company and one administrator."""
    start, outcomes = threading.Barrier(2), []

    def run(email: str) -> None:
        try:
            start.wait(timeout=20)
            actions.set_up(**FORM | {"email": email})
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(email,)) for email in ("a@demo.example", "b@demo.example")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["This helpdesk has been set up already.", "done"]
    assert (Account.objects.count(), User.objects.count()) == (1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("production", [False, True])
def test_first_run_asks_for_the_code_of_the_machine(client: Client, settings: Any, production: bool) -> None:
    """A server in development may listen to a network as well."""
    settings.TESTING, settings.PRODUCTION = False, production
    without = client.post("/setup/", FORM)
    wrong = client.post("/setup/", FORM | {"code": "AAAA-BBBB-CCCC-DDDD"})
    assert [list(answer.context["form"].errors) for answer in (without, wrong)] == [["code"], ["code"]]
    assert not User.objects.exists()
    page = client.get("/setup/", {"code": setup_code.code()})
    assert page.context["form"]["code"].value() == setup_code.code()
    written_by_hand = setup_code.code().lower().replace("-", " ")
    assert client.post("/setup/", FORM | {"code": written_by_hand}).status_code == 302
    assert User.objects.get().is_administrator


@pytest.mark.django_db
def test_code_follows_from_the_secret_key(settings: Any) -> None:
    first = setup_code.code()
    assert setup_code.code() == first
    settings.SECRET_KEY = "another one"
    assert setup_code.code() != first


@pytest.mark.django_db
@pytest.mark.parametrize("testing", [False, True])
def test_command_says_where_to_set_up(settings: Any, testing: bool) -> None:
    settings.TESTING = testing
    out = StringIO()
    call_command("setup_code", stdout=out)
    tail = "" if testing else f"?code={setup_code.code()}"
    assert out.getvalue() == f"Nobody has set this deployment up yet. Do it at {settings.BASE_URL}/setup/{tail}\n"
    actions.set_up(**FORM)
    out = StringIO()
    call_command("setup_code", stdout=out)
    assert out.getvalue() == "This deployment has been set up.\n"
