"""R3.24: people and organizations out of CSV files: what is understood, refused, imported, and told."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django_q.models import OrmQ

from helpdesk.core.refusals import Refused
from helpdesk.people import actions, tables, tasks
from helpdesk.people.models import Organization, PeopleImport, User
from tests.cast import Cast, a_file
from tests.project.doors import taken_back
from tickets.actions import trash

ENGLISH = "Name,E-mail,Organization\nZoë Zander,Zoe@Demo.Example,Zoo\n"


def checked(cast: Cast, text: str | bytes, name: str = "people.csv") -> PeopleImport:
    content = text.encode() if isinstance(text, str) else text
    return actions.check_import(by=cast.ana, file_name=name, content=content)


def imported(cast: Cast, text: str | bytes, **choices: bool) -> PeopleImport:
    this = actions.start_import(this=checked(cast, text), by=cast.ana, **choices)
    assert tasks.import_people(this.pk)
    this.refresh_from_db()
    return this


def counts(this: PeopleImport) -> tuple[int, int, int, int, int]:
    return this.created, this.updated, this.unchanged, this.organizations, len(this.bad)


@pytest.mark.parametrize(
    "content",
    [
        ENGLISH.encode(),
        ENGLISH.encode("utf-8-sig"),
        ENGLISH.replace(",", ";").encode("cp1252"),
        ENGLISH.replace(",", "\t").replace("\n", "\r\n").encode(),
        "Nome;E-mail;Organização\nZoë Zander;zoe@demo.example;Zoo\n".encode("cp1252"),
        "\nИмя;Электронная почта;Организация\n\nZoë Zander;zoe@demo.example;Zoo\n".encode(),
        b'"E-Mail Address","FULL NAME","Customer","Shoe size"\nzoe@demo.example,"Zo\xc3\xab  Zander",Zoo,37\n',
    ],
)
def test_files_of_every_kind_are_understood(content: bytes) -> None:
    """UTF-8 and Windows-1252; commas, semicolons, tabs; names of columns in three languages, in any order."""
    (row,) = tables.read(content).rows
    assert (row.values["name"], row.values["email"].lower(), row.values["organization"]) == (
        "Zoë Zander", "zoe@demo.example", "Zoo",
    )  # fmt: skip


def test_a_file_of_a_russian_excel_is_understood_by_its_columns_or_by_who_reads_it() -> None:
    russian = "Имя;Электронная почта;Подразделение\nИван Иванов;ivan@demo.example;Финансы\n"
    english = "Name;E-mail;Sector\nИван Иванов;ivan@demo.example;Финансы\n"
    (row,) = tables.read(russian.encode("cp1251")).rows
    assert (row.values["name"], row.values["sector"]) == ("Иван Иванов", "Финансы")
    with translation.override("ru"):
        (row,) = tables.read(english.encode("cp1251")).rows
    assert (row.values["name"], row.values["sector"]) == ("Иван Иванов", "Финансы")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no row"),
        (b"Name,E-mail\n", "no row"),
        (b"Zoe,zoe@demo.example\nCarl,carl@demo.example\n", "name the columns"),
        (b"E-mail,Mail\na@demo.example,b@demo.example\n", "Two columns"),
        (b"E-mail\n" + b"a@demo.example\n" * (tables.MAX_ROWS + 1), "at most 20000 rows"),
        (bytes(range(256)) * 4, ""),
    ],
)
def test_what_is_no_table_is_refused(cast: Cast, content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why) as refusal:
        checked(cast, content)
    assert refusal.value.field == "file"


def test_bad_rows_are_told_with_line_and_reason_before_anything_is_written(cast: Cast) -> None:
    """R3.24: in front of any change."""
    trash.put_customer(customer=cast.eve, by=cast.ana)
    Organization.objects.create(name="Gone", is_active=False)
    before = User.with_trash.count(), Organization.objects.count()
    this = checked(
        cast,
        "Name,E-mail,Organization,Parent organization,Language,Time zone,Sector\n"
        "Zoe,zoe@demo.example,Zoo,,Português,America/Sao_Paulo,sales\n"
        ",nobody@demo.example\n"
        "Carl,not an address\n"
        "Carl,\n"
        "Zoe again,ZOE@demo.example\n"
        "Ada,ada@demo.example\n"
        "Ana,ana@demo.example\n"
        "Eve,eve@demo.example\n"
        "Max,max@demo.example,Rival\n"
        "A,a@demo.example,,Zoo\n"
        "B,b@demo.example,Gone\n"
        "C,c@demo.example,Horizonte Sul,Rival\n"
        "D,d@demo.example,Below,Horizonte Sul\n"
        "E,e@demo.example,,,Klingon\n"
        "F,f@demo.example,,,,Mars/Olympus\n"
        "G,g@demo.example,,,,,Poetry\n"
        "H,h@demo.example,,,,,,one too many\n"
        ",,New one,Horizonte\n",
    )
    assert [row["line"] for row in this.rows] == [2, 19]
    said = {row["line"]: " ".join(row["why"]) for row in this.bad}
    for line, why in {
        3: "name is missing", 4: "no e-mail address", 5: "address is missing", 6: "stands in line 2",
        7: "works here", 8: "works here", 9: "in the trash", 10: "manages another", 11: "but no organization",
        12: "not active", 13: "below another parent", 14: "is a branch itself", 15: "language is not known",
        16: "not a known time zone", 17: "no active sector", 18: "more cells",
    }.items():  # fmt: skip
        assert why in said[line], (line, said[line])
    assert (User.with_trash.count(), Organization.objects.count()) == before


def test_good_rows_become_people_and_organizations(cast: Cast) -> None:
    """R3.24, R2.43: in one go, with the company's language where none is said; nobody can sign in yet."""
    cast.account.language, cast.account.time_zone = "ru", "Europe/Moscow"
    cast.account.save()
    this = imported(
        cast,
        "Name,E-mail,Organization,Parent organization,Language,Time zone,Sector\n"
        "Zoe,ZOE@demo.example,Zoo Sul,Zoo,pt,America/Sao_Paulo,\n"
        "Carl,carl@demo.example,zoo sul,Zoo,,,\nIda,ida@demo.example,,,,,sales\nbroken,,,,,,\n",
    )
    assert (counts(this), this.state, this.rows) == ((3, 0, 0, 2, 1), "done", [])
    zoe, carl, ida = (User.objects.get(email=f"{name}@demo.example") for name in ("zoe", "carl", "ida"))
    assert (zoe.language, zoe.time_zone, str(zoe.organization)) == ("pt-br", "America/Sao_Paulo", "Zoo Sul")
    assert (carl.language, carl.time_zone, carl.organization) == ("ru", "Europe/Moscow", zoe.organization)
    assert (str(zoe.organization.parent), ida.sector) == ("Zoo", cast.sector)
    for person in (zoe, carl, ida):
        rights = person.is_superuser, person.manages_organization, person.works_here, person.has_usable_password()
        assert rights == (False,) * 4


