"""What is asked beside a ticket, and who decided it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.lifecycle import Priority
from tickets.models import Ticket
from tickets.querysets import OutsideTrash

from .lifecycle import State
from .querysets import ActionRequestQuerySet, ApprovalActionQuerySet, PriorityRequestQuerySet, SideRequestQuerySet

_SideRequests = OutsideTrash.from_queryset(SideRequestQuerySet)
_PriorityRequests = OutsideTrash.from_queryset(PriorityRequestQuerySet)
_ActionRequests = OutsideTrash.from_queryset(ActionRequestQuerySet)


class SideRequest(models.Model):
    """The shape of every request beside a ticket: one that waits, one person who decides, one reason.

    Of each kind at most one waits per ticket; the database holds that (R2.17, R4.33). ``objects`` leaves out those of
    tickets in the trash: nobody is asked there, and nothing expires (R2.41, A33).
    """

    ticket = models.ForeignKey(Ticket, verbose_name=_("ticket"), on_delete=models.CASCADE, related_name="%(class)ss")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("requested by"), on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    evaluated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    evaluated_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects: ClassVar[Any] = _SideRequests()
    with_trash: ClassVar[Any] = SideRequestQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="waiting"), name="%(app_label)s_%(class)s_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", evaluated_at__isnull=True, evaluated_by__isnull=True)
                | Q(state__in=["approved", "rejected"], evaluated_at__isnull=False, evaluated_by__isnull=False)
                | Q(state="cancelled", evaluated_at__isnull=False)
                | Q(state="expired", evaluated_at__isnull=False, evaluated_by__isnull=True),
                name="%(app_label)s_%(class)s_evaluation_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["requested_at", "id"], condition=Q(state="waiting"), name="%(class)s_waiting"),
        ]


class PriorityRequest(SideRequest):
    """The executor wants another priority; until a head approves, the old one stays in force (R4.30 to R4.34)."""

    old_priority = models.CharField(_("priority so far"), max_length=6, choices=Priority)
    new_priority = models.CharField(_("new priority"), max_length=6, choices=Priority)
    justification = models.TextField(_("justification"))
    remind_due_at = models.DateTimeField(_("next reminder"), null=True, blank=True, editable=False)

    objects: ClassVar[Any] = _PriorityRequests()  # type: ignore[assignment]  # each kind has adjectives of its own
    with_trash: ClassVar[Any] = PriorityRequestQuerySet.as_manager()

    class Meta(SideRequest.Meta):
        verbose_name = _("request to change the priority")
        verbose_name_plural = _("requests to change the priority")
        constraints: ClassVar = [
            *SideRequest.Meta.constraints,
            models.CheckConstraint(condition=~Q(old_priority=F("new_priority")), name="approvals_priority_differs"),
            models.CheckConstraint(condition=~Q(justification=""), name="approvals_priority_is_justified"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.old_priority} → {self.new_priority}"


class ApprovalAction(models.Model):
    """An action that agents can ask a customer's managers to approve, as registered by administrators (R2.4, R2.6)."""

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(
        _("description"), blank=True, help_text=_("What the managers agree to; they read it before they decide.")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("An inactive action is not offered any more; what waits for approval goes on waiting."),
    )

    objects: ClassVar[Any] = ApprovalActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval action")
        verbose_name_plural = _("approval actions")
        ordering = ("name", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="approvals_action_name_unique",
                violation_error_message=_("There is an action with this name already."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="approvals_action_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ActionRequest(SideRequest):
    """An agent asks the managers of the customer's organization to approve an action (R2.9 to R2.39)."""

    action = models.ForeignKey(
        ApprovalAction, verbose_name=_("action"), on_delete=models.PROTECT, related_name="requests"
    )
    comment = models.TextField(_("comment to the managers"), blank=True)
    executor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("executor at the request"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked = models.ManyToManyField(settings.AUTH_USER_MODEL, verbose_name=_("managers asked"), related_name="+")

    objects: ClassVar[Any] = _ActionRequests()  # type: ignore[assignment]  # each kind has adjectives of its own
    with_trash: ClassVar[Any] = ActionRequestQuerySet.as_manager()

    class Meta(SideRequest.Meta):
        verbose_name = _("request to approve an action")
        verbose_name_plural = _("requests to approve actions")

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.action}"
