"""Who comes to the live channel, and whether he may stay: the questions that it asks the database.

A tab holds no thread and no connection. These few short questions are asked by a thread of the process's own, when a
tab comes, and once at each heartbeat for all tabs together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from helpdesk.notifications.models import Notification
from helpdesk.people.models import User

from .topics import NOTHING, Following, following


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in, in front of one open page.

    Attributes:
        proof: changes with his password, which ends his other sessions.
        newest: the key of the newest line in his hub, so that the tab knows whether it has missed one.
    """

    person: int
    session: str
    proof: str
    newest: int
    page: Following


def admit(session_key: str, wanted: str, seen: int | None) -> Visitor | None:
    """Who the session belongs to, and what his page may listen to; None for strangers.

    Reads the session as ``django.contrib.auth.get_user`` does, but never renews or ends it: no cookie could be set.
    """
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key).load()
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.active().filter(pk=session[SESSION_KEY]).first()
    if user is None:
        return None
    proofs = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    if not any(constant_time_compare(session.get(HASH_SESSION_KEY, ""), proof) for proof in proofs):
        return None
    newest = Notification.objects.visible_to(user).order_by("-pk").values_list("pk", flat=True).first()
    page = following(user, wanted, seen) if wanted else NOTHING
    return Visitor(user.pk, session_key, proofs[0], newest or 0, page)


def unwelcome(visitors: Collection[Visitor]) -> set[Visitor]:
    """Those whose session has ended, whose password has changed, or who were deactivated: three questions for all."""
    keys = {one.session for one in visitors}
    alive = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
    )
    people = User.objects.active().filter(pk__in={one.person for one in visitors}).only("password")
    proofs = {user.pk: user.get_session_auth_hash() for user in people}
    return {one for one in visitors if one.session not in alive or proofs.get(one.person) != one.proof}
