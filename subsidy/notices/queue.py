"""Telling the worker that something waits: a hint only, which a dead broker must not turn into an error."""

from __future__ import annotations

import logging
import time

from celery import current_app

logger = logging.getLogger(__name__)

SEND_ONE = "subsidy.notices.tasks.send_notice"
SEND_DUE = "subsidy.notices.tasks.send_due_notices"
SILENCE_SECONDS = 30.0


class _Breaker:
    """Remembers for a while that the broker did not answer, so that one slow attempt serves many requests."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self.quiet_until

    def trip(self) -> None:
        self.quiet_until = time.monotonic() + SILENCE_SECONDS

    def reset(self) -> None:
        self.quiet_until = 0.0


breaker = _Breaker()


def hint_one(notice_id: int) -> None:
    """Ask the worker to send one message now."""
    _publish(SEND_ONE, notice_id)


def hint_sweep() -> None:
    """Ask the worker to send all that is due."""
    _publish(SEND_DUE)


def _publish(task: str, *args: int) -> None:
    if breaker.is_open():
        return
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:  # the outbox row is the truth; the sweep finds it
        breaker.trip()
        logger.warning("broker not reached (%s); the sweep will send", type(error).__name__)
