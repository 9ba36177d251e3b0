"""Long digit runs are cut to their last four before anything reaches the audit log."""

from __future__ import annotations

import re
from typing import Any

LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){10,}[Xx]?(?![0-9A-Za-z])")
KEPT = 4


def masked(value: Any) -> Any:
    """Return the value with every number of eleven or more digits masked, at any depth."""
    if isinstance(value, dict):
        return {str(key): masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return LONG_NUMBER.sub(_tail, value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**10:
        return LONG_NUMBER.sub(_tail, str(abs(value)))
    return value


def _tail(match: re.Match[str]) -> str:
    text = match.group()
    return "*" * (len(text) - KEPT) + text[-KEPT:]
