"""Time-based one-time codes as authenticator apps make them (RFC 6238: SHA-1, six digits, 30 seconds)."""

from __future__ import annotations

import base64
import hmac
import secrets
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Final

PERIOD: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
TOLERANCE: Final = 1
"""How many steps a phone's clock may be off, either way."""


def new_secret() -> str:
    """Return a new secret of 160 bits as authenticator apps take it (base32)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_at(instant: datetime) -> int:
    """Return the number of whole periods since 1970."""
    return int(instant.timestamp()) // PERIOD


def ends_at(step: int) -> float:
    """Return when a step ends, in seconds since 1970."""
    return float((step + 1) * PERIOD)


def code_of(secret: str, step: int) -> str:
    """Return the six digits of one step."""
    digest = hmac.digest(base64.b32decode(secret, casefold=True), step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_steps(secret: str, code: str, instant: datetime) -> Iterator[int]:
    """Yield the steps around an instant whose code this is, the earliest first."""
    now = step_at(instant)
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()):
            yield step


def tidy(typed: str) -> str:
    """Return a typed code without spaces, hyphens and full-width forms."""
    return "".join(unicodedata.normalize("NFKC", typed).replace("-", "").split())


def in_groups(secret: str) -> str:
    """Return a secret in groups of four, to be copied by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
