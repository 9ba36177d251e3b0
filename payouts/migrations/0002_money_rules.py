"""The database keeps the money: steps, frozen amounts, sealed files, settled lines with their row."""

from __future__ import annotations

from django.db import migrations

from subsidy.triggers import append_only, fixed, kept, rule, steps

BATCH, LINE, FILE, RESULT = (
    "payouts_payoutbatch",
    "payouts_payoutline",
    "payouts_payoutfile",
    "payouts_resultfile",
)
BATCH_STEPS = [
    ("open", "frozen"),
    ("open", "cancelled"),
    ("frozen", "approved"),
    ("frozen", "cancelled"),
    ("approved", "exported"),
    ("approved", "cancelled"),
    ("exported", "settled"),
]
LINE_STEPS = [
    ("open", "sent"),
    ("open", "cancelled"),
    ("sent", "unknown"),
    ("sent", "paid"),
    ("sent", "failed"),
    ("unknown", "paid"),
    ("unknown", "failed"),
    ("unknown", "cancelled"),
    ("paid", "bounced"),
]
RESULT_STEPS = [("staged", "applied"), ("staged", "discarded")]
BATCH_IS_OPEN = "(SELECT b.status FROM payouts_payoutbatch b WHERE b.id = NEW.batch_id) = 'open'"
TOTALS_AGREE = """(SELECT (count(*), coalesce(sum(l.amount), 0)) FROM payouts_payoutline l
    WHERE l.batch_id = NEW.id AND l.status = 'open') = (NEW.line_count::bigint, NEW.total::bigint)"""
SETTLED_BY_ROW = """EXISTS (SELECT 1 FROM payouts_resultline r
    WHERE r.line_id = NEW.id AND r.is_settling AND r.result = NEW.status)"""
RETURNED_BY_ROW = """EXISTS (SELECT 1 FROM payouts_resultline r WHERE r.line_id = NEW.id AND r.is_late_return)
    OR EXISTS (SELECT 1 FROM payouts_recovery v WHERE v.line_id = NEW.id)"""


class Migration(migrations.Migration):
    """DESIGN lists 4, 5, 6 and 8."""

    dependencies = [("payouts", "0001_payouts"), ("audit", "0001_audit_log")]

    operations = [
        steps(BATCH, "status", BATCH_STEPS),
        steps(LINE, "status", LINE_STEPS),
        steps(RESULT, "status", RESULT_STEPS),
        rule(BATCH, "payoutbatch_starts_open", fires="BEFORE INSERT", unless="NEW.status = 'open'"),
        rule(
            BATCH,
            "payoutbatch_frozen_totals_agree",
            fires="BEFORE UPDATE OF status",
            when="OLD.status = 'open' AND NEW.status = 'frozen'",
            unless=TOTALS_AGREE,
        ),
        fixed(
            BATCH,
            ["number", "scheme_id", "key_id", "built_by_id", "line_count", "total", "card_hash_total"],
            when="OLD.status <> 'open'",
        ),
        kept(BATCH),
        rule(
            LINE,
            "payoutline_joins_an_open_batch",
            fires="BEFORE INSERT",
            unless=f"NEW.status = 'open' AND {BATCH_IS_OPEN}",
        ),
        fixed(
            LINE,
            [
                "batch_id",
                "serial",
                "line_ref",
                "application_id",
                "scheme_id",
                "person_index",
                "amount",
                "replaces_id",
            ],
        ),
        rule(
            LINE,
            "payoutline_settled_by_its_result_row",
            fires="DEFERRED AFTER UPDATE OF status",
            when="NEW.status IN ('paid', 'failed') AND OLD.status IS DISTINCT FROM NEW.status",
            unless=SETTLED_BY_ROW,
        ),
        rule(
            LINE,
            "payoutline_leaves_paid_by_return_or_recovery",
            fires="DEFERRED AFTER UPDATE OF status",
            when="OLD.status = 'paid' AND NEW.status = 'bounced'",
            unless=RETURNED_BY_ROW,
        ),
        rule(
            LINE,
            "payoutline_unknown_cancelled_by_two_people",
            fires="BEFORE UPDATE OF status",
            when="OLD.status = 'unknown' AND NEW.status = 'cancelled'",
            unless="NEW.resend_requested_by_id IS NOT NULL AND NEW.resend_approved_by_id IS NOT NULL "
            "AND NEW.resend_note <> ''",
        ),
        kept(LINE),
        append_only("payouts_payoutsnapshot"),
        append_only(FILE),
        fixed(
            RESULT,
            ["batch_id", "name", "sha256", "key_id", "content", "line_count", "paid_total", "imported_by_id"],
        ),
        kept(RESULT),
        append_only("payouts_resultline"),
        append_only("payouts_recovery"),
    ]
