"""Names in a folder differ by more than their case, folders are found by the words of their title, removals at once."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.functions import Lower

from helpdesk.core.text import SearchDocument


class Migration(migrations.Migration):
    dependencies = [("attachments", "0002_the_audit_is_append_only")]
    operations = [
        migrations.RemoveConstraint(model_name="folderfile", name="attachments_folderfile_name_unique"),
        migrations.AddConstraint(
            model_name="folderfile",
            constraint=models.UniqueConstraint(
                models.F("folder"), Lower("name"), name="attachments_folderfile_name_unique_ci"
            ),
        ),
        migrations.AddIndex(
            model_name="folder",
            index=GinIndex(SearchDocument(models.F("title")), name="attachments_folder_title"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["id"], condition=models.Q(verb="removed"), name="attachments_audit_removals"),
        ),
    ]
