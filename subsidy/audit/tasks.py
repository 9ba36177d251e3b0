"""Background work of the audit log."""

from __future__ import annotations

from celery import shared_task

from subsidy.audit import sealer


@shared_task
def seal_audit() -> int:
    """Seal what is finished; harmless to repeat and to run twice at once."""
    return sealer.seal()
