"""Sending an unanswered payment again: asked by one, approved by another, after a waiting time (D4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from applications.services.transitions import Step, lock, record_payment
from payouts.models import PayoutBatch, PayoutLine
from payouts.services.closing import close_if_answered
from payouts.services.duties import lock_batch, require_role
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden, Malformed
from subsidy.rules.moments import instant_text
from subsidy.rules.workflow import LineStatus, PaymentStatus

WAIT: Final = timedelta(days=7)
LONGEST: Final = 500
UNANSWERED: Final = (LineStatus.SENT, LineStatus.UNKNOWN)
MEMBER_NOTE: Final = "卡系统没有给出结果，经核实没有到账，会列入下一批再次发放，您不用做什么。"


def may_ask_from(line: PayoutLine) -> datetime | None:
    """Return from when the line may be sent again, None when it has an answer or never left."""
    if LineStatus(line.status) not in UNANSWERED:
        return None
    since = line.unknown_since or line.batch.exported_at
    return since + WAIT if since else None


def is_asked(line: PayoutLine) -> bool:
    """Say whether somebody asked for it and nobody has answered."""
    return line.status == LineStatus.UNKNOWN.value and line.resend_requested_by_id is not None


def ask_to_resend(line: PayoutLine, *, by: StaffUser, note: str, ip: str = "") -> PayoutLine:
    """Ask that an unanswered line be sent again; the note says how the card system was asked.

    Raises Malformed without a note, Conflict before the waiting time is over, when the line has an
    answer and when somebody has asked already.
    """
    require_role(by, Role.FINANCE_MAKER, act="申请重送")
    note = _checked_note(note)
    with transaction.atomic():
        _, locked = _locked(line)
        _require_unanswered(locked)
        if is_asked(locked):
            raise Conflict(f"明细 {locked.line_ref} 已有人申请重送，等财务复核。", code="ALREADY_ASKED")
        if locked.status == LineStatus.SENT.value:
            locked.unknown_since = clock.now()
        locked.status = LineStatus.UNKNOWN.value
        locked.resend_requested_by, locked.resend_note = by, note
        locked.save(update_fields=["status", "unknown_since", "resend_requested_by", "resend_note"])
        _record("payout.resend_ask", locked, by, ip, note)
    return locked


def approve_resend(line: PayoutLine, *, by: StaffUser, ip: str = "") -> PayoutLine:
    """Give the line up, so that its application joins a later batch with a line that names this one.

    Raises Forbidden to whoever asked, Conflict when nobody asked or an answer has come meanwhile.
    """
    require_role(by, Role.FINANCE_CHECKER, act="批准重送")
    with transaction.atomic():
        batch, locked = _locked(line)
        _require_asked(locked, by)
        locked.status, locked.resend_approved_by = LineStatus.CANCELLED.value, by
        locked.save(update_fields=["status", "resend_approved_by"])
        step = Step("resend", staff_actor(by, ip), note=MEMBER_NOTE)
        record_payment(lock(locked.application), PaymentStatus.NONE, step)
        _record("payout.resend_approve", locked, by, ip, locked.resend_note)
        close_if_answered(batch, actor=staff_actor(by, ip))
    return locked


def refuse_resend(line: PayoutLine, *, by: StaffUser, note: str, ip: str = "") -> PayoutLine:
    """Leave the line waiting for its answer, saying why; it may be asked for again."""
    require_role(by, Role.FINANCE_CHECKER, act="退回重送申请")
    note = _checked_note(note)
    with transaction.atomic():
        _, locked = _locked(line)
        _require_asked(locked, by)
        locked.resend_requested_by, locked.resend_note = None, ""
        locked.save(update_fields=["resend_requested_by", "resend_note"])
        _record("payout.resend_refuse", locked, by, ip, note)
    return locked


def _locked(line: PayoutLine) -> tuple[PayoutBatch, PayoutLine]:
    batch = lock_batch(line.batch_id)
    rows = PayoutLine.objects.select_for_update(of=("self",)).select_related("batch", "application")
    return batch, rows.get(pk=line.pk)


def _require_unanswered(line: PayoutLine) -> None:
    allowed_from = may_ask_from(line)
    if allowed_from is None:
        label = LineStatus(line.status).label
        raise Conflict(
            f"明细 {line.line_ref} 现在是“{label}”，只有已送出而没有结果的才能重送。", code="WRONG_STATUS"
        )
    if clock.now() < allowed_from:
        raise Conflict(
            f"明细 {line.line_ref} 还在等卡系统的结果，{instant_text(allowed_from)}起才能申请重送。",
            code="TOO_EARLY",
        )


def _require_asked(line: PayoutLine, by: StaffUser) -> None:
    if not is_asked(line):
        label = LineStatus(line.status).label
        raise Conflict(
            f"明细 {line.line_ref} 现在是“{label}”，没有待复核的重送申请。请刷新后再看。", code="WRONG_STATUS"
        )
    if line.resend_requested_by_id == by.pk:
        raise Forbidden("申请重送的人不能自己批准，请由另一人复核。", code="SAME_PERSON")


def _checked_note(note: str) -> str:
    text = note.strip()
    if not text:
        sentence = "请写明怎样与卡系统核实、对方怎样答复。"
        raise Malformed(sentence, code="NOTE_REQUIRED", field="note")
    if len(text) > LONGEST:
        raise Malformed(f"说明至多 {LONGEST} 个字，现在 {len(text)} 个字。", code="TOO_LONG", field="note")
    return text


def _record(action: str, line: PayoutLine, by: StaffUser, ip: str, note: str) -> None:
    data = {"batch": line.batch.number, "line": line.line_ref, "amount": line.amount, "note": note}
    record(action, actor=staff_actor(by, ip), target=f"payout-batch:{line.batch_id}", data=data)
