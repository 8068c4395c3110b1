"""Adjectives for requests beside a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from helpdesk.people.models import Organization, User
from tickets.models import Ticket


class SideRequestQuerySet(models.QuerySet):
    def waiting(self) -> Self:
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
        if not (user.is_active and user.manages_organization and user.organization_id):
            return self.none()
        own = Organization.objects.filter(Q(pk=user.organization_id) | Q(parent=user.organization_id))
        return self.filter(ticket__organization__in=own.order_by().values("pk"))

    def followed_by(self, user: User) -> ActionRequestQuerySet:
        """Those whose course ``user`` may follow in the panel: of tickets that he serves, and those he asked for.

        Whoever asked may take it back (R2.20), although the ticket may have gone to another department since.
        """
        if not user.is_active:
            return self.none()
        if user.sight.everything:
            return self
        served = Ticket.objects.served_by(user).order_by().values("pk")
        return self.filter(Q(requested_by=user) | Q(ticket__in=served))

    def in_order(self) -> ActionRequestQuerySet:
        """What waits longest first."""
        return self.order_by("requested_at", "pk")


class ApprovalActionQuerySet(models.QuerySet):
    def active(self) -> ApprovalActionQuerySet:
        """What agents can ask for (R2.7)."""
        return self.filter(is_active=True)
