"""追回: a paid grant taken back in full revokes its application and frees the person (V3, E7)."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from applications.services.transitions import Step, lock, record_payment, transition
from payouts.models import PayoutLine, Recovery
from payouts.services.duties import lock_batch, require_role
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, Malformed, RuleRefused
from subsidy.notices.services import enqueue
from subsidy.rules.workflow import ApplicationStatus, LineStatus, PaymentStatus

LONGEST = 500


def record_recovery(line: PayoutLine, *, by: StaffUser, amount: int, reason: str, ip: str = "") -> Recovery:
    """Record that the whole amount (yuan) of a paid line has come back; revokes its application.

    Raises Malformed without a reason, RuleRefused when the amount is not the line's, Conflict when the
    line is not paid (any more): a payment that failed or was returned needs no recovery.
    """
    require_role(by, Role.FINANCE_CHECKER, act="登记追回")
    reason = _checked_reason(reason)
    with transaction.atomic():
        lock_batch(line.batch_id)
        locked = PayoutLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        _require_paid(locked)
        if amount != locked.amount:
            raise RuleRefused(
                f"追回金额要等于这条明细已到账的 {locked.amount} 元。分几次追回的，请在收齐后登记。",
                code="AMOUNT_DIFFERS",
                field="amount",
            )
        actor = staff_actor(by, ip)
        recovery = _take_back(locked, reason, by)
        _revoke(lock(locked.application), reason, actor)
        _tell(locked)
        data = {"line": locked.line_ref, "amount": locked.amount, "reason": reason}
        record("payout.recover", actor=actor, target=f"application:{locked.application_id}", data=data)
    return recovery


def _checked_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Malformed(
            "请写明追回的理由和收款凭证号，会员会看到理由。", code="NOTE_REQUIRED", field="reason"
        )
    if len(text) > LONGEST:
        raise Malformed(f"理由至多 {LONGEST} 个字，现在 {len(text)} 个字。", code="TOO_LONG", field="reason")
    return text


def _require_paid(line: PayoutLine) -> None:
    status = LineStatus(line.status)
    if status is not LineStatus.PAID:
        raise Conflict(
            f"明细 {line.line_ref} 现在是“{status.label}”，只有已到账的才能登记追回。账目没有变化。",
            code="WRONG_STATUS",
        )


def _take_back(line: PayoutLine, reason: str, by: StaffUser) -> Recovery:
    recovery = Recovery.objects.create(
        line=line, amount=line.amount, reason=reason, recorded_by=by, recorded_at=clock.now()
    )
    line.status = LineStatus.BOUNCED.value
    line.save(update_fields=["status"])
    return recovery


def _revoke(application: Application, reason: str, actor: Actor) -> None:
    record_payment(application, PaymentStatus.RECOVERED, Step("recovered", actor, note=reason))
    transition(application, ApplicationStatus.REVOKED, Step("revoke", actor, note=reason))


def _tell(line: PayoutLine) -> None:
    application = line.application
    member = application.member
    if member.mobile:
        context = {"number": application.number, "amount": str(line.amount)}
        enqueue("recovered", mobile=member.mobile, member_id=member.pk, context=context)
