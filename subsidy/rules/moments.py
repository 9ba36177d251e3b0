"""Business time zone and the Chinese wording of days and instants."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Fixed, so that the rules need no time zone database; Shanghai has kept +08:00 since 1991."""


def day_text(day: date) -> str:
    """Return e.g. 2024 年 10 月 31 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def instant_text(instant: datetime) -> str:
    """Return e.g. 2024 年 1 月 1 日 0:00, in Shanghai."""
    local = instant.astimezone(SHANGHAI)
    return f"{day_text(local)} {local.hour}:{local.minute:02d}"


def end_text(instant: datetime) -> str:
    """Return the wording of an end not included: midnight is 24:00 of the day before."""
    local = instant.astimezone(SHANGHAI)
    if local.timetz().replace(tzinfo=None) == time(0):
        return f"{day_text(local - timedelta(days=1))} 24:00"
    return instant_text(local)
