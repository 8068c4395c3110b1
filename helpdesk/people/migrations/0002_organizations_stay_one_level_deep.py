"""A branch has no branches (R2.43): the form says so kindly, the database says so in any case."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION public.helpdesk_organization_depth() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.parent_id IS NOT NULL AND (
        EXISTS (SELECT 1 FROM people_organization WHERE id = NEW.parent_id AND parent_id IS NOT NULL)
        OR EXISTS (SELECT 1 FROM people_organization WHERE parent_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'organizations are one level deep: a branch has no branches'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER people_organization_depth BEFORE INSERT OR UPDATE OF parent_id ON people_organization
    FOR EACH ROW EXECUTE FUNCTION public.helpdesk_organization_depth();
"""

BACKWARD = """
DROP TRIGGER people_organization_depth ON people_organization;
DROP FUNCTION public.helpdesk_organization_depth();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_the_people_and_their_structure")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
