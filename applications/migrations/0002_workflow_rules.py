"""The database keeps the workflow: first states, steps, and no step without its event."""

from __future__ import annotations

from django.db import migrations
from django.db.migrations.operations import RunSQL

from subsidy.triggers import append_only, kept, rule, steps

TABLE = "applications_application"
STATUS_STEPS = [
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("awaiting_confirmation", "submitted"),
    ("awaiting_confirmation", "withdrawn"),
    ("submitted", "returned"),
    ("submitted", "approved"),
    ("submitted", "rejected"),
    ("submitted", "withdrawn"),
    ("returned", "submitted"),
    ("returned", "rejected"),
    ("returned", "withdrawn"),
    ("approved", "revoked"),
    ("rejected", "approved"),
]
PAYMENT_STEPS = [
    ("none", "in_payment"),
    ("in_payment", "paid"),
    ("in_payment", "failed"),
    ("in_payment", "none"),
    ("paid", "bounced"),
    ("paid", "recovered"),
    ("failed", "in_payment"),
    ("bounced", "in_payment"),
    ("bounced", "recovered"),
]
HAS_EVENT = """EXISTS (
    SELECT 1 FROM applications_event e WHERE e.application_id = NEW.id AND e.version = NEW.version
        AND e.to_status = NEW.status AND e.to_payment = NEW.payment)"""
MOVED = "OLD.status IS DISTINCT FROM NEW.status OR OLD.payment IS DISTINCT FROM NEW.payment"


class Migration(migrations.Migration):
    """DESIGN list 3 and the append-only part of list 4."""

    dependencies = [("applications", "0001_applications"), ("audit", "0001_audit_log")]

    operations = [
        RunSQL(
            "CREATE SEQUENCE applications_application_running AS bigint",
            "DROP SEQUENCE applications_application_running",
        ),
        steps(TABLE, "status", STATUS_STEPS),
        steps(TABLE, "payment", PAYMENT_STEPS),
        rule(
            TABLE,
            "application_starts_as_draft_or_awaiting",
            fires="BEFORE INSERT",
            unless="NEW.status IN ('draft', 'awaiting_confirmation') AND NEW.payment = 'none'",
        ),
        rule(
            TABLE,
            "application_step_raises_version",
            fires="BEFORE UPDATE OF status, payment",
            when=MOVED,
            unless="NEW.version > OLD.version",
        ),
        rule(
            TABLE,
            "application_start_has_event",
            fires="DEFERRED AFTER INSERT",
            unless=HAS_EVENT,
        ),
        rule(
            TABLE,
            "application_step_has_event",
            fires="DEFERRED AFTER UPDATE OF status, payment",
            when=MOVED,
            unless=HAS_EVENT,
        ),
        kept(TABLE),
        append_only("applications_event"),
        append_only("applications_consent"),
    ]
