"""Who may look after customers and their people: managers of a parent organization (R2.44, A12), and agents (R2.46)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from .models import Organization, User


def reason_not_to_lead(user: User, organization: Organization | None) -> Any:
    """None, or the sentence why ``user`` may not add members to ``organization`` and say who manages it."""
    if organization is not None and Organization.objects.led_by(user).filter(pk=organization.pk).exists():
        return None
    return _("Only managers of the parent organization can do this.")


def reason_not_to_mark(user: User, person: User, *, manages: bool) -> Any:
    """None, or the sentence why ``user`` may not make ``person`` a manager of his organization, or end that.

    Whoever works for the desk itself is the administrators' business, whatever organization he stands in.
    """
    reason = reason_not_to_lead(user, person.organization)
    if reason:
        return reason
    if User.objects.filter(User.objects.works_for_us(), pk=person.pk).exists():
        return _("%(name)s works for the service desk. Please ask its administrators.") % {"name": person}
    if not person.is_active:
        return _("This account is not active.")
    if manages or person.pk != user.pk:
        return None
    others = User.objects.active().filter(organization=person.organization, manages_organization=True)
    if others.exclude(pk=person.pk).exists():
        return None
    words = _("You are the last manager of %(organization)s. Make somebody else a manager first.")
    return words % {"organization": person.organization}


def reason_not_customer(person: User) -> Any:
    """None, or why only an administrator may change this person: everybody of the own company (R2.46)."""
    if person.pk is not None and User.objects.filter(User.objects.works_for_us(), pk=person.pk).exists():
        return _("This person belongs to the own company: only an administrator can change the account.")
    return None
