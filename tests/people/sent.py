"""What a browser sends from the administration's forms, and what comes back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from helpdesk.people.models import User


def change_url(person: User) -> str:
    return reverse("admin:people_user_change", args=[person.pk])


def sent_for(person: User, **changes: Any) -> dict[str, Any]:
    """The change form as it would be sent for ``person``; None leaves a field (a mark) out."""
    memberships = list(person.memberships.order_by("pk"))
    data: dict[str, Any] = {
        "name": person.name, "email": person.email, "language": person.language, "time_zone": person.time_zone,
        "organization": person.organization_id or "", "sector": person.sector_id or "",
        "profile": person.profile_id or "",
        "manages_organization": "on" if person.manages_organization else None,
        "is_active": "on" if person.is_active else None,
        "is_superuser": "on" if person.is_superuser else None,
        "memberships-TOTAL_FORMS": len(memberships), "memberships-INITIAL_FORMS": len(memberships),
        "absences-TOTAL_FORMS": 0, "absences-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, membership in enumerate(memberships):
        data |= {
            f"memberships-{number}-id": membership.pk,
            f"memberships-{number}-user": person.pk,
            f"memberships-{number}-department": membership.department_id,
            f"memberships-{number}-line": membership.line or "",
            f"memberships-{number}-is_head": "on" if membership.is_head else None,
        }
    return {key: value for key, value in (data | changes).items() if value is not None}


def errors_of(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)
