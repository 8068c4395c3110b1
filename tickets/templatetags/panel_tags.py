"""What the panel's pages have in common: counts beside the places, the drawn process."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.db import connection
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from helpdesk.notifications.models import Letter
from helpdesk.people.models import Department, User
from tickets import diagram
from tickets.models import Ticket

register = template.Library()

# Nobody reads beyond it, so nothing counts beyond it.
MOST = 99


@register.simple_tag(takes_context=True)
def rail_counts(context: template.Context) -> dict[str, str]:
    """``{% rail_counts as counts %}``: my current tasks and what nobody has; for heads and administrators, tickets that
    wait for their decision; for administrators, failed letters.

    One query that stops counting at a hundred; empty for whoever does not work here.
    """
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated or not user.works_here:
        return {}
    return {name: counted_words(count) for name, count in _counted(user).items() if count}


def counted_words(count: int) -> str:
    """A count that has stopped at ``MOST``, in words; nothing for none."""
    return f"{MOST}+" if count > MOST else str(count or "")


def _counted(user: User) -> dict[str, int]:
    lists: dict[str, QuerySet] = {
        "tasks": Ticket.objects.current_of(user),
        "queue": Ticket.objects.in_departments_of(user).open().filter(executor__isnull=True),
    }
    if user.is_head or user.is_administrator:
        lists["decisions"] = Ticket.objects.decided_by(user).waiting_for_heads()
    if user.is_administrator:
        lists["letters"] = Letter.objects.filter(state=Letter.State.FAILED)
    counts: list[str] = []
    values: list[Any] = []
    for rows in lists.values():
        # Each list stops by itself, which the query builder can only say of lists and not of their counts.
        sql, params = rows.order_by().values_list("pk")[: MOST + 1].query.sql_with_params()
        counts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")
        values.extend(params)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", values)
        return dict(zip(lists, cursor.fetchone(), strict=True))


@register.simple_tag
def process_diagram(department: Department, status: str = "") -> SafeString:
    """The department's process as a drawing with the same facts as a table behind it (R1.41).

    Args:
        status: the current one of a ticket, to be marked.
    """
    return _drawn(diagram.settings_of(department), status, get_language() or "")


@lru_cache(maxsize=256)
def _drawn(settings: tuple[Any, ...], status: str, language: str) -> SafeString:
    """Drawn once for each configuration, status and language: every ticket's page shows one."""
    department = diagram.department_with(settings)
    context = {"drawing": diagram.svg(department, status), "steps": diagram.steps(department)}
    return render_to_string("panel/diagram.html", context)
