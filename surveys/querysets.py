"""Adjectives for surveys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tickets.lifecycle import Status

if TYPE_CHECKING:
    from helpdesk.people.models import User


class SurveyQuerySet(models.QuerySet):
    def of_requester(self, user: User) -> SurveyQuerySet:
        """The surveys that ``user`` is asked to answer."""
        return self.filter(ticket__requester=user) if user.is_active else self.none()

    def visible_to(self, user: User) -> SurveyQuerySet:
        """Whose answers ``user`` may read: his own, those about his service, those of the departments that he heads;
        administrators read all (R1.38, R4.40)."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        headed = [one.department_id for one in user.active_memberships if one.is_head]
        return self.filter(Q(ticket__requester=user) | Q(agent=user) | Q(department__in=headed))

    def waiting(self) -> SurveyQuerySet:
        """Those that can be answered now; says in SQL what ``Survey.state`` says of one."""
        return self.filter(
            Q(open_until__isnull=True) | Q(open_until__gt=timezone.now()),
            Q(before_closing=True, ticket__status=Status.AWAITING_RATING)
            | Q(before_closing=False, ticket__status=Status.CLOSED),
            answered_at__isnull=True,
        )

    def ended(self, at: datetime) -> SurveyQuerySet:
        """Those that nobody has answered and nobody can any more, while the engagement is not finalized (R3.32)."""
        return self.filter(open_until__lte=at, answered_at__isnull=True, ticket__finalized_at__isnull=True)

    def answered(self) -> SurveyQuerySet:
        return self.filter(answered_at__isnull=False)
