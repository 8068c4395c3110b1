"""What is promised, and how long support has had a ticket (R3.58)."""

import datetime

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0003_names_fold_and_titles_are_searched"),
        ("people", "0010_departments_have_working_hours"),
        ("tickets", "0011_closed_tickets_of_an_executor_have_an_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "low"), ("normal", "normal"), ("high", "high"), ("urgent", "urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                (
                    "first_start",
                    models.DurationField(
                        blank=True,
                        help_text="From the opening until an agent starts. Empty: nothing is promised.",
                        null=True,
                        verbose_name="first start within",
                    ),
                ),
                (
                    "conclusion",
                    models.DurationField(
                        blank=True,
                        help_text="From the opening until the solution is sent, without the time in which the requester is asked or checks a solution. Empty: nothing is promised.",
                        null=True,
                        verbose_name="conclusion within",
                    ),
                ),
            ],
            options={
                "verbose_name": "service level",
                "verbose_name_plural": "service levels",
                "ordering": ("pk",),
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="clock_read_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="SLA clock read"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="clock_spent",
            field=models.DurationField(
                db_default=models.Value(datetime.timedelta(0)),
                default=datetime.timedelta,
                editable=False,
                verbose_name="working time spent",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="conclusion_due_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="conclusion due"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="conclusion_met",
            field=models.BooleanField(editable=False, null=True, verbose_name="conclusion met"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="conclusion_target",
            field=models.DurationField(editable=False, null=True, verbose_name="working time until the conclusion"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="first_service_time",
            field=models.DurationField(
                editable=False,
                help_text="From the opening to the first start, in the department's calendar.",
                null=True,
                verbose_name="working time until the first service",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="service_time",
            field=models.DurationField(
                editable=False,
                help_text="From the first start to the last conclusion, in the department's calendar.",
                null=True,
                verbose_name="service time",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="sla_alarm_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="warning or breach due"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="sla_met",
            field=models.BooleanField(
                editable=False, help_text="All targets of a concluded ticket.", null=True, verbose_name="SLA met"
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="start_due_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="first start due"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="start_met",
            field=models.BooleanField(editable=False, null=True, verbose_name="first start met"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="start_target",
            field=models.DurationField(editable=False, null=True, verbose_name="working time until the first start"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("status"),
                django.db.models.functions.comparison.Least("timer_due_at", "start_due_at", "conclusion_due_at"),
                models.F("number"),
                condition=models.Q(("closed_at__isnull", True), ("trashed_at__isnull", True)),
                name="ticket_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("sla_alarm_at__isnull", False), ("trashed_at__isnull", True)),
                fields=["sla_alarm_at", "number"],
                name="ticket_sla_alarm",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sla_met__isnull", True),
                    models.Q(
                        ("concluded_at__isnull", False),
                        models.Q(("start_met__isnull", False), ("conclusion_met__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="ticket_sla_verdict_has_reasons",
            ),
        ),
        migrations.AddField(
            model_name="servicelevel",
            name="organization",
            field=models.ForeignKey(
                blank=True,
                help_text="For tickets of its people; of a parent organization, for its branches too.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddField(
            model_name="servicelevel",
            name="requester",
            field=models.ForeignKey(
                blank=True,
                help_text="Only for this person's tickets. Leave requester and organization empty for everybody's.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="requester",
            ),
        ),
        migrations.AddField(
            model_name="servicelevel",
            name="service",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: any service without a level of its own.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.service",
                verbose_name="service",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelevel",
            constraint=models.UniqueConstraint(
                fields=("requester", "organization", "service", "priority"),
                name="service_level_once",
                nulls_distinct=False,
                violation_error_message="There is a service level for these already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("requester__isnull", True), ("organization__isnull", True), _connector="OR"),
                name="service_level_of_one_scope",
                violation_error_message="Choose a requester or an organization, not both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                name="service_level_priority_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelevel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("first_start__isnull", True), ("first_start__gt", datetime.timedelta(0)), _connector="OR"
                    ),
                    models.Q(("conclusion__isnull", True), ("conclusion__gt", datetime.timedelta(0)), _connector="OR"),
                ),
                name="service_level_targets_positive",
                violation_error_message="A target is longer than 0, or empty.",
            ),
        ),
    ]
