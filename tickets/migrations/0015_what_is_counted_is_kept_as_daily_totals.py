"""Tables for what figures are added up from, and for what has changed since; indexes for what is still counted."""

import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0004_folders_lie_in_the_trash_with_their_tickets"),
        ("people", "0014_quiet_hours_and_a_daily_letter"),
        ("tickets", "0014_what_figures_are_counted_from_has_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.SmallIntegerField(verbose_name="weight")),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="time"),
                ),
                ("number", models.BigIntegerField(verbose_name="number")),
                ("department_id", models.BigIntegerField(verbose_name="department")),
                ("service_id", models.BigIntegerField(verbose_name="service")),
                ("priority", models.CharField(max_length=6, verbose_name="priority")),
                ("requester_id", models.BigIntegerField(verbose_name="requester")),
                ("organization_id", models.BigIntegerField(null=True, verbose_name="organization")),
                ("executor_id", models.BigIntegerField(null=True, verbose_name="executor")),
                ("status", models.CharField(max_length=24, verbose_name="status")),
                ("outcome", models.CharField(blank=True, max_length=24, verbose_name="outcome")),
                ("line", models.SmallIntegerField(verbose_name="support line")),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("assigned_at", models.DateTimeField(null=True, verbose_name="assigned")),
                ("assigned_by_clock", models.BooleanField(verbose_name="assigned automatically")),
                ("concluded_at", models.DateTimeField(null=True, verbose_name="last solution sent")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "first_service_time",
                    models.DurationField(null=True, verbose_name="working time until the first service"),
                ),
                ("service_time", models.DurationField(null=True, verbose_name="service time")),
                ("sla_met", models.BooleanField(null=True, verbose_name="SLA met")),
            ],
            options={
                "verbose_name": "change not counted yet",
                "verbose_name_plural": "changes not counted yet",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Counting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upto", models.BigIntegerField(default=0, verbose_name="counted up to")),
                ("is_complete", models.BooleanField(default=False, verbose_name="complete")),
            ],
            options={
                "verbose_name": "state of the daily totals",
                "verbose_name_plural": "state of the daily totals",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10, verbose_name="kind")),
                (
                    "subject",
                    models.SmallIntegerField(
                        choices=[(0, "All"), (1, "Agent"), (2, "Organization")], verbose_name="of whom"
                    ),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="key of whom")),
                (
                    "span",
                    models.SmallIntegerField(
                        choices=[(0, "Ever"), (1, "Month"), (2, "Day")], verbose_name="of what time"
                    ),
                ),
                ("begins_on", models.DateField(verbose_name="first day")),
                ("dimension", models.CharField(max_length=10, verbose_name="by")),
                ("key", models.CharField(blank=True, max_length=24, verbose_name="key")),
                ("holder_id", models.BigIntegerField(verbose_name="department that has it")),
                ("department_id", models.BigIntegerField(verbose_name="department")),
                ("count", models.BigIntegerField(verbose_name="count")),
                ("total", models.BigIntegerField(help_text="Times in milliseconds.", verbose_name="sum")),
            ],
            options={
                "verbose_name": "daily total",
                "verbose_name_plural": "daily totals",
                "default_permissions": (),
            },
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_opened",
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", True)),
                fields=["opened_at"],
                include=("requester", "department", "executor", "organization"),
                name="ticket_opened_by_whom",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", True)),
                fields=["executor", "opened_at"],
                name="ticket_opened_of_executor",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("closed_at__lt", models.F("opened_at")), ("trashed_at__isnull", True)),
                fields=["closed_at"],
                name="ticket_ended_before_opened",
            ),
        ),
        migrations.AddConstraint(
            model_name="counting",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="counting_is_one_row"),
        ),
        migrations.AddIndex(
            model_name="total",
            index=models.Index(
                condition=models.Q(("count", 0), ("total", 0)), fields=["id"], name="total_nothing_left"
            ),
        ),
        migrations.AddConstraint(
            model_name="total",
            constraint=models.UniqueConstraint(
                fields=(
                    "kind",
                    "subject",
                    "subject_id",
                    "span",
                    "dimension",
                    "begins_on",
                    "key",
                    "holder_id",
                    "department_id",
                ),
                name="total_once",
            ),
        ),
    ]
