"""Clearing a draft that was taken back empties its card: its own event stands for that."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

RULE = """
CREATE OR REPLACE FUNCTION application_another_card_has_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (EXISTS (SELECT 1 FROM applications_event e
        WHERE e.application_id = NEW.id AND e.version > OLD.version AND {accepted})) THEN
        RAISE EXCEPTION 'application_another_card_has_event: refused for applications_application %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_another_card_has_event';
    END IF;
    RETURN NEW;
END $$;
"""
CARD = "e.action = 'card'"
CLEARED = "e.action = 'purge' AND NEW.card_index = '' AND NEW.first_filed_at IS NULL"


class Migration(migrations.Migration):
    """Only what was never filed may be cleared so."""

    dependencies = [("applications", "0005_approved_facts_stand")]

    operations = [
        RunSQL(RULE.format(accepted=f"({CARD} OR {CLEARED})"), RULE.format(accepted=CARD)),
    ]
