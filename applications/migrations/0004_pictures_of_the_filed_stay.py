"""Attachments may be deleted only while their application was never filed."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

GUARD = """
CREATE FUNCTION attachment_of_the_filed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM applications_application a WHERE a.id = OLD.application_id
        AND (a.first_filed_at IS NOT NULL OR a.submitted_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'attachment_of_the_filed_stays: refused for applications_attachment %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_of_the_filed_stays';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER attachment_of_the_filed_stays BEFORE DELETE ON applications_attachment
    FOR EACH ROW EXECUTE FUNCTION attachment_of_the_filed_stays();
"""
NO_GUARD = """
DROP TRIGGER attachment_of_the_filed_stays ON applications_attachment;
DROP FUNCTION attachment_of_the_filed_stays();
"""


class Migration(migrations.Migration):
    """The retention step deletes what belongs to drafts; nobody deletes anything else."""

    dependencies = [("applications", "0003_events_are_chained")]

    operations = [RunSQL(GUARD, NO_GUARD)]
