"""Tickets go to the trash before they are deleted, and out of it as they were (R2.40 to R2.42)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What was said and what happened goes with its ticket, once that is deleted for good out of the trash, and in no other
# way: the transaction has to say so, and the ticket has to lie there.
BUT_FOR_THE_TRASH = """
CREATE FUNCTION public.tickets_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('helpdesk.deleting_for_good', true) = 'on' AND EXISTS (
        SELECT FROM public.tickets_ticket AS ticket
        WHERE ticket.number = OLD.ticket_id AND ticket.trashed_at IS NOT NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on "%" is refused: its rows are history and are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
DROP TRIGGER tickets_event_append_only ON tickets_event;
DROP TRIGGER tickets_message_append_only ON tickets_message;
CREATE TRIGGER tickets_event_append_only BEFORE UPDATE OR DELETE ON tickets_event
FOR EACH ROW EXECUTE FUNCTION public.tickets_append_only();
CREATE TRIGGER tickets_message_append_only BEFORE UPDATE OR DELETE ON tickets_message
FOR EACH ROW EXECUTE FUNCTION public.tickets_append_only();
"""
AS_IT_WAS = """
DROP TRIGGER tickets_event_append_only ON tickets_event;
DROP TRIGGER tickets_message_append_only ON tickets_message;
CREATE TRIGGER tickets_event_append_only BEFORE UPDATE OR DELETE ON tickets_event
FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only();
CREATE TRIGGER tickets_message_append_only BEFORE UPDATE OR DELETE ON tickets_message
FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only();
DROP FUNCTION public.tickets_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0004_folders_lie_in_the_trash_with_their_tickets"),
        ("people", "0007_a_trash_for_customers"),
        ("tickets", "0008_those_without_solution_have_an_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrashEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("ticket", "ticket"), ("customer", "customer")], max_length=8, verbose_name="type"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="As it was called when it was deleted.", max_length=200, verbose_name="name"
                    ),
                ),
                ("deleted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="deleted")),
                ("was_active", models.BooleanField(default=True, verbose_name="was active")),
            ],
            options={
                "verbose_name": "entry of the trash",
                "verbose_name_plural": "trash",
                "ordering": ("-pk",),
                "default_permissions": (),
            },
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_timer_due",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_queue",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_open_of_department",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_open_of_executor",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_closed_of_department",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_closed",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_unsolved",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_open_by_status",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_to_finalize",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_without_solution",
        ),
        migrations.AddField(
            model_name="ticket",
            name="trashed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="moved to the trash"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("timer_due_at__isnull", False), ("trashed_at__isnull", True)),
                fields=["timer_due_at", "number"],
                name="ticket_timer_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.ExpressionWrapper(models.Q(("executor__isnull", False)), output_field=models.BooleanField()),
                models.F("number"),
                condition=models.Q(("closed_at__isnull", True), ("trashed_at__isnull", True)),
                name="ticket_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("trashed_at__isnull", True)),
                fields=["department", "number"],
                name="ticket_open_of_department",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("trashed_at__isnull", True)),
                fields=["executor", "status"],
                name="ticket_open_of_executor",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("trashed_at__isnull", True)),
                fields=["status", "number"],
                name="ticket_open_by_status",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("department"),
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("closed_at__isnull", False), ("trashed_at__isnull", True)),
                name="ticket_closed_of_department",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("closed_at__isnull", False), ("trashed_at__isnull", True)),
                name="ticket_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("outcome", "unsolved"), ("trashed_at__isnull", True)),
                name="ticket_unsolved",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.OrderBy(models.F("closed_at"), descending=True),
                models.OrderBy(models.F("number"), descending=True),
                condition=models.Q(("outcome", "closed_without_solution"), ("trashed_at__isnull", True)),
                name="ticket_without_solution",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("finalized_at__isnull", True), ("outcome", "solved"), ("trashed_at__isnull", True)),
                fields=["executor", "number"],
                name="ticket_to_finalize",
            ),
        ),
        migrations.AddField(
            model_name="trashentry",
            name="customer",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="trashentry",
            name="deleted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="deleted by",
            ),
        ),
        migrations.AddField(
            model_name="trashentry",
            name="ticket",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="trash_entry",
                to="tickets.ticket",
                verbose_name="ticket",
            ),
        ),
        migrations.AddField(
            model_name="trashentry",
            name="with_customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tickets_with_it",
                to="tickets.trashentry",
                verbose_name="went with",
            ),
        ),
        migrations.AddIndex(
            model_name="trashentry",
            index=models.Index(
                condition=models.Q(("with_customer__isnull", True)),
                fields=["deleted_at", "id"],
                name="trash_entry_by_age",
            ),
        ),
        migrations.AddIndex(
            model_name="trashentry",
            index=models.Index(
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("with_customer__isnull", True)),
                name="trash_entry_on_its_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="trashentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer__isnull", True), ("kind", "ticket"), ("ticket__isnull", False)),
                    models.Q(
                        ("customer__isnull", False),
                        ("kind", "customer"),
                        ("ticket__isnull", True),
                        ("with_customer__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="trash_entry_is_of_one_thing",
            ),
        ),
        migrations.RunSQL(BUT_FOR_THE_TRASH, AS_IT_WAS),
    ]
