"""The company itself: its first run, its facts and switches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.core import audit
from helpdesk.core.clock import CLOCK
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account, Plan, User


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
