"""Sensitive operations, as a chain that is only ever added to (R2.47), and what the daily look at it has found."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import helpdesk.core.text

REFUSE = """
CREATE TRIGGER core_auditrecord_append_only BEFORE UPDATE OR DELETE ON core_auditrecord
    FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only();
CREATE TRIGGER core_auditrecord_not_emptied BEFORE TRUNCATE ON core_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION public.helpdesk_append_only();
"""
ALLOW = """
DROP TRIGGER core_auditrecord_append_only ON core_auditrecord;
DROP TRIGGER core_auditrecord_not_emptied ON core_auditrecord;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_cache_and_heartbeat"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checked_at", models.DateTimeField()),
                ("head_seq", models.BigIntegerField(default=0)),
                ("head_hash", models.CharField(max_length=64)),
                ("reread_seq", models.BigIntegerField(default=0)),
                ("broken_seq", models.BigIntegerField(null=True)),
                ("fault", models.CharField(blank=True, max_length=30)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="core_auditcheck_is_single"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("broken_seq__isnull", True), ("fault", "")),
                            models.Q(models.Q(("fault", ""), _negated=True), ("broken_seq__isnull", False)),
                            _connector="OR",
                        ),
                        name="core_auditcheck_fault_has_place",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditRecord",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("verb", models.CharField(max_length=50, verbose_name="what")),
                ("actor_key", models.CharField(blank=True, max_length=50, verbose_name="key of the actor")),
                ("actor_name", models.CharField(blank=True, max_length=200, verbose_name="by")),
                ("about", models.CharField(max_length=50, verbose_name="kind")),
                ("key", models.CharField(max_length=100, verbose_name="key")),
                ("name", models.CharField(max_length=300, verbose_name="name")),
                ("facts", models.JSONField(default=dict, verbose_name="details")),
                ("previous_hash", models.CharField(max_length=64, verbose_name="hash of the record before")),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
            ],
            options={
                "verbose_name": "audit record",
                "verbose_name_plural": "audit log",
                "ordering": ("-seq",),
                "indexes": [
                    models.Index(fields=["at"], name="core_audit_by_time"),
                    models.Index(fields=["verb", "seq"], name="core_audit_by_verb"),
                    models.Index(fields=["about", "key", "seq"], name="core_audit_by_thing"),
                    models.Index(fields=["actor_key", "seq"], name="core_audit_by_actor"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(helpdesk.core.text.Fold("name"), name="gin_trgm_ops"),
                        name="core_audit_name_trgm",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            helpdesk.core.text.Fold("actor_name"), name="gin_trgm_ops"
                        ),
                        name="core_audit_actor_trgm",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("seq__gte", 1)), name="core_auditrecord_numbered_from_one"
                    ),
                    models.UniqueConstraint(fields=("previous_hash",), name="core_auditrecord_one_chain"),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
