"""What a reviewer may do with a case; the only way to change one in review."""

from __future__ import annotations

from review.services.decisions import approve, reject, return_for_correction, revoke
from review.services.leases import LEASE, release, take, take_next
from review.services.leaving import let_go

__all__ = [
    "LEASE",
    "approve",
    "let_go",
    "reject",
    "release",
    "return_for_correction",
    "revoke",
    "take",
    "take_next",
]
