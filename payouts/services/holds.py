"""Why an approved application joins no batch until somebody settles it; SQL, for sets of any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from payouts.models import PayoutBatch
from subsidy.rules.workflow import PAYABLE

DECIDED = """(SELECT d.amount FROM review_decision d WHERE d.application_id = a.id
    AND d.outcome IN ('approve', 'overturn') ORDER BY d.id DESC LIMIT 1)"""


class Ground(NamedTuple):
    """One ground: its sentence for finance, what settles it, what the member reads, and its SQL over `a`."""

    code: str
    label: str
    way_out: str
    note: str
    sql: str


CONTRADICTED = Ground(
    "contradicted",
    "先记为没有到账或已改为重送，卡系统后来又说已到账",
    "请与卡系统书面核实钱是否已到账。系统内的处理以后提供，在那之前一直暂停，不会再次划拨。",
    "卡系统前后给出的结果不一致，本次没有划拨。正在与卡系统核实，您不用做什么。",
    """a.id IN (SELECT l.application_id FROM payouts_resultline r
        JOIN payouts_payoutline l ON l.id = r.line_id
        WHERE r.outcome = 'contradicts' AND r.result = 'paid')""",
)
GROUNDS = (
    CONTRADICTED,
    Ground(
        "objected",
        "会员提出的异议还没有处理",
        "请审核组长或收件员先处理异议；处理后可列入下一批。",
        "您对这份申报提出的异议还没有处理完，本次没有划拨。",
        "a.id IN (SELECT o.application_id FROM applications_objection o WHERE o.settled_at IS NULL)",
    ),
    Ground(
        "amount",
        "金额与最后一次通过的决定不一致",
        "请报告系统管理员核账（verify_books）；一致后可列入下一批。",
        "金额与审核决定不一致，本次没有划拨。工作人员会核实，您不用做什么。",
        f"a.amount IS DISTINCT FROM {DECIDED}",
    ),
    Ground(
        "name",
        "姓名含有卡系统不能接收的字符",
        "请联系会员核对姓名。姓名更正前不会列入批次。",
        "姓名含有卡系统不能接收的字符，本次没有划拨。工作人员会与您联系核对。",
        r"a.name ~ '[|\u0001-\u001f\u007f-\u009f\u2028\u2029]'",
    ),
)
ANY = " OR ".join(f"({ground.sql})" for ground in GROUNDS)
FREE = f"NOT ({ANY})"
CODE = " ".join(f"WHEN {ground.sql} THEN '{ground.code}'" for ground in GROUNDS)
# Money that the card system claims to have paid is shown whatever became of the application since.
WAITING = f"""FROM applications_application a
WHERE {CONTRADICTED.sql} OR a.status = 'approved' AND a.payment = ANY(%s) AND ({ANY})"""
COUNT = f"SELECT count(*) {WAITING}"
LIST = f"SELECT a.id, a.number, CASE {CODE} END {WAITING} ORDER BY a.id LIMIT %s"
# The line is what will be paid: its own amount counts, too.
LINES = f"""SELECT l.id, CASE {CODE} ELSE 'amount' END
FROM payouts_payoutline l JOIN applications_application a ON a.id = l.application_id
WHERE l.batch_id = %s AND l.status = 'open' AND ({ANY} OR l.amount IS DISTINCT FROM {DECIDED})"""  # noqa: S608 - our own text
BY_CODE = {ground.code: ground for ground in GROUNDS}


class Held(NamedTuple):
    """An application that joins no batch, and why."""

    id: int
    number: str
    ground: Ground


def count() -> int:
    """Count the applications on hold."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_payable()])
        return int(cursor.fetchone()[0])


def held(limit: int) -> Sequence[Held]:
    """Return the applications on hold, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(LIST, [_payable(), limit])
        return [Held(pk, number, BY_CODE[code]) for pk, number, code in cursor.fetchall()]


def of_lines(batch: PayoutBatch) -> dict[int, Ground]:
    """Return the ground of each open line of a batch that must not be paid now, by the line's id."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, [batch.pk])
        return {pk: BY_CODE[code] for pk, code in cursor.fetchall()}


def _payable() -> list[str]:
    return [state.value for state in PAYABLE]
