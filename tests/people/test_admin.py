"""The administration: who gets in, that every page opens and costs the same, and that records stay records."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule

import approvals.actions
import tickets.actions
from approvals.models import ApprovalAction, PriorityRequest
from attachments.models import AuditEntry
from helpdesk.core import schedules
from helpdesk.core.models import AuditRecord
from helpdesk.notifications.models import Letter
from helpdesk.people.actions import create_department, send_account_letter
from helpdesk.people.models import Absence, Account, Department, Organization, Plan, Profile, Sector, Service, User
from reports.models import Report, ReportSchedule
from surveys.models import Survey
from tests import walks
from tests.cast import Cast, a_file, a_person, an_agent
from tests.reports.desk import asked, monthly
from tests.tickets.promises import a_calendar, a_level
from tickets.actions import trash
from tickets.models import Ticket
from tickets.opening import open_once

# What administrators change, and what they can only look at. A model that is registered and not here fails the test.
CHANGED = {
    "people_account",
    "people_user",
    "people_absence",
    "people_profile",
    "people_sector",
    "people_organization",
    "people_department",
    "people_calendar",
    "tickets_servicelevel",
    "approvals_approvalaction",
}
RECORDS = {
    "tickets_ticket", "surveys_survey", "attachments_auditentry", "notifications_letter", "core_auditrecord",
    "django_q_schedule", "django_q_failure", "django_q_ormq", "approvals_priorityrequest",
    "reports_report", "reports_reportschedule",
}  # fmt: skip


def _name(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _some_of_everything(cast: Cast, round_: int) -> None:
    """One more object of every registered model."""
    organization = Organization.objects.create(name=f"Organization {round_}", parent=cast.parent)
    Sector.objects.create(name=f"Sector {round_}")
    Profile.objects.create(name=f"Profile {round_}")
    department = create_department(name=f"Department {round_}")
    service = Service.objects.create(department=department, name="Service")
    a_level(organization=organization, service=service)
    department.calendar = a_calendar(name=f"Calendar {round_}")
    department.save()
    person = an_agent(f"Agent{round_} Alves", department, organization=organization, manages_organization=True)
    an_agent(f"Head{round_} Hahn", department, line=None, is_head=True)
    Absence.objects.create(user=person)
    ApprovalAction.objects.create(name=f"Action {round_}")
    Account.objects.update(plan=Plan.ENTERPRISE)  # to which the register of actions belongs
    ticket = walks.started(cast)
    approvals.actions.request_priority(ticket=ticket, by=cast.ada, priority="urgent", text="All wait.")
    walks.closed(cast, ticket=tickets.actions.send_solution(ticket=ticket, by=cast.ada, text="Done."))
    asked(cast.ana)
    monthly(cast.ana)
    schedules.sync()
    send_account_letter(kind="invitation", user=person)
    now = timezone.now()
    Failure.objects.create(id=f"{round_}", name=f"{round_}", func="f", started=now, stopped=now, success=False)


def test_every_registered_model_is_known_to_these_tests() -> None:
    assert {_name(model) for model in admin.site._registry} == CHANGED | RECORDS


@pytest.mark.parametrize("name", ["rita", "max", "ada", "hugo", "eve"])
def test_only_administrators_get_in(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.people[name])
    for model in admin.site._registry:
        for page in ("changelist", "add"):
            answer = client.get(reverse(f"admin:{_name(model)}_{page}"))
            assert answer.status_code == 302, _name(model)
            assert answer.headers["Location"].startswith("/admin/login/")
    query = {"app_label": "people", "model_name": "membership", "field_name": "user"}
    assert client.get("/admin/autocomplete/", query).status_code == 302


def test_pages_of_every_model_open_and_cost_the_same(cast: Cast, client: Client) -> None:
    """Lists, pages of one object, and empty forms: without an error, and with as many questions for three as for one."""
    client.force_login(cast.ana)
    counts: list[dict[str, int]] = []
    # Twice with one object of each, since the first visit fills the cache of content types; then with three.
    for new in (1, 0, 2):
        for _number in range(new):
            _some_of_everything(cast, Sector.objects.count())
        asked = {}
        for model in admin.site._registry:
            name = _name(model)
            asked[f"{name} list"] = _queries(
                client, reverse(f"admin:{name}_changelist"), follow=name == "people_account"
            )
            last = model._default_manager.order_by("pk").last()
            asked[f"{name} one"] = _queries(client, reverse(f"admin:{name}_change", args=[last.pk]))
            if name in CHANGED - {"people_account"}:
                asked[f"{name} new"] = _queries(client, reverse(f"admin:{name}_add"))
        asked["start"] = _queries(client, "/admin/")
        counts.append(asked)
    assert counts[2] == counts[1]
    assert max(counts[1].values()) <= 25, counts[1]


def _queries(client: Client, url: str, *, follow: bool = False) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url, follow=follow)
    assert answer.status_code == 200, url
    return len(queries)


def test_large_tables_are_never_counted(cast: Cast, client: Client) -> None:
    """design 6.1: no request counts all tickets, people, letters, records."""
    _some_of_everything(cast, 0)
    client.force_login(cast.ana)
    for model in (
        Ticket,
        User,
        Organization,
        AuditEntry,
        Letter,
        Survey,
        PriorityRequest,
        AuditRecord,
        Failure,
        OrmQ,
        Absence,
        Report,
        ReportSchedule,
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"admin:{_name(model)}_changelist"), {"q": "a"}).status_code == 200
        assert [query["sql"] for query in queries if "COUNT(" in query["sql"].upper()] == [], model


def test_records_cannot_be_changed_in_any_way(cast: Cast, client: Client) -> None:
    """Status, outcome, timers and everything else of a ticket change through its moves only."""
    _some_of_everything(cast, 0)
    client.force_login(cast.ana)
    ticket = Ticket.objects.get()
    before = Ticket.objects.filter(pk=ticket.pk).values().get()
    for model in (Ticket, Survey, PriorityRequest, AuditEntry, Letter, AuditRecord, Schedule, Failure, OrmQ, Report):
        name = _name(model)
        pk = model._default_manager.order_by("pk").last().pk
        codes = [
            client.get(reverse(f"admin:{name}_add")).status_code,
            client.post(reverse(f"admin:{name}_add"), {"status": "closed"}).status_code,
            client.post(reverse(f"admin:{name}_change", args=[pk]), {"status": "closed", "executor": ""}).status_code,
            client.get(reverse(f"admin:{name}_delete", args=[pk])).status_code,
            client.post(reverse(f"admin:{name}_delete", args=[pk]), {"post": "yes"}).status_code,
        ]
        assert codes == [403] * 5, name
        rows = model._default_manager.count()
        client.post(
            reverse(f"admin:{name}_changelist"), {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
        )
        assert model._default_manager.count() == rows, name
    assert Ticket.objects.filter(pk=ticket.pk).values().get() == before


def test_nothing_that_others_refer_to_can_be_deleted(cast: Cast, client: Client) -> None:
    """People, organizations, departments and sectors are deactivated."""
    client.force_login(cast.ana)
    for thing in (cast.eve, cast.rival, cast.other_department, cast.sector, cast.account):
        url = reverse(f"admin:{_name(type(thing))}_delete", args=[thing.pk])
        assert client.post(url, {"post": "yes"}).status_code == 403, thing


def test_pages_say_what_they_say_without_passwords_and_secrets(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    page = client.get(reverse("admin:people_user_change", args=[cast.rita.pk])).content.decode()
    assert cast.rita.password not in page
    assert 'name="password"' not in page
    walks.closed(cast)
    letter = Letter.objects.filter(kind="survey_invited").get()
    page = client.get(reverse("admin:notifications_letter_change", args=[letter.pk])).content.decode()
    assert "/surveys/" not in page.replace('href="/admin/surveys/', "")


def test_admin_pages_have_their_own_policy_and_no_others(cast: Cast, client: Client, settings: Any) -> None:
    client.force_login(cast.ana)
    assert "'unsafe-eval'" in client.get("/admin/").headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/profile/").headers["Content-Security-Policy"]


# --- pickers


def _picked(client: Client, model: str, field: str, term: str) -> list[str]:
    query = {"app_label": "people", "model_name": model, "field_name": field, "term": term}
    return [row["text"] for row in client.get("/admin/autocomplete/", query).json()["results"]]


def test_pickers_find_people_by_name_and_address(cast: Cast, client: Client) -> None:
    a_person("José Araújo", email="ze@demo.example")
    cast.deactivate(cast.eve)
    client.force_login(cast.ana)
    assert _picked(client, "membership", "user", "ARAUJO") == ["José Araújo · ze@demo.example"]
    assert _picked(client, "membership", "user", "ze@") == ["José Araújo · ze@demo.example"]
    assert _picked(client, "membership", "user", "eve") == []
    assert _picked(client, "membership", "user", "demo.example") == []


def test_pickers_offer_organizations_and_for_a_parent_only_those_that_can_be_one(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    assert _picked(client, "user", "organization", "horiz") == ["Horizonte", "Horizonte Sul (Horizonte)"]
    assert _picked(client, "organization", "parent", "horiz") == ["Horizonte"]
    Organization.objects.filter(pk=cast.branch.pk).update(is_active=False)
    assert _picked(client, "user", "organization", "horiz") == ["Horizonte"]


def test_pickers_hold_a_page_and_never_a_table(cast: Cast, client: Client) -> None:
    User.objects.bulk_create(User(email=f"p{n}@demo.example", name=f"Person {n:02}", password="!") for n in range(45))
    client.force_login(cast.ana)
    assert len(_picked(client, "membership", "user", "")) == 20
    query = {"app_label": "people", "model_name": "membership", "field_name": "user", "term": "Person"}
    pages = [client.get("/admin/autocomplete/", query | {"page": page}).json() for page in (1, 2, 3, 4, "x", -1)]
    found = [(len(page["results"]), page["pagination"]["more"]) for page in pages]
    assert found == [(20, True), (20, True), (5, False), (0, False), (20, True), (20, True)]
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/autocomplete/", query)
    assert [one["sql"] for one in queries if "COUNT(" in one["sql"].upper()] == []
    page = client.get(reverse("admin:people_department_change", args=[cast.department.pk])).content.decode()
    assert "Person 01" not in page


# --- the company


def test_account_is_one_and_its_switches_are_changed(cast: Cast, client: Client) -> None:
    """R3.17, R3.35 to R3.43."""
    client.force_login(cast.ana)
    url = reverse("admin:people_account_change", args=[1])
    assert client.get(reverse("admin:people_account_changelist")).headers["Location"] == url
    assert client.get(reverse("admin:people_account_add")).status_code == 403
    data = {
        "name": "New name",
        "support_email": "",
        "language": "ru",
        "time_zone": "Europe/Moscow",
        "mail_p2": "on",
        "plan": "basic",
        "trash_retention": "14",
        "report_retention": "7",
        "plan_reminder_days": "30",
    }
    assert client.post(url, data).status_code == 302
    account = Account.objects.get()
    assert account.trash_retention == 14
    switches = [getattr(account, f"mail_p{number}") for number in range(1, 9)]
    assert (account.name, account.language, account.time_zone, switches) == (
        "New name", "ru", "Europe/Moscow", [False, True] + [False] * 6,
    )  # fmt: skip


def test_account_can_be_made_where_the_command_line_made_the_administrator(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("ana@demo.example", "Ana", "secret"))
    add = reverse("admin:people_account_add")
    assert client.get(reverse("admin:people_account_changelist")).headers["Location"] == add
    data = {"name": "Horizonte", "support_email": "", "language": "en", "time_zone": "UTC", "plan": "basic"} | {
        "trash_retention": "30", "report_retention": "14", "plan_reminder_days": "30",
    }  # fmt: skip
    assert client.post(add, data).status_code == 302
    assert Account.objects.get().pk == 1


def test_start_page_says_what_is_missing_until_nothing_is(client: Client, db: None) -> None:
    from helpdesk.people import actions

    ana = actions.set_up(
        company="H", name="Ana", email="ana@demo.example", password="x" * 12, language="en", time_zone="UTC"
    )
    client.force_login(ana)
    assert _steps(client) == ("A department", [True, False, False, False, False, False, False])
    department = create_department(name="Support")
    assert _steps(client) == ("A service", [True, True, False, False, False, False, False])
    service = Service.objects.create(department=department, name="Workplace")
    assert _steps(client) == ("Agents", [True, True, True, False, False, False, False])
    an_agent("Ada Alves", department)
    assert _steps(client) == ("Customers", [True, True, True, True, False, False, False])
    Organization.objects.create(name="Bakery")
    assert _steps(client) == ("Requesters", [True, True, True, True, True, False, False])
    rita = a_person("Rita Ramos")
    Organization.objects.all().delete()  # who serves only the own company has none
    assert _steps(client) == ("The first ticket", [True, True, True, True, True, True, False])
    opened = open_once(
        by=rita,
        department=department,
        service=service,
        priority="low",
        subject="Silent",
        description="Nothing.",
        files=[a_file()],
    )
    trash.put_ticket(ticket=opened.ticket, by=ana)
    assert client.get("/admin/").context["steps"] == []


def _steps(client: Client) -> tuple[str, list[bool]]:
    """What is next, and which of the steps are done."""
    found = client.get("/admin/").context["steps"]
    (coming,) = [step.title for step in found if step.is_next]
    return coming, [step.is_done for step in found]


@pytest.mark.parametrize("pressed", ["_save", "_addanother", "_continue"])
def test_who_came_from_the_first_steps_is_led_back_to_them(cast: Cast, client: Client, pressed: str) -> None:
    """At once, or after what he goes on with; who came from elsewhere goes on to the list, as ever."""
    client.force_login(cast.ana)
    address = reverse("admin:people_organization_add")
    data = {"name": "Bakery", "is_active": "on", "may_open_tickets": "on", pressed: "1"}
    data |= {"managers_see_tickets": "on"}
    answer = client.post(f"{address}?first_steps=1", data)
    made = Organization.objects.get(name="Bakery")
    change = reverse("admin:people_organization_change", args=[made.pk])
    leads = {"_save": "/admin/", "_addanother": f"{address}?first_steps=1", "_continue": f"{change}?first_steps=1"}
    assert (answer.status_code, answer.headers["Location"]) == (302, leads[pressed])
    again = client.post(f"{change}?first_steps=1", data | {"name": "Bakery Sol"})
    assert again.headers["Location"] == leads[pressed]
    assert "first_steps" not in client.post(change, data).headers["Location"]


def test_departments_of_the_cast_are_listed_with_their_people(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    rows = client.get(reverse("admin:people_department_changelist")).context["cl"].result_list
    assert [(row.name, row.agent_count, row.head_count) for row in rows] == [("Network", 1, 0), ("Support", 3, 1)]
    assert Department.objects.count() == 2
