"""The first steps of a new helpdesk, from its company to the first ticket, and which of them is next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .models import Account, Department, Organization, Service, User

# Marks the address of a page that was opened from the list: after saving it leads back there.
FROM_LIST = "first_steps"

# Whether anybody has opened a ticket; a dotted name, since a higher floor knows.
HAS_TICKETS = "tickets.opening.is_begun"


@dataclass(frozen=True)
class Step:
    """One step of the set-up; of the open ones, the first is next."""

    title: str
    about: str
    url: str
    is_done: bool
    is_next: bool = False


def steps() -> list[Step]:
    """The steps in their order; each asks the database whether there is anything of its kind."""
    account = Account.objects.exists()
    first = Department.objects.active().values_list("pk", flat=True).first()
    new_department, new_person = _page("people_department_add"), _page("people_user_add")
    requesters = User.objects.active().filter(is_superuser=False, memberships__isnull=True).exists()
    found = [
        Step(
            _("The company"),
            _("Its name, the sender of letters, and which events are told by e-mail."),
            _page("people_account_change", 1) if account else _page("people_account_add"),
            account,
        ),
        Step(
            _("A department"),
            _("The unit that serves, with the rules of its process. Its name is enough to begin with."),
            new_department,
            first is not None,
        ),
        Step(
            _("A service"),
            _("What requesters can ask the department for: “Services”, at the end of the department's page."),
            f"{_page('people_department_change', first)}#services-group" if first else new_department,
            Service.objects.filter(is_active=True, department__is_active=True).exists(),
        ),
        Step(
            _("Agents"),
            _(
                "The people who serve; each gets an invitation by e-mail. Their department and support line, at the "
                "end of the page, make them agents."
            ),
            new_person,
            Department.objects.served().exists(),
        ),
        Step(
            _("Customers"),
            _("The organization that your requesters belong to. If you serve your own company only, leave this out."),
            _page("people_organization_add"),
            requesters or Organization.objects.exists(),
        ),
        Step(
            _("Requesters"),
            _("The people who open tickets, with their organization; each gets an invitation by e-mail."),
            new_person,
            requesters,
        ),
        Step(
            _("The first ticket"),
            _("Requesters open it from their start page. To see how that looks, open one yourself."),
            reverse("portal:new"),
            import_string(HAS_TICKETS)(),
        ),
    ]
    nth = next((nth for nth, step in enumerate(found) if not step.is_done), None)
    return [replace(step, is_next=here == nth) for here, step in enumerate(found)]


def _page(name: str, *key: int) -> str:
    return f"{reverse(f'admin:{name}', args=key)}?{FROM_LIST}=1"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the start page of the administration shows besides the places: the steps, as long as one is missing."""
    found = steps()
    return context | {"steps": [] if all(step.is_done for step in found) else found}
