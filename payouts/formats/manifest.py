"""The manifest of a batch: what left the house, file by file, with the totals that must agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class ManifestPart:
    """One payout file as the manifest names it; `total` in yuan."""

    file: str
    sha256: str
    lines: int
    total: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole batch; `card_hash_total` is the sum of the card numbers, its last twelve digits.

    `parts` add up to the batch. `workbooks` are the same parts again, as xlsx: a system takes one kind.
    """

    batch: str
    scheme: int
    scheme_hash: str
    lines: int
    total: int
    card_hash_total: str
    maker: str
    approver: str
    parts: Sequence[ManifestPart]
    workbooks: Sequence[ManifestPart]


def name_of(batch_number: str) -> str:
    """Return e.g. ZT2024-B0001.manifest.json."""
    return f"{batch_number}.manifest.json"


def write(manifest: Manifest) -> bytes:
    """Return the manifest's bytes: UTF-8 JSON in a fixed order."""
    return (json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n").encode()
