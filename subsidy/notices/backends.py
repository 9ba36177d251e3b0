"""Gateways that carry a message to a phone; the default ones keep it at home."""

from __future__ import annotations

import logging
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from subsidy.rules.identity import mask_mobile

logger = logging.getLogger("subsidy.notices.console")

SHORT_NAMES = {
    "console": "subsidy.notices.backends.ConsoleBackend",
    "outbox": "subsidy.notices.backends.OutboxBackend",
}


class Backend(Protocol):
    """What a gateway adapter offers."""

    def send(self, mobile: str, body: str) -> str:
        """Hand the message over and return the gateway's receipt number; raise when it was not taken."""
        ...


class ConsoleBackend:
    """Print the message to the log with the number masked."""

    def send(self, mobile: str, body: str) -> str:
        """Log one line."""
        logger.warning("短信 → %s：%s", mask_mobile(mobile), body)
        return "console"


class OutboxBackend:
    """Send nothing: the row in the outbox is the message."""

    def send(self, mobile: str, body: str) -> str:
        """Accept the message as it lies in the table."""
        return "outbox"


def configured() -> Backend:
    """Return the gateway named by SMS_BACKEND, a short name or a dotted path."""
    name = settings.SMS_BACKEND
    return import_string(SHORT_NAMES.get(name, name))()
