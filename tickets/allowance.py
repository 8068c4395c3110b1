"""Whether the people of an organization may open a ticket now: its switch, and its quota of the month (R2.43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.core.refusals import Refused
from helpdesk.people.actions import lock_organizations
from helpdesk.people.models import Account, Organization, User

from .models import Ticket


@dataclass(frozen=True)
class Allowance:
    """How many tickets of its quota an organization has opened in a month.

    Attributes:
        again_on: the first day of the next month, in the company's time zone.
    """

    used: int
    quota: int
    again_on: date

    @property
    def is_used_up(self) -> bool:
        return self.used >= self.quota


def allowance_of(organization: Organization, at: datetime) -> Allowance | None:
    """How much of the quota of ``at``'s month is used; None where there is no quota.

    Every ticket counts that was opened by people of the organization in the month: cancelled ones too, and those that
    lie in the trash, so that a ticket that comes back finds its place.
    """
    if organization.monthly_quota is None:
        return None
    account = Account.current()
    zone = ZoneInfo(account.time_zone if account else "UTC")
    first = at.astimezone(zone).date().replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begin, end = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (first, following))
    opened = Ticket.with_trash.filter(organization=organization, opened_at__gte=begin, opened_at__lt=end)
    return Allowance(opened.count(), organization.monthly_quota, following)


def reason_not_to_open(organization: Organization | None, allowance: Allowance | None) -> Any:
    """None, or the sentence why people of ``organization`` cannot open a ticket now.

    Args:
        allowance: what :func:`allowance_of` says of it.
    """
    if organization is None:
        return None
    if not organization.may_open_tickets:
        words = _("%(organization)s opens no new tickets at the moment. Please ask your manager; open ones go on.")
        return words % {"organization": organization}
    if allowance is None or not allowance.is_used_up:
        return None
    words = _(
        "%(organization)s has opened all %(quota)d tickets of this month. New ones can be opened from %(day)s on; "
        "those that are open go on."
    )
    day = date_format(allowance.again_on, "DATE_FORMAT")
    return words % {"organization": organization, "quota": allowance.quota, "day": day}


def wait_for_turn(by: User) -> None:
    """Where there is a quota, let the openings of an organization wait for each other until the transaction ends.

    To be called before anybody is locked (``helpdesk.people.actions.locks``).
    """
    key = by.organization_id
    if key is not None and Organization.objects.filter(pk=key, monthly_quota__isnull=False).exists():
        lock_organizations([key])


def take(by: User, at: datetime) -> None:
    """Refuse one ticket too many of the organization of ``by``.

    To be called in the transaction of the opening, so that all of them together open exactly as many.

    Raises:
        Refused: its switch is off, or its quota is used up.
    """
    if by.organization_id is None:
        return
    wait_for_turn(by)
    organization = Organization.objects.get(pk=by.organization_id)
    reason = reason_not_to_open(organization, allowance_of(organization, at))
    if reason:
        raise Refused(reason)
