"""What an answer counted for and counts for now is noted by the database itself, as it is for tickets.

An answer counts by its own department, agent and sector, but is in sight, and in or out of the trash, as its ticket is: so
the ticket's changes are noted here, too. The ticket is share-locked while its answer is noted; somebody who moves it
meanwhile waits, and then finds the answer.
"""

from django.db import migrations, models
from django.db.models.functions import Now

_INTO = (
    "INSERT INTO public.surveys_ratingchange (weight, number, holder_id, department_id, agent_id, organization_id, "
    "sector_id, answered_at, rating)"
)


def _of_answer(weight: int, name: str) -> str:
    answer = f"{name}.department_id, {name}.agent_id, found.organization_id, {name}.sector_id, {name}.answered_at"
    return f"{_INTO} VALUES ({weight}, {name}.ticket_id, found.department_id, {answer}, {name}.rating)"


def _of_ticket(weight: int, name: str) -> str:
    return (
        f"{_INTO} SELECT {weight}, {name}.number, {name}.department_id, department_id, agent_id, "
        f"{name}.organization_id, sector_id, answered_at, rating "
        f"FROM public.surveys_survey WHERE ticket_id = {name}.number AND answered_at IS NOT NULL"
    )


_WATCHED = ("ticket_id", "department_id", "agent_id", "sector_id", "answered_at", "rating")
_WATCHED_OF_TICKET = ("department_id", "organization_id", "trashed_at")


def _differ(columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{name}.{one}" for one in columns) for name in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


FORWARD = f"""
CREATE FUNCTION public.surveys_note_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.answered_at IS NOT NULL THEN
        FOR found IN SELECT department_id, organization_id FROM public.tickets_ticket
            WHERE number = OLD.ticket_id AND trashed_at IS NULL FOR SHARE
        LOOP
            {_of_answer(-1, "OLD")};
        END LOOP;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.answered_at IS NOT NULL THEN
        FOR found IN SELECT department_id, organization_id FROM public.tickets_ticket
            WHERE number = NEW.ticket_id AND trashed_at IS NULL FOR SHARE
        LOOP
            {_of_answer(1, "NEW")};
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.surveys_note_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.trashed_at IS NULL THEN
        {_of_ticket(-1, "OLD")};
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.trashed_at IS NULL THEN
        {_of_ticket(1, "NEW")};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER surveys_survey_note_new AFTER INSERT ON surveys_survey FOR EACH ROW
    WHEN (NEW.answered_at IS NOT NULL) EXECUTE FUNCTION public.surveys_note_answer();
CREATE TRIGGER surveys_survey_note_gone AFTER DELETE ON surveys_survey FOR EACH ROW
    WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION public.surveys_note_answer();
CREATE TRIGGER surveys_survey_note_changed AFTER UPDATE ON surveys_survey FOR EACH ROW
    WHEN ({_differ(_WATCHED)}) EXECUTE FUNCTION public.surveys_note_answer();
CREATE TRIGGER surveys_note_ticket_changed AFTER UPDATE ON tickets_ticket FOR EACH ROW
    WHEN ({_differ(_WATCHED_OF_TICKET)}) EXECUTE FUNCTION public.surveys_note_ticket();
CREATE TRIGGER surveys_note_ticket_gone AFTER DELETE ON tickets_ticket FOR EACH ROW
    WHEN (OLD.trashed_at IS NULL) EXECUTE FUNCTION public.surveys_note_ticket();
"""
BACK = """
DROP TRIGGER surveys_survey_note_new ON surveys_survey;
DROP TRIGGER surveys_survey_note_gone ON surveys_survey;
DROP TRIGGER surveys_survey_note_changed ON surveys_survey;
DROP TRIGGER surveys_note_ticket_changed ON tickets_ticket;
DROP TRIGGER surveys_note_ticket_gone ON tickets_ticket;
DROP FUNCTION public.surveys_note_answer();
DROP FUNCTION public.surveys_note_ticket();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("surveys", "0003_answers_are_summed_up_by_period"),
        ("tickets", "0016_every_change_of_what_is_counted_is_noted"),
    ]

    operations = [
        migrations.CreateModel(
            name="RatingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.SmallIntegerField(verbose_name="weight")),
                ("made_at", models.DateTimeField(db_default=Now(), verbose_name="time")),
                ("number", models.BigIntegerField(verbose_name="number")),
                ("holder_id", models.BigIntegerField(verbose_name="department that has it")),
                ("department_id", models.BigIntegerField(verbose_name="department")),
                ("agent_id", models.BigIntegerField(verbose_name="agent's account")),
                ("organization_id", models.BigIntegerField(null=True, verbose_name="organization")),
                ("sector_id", models.BigIntegerField(null=True, verbose_name="sector")),
                ("answered_at", models.DateTimeField(verbose_name="answered")),
                ("rating", models.SmallIntegerField(verbose_name="rating")),
            ],
            options={
                "verbose_name": "answer not counted yet",
                "verbose_name_plural": "answers not counted yet",
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
