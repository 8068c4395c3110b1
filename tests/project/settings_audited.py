"""What administrators set up, each as it is done: rows of the table that ``test_audited`` goes through."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone

from helpdesk.core.models import AuditRecord
from helpdesk.people import actions
from helpdesk.people.models import Absence, Account, Profile, Sector, User
from tests.people.sent import change_url, sent_for
from tests.project.office import Office, operation
from tests.tickets.promises import a_calendar, a_level

# --- the company


@operation
def account_set_up(office: Office) -> Any:
    Account.objects.all().delete()
    User.objects.filter(is_superuser=True).update(is_superuser=False)
    given = {"email": "zoe@demo.example", "password": "nine lives of a cat", "language": "ru", "time_zone": "UTC"}
    zoe = actions.set_up(company="Zoo", name="Zoë", **given)
    administrator = {"key": str(zoe.pk), "name": "Zoë"}
    return "Zoo", {"administrator": administrator, "language": "ru", "time_zone": "UTC"}, zoe


@operation
def account_created(office: Office) -> Any:
    Account.objects.all().delete()
    office.sends(
        "people/account/add",
        name="Zoo",
        language="en",
        time_zone="UTC",
        plan="basic",
        trash_retention="30",
        report_retention="14",
        plan_reminder_days="30",
    )
    return "Zoo", {"name": [None, "Zoo"], "plan": [None, "basic"], "mail_p1": [None, False]}


@operation
def account_changed(office: Office) -> Any:
    Account.objects.update(**{f"mail_p{number}": False for number in range(2, 9)}, support_email="")
    given = {"name": "Demo Desk", "language": "en", "time_zone": "UTC", "plan": "enterprise", "trash_retention": "30"}
    given["report_retention"] = "14"
    given["plan_reminder_days"] = "30"
    office.sends("people/account/1/change", **given)
    return "Demo Desk", {"plan": ["basic", "enterprise"], "mail_p1": [True, False]}


@operation
def plan_renewed(office: Office) -> Any:
    data = {"plan": "enterprise", "until": "2099-12-31", "note": "Contract 17", "_form_submitted": "True"}
    assert "HX-Redirect" in office.client.post("/admin/people/account/1/renew_plan/", data).headers
    return "Demo Desk", {"plan": ["basic", "enterprise"], "plan_ends_on": [None, "2099-12-31"], "note": "Contract 17"}


# --- people


@operation
def person_created(office: Office) -> Any:
    given = {"name": "Zoë", "email": "ZOE@demo.example", "language": "en", "time_zone": "UTC", "is_superuser": "on"}
    office.sends("people/user/add", **given)
    return "Zoë", {"email": [None, "zoe@demo.example"], "is_superuser": [None, True]}


@operation
def person_changed(office: Office) -> Any:
    cast = office.cast
    office.client.post(change_url(cast.rita), sent_for(cast.rita, is_active=None, organization=cast.parent.pk))
    organizations = [{"key": str(one.pk), "name": str(one)} for one in (cast.branch, cast.parent)]
    return "Rita Ramos", {"is_active": [True, False], "organization": organizations}


@operation
def people_imported(office: Office) -> Any:
    """One record for all rows: people and organizations have none."""
    this = actions.check_import(
        by=office.cast.ana, file_name="all.csv", content=b"Name,E-mail,Company\nZoe,zoe@demo.example,Zoo\nX,,\n"
    )
    before = AuditRecord.objects.count()
    actions.start_import(this=this, by=office.cast.ana)
    actions.import_some(this.pk)
    assert AuditRecord.objects.count() == before + 1
    return "all.csv", {"people_created": 1, "people_updated": 0, "new_organizations": 1, "bad_rows": 1}


@operation
def password_link_sent(office: Office) -> Any:
    office.confirms("send_link")
    return "Rita Ramos", {"letter": "password_reset_key"}


@operation
def password_set(office: Office) -> Any:
    office.confirms("set_password", password="nine lives of a cat")
    return "Rita Ramos", {}


@operation
def second_factor_removed(office: Office) -> Any:
    Authenticator.objects.create(user=office.cast.rita, type="totp", data={"secret": "x"})
    office.confirms("remove_second_factor")
    return "Rita Ramos", {}


@operation
def absence_created(office: Office) -> Any:
    office.sends("people/absence/add", user=office.cast.ada.pk, starts_at_0="2026-03-10", starts_at_1="09:00")
    return "Ada Alves: 2026-03-10", {"starts_at": [None, "2026-03-10T09:00:00+00:00"]}


def _absence(office: Office) -> Absence:
    return Absence.objects.create(user=office.cast.ada, starts_at=timezone.now(), reason="Sea")


@operation
def absence_changed(office: Office) -> Any:
    """Below the person, as one row of a larger form."""
    away, ada = _absence(office), office.cast.ada
    start = away.starts_at
    row = {"id": away.pk, "user": ada.pk, "starts_at_0": f"{start:%Y-%m-%d}", "starts_at_1": f"{start:%H:%M:%S.%f}"}
    data = {f"absences-0-{key}": value for key, value in (row | {"reason": "Mountains"}).items()}
    data |= {"absences-TOTAL_FORMS": 1, "absences-INITIAL_FORMS": 1}
    office.client.post(change_url(ada), sent_for(ada, **data))
    return str(away), {"reason": ["Sea", "Mountains"]}


@operation
def absence_deleted(office: Office) -> Any:
    away = _absence(office)
    office.sends("people/absence", action="delete_selected", _selected_action=away.pk, post="yes")
    assert not Absence.objects.exists()
    return str(away), {"reason": ["Sea", None]}


# --- structure


@operation
def organization_created(office: Office) -> Any:
    office.sends("people/organization/add", name="Zoo", parent=office.cast.parent.pk, is_active="on")
    return "Zoo", {"parent": [None, {"key": str(office.cast.parent.pk), "name": "Horizonte"}]}


@operation
def organization_changed(office: Office) -> Any:
    office.sends(f"people/organization/{office.cast.rival.pk}/change", name="Rivals", parent="")
    return "Rivals", {"name": ["Rival", "Rivals"], "is_active": [True, False]}


@operation
def sector_created(office: Office) -> Any:
    office.sends("people/sector/add", name="Zoo", is_active="on")
    return "Zoo", {"name": [None, "Zoo"], "is_active": [None, True]}


@operation
def sector_changed(office: Office) -> Any:
    office.sends(f"people/sector/{Sector.objects.get().pk}/change", name="Sales", is_active="")
    return "Sales", {"is_active": [True, False]}


def _rules(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Support", "description": "", "is_active": "on", "distribution_mode": "both",
        "distribution_minutes": "15", "support_lines": "2", "attachment_required_on_open": "on",
        "attachment_min_count": "1", "attachment_extensions": "", "attachment_access_moment": "on_assume",
        "approval_period_0": "2", "approval_period_1": "days", "survey_mode": "after_closing",
        "rating_period_0": "1", "rating_period_1": "days", "survey_period_0": "0", "survey_period_1": "days",
        "decision_reminder_0": "0", "sla_warning_percent": "80", "decision_reminder_1": "days",
        "closing_without_solution_needs_head": "on", "criticality_change_needs_approval": "on",
    } | changes  # fmt: skip


def _department(office: Office, **changes: Any) -> str:
    """The form of Support as it stands, with ``changes``; its rows of members and services are left alone."""
    office.sends(f"people/department/{office.cast.department.pk}/change", **_rules(**changes))
    return "Support"


@operation
def department_created(office: Office) -> Any:
    office.sends("people/department/add", **_rules(name="Zoo"))
    return "Zoo", {"support_lines": [None, 2], "approval_period": [None, "P2DT00H00M00S"]}


@operation
def department_changed(office: Office) -> Any:
    name = _department(office, approval_period_0="3", distribution_mode="push")
    return name, {"distribution_mode": ["both", "push"], "approval_period": ["P2DT00H00M00S", "P3DT00H00M00S"]}


def _hours(**changes: Any) -> dict[str, Any]:
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-18:00")
    return {"name": "Office", "time_zone": "UTC", "saturday": "", "sunday": "", "country": ""} | days | changes


@operation
def calendar_created(office: Office) -> Any:
    office.sends("people/calendar/add", **_hours())
    return "Office", {"monday": [None, "09:00-18:00"]}


@operation
def calendar_changed(office: Office) -> Any:
    office.sends(f"people/calendar/{a_calendar().pk}/change", **_hours(friday="09:00-14:00"))
    return "Office", {"friday": ["09:00-18:00", "09:00-14:00"]}


@operation
def calendar_deleted(office: Office) -> Any:
    office.sends(f"people/calendar/{a_calendar().pk}/delete", post="yes")
    return "Office", {"name": ["Office", None]}


def _level(**changes: Any) -> dict[str, Any]:
    return {
        "requester": "", "organization": "", "service": "", "priority": "high",
        "first_start_0": "1", "first_start_1": "hours", "conclusion_0": "8", "conclusion_1": "hours",
    } | changes  # fmt: skip


@operation
def service_level_created(office: Office) -> Any:
    office.sends("tickets/servicelevel/add", **_level())
    return "Everybody · any service · high", {"first_start": [None, "P0DT01H00M00S"]}


@operation
def service_level_changed(office: Office) -> Any:
    office.sends(f"tickets/servicelevel/{a_level('high').pk}/change", **_level(conclusion_0="4"))
    return "Everybody · any service · high", {"conclusion": ["P0DT08H00M00S", "P0DT04H00M00S"]}


@operation
def service_level_deleted(office: Office) -> Any:
    office.sends(f"tickets/servicelevel/{a_level('high').pk}/delete", post="yes")
    return "Everybody · any service · high", {"priority": ["high", None]}


@operation
def service_created(office: Office) -> Any:
    row = {"services-TOTAL_FORMS": 1, "services-0-name": "Feeding", "services-0-is_active": "on"}
    _department(office, **row, **{"services-0-attachment_required_on_open": "unknown"})
    return "Feeding", {"department": [None, {"key": str(office.cast.department.pk), "name": "Support"}]}


@operation
def service_changed(office: Office) -> Any:
    row = {"id": office.cast.service.pk, "department": office.cast.department.pk, "name": "Work place"}
    row |= {"attachment_required_on_open": "false", "is_active": "on"}
    counts = {"services-TOTAL_FORMS": 1, "services-INITIAL_FORMS": 1}
    _department(office, **counts, **{f"services-0-{key}": value for key, value in row.items()})
    return "Work place", {"name": ["Workplace", "Work place"], "attachment_required_on_open": [None, False]}


@operation
def membership_created(office: Office) -> Any:
    row = {"memberships-TOTAL_FORMS": 1, "memberships-0-user": office.cast.cora.pk, "memberships-0-line": "2"}
    _department(office, **row)
    return "Cora Costa · Support", {"line": [None, 2], "is_head": [None, False]}


@operation
def membership_changed(office: Office) -> Any:
    actions.join_department(
        department=office.cast.department, user=office.cast.ada, line=2, is_head=True, by=office.cast.ana
    )
    return "Ada Alves · Support", {"line": [1, 2], "is_head": [False, True]}


@operation
def membership_deleted(office: Office) -> Any:
    """Below the person."""
    ada = office.cast.ada
    office.client.post(change_url(ada), sent_for(ada, **{"memberships-0-DELETE": "on"}))
    return "Ada Alves · Support", {"line": [1, None]}


def _profile(**rules: Any) -> dict[str, Any]:
    return {"name": "Night", "description": "", "sees": "own", "sees_customers": "on"} | rules


@operation
def profile_created(office: Office) -> Any:
    office.sends("people/profile/add", **_profile())
    return "Night", {"sees": [None, "own"], "edits_customers": [None, False]}


@operation
def profile_changed(office: Office) -> Any:
    profile = Profile.objects.create(name="Night", sees="own")
    office.sends(f"people/profile/{profile.pk}/change", **_profile(sees="all"))
    return "Night", {"sees": ["own", "all"], "edits_customers": [True, False]}


@operation
def profile_deleted(office: Office) -> Any:
    profile = Profile.objects.create(name="Night", sees="own")
    office.sends(f"people/profile/{profile.pk}/delete", post="yes")
    return "Night", {"sees": ["own", None]}
