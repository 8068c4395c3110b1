"""People and their ways in."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from helpdesk.core import audit
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people import permissions
from helpdesk.people.models import Membership, User

from .following import PERSON_FOLLOWERS, PERSON_LEAVERS, follow
from .locks import lock_administrators, lock_organizations_managed_by
from .plans import within_agents_limit
from .structure import sync_groups_of

PERSON_FIELDS = tuple(name for name in audit.fields_of(User) if name not in {"password", "last_login"})


def reason_to_keep(person: User, *, is_active: bool, is_superuser: bool) -> Any:
    """None, or why ``person`` cannot be given these marks: the last administrator stays one (R3.19)."""
    if is_active and is_superuser:
        return None
    if person.pk is None or not User.objects.administrators().filter(pk=person.pk).exists():
        return None
    if User.objects.administrators().exclude(pk=person.pk).exists():
        return None
    return _("This is the last active administrator. Make somebody else an administrator first.")


@transaction.atomic
def save_person(
    *, person: User, fields: Iterable[str] | None = None, by: Any = CLOCK, tickets_to: User | None = None
) -> User:
    """Write a new or changed person. New ones cannot sign in until they have chosen a password.

    Args:
        fields: of a person who exists, what was changed. Only that is written: the rest may have been changed by
            others since the person was read. None writes everything.
        tickets_to: who gets the tickets of an executor who is deactivated with this; None: the distribution.

    Raises:
        Refused: the last active administrator would be gone (R3.19). Two administrators who take the mark from each
            other at once are held apart by the lock: the second one reads this. Or the plan allows no more people who
            serve (R3.18).
    """
    lock_organizations_managed_by(person)
    lock_administrators()
    if person.pk is not None and fields is not None:
        fields = {field.name for field in User._meta.concrete_fields} & set(fields)
        kept = [mark for mark in ("is_active", "is_superuser") if mark not in fields]
        person.refresh_from_db(fields=kept)  # so that the reason below is found from what will be true
    else:
        fields = None
    reason = reason_to_keep(person, is_active=person.is_active, is_superuser=person.is_superuser)
    if reason:
        raise Refused(reason)
    person.email = User.objects.normalize_email(person.email)
    if person.pk is None and not person.password:
        person.set_unusable_password()
    was = _stored(person)
    with within_agents_limit() if _may_serve_now(was, person) else nullcontext():
        person.save(update_fields=fields)
    if was is not None and (fields is None or fields & {"is_active", "manages_organization", "organization"}):
        follow(PERSON_FOLLOWERS, User.objects.get(pk=person.pk))
    if was is not None and (fields is None or "profile" in fields) and was.profile_id != person.profile_id:
        sync_groups_of(Membership.objects.filter(user=person))
    if was is not None and was.is_active and not person.is_active:
        follow(PERSON_LEAVERS, person, tickets_to, by)
    audit.record_saved(was, person, by=by, fields=[name for name in PERSON_FIELDS if fields is None or name in fields])
    return person


def _may_serve_now(was: User | None, person: User) -> bool:
    """Whether there may be one more who serves: an administrator, or a member who is active again."""
    if not person.is_active:
        return False
    return person.is_superuser > bool(was and was.is_superuser) or bool(was and not was.is_active)


def _stored(person: User) -> User | None:
    """The person as others see him until this transaction ends; locked, so that old and new value fit together."""
    people = User.objects.select_related("organization", "sector")
    return people.select_for_update(of=("self",), no_key=True).filter(pk=person.pk).first() if person.pk else None


@transaction.atomic
def save_profile(*, person: User) -> None:
    """Write what people may change about themselves, and nothing else of them."""
    fields = ["name", "language", "time_zone", "mail_new_tickets", "quiet_from", "quiet_until", "digest_at"]
    was = _stored(person)
    person.save(update_fields=fields)
    audit.record_saved(was, person, by=person, fields=fields)


@transaction.atomic
def set_password(*, person: User, password: str, by: User) -> None:
    """An administrator sets somebody's password; every session that was opened with the old one ends.

    Raises:
        Refused: ``by`` is no administrator.
    """
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can set somebody's password."))
    person.set_password(password)
    person.save(update_fields=["password"])
    send_account_letter(kind="password_set", user=person)
    audit.record("password_set", by=by, about="person", key=person.pk, name=person)


@transaction.atomic
def remove_second_factor(*, person: User, by: User) -> bool:
    """An administrator takes the second factor off somebody who has lost it; the person is told.

    Returns:
        Whether there was one.

    Raises:
        Refused: ``by`` is no administrator.
    """
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can remove somebody's second factor."))
    removed, _rows = Authenticator.objects.filter(user=person).delete()
    if removed:
        send_account_letter(kind="totp_deactivated", user=person)
        audit.record("second_factor_removed", by=by, about="person", key=person.pk, name=person)
    return bool(removed)


def send_account_letter(*, kind: str, user: User, at: datetime | None = None) -> None:
    """Have the worker send a letter about somebody's own account; part of the caller's transaction.

    Args:
        kind: a key of ``letters.LETTERS``.
    """
    async_task("helpdesk.people.tasks.send_account_letter", kind, user.pk, (at or timezone.now()).isoformat())


@transaction.atomic
def invite(*, person: User, by: User, at: datetime | None = None) -> None:
    """Send a link with which ``person`` chooses a password (R3.24).

    Raises:
        Refused: the person is not active, or ``by`` is no administrator and does not edit customers either.
    """
    is_free = by.edits_customers and not permissions.reason_not_customer(person)
    if not (by.is_active and by.is_administrator) and not is_free:
        raise Refused(_("Only an administrator can invite people."))
    if not person.is_active:
        raise Refused(_("This account is not active."))
    kind = "password_reset_key" if person.has_usable_password() else "invitation"
    send_account_letter(kind=kind, user=person, at=at)
    audit.record("password_link_sent", by=by, about="person", key=person.pk, name=person, facts={"letter": kind}, at=at)
