"""The checks every keyed digest column carries."""

from __future__ import annotations

from django.db.models import CheckConstraint, Q

DIGEST_LENGTH = 64
DIGEST_PATTERN = r"^[0-9a-f]{64}$"


def digest_is_hex(field: str, *, model: str) -> CheckConstraint:
    """Refuse a digest that is not 64 hexadecimal characters."""
    return CheckConstraint(
        name=f"{model}_{field}_is_a_digest",
        condition=Q(**{f"{field}__regex": DIGEST_PATTERN}),
        violation_error_message="摘要必须是 64 位十六进制字符。",
    )


def digest_matches_ciphertext(cipher: str, digest: str, *, model: str) -> CheckConstraint:
    """Refuse a ciphertext without its digest, or a digest without its ciphertext."""
    both = Q(**{f"{cipher}__isnull": False, f"{digest}__isnull": False})
    neither = Q(**{f"{cipher}__isnull": True, f"{digest}__isnull": True})
    return CheckConstraint(
        name=f"{model}_{cipher}_has_its_digest",
        condition=both | neither,
        violation_error_message="加密字段与其摘要必须同时存在或同时为空。",
    )
