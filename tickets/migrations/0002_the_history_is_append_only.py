"""What happened to a ticket is history (R6.23): rows are only ever added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_the_ticket_its_words_and_its_history"), ("core", "0001_extensions")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER tickets_event_append_only BEFORE UPDATE OR DELETE ON tickets_event "
            "FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only()",
            "DROP TRIGGER tickets_event_append_only ON tickets_event",
        )
    ]
