"""What is done to people and structure. Every door (admin, first run, imports) calls these.

Each writes what it changed into the audit log (R2.47); ``by`` says who did it, CLOCK where nobody sits before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from helpdesk.core import audit
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused

from . import permissions
from .models import Account, Department, Membership, Organization, Plan, Profile, User

# What follows a change of a department's rules, in the same transaction; dotted names, since higher floors do it.
DEPARTMENT_FOLLOWERS = ("tickets.timers.refit", "approvals.actions.refit")
# Who is asked whether a department may be switched off; each returns None or the sentence why not.
DEPARTMENT_KEEPERS = ("tickets.permissions.reason_to_keep",)

# What follows a change of somebody's marks or organization, and of an organization's parent.
PERSON_FOLLOWERS = ("approvals.actions.refit_person",)
ORGANIZATION_FOLLOWERS = ("approvals.actions.refit_organization",)

# What the audit log says of a person. Signing in is no operation, and passwords have verbs of their own.
PERSON_FIELDS = tuple(name for name in audit.fields_of(User) if name not in {"password", "last_login"})

# --- the company ----------------------------------------------------------------------------------------------


def is_fresh() -> bool:
    """Whether this deployment still waits for its first run: no company, and nobody who could configure it."""
    return not (Account.objects.exists() or User.objects.filter(is_superuser=True).exists())


@transaction.atomic
def set_up(
    *, company: str, name: str, email: str, password: str, language: str, time_zone: str, at: datetime | None = None
) -> User:
    """Create the account together with its first administrator (R3.15, R3.16, R4.44).

    Of two who do this at once one has done it: the account's table holds one row.

    Returns:
        The administrator.

    Raises:
        Refused: it has been done already, or somebody has this e-mail address.
    """
    at = at or timezone.now()
    if not is_fresh():
        raise Refused(_("This helpdesk has been set up already."))
    try:
        with transaction.atomic():
            Account(pk=1, name=company, language=language, time_zone=time_zone, created_at=at).save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("This helpdesk has been set up already.")) from error
    if User.objects.filter(email=User.objects.normalize_email(email)).exists():
        raise Refused(_("Somebody has this e-mail address already."), field="email")
    person = User.objects.create_superuser(email, name, password, language=language, time_zone=time_zone, joined_at=at)
    facts = {"administrator": audit.reference(person), "language": language, "time_zone": time_zone}
    audit.record("account_set_up", by=person, about="account", key=1, name=company, facts=facts, at=at)
    return person


@transaction.atomic
def save_account(*, account: Account, by: Any = CLOCK) -> Account:
    """Write the company and its switches; what its plan has not is switched off with the plan (R2.1, R2.2)."""
    account.pk = 1
    was = Account.objects.select_for_update(no_key=True).filter(pk=1).first()
    if account.plan != Plan.ENTERPRISE:
        account.approve_actions_enabled = False
    account.save()
    audit.record_saved(was, account, by=by)
    return account


# --- people ---------------------------------------------------------------------------------------------------


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
def save_person(*, person: User, fields: Iterable[str] | None = None, by: Any = CLOCK) -> User:
    """Write a new or changed person. New ones cannot sign in until they have chosen a password.

    Args:
        fields: of a person who exists, what was changed. Only that is written: the rest may have been changed by
            others since the person was read. None writes everything.

    Raises:
        Refused: the last active administrator would be gone (R3.19). Two administrators who take the mark from each
            other at once are held apart by the lock: the second one reads this.
    """
    _lock_administrators()
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
    person.save(update_fields=fields)
    if was is not None and (fields is None or fields & {"is_active", "manages_organization", "organization"}):
        _follow(PERSON_FOLLOWERS, User.objects.get(pk=person.pk))
    audit.record_saved(was, person, by=by, fields=[name for name in PERSON_FIELDS if fields is None or name in fields])
    return person


def _lock_administrators() -> None:
    """Whoever locks people as well does it after this, so that nobody waits for another in a circle."""
    list(User.objects.filter(is_superuser=True).order_by("pk").select_for_update().values_list("pk", flat=True))


def _stored(person: User) -> User | None:
    """The person as others see him until this transaction ends; locked, so that old and new value fit together."""
    people = User.objects.select_related("organization", "sector")
    return people.select_for_update(of=("self",), no_key=True).filter(pk=person.pk).first() if person.pk else None


@transaction.atomic
def save_profile(*, person: User) -> None:
    """Write what people may change about themselves, and nothing else of them."""
    fields = ["name", "language", "time_zone", "mail_new_tickets"]
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
    is_free = by.edits_customers and not reason_not_customer(person)
    if not (by.is_active and by.is_administrator) and not is_free:
        raise Refused(_("Only an administrator can invite people."))
    if not person.is_active:
        raise Refused(_("This account is not active."))
    kind = "password_reset_key" if person.has_usable_password() else "invitation"
    send_account_letter(kind=kind, user=person, at=at)
    audit.record("password_link_sent", by=by, about="person", key=person.pk, name=person, facts={"letter": kind}, at=at)


@transaction.atomic
def save_organization(
    *, organization: Organization, fields: Iterable[str] | None = None, by: Any = CLOCK
) -> Organization:
    """Write a new or changed organization; of one that exists, only ``fields`` where they are said."""
    organizations = Organization.objects.select_for_update(of=("self",), no_key=True).select_related("parent")
    was = organizations.filter(pk=organization.pk).first()
    organization.save(update_fields=fields if organization.pk else None)
    _follow(ORGANIZATION_FOLLOWERS, organization)
    audit.record_saved(was, organization, by=by)
    return organization


# What agents may say about a customer; the address only until somebody has signed in with it, because whoever could
# change it could have a new password sent to himself.
CUSTOMER_FIELDS = ("name", "email", "language", "time_zone", "organization", "is_active")
CUSTOMERS_ORGANIZATION_FIELDS = ("name", "is_active")


def reason_not_customer(person: User) -> Any:
    """None, or why only an administrator may change this person: customers are those who do not work here (R2.46)."""
    if person.pk is not None and not User.objects.customers().filter(pk=person.pk).exists():
        return _("This person works here: only an administrator can change the account.")
    return None


def may_readdress(person: User) -> bool:
    """Whether agents may change the address: nobody has come in with it yet, and it opens no manager's consents."""
    is_taken = person.last_login or person.has_usable_password() or person.manages_organization
    return person.pk is None or not is_taken


