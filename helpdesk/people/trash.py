"""A customer in the trash, and out of it again: whoever lies there signs in nowhere and is in no list (R2.42)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from .actions.following import PERSON_FOLLOWERS, PERSON_FORGETTERS, follow
from .models import Account, User

# What is a person's own and goes with him; whatever else names him is history, and keeps a row to name.
_OWN = (EmailAddress, Authenticator, UserSession)


def reason_to_keep(person: User, by: User) -> Any:
    """None, or why ``by`` cannot move ``person`` to the trash: only customers go there, and nobody himself."""
    if not (by.is_active and by.is_administrator):
        return _("Only an administrator can do this.")
    if person.pk == by.pk:
        return _("Nobody deletes himself.")
    if person.trashed_at is not None:
        return _("%(name)s is in the trash already.") % {"name": person}
    if person.is_superuser or person.memberships.exists():
        return _("%(name)s works here. Deactivate the account instead, so that history keeps its names.") % {
            "name": person
        }
    return None


@transaction.atomic
def put_in_trash(*, person: User, at: datetime) -> None:
    """Take a locked customer out of every list and end his sessions; his part as a manager ends with it."""
    User.with_trash.filter(pk=person.pk).update(trashed_at=at, is_active=False)
    keys = UserSession.objects.filter(user=person.pk).values("session_key")
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(user=person.pk).delete()
    _follow(person)


@transaction.atomic
def take_out_of_trash(*, person: User, is_active: bool) -> None:
    """Have a locked customer back as he was; what he has to decide as a manager is his again."""
    User.with_trash.filter(pk=person.pk).update(trashed_at=None, is_active=is_active)
    _follow(person)


@transaction.atomic
def delete_for_good(*, person: User, besides: tuple[type[models.Model], ...] = ()) -> bool:
    """Delete a customer who lies in the trash; where history names him, keep a row without anything personal.

    Args:
        besides: kinds of rows of the floors above that are his own and go with him.

    Returns:
        Whether the row is gone.
    """
    follow(PERSON_FORGETTERS, person)
    own = (*_OWN, *besides)
    for kind in own:
        for field in _fields_to_people(kind):
            kind._base_manager.filter(**{field.name: person.pk}).delete()
    if not _is_named(person, own):
        person.delete()
        return True
    person.groups.clear()
    account = Account.current()
    with translation.override(account.language if account else person.language):
        person.name = _("Deleted customer")
    person.email = f"deleted-{person.pk}@deleted.invalid"
    person.set_unusable_password()
    person.organization = person.sector = person.profile = person.last_login = None
    person.manages_organization = False
    person.language, person.time_zone = "en", "UTC"
    person.save(
        update_fields=[
            *("name", "email", "password", "organization", "sector", "last_login", "manages_organization", "profile"),
            *("language", "time_zone"),
        ]
    )
    return False


def _is_named(person: User, own: tuple[type[models.Model], ...]) -> bool:
    """Whether any table but the person's own ones has a row with his key."""
    return any(
        kind._base_manager.filter(**{field.name: person.pk}).exists()
        for kind in apps.get_models(include_auto_created=True)
        if kind not in own and kind is not User.groups.through
        for field in _fields_to_people(kind)
    )


def _fields_to_people(kind: type[models.Model]) -> list[Any]:
    return [field for field in kind._meta.concrete_fields if field.is_relation and field.related_model is User]


def _follow(person: User) -> None:
    follow(PERSON_FOLLOWERS, User.with_trash.get(pk=person.pk))
