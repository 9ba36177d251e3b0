"""The tables of the payouts, one topic a module."""

from __future__ import annotations

from payouts.models.batch import DataKey, PayoutBatch, PayoutFile, PayoutLine, PayoutSnapshot
from payouts.models.result import Recovery, ResultFile, ResultLine

__all__ = [
    "DataKey",
    "PayoutBatch",
    "PayoutFile",
    "PayoutLine",
    "PayoutSnapshot",
    "Recovery",
    "ResultFile",
    "ResultLine",
]
