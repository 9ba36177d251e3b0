"""Background work of the outbox; every task may run twice."""

from __future__ import annotations

from celery import shared_task

from subsidy.notices import services


@shared_task
def send_notice(notice_id: int) -> bool:
    """Send one message if it is still due."""
    return services.send(notice_id)


@shared_task
def send_due_notices() -> int:
    """Send everything that is due; beat calls it and it finishes what a lost hint left."""
    return services.sweep()
