"""What is done to people and structure. Every door (admin, first run, imports) calls these."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from .models import Department, Membership, User


@transaction.atomic
def create_department(*, name: str, **settings: Any) -> Department:
    """Create a department together with the group that stands for it in object permissions (A24)."""
    department = Department(name=name, **settings)
    department.group = Group.objects.create(name=f"department: {name}"[:150])
    department.save()
    return department


@transaction.atomic
def join_department(*, department: Department, user: User, line: int | None = 1, is_head: bool = False) -> Membership:
    """Make ``user`` a member, or change the membership; the department's group follows."""
    membership, _created = Membership.objects.update_or_create(
        department=department, user=user, defaults={"line": line, "is_head": is_head}
    )
    department.group.user_set.add(user)
    user.__dict__.pop("active_memberships", None)
    return membership


@transaction.atomic
def sync_group(department: Department) -> None:
    """Make the group hold exactly the members; for doors that write several memberships at once."""
    department.group.user_set.set(department.memberships.values_list("user_id", flat=True))
