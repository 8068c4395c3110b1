"""Reports that people have asked for, and those that they are sent regularly."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .querysets import ReportQuerySet, ScheduleQuerySet


class Form(models.TextChoices):
    """As what a report can be had."""

    PDF = "pdf", "PDF"
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


CONTENT_TYPES = {
    Form.PDF: "application/pdf",
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ReportSchedule(models.Model):
    """A report that its owner is sent every week or every month.

    Attributes:
        facts: what is asked for each time; a period in it may be relative, ``last_week`` for example.
        stopped_because: a sentence, where it was not the owner who stopped it.
    """

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", _("every week")
        MONTHLY = "monthly", _("every month")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="report_schedules"
    )
    kind = models.CharField(_("kind"), max_length=20)
    form = models.CharField(_("format"), max_length=4, choices=Form)
    facts: Any = models.JSONField(_("what is asked for"), default=dict)
    rhythm = models.CharField(_("rhythm"), max_length=7, choices=Rhythm)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), null=True)
    day = models.PositiveSmallIntegerField(_("day of the month"), null=True)
    hour = models.PositiveSmallIntegerField(_("hour"))
    next_due_at = models.DateTimeField(_("next"))
    is_active = models.BooleanField(_("active"), default=True)
    stopped_because = models.TextField(_("why it was stopped"), blank=True)
    created_at = models.DateTimeField(_("set up"), default=timezone.now)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheduled report")
        verbose_name_plural = _("scheduled reports")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(form__in=Form.values), name="report_schedule_form_known"),
            models.CheckConstraint(
                condition=Q(rhythm="weekly", weekday__gte=0, weekday__lte=6, day__isnull=True)
                | Q(rhythm="monthly", day__gte=1, day__lte=31, weekday__isnull=True),
                name="report_schedule_rhythm_has_its_day",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_schedule_hour_of_a_day"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(stopped_because=""), name="report_schedule_stopped_is_not_active"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_due_at"], condition=Q(is_active=True), name="report_schedule_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_rhythm_display()}"


class Report(models.Model):
    """One report: asked for, made by the worker, kept for some days, thrown away.

    Attributes:
        title: what it is about, in its owner's language.
        sight: what its owner saw when it was made; who sees something else by now asks anew.
        retry_at: not to be tried before, after an attempt that failed.
        alive_at: when its maker was heard of last.
        stored_as: where its bytes lie in the storage.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("report", "waiting")
        MAKING = "making", _("is being made")
        READY = "ready", _("ready")
        FAILED = "failed", pgettext_lazy("report", "failed")
        EXPIRED = "expired", _("thrown away")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.CASCADE, related_name="reports"
    )
    schedule = models.ForeignKey(
        ReportSchedule, verbose_name=_("scheduled report"), null=True, on_delete=models.SET_NULL, related_name="reports"
    )
    kind = models.CharField(_("kind"), max_length=20)
    form = models.CharField(_("format"), max_length=4, choices=Form)
    facts: Any = models.JSONField(_("what is asked for"), default=dict)
    title = models.CharField(_("title"), max_length=300)
    language = models.CharField(_("language"), max_length=10)
    time_zone = models.CharField(_("time zone"), max_length=64)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sight = models.CharField(max_length=64, blank=True)
    stored_as = models.CharField(max_length=100, blank=True)
    name = models.CharField(_("file name"), max_length=200, blank=True)
    content_type = models.CharField(_("type"), max_length=100, blank=True)
    size = models.BigIntegerField(_("size"), default=0)
    sha256 = models.CharField(_("checksum"), max_length=64, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    retry_at = models.DateTimeField(_("next attempt"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    alive_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(_("ready"), null=True)
    expires_at = models.DateTimeField(_("is thrown away"), null=True)
    error = models.TextField(_("why it failed"), blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "making", "ready", "failed", "expired"]), name="report_state_known"
            ),
            models.CheckConstraint(condition=Q(form__in=Form.values), name="report_form_known"),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="report_done_of_total"),
            models.CheckConstraint(
                condition=~Q(state="making") | Q(started_at__isnull=False, alive_at__isnull=False),
                name="report_making_was_started",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (Q(ready_at__isnull=False, expires_at__isnull=False) & ~Q(stored_as="") & ~Q(sha256="")),
                name="report_ready_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") & ~Q(error="") | ~Q(state="failed") & Q(error=""),
                name="report_failed_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index("owner", F("id").desc(), name="report_by_owner"),
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "making"]), name="report_under_way"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="report_expires"),
            models.Index(fields=["stored_as"], condition=~Q(stored_as=""), name="report_by_file"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def badge(self) -> str:
        """As what its state is drawn."""
        return {"ready": "ok", "making": "waiting"}.get(self.state, self.state)

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.MAKING}
