"""The plan has a beginning, an end and renewals, which are only ever added to (R3.18)."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_extensions"),
        ("people", "0010_departments_have_working_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanRenewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="recorded"),
                ),
                (
                    "plan",
                    models.CharField(
                        choices=[("basic", "Basic"), ("enterprise", "Enterprise")],
                        editable=False,
                        max_length=12,
                        verbose_name="plan",
                    ),
                ),
                ("starts_on", models.DateField(editable=False, verbose_name="from")),
                ("ends_on", models.DateField(editable=False, null=True, verbose_name="until")),
                ("note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="note")),
                ("stood_still_since", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "renewal of the plan",
                "verbose_name_plural": "renewals of the plan",
                "ordering": ("-pk",),
            },
        ),
        migrations.AddField(
            model_name="account",
            name="agents_limit",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many active administrators and members of departments the plan allows. Empty: as many as there are. Nobody is thrown out when there are more.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="people who serve",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="plan_ends_on",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="The last day of the plan, in the company's time zone. Empty: it has no end.",
                null=True,
                verbose_name="plan ends",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="plan_reminded_of",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="plan_reminder_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="So many days before the plan ends, administrators are told, and read it on every page. 0: they are not.",
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="reminder before the end of the plan",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="plan_starts_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="plan begins"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("plan_ends_on__isnull", True),
                    ("plan_starts_on__isnull", True),
                    ("plan_ends_on__gte", models.F("plan_starts_on")),
                    _connector="OR",
                ),
                name="people_account_plan_ends_after_its_beginning",
            ),
        ),
        migrations.AddField(
            model_name="planrenewal",
            name="account",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="people.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="planrenewal",
            name="by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER people_planrenewal_append_only BEFORE UPDATE OR DELETE ON people_planrenewal "
            "FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only()",
            "DROP TRIGGER people_planrenewal_append_only ON people_planrenewal",
        ),
    ]
