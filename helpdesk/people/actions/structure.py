"""Departments and who serves in them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from helpdesk.core import audit
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Department, Membership, User

from .following import DEPARTMENT_FOLLOWERS, DEPARTMENT_KEEPERS, follow
from .plans import within_agents_limit


@transaction.atomic
def create_department(*, name: str, by: Any = CLOCK, **settings: Any) -> Department:
    """Create a department together with the group that stands for it in object permissions (A24)."""
    return save_department(department=Department(name=name, **settings), by=by)


def reason_to_keep_department(department: Department, *, is_active: bool) -> Any:
    """None, or why ``department`` cannot be switched off now: its members would lose sight of what waits for them."""
    if is_active or not Department.objects.active().filter(pk=department.pk).exists():
        return None
    return next(filter(None, (import_string(keeper)(department) for keeper in DEPARTMENT_KEEPERS)), None)


@transaction.atomic
def save_department(*, department: Department, by: Any = CLOCK) -> Department:
    """Write a new or changed department; its group is made, renamed and emptied with it.

    Raises:
        Refused: it would be switched off while somebody still waits for it.
    """
    was = Department.objects.select_for_update(no_key=True).filter(pk=department.pk).first()
    reason = reason_to_keep_department(department, is_active=department.is_active)
    if reason:
        raise Refused(reason, field="is_active")
    name = f"department: {department.name}"[:150]
    if department.group_id is None:
        department.group = Group.objects.create(name=name)
    elif department.group.name != name:
        Group.objects.filter(pk=department.group_id).update(name=name)
        department.group.name = name
    department.save()
    sync_group(department)
    if was:
        follow(DEPARTMENT_FOLLOWERS, department, was)
    audit.record_saved(was, department, by=by)
    return department


@transaction.atomic
def join_department(
    *, department: Department, user: User, line: int | None = 1, is_head: bool = False, by: Any = CLOCK
) -> Membership:
    """Make ``user`` a member, or change the membership; the department's group follows.

    Raises:
        Refused: the plan allows no more people who serve (R3.18).
    """
    memberships = Membership.objects.select_for_update(no_key=True)
    was = memberships.filter(department=department, user=user).first()
    with within_agents_limit():
        membership, _created = Membership.objects.update_or_create(
            department=department, user=user, defaults={"line": line, "is_head": is_head}
        )
    sync_group(department)
    user.__dict__.pop("active_memberships", None)
    audit.record_saved(was, membership, by=by)
    return membership


@transaction.atomic
def sync_group(department: Department) -> None:
    """Make the group hold exactly the members who see the whole department, and nobody while it is inactive.

    What is granted to the group opens the files of every ticket; who sees less is granted what he is given (R2.46).
    For doors that write several memberships at once, and whenever a profile changes.
    """
    members = department.memberships.with_rules() if department.is_active else []
    department.group.user_set.set([one.user_id for one in members if one.sees_whole_department])


def sync_groups_of(memberships: QuerySet[Membership]) -> None:
    """Profiles of these members have changed, and with them what their departments' groups open to them."""
    for department in Department.objects.filter(pk__in=memberships.values("department")).select_related("group"):
        sync_group(department)