@transaction.atomic
def save_customer(*, person: User, by: User, fields: Iterable[str] = CUSTOMER_FIELDS, is_invited: bool = False) -> User:
    """Somebody whose profile lets him edit customers adds or changes one (R2.46).

    Who manages an organization is not an agent's to say: he could consent to his own requests (A12).

    Args:
        fields: of a customer who exists, what was changed; nothing else is written.
        is_invited: a link with which the customer chooses a password is sent.

    Raises:
        Refused: ``by`` may not, the person is no customer (any more), or the field is not an agent's to change.
    """
    if not by.edits_customers:
        raise Refused(_("Your profile does not let you change customers."))
    _lock_administrators()
    if person.pk is not None:
        User.objects.select_for_update(no_key=True).only("pk").filter(pk=person.pk).first()
    reason = reason_not_customer(person)
    fields = set(fields)
    is_beyond = person.is_superuser or not fields <= set(CUSTOMER_FIELDS)
    if person.manages_organization and (person.pk is None or "organization" in fields):
        is_beyond = True
    if is_beyond:
        reason = reason or _("Only an administrator can change this.")
    if reason:
        raise Refused(reason)
    if person.pk is not None and "email" in fields and not may_readdress(User.objects.get(pk=person.pk)):
        raise Refused(_("This customer signs in with the address already: an administrator can change it."), "email")
    person = save_person(person=person, fields=fields if person.pk is not None else None, by=by)
    if is_invited:
        invite(person=person, by=by)
    return person


def save_customers_organization(*, organization: Organization, by: User) -> Organization:
    """Somebody whose profile lets him edit customers adds or changes an organization: its name, and whether it is
    active; what it belongs to is an administrator's to say (R2.46).

    Raises:
        Refused: ``by`` may not.
    """
    if not by.edits_customers:
        raise Refused(_("Your profile does not let you change organizations."))
    return save_organization(organization=organization, fields=CUSTOMERS_ORGANIZATION_FIELDS, by=by)


# --- profiles of agents ---------------------------------------------------------------------------------------


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
    audit.record_saved(was, profile, by=by)
    return profile


def reason_to_keep_profile(profile: Profile) -> Any:
    """None, or why ``profile`` cannot be deleted."""
    if profile.is_default:
        return _("This is the default profile: its rules hold for everybody who has no other one.")
    if profile.people.exists():
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


# --- customers' own people, by their own managers -------------------------------------------------------------


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
        Refused: ``by`` is no manager of the parent organization (any more), or somebody has this address. Who that
            is, and where, is not told.
    """  # fmt: skip
    reason = permissions.reason_not_to_lead(User.objects.get(pk=by.pk), organization)
    if reason:
        raise Refused(reason)
    person = User(
        name=name, email=email, language=language, time_zone=time_zone, organization=organization,
        joined_at=at or timezone.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            save_person(person=person, by=by)
    except IntegrityError as error:
        words = _("There is an account with this address already. If the person belongs here, please write to us.")
        raise Refused(words, field="email") from error
    send_account_letter(kind="invitation", user=person, at=at)
    return person


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
    _lock_administrators()
    people = User.objects.select_for_update(no_key=True).order_by("pk")
    locked = {one.pk: one for one in people.filter(pk__in={person.pk, by.pk})}
    person, by = locked[person.pk], locked[by.pk]
    reason = permissions.reason_not_to_mark(by, person, manages=manages)
    if reason:
        raise Refused(reason)
    if person.manages_organization == manages:
        return person
    person.manages_organization = manages
    return save_person(person=person, fields=["manages_organization"], by=by)


def _follow(followers: Iterable[str], *what: Any) -> None:
    for follower in followers:
        import_string(follower)(*what)


# --- structure ------------------------------------------------------------------------------------------------


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
        _follow(DEPARTMENT_FOLLOWERS, department, was)
    audit.record_saved(was, department, by=by)
    return department


@transaction.atomic
def join_department(
    *, department: Department, user: User, line: int | None = 1, is_head: bool = False, by: Any = CLOCK
) -> Membership:
    """Make ``user`` a member, or change the membership; the department's group follows."""
    memberships = Membership.objects.select_for_update(no_key=True)
    was = memberships.filter(department=department, user=user).first()
    membership, _created = Membership.objects.update_or_create(
        department=department, user=user, defaults={"line": line, "is_head": is_head}
    )
    if department.is_active:
        department.group.user_set.add(user)
    user.__dict__.pop("active_memberships", None)
    audit.record_saved(was, membership, by=by)
    return membership


@transaction.atomic
def sync_group(department: Department) -> None:
    """Make the group hold exactly the members, and nobody while the department is inactive.

    For doors that write several memberships at once.
    """
    members = department.memberships.values_list("user_id", flat=True) if department.is_active else []
    department.group.user_set.set(members)
