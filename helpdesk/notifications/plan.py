"""The end of the plan, told to those who can renew it (R3.18)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from helpdesk.core.clock import CLOCK
from helpdesk.people.models import Account, User

from .actions import Notices, wake_worker


@transaction.atomic
def remind(*, at: datetime | None = None) -> bool:
    """Tell administrators that the plan ends within the days that the account says; once for each end.

    Returns:
        Whether they were told now.
    """
    at = at or timezone.now()
    account = Account.objects.select_for_update(no_key=True).filter(pk=1).first()
    if account is None or account.plan_ends_on is None or account.plan_days_left(at) is None:
        return False
    if account.plan_reminded_of == account.plan_ends_on:
        return False
    account.plan_reminded_of = account.plan_ends_on
    account.save(update_fields=["plan_reminded_of"])
    ends_on = account.plan_ends_on.isoformat()
    notices = Notices(by=CLOCK, at=at)
    facts = {"ends_on": ends_on, "path": reverse("admin:people_account_change", args=[account.pk])}
    notices.tell("plan_ends", User.objects.administrators(), facts=facts, key=f"plan-{ends_on}")
    if notices.write():
        wake_worker()
    return True
