"""Applying a result file by a second person: lines settle, money is recorded, members are told (D3, D4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from applications.models import Application
from applications.services.transitions import Step, record_payments
from payouts import envelope
from payouts.formats.codes import MEANINGS, NEEDS_MEMBER, Code
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from payouts.services.closing import close_if_answered
from payouts.services.duties import (
    lock_applications,
    lock_batch,
    lock_lines,
    lock_result,
    require_role,
)
from payouts.services.matching import Effect, Preview, Verdict, lines_of, summarise, verdicts
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.crypto import open_data_key, seal
from subsidy.errors import Conflict, Forbidden, Malformed
from subsidy.notices.services import Letter, enqueue_many
from subsidy.rules.workflow import LineStatus, PaymentStatus, ResultFileStatus

COPY = """COPY payouts_resultline (file_id, "row", line_id, outcome, result, code, raw_code, raw_text,
    amount_fen, paid_at, is_settling, is_late_return) FROM STDIN"""
LINE_AFTER = {
    Effect.PAID: LineStatus.PAID,
    Effect.FAILED: LineStatus.FAILED,
    Effect.UNKNOWN: LineStatus.UNKNOWN,
    Effect.RETURNED: LineStatus.BOUNCED,
}
PAYMENT_STEPS = {
    Effect.PAID: ("paid", PaymentStatus.IN_PAYMENT, PaymentStatus.PAID),
    Effect.FAILED: ("payment_failed", PaymentStatus.IN_PAYMENT, PaymentStatus.FAILED),
    Effect.RETURNED: ("bounced", PaymentStatus.PAID, PaymentStatus.BOUNCED),
}


def apply_result(file: ResultFile, *, applier: StaffUser, ip: str = "") -> Preview:
    """Write a staged file into the books, judged anew; returns what was done.

    Raises Forbidden for the person who imported it, Conflict when it is no longer staged.
    """
    require_role(applier, Role.FINANCE_CHECKER, act="应用回盘结果")
    with transaction.atomic():
        batch = lock_batch(file.batch_id)
        locked = lock_result(file.pk)
        _require_staged(locked, act="应用")
        if locked.imported_by_id == applier.pk:
            raise Forbidden("导入人不能应用自己的回盘文件，请由另一人应用。", code="SAME_PERSON")
        lock_lines(batch)
        lines = {line.line_ref: line for line in lines_of(batch)}
        judged = verdicts(locked, lines)
        lock_applications(sorted(verdict.line.application_id for verdict in judged))
        actor, done = staff_actor(applier, ip), summarise(judged, lines)
        _keep_rows(locked, judged)
        _move_lines(judged)
        _record(judged, actor)
        _tell(judged)
        _close(batch, locked, applier)
        data = {"batch": batch.number, "sha256": locked.sha256} | done.as_dict()
        record("payout.result_apply", actor=actor, target=f"result-file:{locked.pk}", data=data)
    return done


def discard_result(file: ResultFile, *, by: StaffUser, note: str, ip: str = "") -> ResultFile:
    """Send a staged file back unapplied, saying why; its bytes stay, and it may be imported anew."""
    require_role(by, Role.FINANCE_MAKER, Role.FINANCE_CHECKER, act="退回回盘文件")
    if not note.strip():
        raise Malformed("退回回盘文件要写明原因。请填写后再退回。", code="NOTE_REQUIRED", field="note")
    with transaction.atomic():
        locked = lock_result(file.pk)
        _require_staged(locked, act="退回")
        locked.status = ResultFileStatus.DISCARDED.value
        locked.save(update_fields=["status"])
        data = {"sha256": locked.sha256, "note": note.strip()[:500]}
        actor = staff_actor(by, ip)
        record("payout.result_discard", actor=actor, target=f"result-file:{locked.pk}", data=data)
    return locked


def _require_staged(file: ResultFile, *, act: str) -> None:
    status = ResultFileStatus(file.status)
    if status is not ResultFileStatus.STAGED:
        raise Conflict(
            f"回盘文件“{file.name}”{status.label}，不能再{act}。账目没有变化。", code="WRONG_STATUS"
        )


def _keep_rows(file: ResultFile, judged: Sequence[Verdict]) -> None:
    key = open_data_key(file.key.wrapped)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for verdict in judged:
            row, effect = verdict.row, verdict.effect
            copy.write_row(
                (
                    file.pk,
                    row.row,
                    verdict.line.id,
                    verdict.outcome.value,
                    verdict.claim.value,
                    verdict.meaning.code.value,
                    row.raw_code,
                    seal(key, row.raw.encode(), envelope.of_row(file.sha256, row.row)),
                    row.amount_fen,
                    row.paid_at,
                    effect in (Effect.PAID, Effect.FAILED),
                    effect is Effect.RETURNED,
                )
            )


def _move_lines(judged: Iterable[Verdict]) -> None:
    now = clock.now()
    for effect, status in LINE_AFTER.items():
        moving = [v.line.id for v in judged if v.effect is effect and v.line.status is not status]
        changes: dict[str, str | datetime] = {"status": status.value}
        if effect is Effect.UNKNOWN:
            changes["unknown_since"] = now
        PayoutLine.objects.filter(pk__in=moving).update(**changes)


def _record(judged: Iterable[Verdict], actor: Actor) -> None:
    """Move the payments, one set a code, so that each member's event says what to do."""
    groups: dict[tuple[Effect, Code], list[int]] = defaultdict(list)
    for verdict in judged:
        if verdict.effect in PAYMENT_STEPS:
            groups[verdict.effect, verdict.meaning.code].append(verdict.line.application_id)
    for (effect, code), ids in sorted(groups.items()):
        action, source, after = PAYMENT_STEPS[effect]
        step = Step(action, actor, note=MEANINGS[code].advice)
        record_payments(sorted(ids), source, after, step, paid=effect is Effect.PAID)
        if code in NEEDS_MEMBER:
            Application.objects.filter(pk__in=ids).update(card_wanted_since=clock.now())


def _tell(judged: Iterable[Verdict]) -> None:
    told = {v.line.application_id: v for v in judged if v.effect in PAYMENT_STEPS}
    letters: dict[str, list[Letter]] = {"paid": [], "payment_failed": []}
    # Only what a message says is read: every further column would be opened with its key, person by person.
    people = Application.objects.filter(pk__in=told).order_by("pk")
    for pk, number, member_id, mobile in people.values_list("pk", "number", "member_id", "member__mobile"):
        if mobile:
            template, context = _message(told[pk])
            letters[template].append(Letter(mobile, member_id, context | {"number": number}))
    for template, some in letters.items():
        enqueue_many(template, some)


def _message(verdict: Verdict) -> tuple[str, dict[str, str]]:
    if verdict.effect is Effect.PAID:
        tail = verdict.line.card_number[-4:]
        return "paid", {"amount": str(verdict.line.amount), "card_tail": tail}
    return "payment_failed", {"reason": verdict.meaning.code.label}


def _close(batch: PayoutBatch, file: ResultFile, applier: StaffUser) -> None:
    file.status, file.applied_by, file.applied_at = ResultFileStatus.APPLIED.value, applier, clock.now()
    file.save(update_fields=["status", "applied_by", "applied_at"])
    close_if_answered(batch, actor=staff_actor(applier))
