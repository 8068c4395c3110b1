"""What was granted and opened is history (R1.17): rows are only ever added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_folders_files_and_grants"), ("core", "0001_extensions")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER attachments_auditentry_append_only BEFORE UPDATE OR DELETE ON attachments_auditentry "
            "FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only()",
            "DROP TRIGGER attachments_auditentry_append_only ON attachments_auditentry",
        )
    ]
