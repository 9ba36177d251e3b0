"""Long digit runs are cut to their last four before anything reaches the audit log."""

from __future__ import annotations

from typing import Any

from subsidy.personal import mask_numbers


def masked(value: Any) -> Any:
    """Return the value with every number of eleven or more digits masked, at any depth."""
    if isinstance(value, dict):
        return {str(key): masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return mask_numbers(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**10:
        return mask_numbers(str(abs(value)))
    return value
