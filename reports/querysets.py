"""Adjectives for reports. Nobody sees another person's reports, administrators included."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from helpdesk.people.models import User


class _OwnedQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> models.QuerySet:
        """One's own."""
        return self.filter(owner=user) if user.is_active else self.none()


class ReportQuerySet(_OwnedQuerySet):
    def under_way(self) -> ReportQuerySet:
        """Asked for, and not made yet; worded like the partial index."""
        return self.filter(state__in=["waiting", "making"])

    def waiting(self, at: datetime) -> ReportQuerySet:
        """What can be begun now, the oldest first; not for who lies in the trash, for whom it waits on."""
        due = Q(retry_at__isnull=True) | Q(retry_at__lte=at)
        return self.under_way().filter(due, state="waiting", owner__trashed_at=None).order_by("pk")

    def given_up(self, silent_since: datetime) -> ReportQuerySet:
        """Of whose maker nothing was heard since then."""
        return self.under_way().filter(state="making", alive_at__lt=silent_since)

    def kept_too_long(self, at: datetime) -> ReportQuerySet:
        return self.filter(state="ready", expires_at__lte=at)


class ScheduleQuerySet(_OwnedQuerySet):
    def due(self, at: datetime) -> ScheduleQuerySet:
        """Not for who lies in the trash: when he is back, what was due meanwhile is sent once."""
        return self.filter(is_active=True, next_due_at__lte=at, owner__trashed_at=None).order_by("next_due_at", "pk")
