"""Reports that people ask for, and those that they are sent regularly."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportSchedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                (
                    "form",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("csv", "CSV"), ("xlsx", "Excel")], max_length=4, verbose_name="format"
                    ),
                ),
                ("facts", models.JSONField(default=dict, verbose_name="what is asked for")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[("weekly", "every week"), ("monthly", "every month")],
                        max_length=7,
                        verbose_name="rhythm",
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(null=True, verbose_name="day of the week")),
                ("day", models.PositiveSmallIntegerField(null=True, verbose_name="day of the month")),
                ("hour", models.PositiveSmallIntegerField(verbose_name="hour")),
                ("next_due_at", models.DateTimeField(verbose_name="next")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("stopped_because", models.TextField(blank=True, verbose_name="why it was stopped")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="set up")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report_schedules",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "scheduled report",
                "verbose_name_plural": "scheduled reports",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="kind")),
                (
                    "form",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("csv", "CSV"), ("xlsx", "Excel")], max_length=4, verbose_name="format"
                    ),
                ),
                ("facts", models.JSONField(default=dict, verbose_name="what is asked for")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("time_zone", models.CharField(max_length=64, verbose_name="time zone")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("making", "is being made"),
                            ("ready", "ready"),
                            ("failed", "failed"),
                            ("expired", "thrown away"),
                        ],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="of")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("sight", models.CharField(blank=True, max_length=64)),
                ("stored_as", models.CharField(blank=True, max_length=100)),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="file name")),
                ("content_type", models.CharField(blank=True, max_length=100, verbose_name="type")),
                ("size", models.BigIntegerField(default=0, verbose_name="size")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="checksum")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("retry_at", models.DateTimeField(null=True, verbose_name="next attempt")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("alive_at", models.DateTimeField(null=True)),
                ("ready_at", models.DateTimeField(null=True, verbose_name="ready")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="is thrown away")),
                ("error", models.TextField(blank=True, verbose_name="why it failed")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reports",
                        to="reports.reportschedule",
                        verbose_name="scheduled report",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "ordering": ("-pk",),
            },
        ),
        migrations.AddIndex(
            model_name="reportschedule",
            index=models.Index(
                condition=models.Q(("is_active", True)), fields=["next_due_at"], name="report_schedule_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["pdf", "csv", "xlsx"])), name="report_schedule_form_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day__isnull", True), ("rhythm", "weekly"), ("weekday__gte", 0), ("weekday__lte", 6)),
                    models.Q(("day__gte", 1), ("day__lte", 31), ("rhythm", "monthly"), ("weekday__isnull", True)),
                    _connector="OR",
                ),
                name="report_schedule_rhythm_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("hour__lte", 23)), name="report_schedule_hour_of_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_active", False), ("stopped_because", ""), _connector="OR"),
                name="report_schedule_stopped_is_not_active",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                models.F("owner"), models.OrderBy(models.F("id"), descending=True), name="report_by_owner"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "making"])), fields=["id"], name="report_under_way"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(condition=models.Q(("state", "ready")), fields=["expires_at"], name="report_expires"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("stored_as", ""), _negated=True), fields=["stored_as"], name="report_by_file"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "making", "ready", "failed", "expired"])),
                name="report_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["pdf", "csv", "xlsx"])), name="report_form_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("done__lte", models.F("total"))), name="report_done_of_total"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "making"), _negated=True),
                    models.Q(("alive_at__isnull", False), ("started_at__isnull", False)),
                    _connector="OR",
                ),
                name="report_making_was_started",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ready"), _negated=True),
                    models.Q(
                        ("expires_at__isnull", False),
                        ("ready_at__isnull", False),
                        models.Q(("stored_as", ""), _negated=True),
                        models.Q(("sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="report_ready_has_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), models.Q(("error", ""), _negated=True)),
                    models.Q(models.Q(("state", "failed"), _negated=True), ("error", "")),
                    _connector="OR",
                ),
                name="report_failed_says_why",
            ),
        ),
    ]
