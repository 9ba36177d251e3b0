"""A second person approves a frozen batch; from then on it is to be exported."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, Sum

from payouts import envelope, queue
from payouts.models import PayoutBatch, PayoutSnapshot
from payouts.services import holds
from payouts.services.duties import lock_batch, require_role, require_status, target
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.accounts.services.actors import staff_actor
from subsidy.audit.services import record
from subsidy.crypto import open_data_key, unseal
from subsidy.errors import Conflict, Forbidden
from subsidy.rules.workflow import BatchStatus, LineStatus

CHUNK = 2_000
NAMED = 5


def approve_batch(batch: PayoutBatch, *, checker: StaffUser, ip: str = "") -> PayoutBatch:
    """Approve a frozen batch, counted anew; raises Forbidden for its maker, Conflict on a change."""
    require_role(checker, Role.FINANCE_CHECKER, act="批准批次")
    with transaction.atomic():
        locked = lock_batch(batch.pk)
        require_status(locked, BatchStatus.FROZEN, act="批准")
        if checker.pk in (locked.built_by_id, locked.frozen_by_id):
            raise Forbidden("制单人和冻结人不能批准自己的批次，请由另一人复核。", code="SAME_PERSON")
        _recount(locked)
        _require_free(locked)
        locked.status, locked.approved_by, locked.approved_at = (
            BatchStatus.APPROVED.value,
            checker,
            clock.now(),
        )
        locked.save(update_fields=["status", "approved_by", "approved_at"])
        totals = {"batch": locked.number, "lines": locked.line_count, "total": locked.total}
        record("payout.approve", actor=staff_actor(checker, ip), target=target(locked), data=totals)
        transaction.on_commit(lambda: queue.hint_export(locked.pk), robust=True)
    return locked


def _recount(batch: PayoutBatch) -> None:
    """Compare count, sum and card hash with the lines as they lie there now."""
    lines = batch.lines.filter(status=LineStatus.OPEN.value, snapshot__isnull=False)
    found = lines.aggregate(count=Count("id"), total=Sum("amount"))
    if (found["count"], found["total"]) != (batch.line_count, batch.total) or (
        _card_hash(batch) != batch.card_hash_total
    ):
        raise Conflict(
            f"批次 {batch.number} 的人数、金额或卡号校验和与冻结时不一致，没有批准。请取消批次并报告管理员。",
            code="TOTALS_DIFFER",
        )


def _require_free(batch: PayoutBatch) -> None:
    """Raise Conflict, naming the lines, when somebody in it was put on hold since it was frozen."""
    held = holds.of_lines(batch)
    if held:
        named = batch.lines.filter(pk__in=sorted(held)[:NAMED]).order_by("pk").values_list("pk", "line_ref")
        words = "；".join(f"{ref} {held[pk].label}" for pk, ref in named)
        raise Conflict(
            f"批次 {batch.number} 有 {len(held)} 条不能发放，没有批准：{words}。请取消批次，由制单重新建批。",
            code="ON_HOLD",
        )


def _card_hash(batch: PayoutBatch) -> str:
    key = open_data_key(batch.key.wrapped)
    snapshots = PayoutSnapshot.objects.filter(line__batch=batch).values_list("line__line_ref", "card_number")
    total = 0
    for ref, sealed in snapshots.iterator(chunk_size=CHUNK):
        total += int(unseal(key, bytes(sealed), envelope.of_card(ref)))
    return envelope.card_hash_total(total)
