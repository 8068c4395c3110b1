"""What was said in a ticket is part of its history (R6.23): messages are only ever added, like events."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_unsolved_tickets_have_an_index_of_their_own"), ("core", "0001_extensions")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER tickets_message_append_only BEFORE UPDATE OR DELETE ON tickets_message "
            "FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only()",
            "DROP TRIGGER tickets_message_append_only ON tickets_message",
        )
    ]
