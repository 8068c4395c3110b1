"""Organizations and departments through the administration's forms: what is refused, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from helpdesk.people.models import Department, Membership, Organization, User
from tests import walks
from tests.cast import Cast

from .sent import change_url, errors_of, sent_for

# --- organizations are one level deep (R2.43)


@pytest.mark.parametrize(
    ("child", "parent", "error"),
    [
        ("rival", "branch", "The parent is a branch itself. Choose its parent organization."),
        ("parent", "rival", "This organization has branches, so it cannot become one."),
        ("rival", "rival", "An organization cannot be its own parent."),
    ],
)
def test_organizations_stay_one_level_deep(cast: Cast, client: Client, child: str, parent: str, error: str) -> None:
    """The form says so kindly, the database says so in any case."""
    client.force_login(cast.ana)
    below, above = getattr(cast, child), getattr(cast, parent)
    url = reverse("admin:people_organization_change", args=[below.pk])
    answer = client.post(url, {"name": below.name, "parent": above.pk, "is_active": "on"})
    assert errors_of(answer) == {"parent": [error]}
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=below.pk).update(parent=above)


def test_organization_gets_a_parent(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    url = reverse("admin:people_organization_change", args=[cast.rival.pk])
    assert client.post(url, {"name": "Rival", "parent": cast.parent.pk, "is_active": "on"}).status_code == 302
    assert Organization.objects.get(pk=cast.rival.pk).parent == cast.parent


def test_names_that_differ_in_case_are_one_name(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    answer = client.post("/admin/people/organization/add/", {"name": "RIVAL", "parent": "", "is_active": "on"})
    assert errors_of(answer) == {"__all__": ["There is an organization with this name already."]}


# --- departments


def _department(**changes: Any) -> dict[str, Any]:
    data = {
        "name": "Finance", "description": "", "is_active": "on", "distribution_mode": "both",
        "distribution_minutes": "15", "support_lines": "2", "attachment_required_on_open": "on",
        "attachment_min_count": "1", "attachment_extensions": "", "attachment_access_moment": "on_assume",
        "approval_period_0": "2", "approval_period_1": "days", "survey_mode": "after_closing",
        "rating_period_0": "1", "rating_period_1": "days", "survey_period_0": "0", "survey_period_1": "days",
        "decision_reminder_0": "0", "decision_reminder_1": "days",
        "closing_without_solution_needs_head": "on", "criticality_change_needs_approval": "on",
        "calendar": "", "sla_warning_percent": "80",
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
        "services-TOTAL_FORMS": 0, "services-INITIAL_FORMS": 0,
    } | changes  # fmt: skip
    return {key: value for key, value in data.items() if value is not None}


def _member(number: int, person: User, line: Any = "1", **more: Any) -> dict[str, Any]:
    return {
        f"memberships-{number}-user": person.pk, f"memberships-{number}-line": line,
        **{f"memberships-{number}-{key}": value for key, value in more.items()},
    }  # fmt: skip


ADD_DEPARTMENT = "/admin/people/department/add/"


def test_department_is_made_with_its_group_members_and_services(cast: Cast, client: Client) -> None:
    """R3.26 to R3.28, A24: agents are selected out of the registered users."""
    client.force_login(cast.ana)
    data = _department(
        **{"memberships-TOTAL_FORMS": 2, "services-TOTAL_FORMS": 1, "services-0-name": "Invoices"},
        **{"services-0-attachment_required_on_open": "false", "services-0-is_active": "on"},
        **_member(0, cast.cora),
        **_member(1, cast.hugo, "", is_head="on"),
    )
    assert client.post(ADD_DEPARTMENT, data).status_code == 302
    finance = Department.objects.get(name="Finance")
    assert sorted(finance.group.user_set.values_list("name", flat=True)) == ["Cora Costa", "Hugo Hahn"]
    assert finance.group.name == "department: Finance"
    assert list(finance.memberships.order_by("pk").values_list("user__name", "line", "is_head")) == [
        ("Cora Costa", 1, False),
        ("Hugo Hahn", None, True),
    ]
    service = finance.services.get()
    assert (service.name, service.requires_attachment, finance.attachment_required_on_open) == ("Invoices", False, True)


def test_department_with_open_tickets_is_not_switched_off(cast: Cast, client: Client) -> None:
    """R1.21: the form says how many stand, beside the switch."""
    client.force_login(cast.ana)
    ticket = walks.opened(cast)
    url = reverse("admin:people_department_change", args=[cast.department.pk])
    (error,) = errors_of(client.post(url, _existing(cast.department, is_active=None)))["is_active"]
    assert error.startswith("1 open ticket stands in this department.")
    walks.cancelled(cast, ticket=ticket)
    assert client.post(url, _existing(cast.department, is_active=None)).status_code == 302
    assert cast.department.group.user_set.count() == 0


def test_renamed_department_keeps_its_group_and_frees_the_name(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    group = cast.department.group_id
    url = reverse("admin:people_department_change", args=[cast.department.pk])
    assert client.post(url, _existing(cast.department, name="Help")).status_code == 302
    renamed = Department.objects.get(pk=cast.department.pk)
    assert (renamed.name, renamed.group_id, renamed.group.name) == ("Help", group, "department: Help")
    assert renamed.group.user_set.count() == 4
    assert client.post(ADD_DEPARTMENT, _department(name="Support")).status_code == 302
    assert Group.objects.filter(name="department: Support").count() == 1


def _existing(department: Department, **changes: Any) -> dict[str, Any]:
    memberships = list(department.memberships.order_by("user__name", "pk"))
    services = list(department.services.order_by("name", "pk"))
    data: dict[str, Any] = {"name": department.name} | {
        "memberships-TOTAL_FORMS": len(memberships), "memberships-INITIAL_FORMS": len(memberships),
        "services-TOTAL_FORMS": len(services), "services-INITIAL_FORMS": len(services),
    }  # fmt: skip
    for number, membership in enumerate(memberships):
        data |= _member(number, membership.user, membership.line or "", id=membership.pk)
        if membership.is_head:
            data[f"memberships-{number}-is_head"] = "on"
    for number, service in enumerate(services):
        data |= {f"services-{number}-id": service.pk, f"services-{number}-name": service.name}
        data |= {f"services-{number}-is_active": "on", f"services-{number}-attachment_required_on_open": "unknown"}
    return _department(**(data | changes))


def test_member_who_is_removed_leaves_the_group_too(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    url = reverse("admin:people_department_change", args=[cast.department.pk])
    memberships = list(cast.department.memberships.order_by("user__name", "pk"))
    number = [membership.user for membership in memberships].index(cast.bob)
    assert client.post(url, _existing(cast.department, **{f"memberships-{number}-DELETE": "on"})).status_code == 302
    assert sorted(cast.department.group.user_set.values_list("name", flat=True)) == [
        "Ada Alves", "Hugo Hahn", "Otto Orlov",
    ]  # fmt: skip
    assert not Membership.objects.filter(user=cast.bob).exists()


def test_membership_given_on_the_persons_page_reaches_the_group(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    new = {
        "memberships-TOTAL_FORMS": 1, "memberships-0-user": cast.cora.pk, "memberships-0-line": "1",
        "memberships-0-department": cast.other_department.pk,
    }  # fmt: skip
    assert client.post(change_url(cast.cora), sent_for(cast.cora, **new)).status_code == 302
    assert cast.cora in cast.other_department.group.user_set.all()
    assert User.objects.get(pk=cast.cora.pk).department_ids == [cast.other_department.pk]
    leave = sent_for(cast.cora, **{"memberships-0-DELETE": "on"})
    assert client.post(change_url(cast.cora), leave).status_code == 302
    assert cast.cora not in cast.other_department.group.user_set.all()


def test_inactive_department_opens_no_folder(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    url = reverse("admin:people_department_change", args=[cast.department.pk])
    assert client.post(url, _existing(cast.department, is_active=None)).status_code == 302
    assert cast.department.group.user_set.count() == 0
    assert client.post(url, _existing(cast.department)).status_code == 302
    assert cast.department.group.user_set.count() == 4


def test_second_line_needs_a_department_that_has_one(cast: Cast, client: Client) -> None:
    """The form that takes the second line away says who stands on it; the form that gives it takes members for it."""
    client.force_login(cast.ana)
    url = reverse("admin:people_department_change", args=[cast.department.pk])
    answer = client.post(url, _existing(cast.department, support_lines="1"))
    faults = [form.errors for form in answer.context["inline_admin_formsets"][0].formset.forms if form.errors]
    assert faults == [{"line": ["This department has one support line."]}]
    one_line = _department(**{"memberships-TOTAL_FORMS": 1}, support_lines="1", **_member(0, cast.cora, "2"))
    assert client.post(ADD_DEPARTMENT, one_line).status_code == 200
    assert client.post(ADD_DEPARTMENT, one_line | {"support_lines": "2"}).status_code == 302


def test_member_is_an_agent_or_a_head(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    data = _department(**{"memberships-TOTAL_FORMS": 1}, **_member(0, cast.cora, ""))
    answer = client.post(ADD_DEPARTMENT, data)
    faults = [form.errors for form in answer.context["inline_admin_formsets"][0].formset.forms]
    assert faults == [{"line": ["Choose a support line, or mark the person as head."]}]


@pytest.mark.parametrize(
    ("number", "unit", "period"),
    [
        ("2", "days", timedelta(days=2)),
        ("36", "hours", timedelta(hours=36)),
        ("90", "minutes", timedelta(minutes=90)),
        ("0", "days", timedelta(0)),
    ],
)
def test_approval_period_is_a_number_and_a_unit(
    cast: Cast, client: Client, number: str, unit: str, period: timedelta
) -> None:
    """R1.27, A9."""
    client.force_login(cast.ana)
    data = _department(approval_period_0=number, approval_period_1=unit)
    assert client.post(ADD_DEPARTMENT, data).status_code == 302
    finance = Department.objects.get(name="Finance")
    assert finance.approval_period == period
    page = client.get(reverse("admin:people_department_change", args=[finance.pk]))
    shown = page.context["adminform"].form["approval_period"].value()
    assert shown == period


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"approval_period_0": "-1"}, {"approval_period": ["Ensure this value is greater than or equal to 0."]}),
        ({"approval_period_0": "x"}, {"approval_period": ["Enter a whole number."]}),
        ({"approval_period_0": ""}, {"approval_period": ["This field is required."]}),
        ({"approval_period_0": "99999999999"}, {"approval_period": ["This is too long: at most ten years."]}),
        ({"rating_period_0": "0"}, {"__all__": ["The rating period must be longer than 0."]}),
        ({"distribution_minutes": "0"}, {"distribution_minutes": ["Ensure this value is greater than or equal to 1."]}),
        ({"attachment_min_count": "26"}, {"attachment_min_count": ["Ensure this value is less than or equal to 25."]}),
        ({"name": "support"}, {"__all__": ["There is a department with this name already."]}),
    ],
)
def test_faulty_department_is_refused(
    cast: Cast, client: Client, change: dict[str, str], errors: dict[str, list[str]]
) -> None:
    client.force_login(cast.ana)
    answer = client.post(ADD_DEPARTMENT, _department(**change))
    assert (answer.status_code, errors_of(answer)) == (200, errors)
    assert Department.objects.count() == 2


def test_every_setting_of_a_department_is_explained(cast: Cast, client: Client) -> None:
    """Section 7 of the specification: what is set here says what it does."""
    client.force_login(cast.ana)
    form = client.get(ADD_DEPARTMENT).context["adminform"].form
    assert [name for name, field in form.fields.items() if not field.help_text] == []


def test_new_department_starts_with_the_defaults(cast: Cast, client: Client) -> None:
    client.force_login(cast.ana)
    form = client.get(ADD_DEPARTMENT).context["adminform"].form
    periods = [form[name].value() for name in ("approval_period", "rating_period", "survey_period")]
    assert periods == [timedelta(days=2), timedelta(days=1), timedelta(0)]


def test_department_decides_what_needs_a_head_and_when_heads_are_reminded(cast: Cast, client: Client) -> None:
    """The three settings of decisions, each with its explanation (R4.16, R4.18, R4.30)."""
    client.force_login(cast.ana)
    address = f"/admin/people/department/{cast.department.pk}/change/"
    page = client.get(address).content.decode()
    assert "Off: the last support line closes without a solution on its own word" in page
    assert "the old priority stays in force until then" in page
    assert "0: heads are not reminded." in page
    data = _department(
        name="Support",
        closing_without_solution_needs_head=None,
        criticality_change_needs_approval=None,
        decision_reminder_0="4",
        decision_reminder_1="hours",
    )
    assert client.post(address, data).status_code == 302
    cast.department.refresh_from_db()
    assert cast.department.closing_without_solution_needs_head is False
    assert cast.department.criticality_change_needs_approval is False
    assert cast.department.decision_reminder == timedelta(hours=4)
