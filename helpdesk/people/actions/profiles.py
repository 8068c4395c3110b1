"""Profiles of agents."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from helpdesk.core import audit
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Membership, Profile, User

from .structure import sync_groups_of


@transaction.atomic
def save_agents_profile(*, profile: Profile, by: User) -> Profile:
    """Write what the agents of a profile see and may do; it holds from their next page on (R3.25, R5.4).

    Raises:
        Refused: ``by`` is no administrator.
    """
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can change profiles."))
    was = Profile.objects.select_for_update(no_key=True).filter(pk=profile.pk).first()
    profile.save()
    if was is not None and was.sees != profile.sees:
        has_it = Q(user__profile=profile) | (Q(user__profile=None) if profile.is_default else Q())
        sync_groups_of(Membership.objects.filter(has_it))
    audit.record_saved(was, profile, by=by)
    return profile


def reason_to_keep_profile(profile: Profile) -> Any:
    """None, or why ``profile`` cannot be deleted."""
    if profile.is_default:
        return _("This is the default profile: its rules hold for everybody who has no other one.")
    if User.with_trash.filter(profile=profile).exists():
        return _("People have this profile. Give them another one first.")
    return None


@transaction.atomic
def delete_agents_profile(*, profile: Profile, by: User) -> None:
    """Delete a profile that nobody has.

    Raises:
        Refused: ``by`` is no administrator, somebody has it, or it is the default one.
    """
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can change profiles."))
    reason = reason_to_keep_profile(profile)
    if reason:
        raise Refused(reason)
    was = Profile.objects.get(pk=profile.pk)
    profile.delete()
    audit.record_saved(was, None, by=by)
