"""Background work of the payouts; every task may run twice."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task

from payouts.models import PayoutBatch
from payouts.services import write_files
from subsidy import clock
from subsidy.errors import SubsidyError
from subsidy.rules.workflow import BatchStatus

logger = logging.getLogger(__name__)
HEAD_START = timedelta(seconds=30)


@shared_task
def export(batch_id: int) -> bool:
    """Write the files of one approved batch; return whether it was done now."""
    return write_files(batch_id)


@shared_task
def finish_exports() -> int:
    """Export every approved batch whose hint was lost; return how many."""
    waiting = PayoutBatch.objects.filter(
        status=BatchStatus.APPROVED.value, approved_at__lt=clock.now() - HEAD_START
    ).order_by("id")
    return sum(_export(batch) for batch in waiting)


def _export(batch: PayoutBatch) -> bool:
    """One batch in trouble does not keep the others waiting; it stays approved and is tried again."""
    try:
        return write_files(batch.pk)
    except SubsidyError as error:
        logger.error("batch %s not exported: %s", batch.pk, error.code)
        return False
