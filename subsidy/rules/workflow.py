"""States of application, payment, batch, line and result file, and the steps allowed between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from subsidy.rules.terms import Term


class ApplicationStatus(Term):
    """Where an application stands with the association."""

    DRAFT = "draft", "草稿"
    AWAITING_CONFIRMATION = "awaiting_confirmation", "待本人确认"
    SUBMITTED = "submitted", "审核中"
    RETURNED = "returned", "退回补正"
    APPROVED = "approved", "已通过"
    REJECTED = "rejected", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"
    REVOKED = "revoked", "已撤销"


class PaymentStatus(Term):
    """Where the money of an approved application stands."""

    NONE = "none", "等待发放"
    IN_PAYMENT = "in_payment", "发放中"
    PAID = "paid", "已到账"
    FAILED = "failed", "发放失败"
    BOUNCED = "bounced", "银行退汇"
    RECOVERED = "recovered", "已追回"


class BatchStatus(Term):
    """Where a payout batch stands."""

    OPEN = "open", "已建批"
    FROZEN = "frozen", "已冻结，待复核"
    APPROVED = "approved", "已批准，待导出"
    EXPORTED = "exported", "已导出，等回盘"
    SETTLED = "settled", "已结清"
    CANCELLED = "cancelled", "已取消"


class LineStatus(Term):
    """Where one payout line stands."""

    OPEN = "open", "未送出"
    SENT = "sent", "已送卡系统"
    UNKNOWN = "unknown", "结果不明"
    PAID = "paid", "已到账"
    FAILED = "failed", "发放失败"
    BOUNCED = "bounced", "退汇"
    CANCELLED = "cancelled", "已取消"


class ResultFileStatus(Term):
    """Where a result file stands."""

    STAGED = "staged", "待复核应用"
    APPLIED = "applied", "已应用"
    DISCARDED = "discarded", "已退回"


class RowOutcome(Term):
    """How one row of a result file compares with the books."""

    MATCHED = "matched", "相符"
    ALREADY_FINAL = "already_final", "已有终态且一致"
    CONTRADICTS = "contradicts", "与终态矛盾"
    AMOUNT_DIFFERS = "amount_differs", "金额不同"
    CARD_DIFFERS = "card_differs", "卡号不同"


S = TypeVar("S", bound=Term)
A, P, B, L = ApplicationStatus, PaymentStatus, BatchStatus, LineStatus

APPLICATION_STEPS: Mapping[ApplicationStatus, frozenset[ApplicationStatus]] = {
    A.DRAFT: frozenset({A.SUBMITTED, A.WITHDRAWN}),
    A.AWAITING_CONFIRMATION: frozenset({A.SUBMITTED, A.WITHDRAWN}),
    A.SUBMITTED: frozenset({A.RETURNED, A.APPROVED, A.REJECTED, A.WITHDRAWN}),
    A.RETURNED: frozenset({A.SUBMITTED, A.REJECTED, A.WITHDRAWN}),
    A.APPROVED: frozenset({A.REVOKED}),
    A.REJECTED: frozenset({A.APPROVED}),
    A.WITHDRAWN: frozenset(),
    A.REVOKED: frozenset(),
}
PAYMENT_STEPS: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    P.NONE: frozenset({P.IN_PAYMENT}),
    P.IN_PAYMENT: frozenset({P.PAID, P.FAILED, P.NONE}),
    P.PAID: frozenset({P.BOUNCED, P.RECOVERED}),
    P.FAILED: frozenset({P.IN_PAYMENT}),
    P.BOUNCED: frozenset({P.IN_PAYMENT, P.RECOVERED}),
    P.RECOVERED: frozenset(),
}
BATCH_STEPS: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    B.OPEN: frozenset({B.FROZEN, B.CANCELLED}),
    B.FROZEN: frozenset({B.APPROVED, B.CANCELLED}),
    B.APPROVED: frozenset({B.EXPORTED, B.CANCELLED}),
    B.EXPORTED: frozenset({B.SETTLED}),
    B.SETTLED: frozenset(),
    B.CANCELLED: frozenset(),
}
LINE_STEPS: Mapping[LineStatus, frozenset[LineStatus]] = {
    L.OPEN: frozenset({L.SENT, L.CANCELLED}),
    L.SENT: frozenset({L.UNKNOWN, L.PAID, L.FAILED}),
    L.UNKNOWN: frozenset({L.PAID, L.FAILED, L.CANCELLED}),
    L.PAID: frozenset({L.BOUNCED}),
    L.FAILED: frozenset(),
    L.BOUNCED: frozenset(),
    L.CANCELLED: frozenset(),
}

FIRST_STATUSES = frozenset({A.DRAFT, A.AWAITING_CONFIRMATION})
LIVE_STATUSES = frozenset({A.SUBMITTED, A.RETURNED, A.APPROVED})
LIVE_LINES = frozenset({L.OPEN, L.SENT, L.UNKNOWN, L.PAID})
PAYABLE = frozenset({P.NONE, P.FAILED, P.BOUNCED})
REVOCABLE = frozenset({P.NONE, P.FAILED, P.BOUNCED, P.RECOVERED})


def may_move(steps: Mapping[S, frozenset[S]], source: S, target: S) -> bool:
    """Say whether the table allows the step."""
    return target in steps[source]
