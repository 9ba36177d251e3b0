"""When things are due: months and days counted in Asia/Shanghai from the instants given."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

from subsidy.rules.moments import SHANGHAI
from subsidy.rules.scheme import Scheme


def add_months(instant: datetime, months: int) -> datetime:
    """Return the same time of day months later in Shanghai; a missing day becomes the month's last."""
    local = _local(instant)
    year, month0 = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(year, month0 + 1)[1])
    return local.replace(year=year, month=month0 + 1, day=day)


def review_due(received_at: datetime, scheme: Scheme) -> datetime:
    """Return when the review should be done: one month from receipt (四（二）)."""
    return add_months(received_at, scheme.review_months)


def payout_due(approved_at: datetime, scheme: Scheme) -> datetime:
    """Return when the money should be on the card: three months from approval (四（三）)."""
    return add_months(approved_at, scheme.payout_months)


def payable_from(approved_at: datetime, scheme: Scheme) -> datetime:
    """Return when an approved application may be put in a batch: after the public notice, if one is held."""
    days = scheme.public_notice_days if scheme.public_notice else 0
    return _local(approved_at) + timedelta(days=days)


def correction_due(returned_at: datetime, scheme: Scheme) -> datetime:
    """Return until when a returned application may be sent again.

    Returned before closing: the correction days, at most the grace after closing (五（三）).
    Returned after closing, while the review was still running: the grace counts from the return.
    """
    local = _local(returned_at)
    grace = timedelta(days=scheme.correction_grace_days)
    if local >= scheme.closes_at:
        return local + grace
    return min(local + timedelta(days=scheme.return_days), scheme.closes_at + grace)


def confirmation_due(prepared_at: datetime, scheme: Scheme) -> datetime:
    """Return until when a competition winner may confirm a prepared application (四（一）3)."""
    return _local(prepared_at) + timedelta(days=scheme.confirmation_days)


def _local(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("时间须带时区。")
    return instant.astimezone(SHANGHAI)
