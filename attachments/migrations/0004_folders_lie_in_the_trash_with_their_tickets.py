"""Folders lie in the trash with their tickets, and go with them (R2.40, R2.41)."""

from django.db import migrations, models

# Access records go with their folder, once that is deleted for good out of the trash, and in no other way: the
# transaction has to say so, and the folder has to lie there.
BUT_FOR_THE_TRASH = """
CREATE FUNCTION public.attachments_append_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('helpdesk.deleting_for_good', true) = 'on' AND EXISTS (
        SELECT FROM public.attachments_folder AS folder
        WHERE folder.id = OLD.folder_id AND folder.trashed_at IS NOT NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on "%" is refused: its rows are history and are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
DROP TRIGGER attachments_auditentry_append_only ON attachments_auditentry;
CREATE TRIGGER attachments_auditentry_append_only BEFORE UPDATE OR DELETE ON attachments_auditentry
FOR EACH ROW EXECUTE FUNCTION public.attachments_append_only();
"""
AS_IT_WAS = """
DROP TRIGGER attachments_auditentry_append_only ON attachments_auditentry;
CREATE TRIGGER attachments_auditentry_append_only BEFORE UPDATE OR DELETE ON attachments_auditentry
FOR EACH ROW EXECUTE FUNCTION public.helpdesk_append_only();
DROP FUNCTION public.attachments_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0003_names_fold_and_titles_are_searched"),
    ]

    operations = [
        migrations.AddField(
            model_name="folder",
            name="trashed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="moved to the trash"),
        ),
        migrations.RunSQL(BUT_FOR_THE_TRASH, AS_IT_WAS),
    ]
