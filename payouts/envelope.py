"""Which sealed value belongs where: contexts under which a data key seals names, cards and files."""

from __future__ import annotations

from typing import NamedTuple

from payouts.models import DataKey
from subsidy import crypto

CARD_DIGITS = 12


class Key(NamedTuple):
    """A data key: its row and its raw bytes."""

    row: DataKey
    raw: bytes


def new_key() -> Key:
    """Make and keep a data key for one batch or one result file."""
    raw, wrapped = crypto.new_data_key()
    return Key(DataKey.objects.create(wrapped=wrapped), raw)


def of_name(line_ref: str) -> str:
    """Name the place of a line's name."""
    return f"payouts.snapshot.name:{line_ref}"


def of_card(line_ref: str) -> str:
    """Name the place of a line's card number."""
    return f"payouts.snapshot.card:{line_ref}"


def of_file(name: str) -> str:
    """Name the place of an exported file's bytes."""
    return f"payouts.file:{name}"


def of_result(sha256: str) -> str:
    """Name the place of a result file's bytes."""
    return f"payouts.result:{sha256}"


def of_row(sha256: str, row: int) -> str:
    """Name the place of the raw text of one row of a result file."""
    return f"payouts.result:{sha256}:{row}"


def card_hash_total(total: int) -> str:
    """Write the sum of card numbers as finance compares it: its last twelve digits."""
    return str(total % 10**CARD_DIGITS).zfill(CARD_DIGITS)