def test_second_time_changes_nothing(cast: Cast) -> None:
    """R3.24: with and without the mark."""
    imported(cast, ENGLISH)
    assert counts(imported(cast, ENGLISH)) == (0, 0, 1, 0, 0)
    assert counts(imported(cast, ENGLISH, updates_existing=True)) == (0, 0, 1, 0, 0)
    assert Organization.objects.filter(name="Zoo").count() == 1


def test_existing_people_are_changed_only_where_marked(cast: Cast) -> None:
    text = "Name,E-mail,Organization\nRita Reis,rita@demo.example,\n"
    assert counts(imported(cast, text)) == (0, 0, 1, 0, 0)
    assert cast.again(cast.rita).name == "Rita Ramos"
    assert counts(imported(cast, text, updates_existing=True)) == (0, 1, 0, 0, 0)
    rita = cast.again(cast.rita)
    assert (rita.name, rita.organization, rita.is_active) == ("Rita Reis", cast.branch, True)


@pytest.mark.parametrize("name", ["ana", "ada", "hugo"])
def test_import_changes_nobody_who_works_here(cast: Cast, name: str) -> None:
    """R3.19, R3.24: neither when it is looked at nor when somebody came to work here since."""
    person = cast.people[name]
    assert checked(cast, f"Name,E-mail\nSomebody,{person.email}\n").total == 0
    this = checked(cast, "Name,E-mail\nSomebody,cora@demo.example\n")
    actions.join_department(department=cast.department, user=cast.cora, by=cast.ana)
    actions.start_import(this=this, by=cast.ana, updates_existing=True)
    tasks.import_people(this.pk)
    this.refresh_from_db()
    assert (counts(this), cast.again(cast.cora).name) == ((0, 0, 0, 0, 1), "Cora Costa")


