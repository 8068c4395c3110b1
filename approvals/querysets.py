"""Adjectives for requests beside a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from helpdesk.people.models import User


class SideRequestQuerySet(models.QuerySet):
    def waiting(self) -> SideRequestQuerySet:
        return self.filter(state="waiting")


class PriorityRequestQuerySet(SideRequestQuerySet):
    def decided_by_heads_like(self, user: User) -> PriorityRequestQuerySet:
        """Those that ``user`` may decide: in the departments he heads, administrators all (A41)."""
        if not user.is_active:
            return self.none()
        if user.is_administrator:
            return self
        headed = [membership.department_id for membership in user.active_memberships if membership.is_head]
        return self.filter(ticket__department__in=headed)

    def to_remind_of(self, at: datetime) -> PriorityRequestQuerySet:
        """Waiting ones whose reminder is due at or before ``at``."""
        return self.filter(state="waiting", remind_due_at__lte=at).order_by("remind_due_at", "pk")


class ActionRequestQuerySet(SideRequestQuerySet):
    def decided_by_managers_like(self, user: User) -> ActionRequestQuerySet:
        """Those that ``user`` may see and evaluate: of his organization, and of its branches (R2.29)."""
        if not (user.is_active and user.manages_organization):
            return self.none()
        own = models.Q(ticket__organization=user.organization_id)
        return self.filter(own | models.Q(ticket__organization__parent=user.organization_id))
