"""Adjectives for surveys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from helpdesk.people.models import User


class SurveyQuerySet(models.QuerySet):
    def of_requester(self, user: User) -> SurveyQuerySet:
        """The surveys that ``user`` is asked to answer."""
        return self.filter(ticket__requester=user) if user.is_active else self.none()

    def answered(self) -> SurveyQuerySet:
        return self.filter(answered_at__isnull=False)
