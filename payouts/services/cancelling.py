"""Giving up a batch that has not left the house."""

from __future__ import annotations

from django.db import transaction

from applications.services.transitions import Step, record_payments
from payouts.models import PayoutBatch, PayoutLine
from payouts.services.duties import (
    lock_applications,
    lock_batch,
    lock_lines,
    require_role,
    require_status,
    target,
)
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.services import record_bulk
from subsidy.errors import Malformed
from subsidy.rules.workflow import BatchStatus, LineStatus, PaymentStatus

MEMBER_NOTE = "所在批次已取消，您的助推金会列入下一批发放，您不用做什么。"


def cancel_batch(batch: PayoutBatch, *, by: StaffUser, note: str, ip: str = "") -> PayoutBatch:
    """Cancel a batch before its export; its applications wait again. Raises Conflict once it has left."""
    require_role(by, Role.FINANCE_MAKER, Role.FINANCE_CHECKER, act="取消批次")
    if not note.strip():
        raise Malformed("取消批次要写明原因。请填写后再取消。", code="NOTE_REQUIRED", field="note")
    with transaction.atomic():
        locked = lock_batch(batch.pk)
        require_status(locked, BatchStatus.OPEN, BatchStatus.FROZEN, BatchStatus.APPROVED, act="取消")
        lines = [line for line in lock_lines(locked) if line[2] == LineStatus.OPEN.value]
        ids = sorted(application_id for _, application_id, _ in lines)
        lock_applications(ids)
        actor = staff_actor(by, ip)
        PayoutLine.objects.filter(pk__in=[pk for pk, _, _ in lines]).update(status=LineStatus.CANCELLED.value)
        step = Step("payment_cancelled", actor, note=MEMBER_NOTE)
        record_payments(ids, PaymentStatus.IN_PAYMENT, PaymentStatus.NONE, step)
        locked.status, locked.cancelled_at, locked.cancelled_by = BatchStatus.CANCELLED.value, clock.now(), by
        locked.note = note.strip()[:500]
        locked.save(update_fields=["status", "cancelled_at", "cancelled_by", "note"])
        data = {"batch": locked.number, "note": locked.note}
        record_bulk("payout.cancel", actor=actor, ids=ids, target=target(locked), data=data)
    return locked