def test_invitations_go_to_those_who_are_new_where_wanted(cast: Cast) -> None:
    def invited() -> int:
        return sum(row.task["func"].endswith("send_account_letter") for row in OrmQ.objects.all())

    text = "Name,E-mail\nRita,rita@demo.example\nZoe,zoe@demo.example\n"
    with taken_back():
        imported(cast, text)
        assert invited() == 0
    imported(cast, text, sends_invitations=True)
    assert invited() == 1


def test_run_that_is_cut_off_goes_on(cast: Cast) -> None:
    """look.md, section 4: a batch is a transaction; the next run goes on behind it."""
    rows = "".join(f"Person {n},p{n}@demo.example\n" for n in range(450))
    this = actions.start_import(this=checked(cast, f"Name,E-mail\n{rows}"), by=cast.ana)
    OrmQ.objects.all().delete()
    assert not tasks.import_people(this.pk, seconds=-1)
    this.refresh_from_db()
    assert (this.done, this.state, OrmQ.objects.count()) == (200, "running", 1)
    assert tasks.import_people(this.pk)
    assert tasks.import_people(this.pk)
    this.refresh_from_db()
    assert (this.created, this.state) == (450, "done")


def test_import_stops_when_its_administrator_is_none_any_more(cast: Cast) -> None:
    this = actions.start_import(this=checked(cast, ENGLISH), by=cast.ana)
    cast.deactivate(cast.ana)
    tasks.import_people(this.pk)
    this.refresh_from_db()
    assert (this.state, counts(this)) == ("stopped", (0, 0, 0, 0, 0))


def test_only_administrators_import(cast: Cast) -> None:
    this = checked(cast, ENGLISH)
    for does in (
        lambda: actions.check_import(by=cast.hugo, file_name="a", content=ENGLISH.encode()),
        lambda: actions.start_import(this=this, by=cast.hugo),
        lambda: actions.discard_import(this=this, by=cast.hugo),
    ):
        with pytest.raises(Refused, match="Only an administrator"):
            does()


def test_largest_file_is_looked_at_quickly(cast: Cast) -> None:
    """20,000 rows: in a few seconds on two cores, within one request."""
    rows = "".join(f"Person {n},p{n}@demo.example,Org {n % 500},,en,Europe/Moscow\n" for n in range(tables.MAX_ROWS))
    begun = time.monotonic()
    this = checked(cast, f"Name,E-mail,Organization,Parent,Language,Time zone\n{rows}")
    assert (this.total, len(this.bad)) == (tables.MAX_ROWS, 0)
    assert time.monotonic() - begun < 20


# --- the pages


def test_administrator_uploads_looks_and_imports(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    answer = client.post("/panel/imports/", {"file": a_file("all.csv", f"{ENGLISH}Nobody,,\n")})
    page = answer.headers["Location"]
    text = client.get(page).content.decode()
    assert "1 row can be imported" in text
    assert "The e-mail address is missing." in text
    assert client.post(f"{page}start/", {"updates_existing": "on"}).status_code == 302
    this = PeopleImport.objects.get()
    assert (this.state, this.updates_existing, this.sends_invitations) == ("running", True, False)
    assert 'hx-trigger="every 2s"' in client.get(page).content.decode()
    assert "running" in client.post(f"{page}discard/", follow=True).content.decode()
    assert "started already" in client.post(f"{page}start/", follow=True).content.decode()
    tasks.import_people(this.pk)
    assert "People created" in client.get(page).content.decode()
    client.post(f"{page}discard/")
    assert (PeopleImport.objects.count(), User.objects.filter(email="zoe@demo.example").count()) == (0, 1)


@pytest.mark.parametrize("sent", [{}, {"file": "all"}])
def test_upload_without_a_table_is_refused_beside_the_field(cast: Cast, client: Client, sent: dict[str, Any]) -> None:
    client.force_login(cast.ana)
    answer = client.post("/panel/imports/", {key: a_file("x.csv", "nothing") for key in sent})
    assert (answer.status_code, "file" in answer.context["form"].errors) == (422, True)


def test_report_of_bad_rows_holds_no_formula(cast: Cast, client: Client) -> None:
    """The rows as they stood, with line and reasons; what a spreadsheet would execute begins with an apostrophe."""
    this = checked(cast, "E-mail,Name,=1+1\n,=cmd|' /C calc'!A0,x\n,@SUM(A1),\n")
    client.force_login(cast.ana)
    answer = client.get(f"/panel/imports/{this.pk}/bad-rows/")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert lines[0] == "E-mail,Name,'=1+1,Line,Why not"
    assert lines[1].startswith(",'=cmd|' /C calc'!A0,x,2,")
    assert lines[2].startswith(",'@SUM(A1),,3,")
