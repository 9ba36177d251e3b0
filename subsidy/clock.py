"""Business time (shifted in a demonstration only) and real time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")

_held: ContextVar[datetime | None] = ContextVar("business_instant", default=None)


def real_now() -> datetime:
    """Return the machine's time: sessions, codes, leases, limits, retries and the audit's own time."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return business time: real time plus the constant offset, or the instant held by `at`."""
    held = _held.get()
    return real_now() + offset() if held is None else held


def today() -> date:
    """Return the business date in Beijing."""
    return now().astimezone(SHANGHAI).date()


def offset() -> timedelta:
    """Return the stored shift of the business clock; zero in production."""
    return settings.BUSINESS_CLOCK_OFFSET


def is_shifted() -> bool:
    """Say whether pages must show the banner of a shifted clock."""
    return bool(offset())


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold business time at one instant within the block; for the demo seeder and tests only."""
    if instant.utcoffset() is None:
        raise ValueError("a business instant needs an offset")
    token = _held.set(instant)
    try:
        yield
    finally:
        _held.reset(token)
