"""When a batch is over: every line that left has its answer or was given up."""

from __future__ import annotations

from payouts.models import PayoutBatch
from payouts.services.duties import target
from subsidy import clock
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.rules.workflow import BatchStatus, LineStatus

WAITING = (LineStatus.SENT.value, LineStatus.UNKNOWN.value)


def close_if_answered(batch: PayoutBatch, *, actor: Actor) -> None:
    """Settle a locked batch when none of its lines waits for an answer any more."""
    if batch.status != BatchStatus.EXPORTED.value or batch.lines.filter(status__in=WAITING).exists():
        return
    batch.status, batch.settled_at = BatchStatus.SETTLED.value, clock.now()
    batch.save(update_fields=["status", "settled_at"])
    record("payout.settle", actor=actor, target=target(batch), data={"batch": batch.number})
