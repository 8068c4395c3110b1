"""The database itself notes what a ticket counted for and counts for now, so that no figure can go wrong.

A trigger and not the product's own doing: the dashboard promises that every figure is exact, and a ticket's columns are
written by moves, timers, the trash, hand-overs, replays and whatever else writes many rows at once, today or in a year. A
place that forgot would never be noticed. A note is written only where a column has changed that is counted.

Insertions and deletions are noted a statement at a time, because they may be a million; an update only where its
condition holds, which is cheaper to ask by row.
"""

from django.db import migrations

COLUMNS = (
    "number, department_id, service_id, priority, requester_id, organization_id, executor_id, status, outcome, line, "
    "opened_at, assigned_at, assigned_by_clock, concluded_at, closed_at, first_service_time, service_time, sla_met"
)
_NAMES = COLUMNS.split(", ")


def _row(name: str) -> str:
    return ", ".join(f"{name}.{column}" for column in _NAMES)


_INTO = f"INSERT INTO public.tickets_change (weight, {COLUMNS})"
_WATCHED = [*_NAMES, "trashed_at"]

FORWARD = f"""
CREATE FUNCTION public.tickets_note_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_INTO} SELECT CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END, {COLUMNS} FROM many WHERE trashed_at IS NULL;
    RETURN NULL;
END $$;
CREATE FUNCTION public.tickets_note_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.trashed_at IS NULL THEN
        {_INTO} VALUES (-1, {_row("OLD")});
    END IF;
    IF NEW.trashed_at IS NULL THEN
        {_INTO} VALUES (1, {_row("NEW")});
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_ticket_note_new AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS many
    FOR EACH STATEMENT EXECUTE FUNCTION public.tickets_note_many();
CREATE TRIGGER tickets_ticket_note_gone AFTER DELETE ON tickets_ticket REFERENCING OLD TABLE AS many
    FOR EACH STATEMENT EXECUTE FUNCTION public.tickets_note_many();
CREATE TRIGGER tickets_ticket_note_changed AFTER UPDATE ON tickets_ticket FOR EACH ROW
    WHEN (({", ".join(f"OLD.{one}" for one in _WATCHED)})
        IS DISTINCT FROM ({", ".join(f"NEW.{one}" for one in _WATCHED)}))
    EXECUTE FUNCTION public.tickets_note_one();
INSERT INTO tickets_counting (id, upto, is_complete) SELECT 1, 0, NOT EXISTS (SELECT FROM tickets_ticket);
"""
BACK = """
DELETE FROM tickets_counting;
DROP TRIGGER tickets_ticket_note_new ON tickets_ticket;
DROP TRIGGER tickets_ticket_note_gone ON tickets_ticket;
DROP TRIGGER tickets_ticket_note_changed ON tickets_ticket;
DROP FUNCTION public.tickets_note_many();
DROP FUNCTION public.tickets_note_one();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0015_what_is_counted_is_kept_as_daily_totals")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
