"""Background work of the house itself; may run twice."""

from __future__ import annotations

from celery import shared_task

from subsidy.apps.upkeep.retention import services


@shared_task
def purge_expired() -> dict[str, int]:
    """Clear what is past its term."""
    return services.purge()
