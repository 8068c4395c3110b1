"""The plan: recorded, renewed, and what it allows (R3.18, A37). Payment is somebody else's business."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.core import audit
from helpdesk.core.refusals import Refused
from helpdesk.people.models import Account, Plan, PlanRenewal, User

from .following import PLAN_FOLLOWERS, follow


def reason_not_to_renew(account: Account, *, until: date | None, at: datetime | None = None) -> Any:
    """None, or why the plan cannot be renewed until this day; None stands for a plan without an end."""
    if until is None:
        return None
    if until < account.today(at):
        return _("This day has passed already.")
    if account.plan_ends_on is not None and until <= account.plan_ends_on:
        return _("The plan goes on until %(day)s already. Choose a later day.") % {
            "day": date_format(account.plan_ends_on)
        }
    return None


@transaction.atomic
def renew_plan(*, by: User, until: date | None, plan: str, note: str = "", at: datetime | None = None) -> PlanRenewal:
    """Record that the plan goes on until the end of a day, or without an end; after its end, work goes on (R3.18).

    Windows and reminders that stood still since the end go on with what was left of them.

    Raises:
        Refused: ``by`` is no administrator, or the day is before the end that there is; then ``field`` is ``until``.
    """
    at = at or timezone.now()
    if not (by.is_active and by.is_administrator):
        raise Refused(_("Only an administrator can renew the plan."))
    account = Account.objects.select_for_update(no_key=True).get(pk=1)
    reason = reason_not_to_renew(account, until=until, at=at)
    if reason:
        raise Refused(reason, field="until")
    today, former = account.today(at), account.plan_ends_on
    stood_still_since = account.plan_over_at if account.is_plan_over(at) else None
    starts_on = today if former is None or former < today else former + timedelta(days=1)
    was = {"plan": account.plan, "plan_ends_on": former}
    account.plan, account.plan_ends_on = Plan(plan), until
    if account.plan_starts_on is None:
        account.plan_starts_on = starts_on
    if account.plan != Plan.ENTERPRISE:
        account.approve_actions_enabled = False
    account.save(update_fields=["plan", "plan_starts_on", "plan_ends_on", "approve_actions_enabled"])
    renewal = PlanRenewal.objects.create(
        account=account, at=at, by=by, plan=account.plan, starts_on=starts_on, ends_on=until, note=note.strip(),
        stood_still_since=stood_still_since,
    )  # fmt: skip
    if stood_still_since is not None:
        follow(PLAN_FOLLOWERS, stood_still_since, at)
    now = {"plan": account.plan, "plan_ends_on": until}
    facts: dict[str, Any] = {name: [_said(was[name]), _said(now[name])] for name in was if was[name] != now[name]}
    if renewal.note:
        facts["note"] = renewal.note
    audit.record("plan_renewed", by=by, about="account", key=account.pk, name=account, facts=facts, at=at)
    return renewal


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def within_agents_limit() -> Iterator[None]:
    """Whatever makes people serve stands in here: more of them than the plan allows are refused.

    Two who add somebody at once are held apart by the account's lock. Where there are more already, because the limit
    was lowered, nobody is thrown out, and nobody is added.

    Raises:
        Refused: somebody would be one too many.
    """
    with transaction.atomic():
        accounts = Account.objects.filter(pk=1, agents_limit__isnull=False)
        limit = accounts.select_for_update(no_key=True).values_list("agents_limit", flat=True).first()
        if limit is None:
            yield
            return
        before = User.objects.serving().count()
        yield
        if limit < User.objects.serving().count() > before:
            raise Refused(reason_too_many(limit))


def reason_too_many(limit: int) -> str:
    return ngettext(
        "The plan allows %(limit)d administrator or member of a department. Deactivate somebody who does not serve any "
        "more, or have the plan enlarged.",
        "The plan allows %(limit)d administrators and members of departments. Deactivate somebody who does not serve "
        "any more, or have the plan enlarged.",
        limit,
    ) % {"limit": limit}


def reason_read_only(at: datetime | None = None) -> str | None:
    """None, or the sentence that tells whoever wants to change something that the plan has ended (R3.18).

    It says nothing about plans, since customers read it.
    """
    ends = Account.objects.filter(pk=1, plan_ends_on__isnull=False).only("plan_ends_on", "time_zone").first()
    if ends is None or not ends.is_plan_over(at):
        return None
    return _("At the moment this helpdesk can only be read. Nothing is lost; please try again later.")


def is_read_only(at: datetime | None = None) -> bool:
    """Whether the plan has ended: the clock stands still then, too."""
    return reason_read_only(at) is not None


def standstill_ended_at() -> datetime | None:
    """When the last time in which everything could only be read was over; None where there was none."""
    renewals = PlanRenewal.objects.filter(stood_still_since__isnull=False)
    return renewals.order_by("-at").values_list("at", flat=True).first()
