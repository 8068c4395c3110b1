"""What a new helpdesk still needs before the first ticket can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from .models import Account, Department, Service, User


@dataclass(frozen=True)
class Step:
    """One step of the set-up."""

    title: str
    about: str
    url: str
    is_done: bool


def steps() -> list[Step]:
    """The steps in their order; each asks the database whether there is anything of its kind."""
    departments = reverse("admin:people_department_changelist")
    first = Department.objects.active().values_list("pk", flat=True).first()
    department = reverse("admin:people_department_change", args=[first]) if first else departments
    return [
        Step(
            _("The company"),
            _("Its name, the sender of letters, and which events are told by e-mail."),
            reverse("admin:people_account_changelist"),
            Account.objects.exists(),
        ),
        Step(
            _("A department"),
            _("The unit that serves, with the rules of its process."),
            reverse("admin:people_department_add"),
            first is not None,
        ),
        Step(
            _("A service"),
            _("What requesters can ask the department for."),
            department,
            Service.objects.filter(is_active=True, department__is_active=True).exists(),
        ),
        Step(
            _("Agents"),
            _("Register the people who serve, and make them members of the department."),
            reverse("admin:people_user_add"),
            Department.objects.served().exists(),
        ),
        Step(
            _("Requesters"),
            _("Register the people who open tickets; each gets an invitation by e-mail."),
            reverse("admin:people_user_add"),
            User.objects.active().filter(is_superuser=False, memberships__isnull=True).exists(),
        ),
    ]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the start page of the administration shows besides the places: the steps, as long as one is missing."""
    found = steps()
    return context | {"steps": [] if all(step.is_done for step in found) else found}
