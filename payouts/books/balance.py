"""Ever approved = revoked before payment + waiting + in payment + paid + failed + bounced + recovered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from payouts.books.findings import Entry, Finding

LABELS = {
    "revoked": "发放前撤销",
    "held": "等待发放",
    "in_notice": "公示期内",
    "open": "在批次中，未送出",
    "sent": "已送卡系统",
    "unknown": "结果不明",
    "paid": "已到账",
    "failed": "发放失败",
    "bounced": "银行退汇",
    "recovered": "已追回",
}
# The left side is what reviewers decided; the right side is where applications and lines stand.
APPROVED = """
SELECT count(*), coalesce(sum(d.amount), 0) FROM (
    SELECT DISTINCT ON (application_id) amount FROM review_decision
    WHERE outcome IN ('approve', 'overturn') ORDER BY application_id, id DESC) d
"""
STANDING = """
SELECT CASE
        WHEN a.payment = 'recovered' THEN 'recovered'
        WHEN a.status = 'revoked' THEN 'revoked'
        WHEN a.payment = 'none' AND a.payable_from > %s THEN 'in_notice'
        WHEN a.payment = 'none' THEN 'held'
        WHEN a.payment = 'in_payment' THEN coalesce(l.status, 'lost')
        ELSE a.payment END AS place,
    count(*), coalesce(sum(coalesce(l.amount, a.amount)), 0)
FROM applications_application a
LEFT JOIN payouts_payoutline l ON l.application_id = a.id AND l.status IN ('open', 'sent', 'unknown', 'paid')
WHERE a.status IN ('approved', 'revoked')
GROUP BY place
"""


def approved() -> Entry:
    """Return everybody who was ever approved, by the decisions."""
    with connection.cursor() as cursor:
        cursor.execute(APPROVED)
        people, yuan = cursor.fetchone()
    return Entry("approved", "审核通过（含后来撤销的）", people, int(yuan))


def standing(at: datetime) -> list[Entry]:
    """Return where each of them stands at the instant; an unknown place is listed, not hidden."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [at])
        found = {place: (people, int(yuan)) for place, people, yuan in cursor.fetchall()}
    places = [*LABELS, *sorted(set(found) - set(LABELS))]
    return [
        Entry(place, LABELS.get(place, f"对不上：{place}"), *found.get(place, (0, 0))) for place in places
    ]


def imbalance(left: Entry, entries: Sequence[Entry]) -> list[Finding]:
    """Return a finding when the two sides differ in people or in yuan."""
    people, yuan = sum(entry.people for entry in entries), sum(entry.yuan for entry in entries)
    if (people, yuan) == (left.people, left.yuan):
        return []
    message = f"左边 {left.people} 人 {left.yuan} 元，右边合计 {people} 人 {yuan} 元"
    return [Finding("balance", f"审核通过的与各去向合计不相等：{message}")]
