"""What is promised: service levels as they are set up, and what a ticket knows of its own (R3.28, R3.58)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, IntegerField, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Organization, Service
from tickets.lifecycle import Priority

_NOTHING = timedelta(0)


class ServiceLevelQuerySet(models.QuerySet):
    def for_ticket(self, ticket: Any) -> ServiceLevelQuerySet:
        """Levels that fit a ticket, the one that holds first: the requester's, that of his organization, of its
        parent, the general one (R2.45); of each first the one for the service, then the one for any."""
        scopes = Q(requester=ticket.requester_id)
        order = [When(requester__isnull=False, then=Value(0))]
        if ticket.organization_id:
            parent = Organization.objects.filter(pk=ticket.organization_id).values("parent")[:1]
            scopes |= Q(organization=ticket.organization_id) | Q(organization=Subquery(parent))
            order += [
                When(organization=ticket.organization_id, then=Value(1)),
                When(organization__isnull=False, then=Value(2)),
            ]
        scopes |= Q(requester__isnull=True, organization__isnull=True)
        return self.filter(
            scopes, Q(service=ticket.service_id) | Q(service__isnull=True), priority=ticket.priority
        ).order_by(
            Case(*order, default=Value(3), output_field=IntegerField()), models.F("service").asc(nulls_last=True)
        )


class ServiceLevel(models.Model):
    """How soon the tickets of somebody, of an organization or of everybody are started and concluded (R3.58).

    The first level that fits holds as a whole: a target that it leaves empty is none.
    """

    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requester"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Only for this person's tickets. Leave requester and organization empty for everybody's."),
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("For tickets of its people; of a parent organization, for its branches too."),
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Empty: any service without a level of its own."),
    )
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    first_start = models.DurationField(
        _("first start within"),
        null=True,
        blank=True,
        help_text=_("From the opening until an agent starts. Empty: nothing is promised."),
    )
    conclusion = models.DurationField(
        _("conclusion within"),
        null=True,
        blank=True,
        help_text=_(
            "From the opening until the solution is sent, without the time in which the requester is asked or checks "
            "a solution. Empty: nothing is promised."
        ),
    )

    objects = ServiceLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["requester", "organization", "service", "priority"],
                nulls_distinct=False,
                name="service_level_once",
                violation_error_message=_("There is a service level for these already."),
            ),
            models.CheckConstraint(
                condition=Q(requester__isnull=True) | Q(organization__isnull=True),
                name="service_level_of_one_scope",
                violation_error_message=_("Choose a requester or an organization, not both."),
            ),
            models.CheckConstraint(
                condition=Q(priority__in=list(Priority.values)), name="service_level_priority_known"
            ),
            models.CheckConstraint(
                condition=(Q(first_start__isnull=True) | Q(first_start__gt=_NOTHING))
                & (Q(conclusion__isnull=True) | Q(conclusion__gt=_NOTHING)),
                name="service_level_targets_positive",
                violation_error_message=_("A target is longer than 0, or empty."),
            ),
        ]

    def __str__(self) -> str:
        scope = self.requester or self.organization or _("Everybody")
        return f"{scope} · {self.service or _('any service')} · {self.get_priority_display()}"


class SlaClock(models.Model):
    """What a ticket knows of its service level; ``sla.py`` keeps it, nobody else writes it.

    The clock was read last at ``clock_read_at`` and said ``clock_spent``; whether it has run since then follows from
    the status. An instant in ``…_due_at`` is ahead while the clock runs towards it, and stays once it has passed.
    """

    start_target = models.DurationField(_("working time until the first start"), null=True, editable=False)
    conclusion_target = models.DurationField(_("working time until the conclusion"), null=True, editable=False)
    start_due_at = models.DateTimeField(_("first start due"), null=True, editable=False)
    conclusion_due_at = models.DateTimeField(_("conclusion due"), null=True, editable=False)
    clock_spent = models.DurationField(
        _("working time spent"), default=timedelta, db_default=models.Value(_NOTHING), editable=False
    )
    clock_read_at = models.DateTimeField(_("SLA clock read"), null=True, editable=False)
    sla_alarm_at = models.DateTimeField(_("warning or breach due"), null=True, editable=False)
    start_met = models.BooleanField(_("first start met"), null=True, editable=False)
    conclusion_met = models.BooleanField(_("conclusion met"), null=True, editable=False)
    sla_met = models.BooleanField(
        _("SLA met"), null=True, editable=False, help_text=_("All targets of a concluded ticket.")
    )
    first_service_time = models.DurationField(
        _("working time until the first service"),
        null=True,
        editable=False,
        help_text=_("From the opening to the first start, in the department's calendar."),
    )
    service_time = models.DurationField(
        _("service time"),
        null=True,
        editable=False,
        help_text=_("From the first start to the last conclusion, in the department's calendar."),
    )

    class Meta:
        abstract = True
