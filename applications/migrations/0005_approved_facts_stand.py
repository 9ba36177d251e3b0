"""What was approved stays what was approved; another card on a filed case leaves its event."""

from __future__ import annotations

from django.db import migrations

from subsidy.triggers import fixed, rule

APPLICATION, CERTIFICATE = "applications_application", "applications_certificate"
STANDING = ["scheme_id", "ground", "channel", "certificate_id", "amount", "first_filed_at"]
FACTS = [
    *("ground", "number_key", "trade", "level", "certificate_number", "issued_on", "first_issued_on"),
    *("awarding_body", "grade", "registration_number", "approved_on", "issuing_authority"),
    *("competition", "round", "rank", "is_team"),
]
CHANGED = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FACTS)
NOT_APPROVED = """NOT EXISTS (SELECT 1 FROM applications_application a
    WHERE a.certificate_id = NEW.id AND a.status IN ('approved', 'revoked'))"""
ANOTHER_CARD = """OLD.card_index IS DISTINCT FROM NEW.card_index AND OLD.status = NEW.status
    AND OLD.status NOT IN ('draft', 'awaiting_confirmation', 'returned')"""
CARD_EVENT = """EXISTS (SELECT 1 FROM applications_event e
    WHERE e.application_id = NEW.id AND e.version > OLD.version AND e.action = 'card')"""


class Migration(migrations.Migration):
    """Whoever can write a row but not decide cannot turn 800 yuan into 2,000, or one card into another."""

    dependencies = [("applications", "0004_pictures_of_the_filed_stay")]

    operations = [
        fixed(APPLICATION, STANDING, when="OLD.status IN ('approved', 'revoked')"),
        rule(
            APPLICATION,
            "application_another_card_has_event",
            fires="DEFERRED AFTER UPDATE OF card_index",
            when=ANOTHER_CARD,
            unless=CARD_EVENT,
        ),
        rule(
            CERTIFICATE,
            "certificate_of_an_approved_case_stands",
            fires="BEFORE UPDATE",
            when=CHANGED,
            unless=NOT_APPROVED,
        ),
    ]
