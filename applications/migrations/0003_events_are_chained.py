"""Every event carries a digest over its columns and the digest before it, written by the database."""

from __future__ import annotations

from django.db import migrations, models
from django.db.migrations.operations import RunSQL
from django.db.models import Q

CREATE = """
CREATE FUNCTION applications_event_digest(e applications_event, previous text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        previous, e.application_id, e.version, e.action, e.from_status, e.to_status, e.from_payment,
        e.to_payment, e.actor_realm, e.actor_id, extract(epoch FROM e.business_at),
        extract(epoch FROM e.real_at), e.reasons, e.remarks, e.note, extract(epoch FROM e.deadline), e.data
    )::text, 'UTF8')), 'hex')
$$;
CREATE FUNCTION applications_event_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE previous text;
BEGIN
    SELECT p.digest INTO previous FROM applications_event p
        WHERE p.application_id = NEW.application_id AND p.version < NEW.version
        ORDER BY p.version DESC LIMIT 1;
    NEW.digest := applications_event_digest(NEW, coalesce(previous, ''));
    RETURN NEW;
END $$;
CREATE TRIGGER applications_event_chain BEFORE INSERT ON applications_event
    FOR EACH ROW EXECUTE FUNCTION applications_event_chain();
"""
DROP = """
DROP TRIGGER applications_event_chain ON applications_event;
DROP FUNCTION applications_event_chain();
DROP FUNCTION applications_event_digest(applications_event, text);
"""


class Migration(migrations.Migration):
    """What `verify_books` recomputes; a number of nothing but hyphens is no number."""

    dependencies = [("applications", "0002_workflow_rules")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="digest",
            field=models.CharField(db_default="", editable=False, max_length=64, verbose_name="链值"),
        ),
        RunSQL(CREATE, DROP),
        migrations.RemoveConstraint(model_name="certificate", name="certificate_skill_is_complete"),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=~Q(ground="skill")
                | ~Q(level="") & ~Q(number_key="") & Q(issued_on__isnull=False) & ~Q(trade=""),
                name="certificate_skill_is_complete",
                violation_error_message="技能证书要有工种、等级、编号和颁证日期。",
            ),
        ),
        migrations.RemoveConstraint(model_name="certificate", name="certificate_social_work_is_complete"),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=~Q(ground="social_work")
                | ~Q(grade="") & ~Q(number_key="") & Q(approved_on__isnull=False),
                name="certificate_social_work_is_complete",
                violation_error_message="社会工作者证书要有级别、管理号和批准日期。",
            ),
        ),
    ]
