"""Customers' people, as their own managers look after them (R2.44)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused
from helpdesk.people import permissions
from helpdesk.people.models import Organization, User

from .locks import lock_administrators, lock_organizations
from .persons import save_person, send_account_letter

_DAY = timedelta(days=1).total_seconds()


@transaction.atomic
def add_member(
    *,
    organization: Organization,
    by: User,
    name: str,
    email: str,
    language: str,
    time_zone: str,
    at: datetime | None = None,
) -> User:
    """Register somebody of the own organization or of a branch, and invite him; he manages nothing yet (R2.44).

    Raises:
        Refused: ``by`` is no manager of the parent organization (any more), his organization has invited as many as it
            can within a day, or somebody has this address. Who that is, and where, is not told.
    """  # fmt: skip
    at = at or timezone.now()
    _refuse_a_flood(by, at)
    reason = permissions.reason_not_to_lead(User.objects.get(pk=by.pk), organization)
    if reason:
        raise Refused(reason)
    person = User(
        name=name, email=email, language=language, time_zone=time_zone, organization=organization,
        joined_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            save_person(person=person, by=by)
    except IntegrityError as error:
        words = _("There is an account with this address already. If the person belongs here, please write to us.")
        raise Refused(words, field="email") from error
    send_account_letter(kind="invitation", user=person, at=at)
    return person


def _refuse_a_flood(by: User, at: datetime) -> None:
    """Count one invitation more of the organization of ``by``, whatever branch it is for: we write to strangers for it.

    Counted in the shared cache like the limits at the door; what is refused later in the transaction counts nothing.

    Raises:
        Refused: it would be one too many within 24 hours.
    """
    lock_organizations([by.organization_id])
    key, now = f"invitations-{by.organization_id}", at.timestamp()
    sent = [one for one in cache.get(key, []) if one > now - _DAY]
    if len(sent) >= settings.INVITATIONS_A_DAY:
        words = _(
            "Your organization has invited %(count)d people within 24 hours. Please go on tomorrow, or write to us if "
            "there are many more. Nothing you typed is lost."
        )
        raise Refused(words % {"count": len(sent)})
    cache.set(key, [*sent, now], _DAY)


def appoint_manager(*, person: User, by: User) -> User:
    """Make an active member of the own organization or of a branch its manager (R2.44).

    From now on what waits for the organization's consent asks him, too (R2.23).

    Raises:
        Refused: ``by`` may not, or ``person`` is not one of theirs.
    """
    return _mark_manager(person, by, manages=True)


def dismiss_manager(*, person: User, by: User) -> User:
    """End that an active member manages his organization (R2.44); what waits for consent asks him no longer.

    Raises:
        Refused: ``by`` may not, ``person`` is not one of theirs, or it is the last manager of the parent himself.
    """
    return _mark_manager(person, by, manages=False)


@transaction.atomic
def _mark_manager(person: User, by: User, *, manages: bool) -> User:
    """Two managers who end each other's mark at once are held apart by the lock: the second one is none any more."""
    lock_organizations([person.organization_id])
    lock_administrators()
    people = User.objects.select_for_update(no_key=True).order_by("pk")
    locked = {one.pk: one for one in people.filter(pk__in={person.pk, by.pk})}
    if len(locked) < len({person.pk, by.pk}):
        raise Refused(_("This person is not there any more."))
    person, by = locked[person.pk], locked[by.pk]
    reason = permissions.reason_not_to_mark(by, person, manages=manages)
    if reason:
        raise Refused(reason)
    if person.manages_organization == manages:
        return person
    person.manages_organization = manages
    return save_person(person=person, fields=["manages_organization"], by=by)
