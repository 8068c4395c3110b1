"""Adjectives for notifications and letters."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from helpdesk.people.models import User


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> NotificationQuerySet:
        """A person's own rows and nobody else's."""
        return self.filter(recipient=user)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)

    def count_up_to(self, limit: int) -> int:
        """How many there are, looking at no more than ``limit`` rows."""
        return self.order_by()[:limit].count()


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> LetterQuerySet:
        """Letters carry other people's facts: administrators only."""
        return self if user.is_administrator else self.none()

    def due(self, at: datetime) -> LetterQuerySet:
        """Waiting letters whose next attempt is at or before ``at``, oldest first; those to customers who lie in the
        trash wait until they are back."""
        here = {"recipient__trashed_at": None}
        return self.filter(state="queued", due_at__lte=at, **here).order_by("due_at", "pk")

    def laid_aside(self, at: datetime) -> LetterQuerySet:
        """What waits for a daily letter whose hour has come at ``at``."""
        return self.filter(state="daily", due_at__lte=at, recipient__trashed_at=None)

    def held_up(self, at: datetime) -> LetterQuerySet:
        """Letters that should have gone out by ``at`` and could not: the server's trouble. A letter that is put off
        for its own trouble is due later, and is not among them.
        """
        return self.due(at).exclude(error="")

    def failed_since(self, at: datetime) -> LetterQuerySet:
        """Letters that were given up after ``at``."""
        return self.filter(state="failed", due_at__gt=at)
