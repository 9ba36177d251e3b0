"""Telling the worker that a batch waits for its files: a hint only, the batch's state is the truth."""

from __future__ import annotations

import logging

from celery import current_app

logger = logging.getLogger(__name__)
EXPORT = "payouts.tasks.export"


def hint_export(batch_id: int) -> bool:
    """Ask the worker for the files of an approved batch; a dead broker leaves it to the sweep."""
    try:
        current_app.send_task(EXPORT, args=(batch_id,), retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker's trouble: the sweep exports every approved batch
        logger.warning("broker not reached (%s); the sweep will export", type(error).__name__)
        return False
    return True
