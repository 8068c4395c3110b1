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


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> LetterQuerySet:
        """Letters carry other people's facts: administrators only."""
        return self if user.is_administrator else self.none()

    def due(self, at: datetime) -> LetterQuerySet:
        """Waiting letters whose next attempt is at or before ``at``, oldest first."""
        return self.filter(state="queued", due_at__lte=at).order_by("due_at", "pk")
