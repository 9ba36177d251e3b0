"""The checks that one query each can make: amounts, states and their events, lines and their results."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from payouts.books.findings import Finding, Row

NAMED = 1_000


class Check(NamedTuple):
    """A query that returns (kind, id, name) of what is wrong, and the sentence for it."""

    code: str
    message: str
    sql: str


# Where two events do not join, either may be the one that was altered: both are named.
BREAKS = """SELECT * FROM (SELECT v.id, v.from_status, v.from_payment, lag(v.id) OVER w AS id_before,
        lag(v.to_status, 1, '') OVER w AS status_before, lag(v.to_payment, 1, '') OVER w AS payment_before
    FROM applications_event v WINDOW w AS (PARTITION BY v.application_id ORDER BY v.version)) e
WHERE (e.from_status, e.from_payment) <> (e.status_before, e.payment_before)"""
STALE = """SELECT a.id AS application_id, a.number, e.id FROM applications_application a
LEFT JOIN LATERAL (SELECT v.* FROM applications_event v WHERE v.application_id = a.id
    ORDER BY v.version DESC LIMIT 1) e ON true
WHERE (a.status, a.payment) IS DISTINCT FROM (e.to_status, e.to_payment) OR e.version > a.version"""
AMOUNTS = (
    Check(
        "line-amount",
        "明细金额与最后一次通过的决定不一致",
        """SELECT 'line', l.id, l.line_ref FROM payouts_payoutline l
        LEFT JOIN LATERAL (SELECT d.amount FROM review_decision d WHERE d.application_id = l.application_id
            AND d.outcome IN ('approve', 'overturn') ORDER BY d.id DESC LIMIT 1) d ON true
        WHERE l.amount IS DISTINCT FROM d.amount""",
    ),
    Check(
        "application-amount",
        "申报金额与最后一次通过的决定不一致",
        """SELECT 'application', a.id, a.number FROM applications_application a
        LEFT JOIN LATERAL (SELECT d.amount FROM review_decision d WHERE d.application_id = a.id
            AND d.outcome IN ('approve', 'overturn') ORDER BY d.id DESC LIMIT 1) d ON true
        WHERE a.status IN ('approved', 'revoked') AND a.amount IS DISTINCT FROM d.amount""",
    ),
    Check(
        "batch-lines",
        "批次的人数或金额与明细合计不一致",
        """SELECT 'batch', b.id, b.number FROM payouts_payoutbatch b
        LEFT JOIN (SELECT l.batch_id, count(*) AS lines, sum(l.amount) AS total FROM payouts_payoutline l
            JOIN payouts_payoutsnapshot s ON s.line_id = l.id GROUP BY l.batch_id) l ON l.batch_id = b.id
        WHERE b.frozen_at IS NOT NULL AND (b.line_count, b.total) IS DISTINCT FROM (l.lines, l.total)""",
    ),
    Check(
        "batch-files",
        "批次的人数或金额与文件合计不一致，或文件分卷不全",
        """SELECT DISTINCT 'batch', b.id, b.number FROM payouts_payoutbatch b
        CROSS JOIN (VALUES ('txt'), ('xlsx')) AS k(format)
        LEFT JOIN (SELECT f.batch_id, f.format, sum(f.line_count) AS lines, sum(f.total) AS total,
            count(*) AS parts, max(f.part) AS last FROM payouts_payoutfile f GROUP BY f.batch_id, f.format) f
            ON f.batch_id = b.id AND f.format = k.format
        LEFT JOIN payouts_payoutfile m ON m.batch_id = b.id AND m.format = 'json'
        WHERE b.status IN ('exported', 'settled') AND ((b.line_count, b.total, f.last)
            IS DISTINCT FROM (f.lines, f.total, f.parts)
            OR (m.line_count, m.total) IS DISTINCT FROM (b.line_count, b.total))""",
    ),
)
ONCE = (
    Check(
        "paid-twice",
        "同一人同一年度到账不止一次",
        """SELECT 'line', l.id, l.line_ref FROM payouts_payoutline l WHERE l.status = 'paid' AND EXISTS (
            SELECT 1 FROM payouts_payoutline o WHERE o.id <> l.id AND o.status = 'paid'
                AND (o.application_id = l.application_id
                    OR (o.scheme_id, o.person_index) = (l.scheme_id, l.person_index)))""",
    ),
    Check(
        "live-twice",
        "同一人同一年度有不止一条在途明细",
        """SELECT 'line', l.id, l.line_ref FROM payouts_payoutline l
        WHERE l.status IN ('open', 'sent', 'unknown', 'paid') AND EXISTS (
            SELECT 1 FROM payouts_payoutline o WHERE o.id <> l.id
                AND o.status IN ('open', 'sent', 'unknown', 'paid')
                AND (o.application_id = l.application_id
                    OR (o.scheme_id, o.person_index) = (l.scheme_id, l.person_index)))""",
    ),
    Check(
        "line-of-another",
        "明细上的人或方案不是申报上的",
        """SELECT 'line', l.id, l.line_ref FROM payouts_payoutline l
        JOIN applications_application a ON a.id = l.application_id
        WHERE l.scheme_id <> a.scheme_id OR (a.status = 'approved' AND l.person_index <> a.person_index)""",
    ),
)
STATES = (
    Check(
        "event-altered",
        "经过的内容与它的链值不符，或它前面少了一条",
        """SELECT 'event', e.id, a.number FROM applications_event e
        JOIN applications_application a ON a.id = e.application_id
        LEFT JOIN LATERAL (SELECT p.digest FROM applications_event p
            WHERE p.application_id = e.application_id AND p.version < e.version
            ORDER BY p.version DESC LIMIT 1) before ON true
        WHERE e.digest <> applications_event_digest(e, coalesce(before.digest, ''))""",
    ),
    Check(
        "event-missing",
        "申报的版本比最后一条经过新",
        """SELECT 'application', a.id, a.number FROM applications_application a
        WHERE a.status NOT IN ('draft', 'returned') AND a.version IS DISTINCT FROM
            (SELECT max(e.version) FROM applications_event e WHERE e.application_id = a.id)""",
    ),
    Check(
        "event-chain",
        "经过的前后状态接不上",
        f"""SELECT 'event', e.id, a.number FROM ({BREAKS}) b
        JOIN applications_event e ON e.id IN (b.id, b.id_before)
        JOIN applications_application a ON a.id = e.application_id GROUP BY e.id, a.number""",  # noqa: S608 - our own text
    ),
    Check(
        "event-state",
        "申报的状态与最后一条经过不一致，或没有经过",
        f"""SELECT 'application', s.application_id, s.number FROM ({STALE}) s
        UNION SELECT 'event', s.id, s.number FROM ({STALE}) s WHERE s.id IS NOT NULL""",  # noqa: S608 - our own text
    ),
    Check(
        "event-status",
        "经过里的状态变化不是允许的一步",
        """SELECT 'event', e.id, a.number FROM applications_event e
        JOIN applications_application a ON a.id = e.application_id
        WHERE e.from_status <> e.to_status AND (e.from_status, e.to_status) NOT IN (
            ('', 'draft'), ('', 'awaiting_confirmation'), ('draft', 'submitted'), ('draft', 'withdrawn'),
            ('awaiting_confirmation', 'submitted'), ('awaiting_confirmation', 'withdrawn'),
            ('submitted', 'returned'), ('submitted', 'approved'), ('submitted', 'rejected'),
            ('submitted', 'withdrawn'), ('returned', 'submitted'), ('returned', 'rejected'),
            ('returned', 'withdrawn'), ('approved', 'revoked'), ('rejected', 'approved'))""",
    ),
    Check(
        "event-step",
        "经过的事项与它的状态变化不符",
        """SELECT 'event', e.id, a.number FROM applications_event e
        JOIN applications_application a ON a.id = e.application_id
        WHERE e.from_payment <> '' AND CASE
            WHEN e.from_payment = e.to_payment THEN e.action IN ('in_payment', 'paid', 'payment_failed')
            ELSE (e.from_payment, e.to_payment, e.action) NOT IN (
                ('none', 'in_payment', 'in_payment'), ('failed', 'in_payment', 'in_payment'),
                ('bounced', 'in_payment', 'in_payment'), ('in_payment', 'none', 'set_aside'),
                ('in_payment', 'none', 'payment_cancelled'), ('in_payment', 'none', 'resend'),
                ('in_payment', 'paid', 'paid'),
                ('in_payment', 'failed', 'payment_failed'), ('paid', 'bounced', 'bounced'),
                ('paid', 'recovered', 'recovered'), ('bounced', 'recovered', 'recovered')) END""",
    ),
    Check(
        "payment-line",
        "申报的发放状态与它最后一条明细不一致",
        """SELECT 'application', a.id, a.number FROM applications_application a
        LEFT JOIN LATERAL (SELECT l.status, v.id AS recovery FROM payouts_payoutline l
            LEFT JOIN payouts_recovery v ON v.line_id = l.id
            WHERE l.application_id = a.id ORDER BY l.id DESC LIMIT 1) l ON true
        WHERE a.payment <> CASE
            WHEN l.recovery IS NOT NULL THEN 'recovered'
            WHEN l.status IN ('open', 'sent', 'unknown') THEN 'in_payment'
            WHEN l.status IN ('paid', 'failed', 'bounced') THEN l.status
            ELSE 'none' END""",
    ),
    Check(
        "batch-trail",
        "批次到了这一步，却没有这一步的审计记录",
        """SELECT 'batch', b.id, b.number FROM payouts_payoutbatch b WHERE EXISTS (
            SELECT 1 FROM (VALUES ('payout.build', true), ('payout.freeze', b.frozen_at IS NOT NULL),
                ('payout.approve', b.approved_at IS NOT NULL), ('payout.export', b.exported_at IS NOT NULL),
                ('payout.cancel', b.status = 'cancelled')) AS t(action, reached)
            WHERE t.reached AND NOT EXISTS (SELECT 1 FROM audit_auditrow r
                WHERE r.target = 'payout-batch:' || b.id AND r.action = t.action))""",
    ),
    Check(
        "batch-people",
        "批次的批准人就是制单人或冻结人",
        """SELECT 'batch', b.id, b.number FROM payouts_payoutbatch b
        WHERE b.approved_by_id IN (b.built_by_id, b.frozen_by_id)""",
    ),
    Check(
        "line-batch",
        "明细的状态与批次的状态不相容",
        """SELECT 'line', l.id, l.line_ref FROM payouts_payoutline l
        JOIN payouts_payoutbatch b ON b.id = l.batch_id
        WHERE CASE WHEN b.status IN ('open', 'frozen', 'approved') THEN l.status NOT IN ('open', 'cancelled')
            WHEN b.status = 'cancelled' THEN l.status <> 'cancelled'
            WHEN b.status = 'settled' THEN l.status IN ('open', 'sent', 'unknown')
            ELSE l.status = 'open' END""",
    ),
)
RESULTS = (
    Check(
        "result-people",
        "回盘文件由同一人导入和应用",
        """SELECT 'result', f.id, f.name FROM payouts_resultfile f
        WHERE f.applied_by_id = f.imported_by_id""",
    ),
    Check(
        "line-result",
        "明细的终态没有对应的回盘行，或与回盘行不符",
        """SELECT 'line', l.id, l.line_ref FROM payouts_payoutline l
        LEFT JOIN (SELECT r.line_id, max(r.result) FILTER (WHERE r.is_settling) AS settled,
            count(*) FILTER (WHERE r.is_settling) AS times, bool_or(r.is_late_return) AS returned
            FROM payouts_resultline r GROUP BY r.line_id) r ON r.line_id = l.id
        LEFT JOIN payouts_recovery v ON v.line_id = l.id
        WHERE CASE l.status
            WHEN 'paid' THEN (r.settled, r.times, r.returned) IS DISTINCT FROM ('paid', 1, false)
            WHEN 'failed' THEN (r.settled, r.times, r.returned) IS DISTINCT FROM ('failed', 1, false)
            WHEN 'bounced' THEN r.settled IS DISTINCT FROM 'paid'
                OR NOT (coalesce(r.returned, false) OR v.id IS NOT NULL)
            ELSE coalesce(r.times, 0) > 0 END""",
    ),
    Check(
        "result-rows",
        "回盘文件的行数与登记的行不一致，或没有应用却有行",
        """SELECT 'result', f.id, f.name FROM payouts_resultfile f
        WHERE (SELECT count(*) FROM payouts_resultline r WHERE r.file_id = f.id)
            <> CASE f.status WHEN 'applied' THEN f.line_count ELSE 0 END""",
    ),
)
CHECKS = AMOUNTS + ONCE + STATES + RESULTS


def findings() -> list[Finding]:
    """Run every query and return those that found something; at most 1,000 rows each are named."""
    found = list[Finding]()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(f"{check.sql} ORDER BY 2 LIMIT %s", [NAMED])
            if rows := [Row(*row) for row in cursor.fetchall()]:
                found.append(Finding(check.code, check.message, rows))
    return found
