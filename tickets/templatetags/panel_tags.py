"""What the panel's pages have in common: counts beside the places, the drawn process."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import template
from django.db.models import CharField, Value

from helpdesk.notifications.models import Letter
from helpdesk.people.models import Department, User
from tickets import diagram
from tickets.models import Ticket

register = template.Library()

# Nobody reads beyond it, so nothing counts beyond it.
_MOST = 99


@register.simple_tag(takes_context=True)
def rail_counts(context: template.Context) -> dict[str, str]:
    """``{% rail_counts as counts %}``: my current tasks, what nobody has, and failed letters for administrators.

    One query that stops counting at a hundred; empty for whoever does not work here.
    """
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or not user.works_here:
        return {}
    return {name: f"{_MOST}+" if count > _MOST else str(count) for name, count in _counted(user).items()}


def _counted(user: User) -> Counter[str]:
    lists = {
        "tasks": Ticket.objects.current_of(user),
        "queue": Ticket.objects.in_departments_of(user).open().filter(executor__isnull=True),
    }
    if user.is_administrator:
        lists["letters"] = Letter.objects.filter(state=Letter.State.FAILED)
    first, *others = (
        rows.order_by().values_list(Value(name, output_field=CharField()))[: _MOST + 1] for name, rows in lists.items()
    )
    return Counter(name for (name,) in first.union(*others, all=True).order_by())


@register.inclusion_tag("panel/diagram.html")
def process_diagram(department: Department, status: str = "") -> dict[str, Any]:
    """The department's process as a drawing with the same facts as a table behind it (R1.41).

    Args:
        status: the current one of a ticket, to be marked.
    """
    return {"drawing": diagram.svg(department, status), "steps": diagram.steps(department), "status": status}
