"""What a payout file and a result file hold, whatever their layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

LINES_PER_PART = 1_000
MAX_PARTS = 999


@dataclass(frozen=True, slots=True)
class PayLine:
    """One person to pay; `amount` in yuan."""

    line_ref: str
    name: str
    card_number: str
    amount: int
    remark: str


@dataclass(frozen=True, slots=True)
class Part:
    """One payout file: its place in the batch and its lines."""

    batch_number: str
    part: int
    parts: int
    created_at: datetime
    lines: Sequence[PayLine]

    @property
    def total(self) -> int:
        """Return the sum in yuan."""
        return sum(line.amount for line in self.lines)

    @property
    def stem(self) -> str:
        """Return the file name without its ending, e.g. ZT2024-B0001-001."""
        return f"{self.batch_number}-{self.part:03d}"


@dataclass(frozen=True, slots=True)
class ResultHeader:
    """The first line of a result file; `paid_fen` in fen."""

    batch_number: str
    serial: str
    line_count: int
    paid_fen: int
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines and how many fen were paid, as a trailer or a typing person says."""

    line_count: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of a result file; `row` counts from 1 over the whole file."""

    row: int
    line_ref: str
    card_number: str
    amount_fen: int
    raw_code: str
    text: str
    paid_at: datetime | None
    raw: str


@dataclass(frozen=True, slots=True)
class ParsedResult:
    """A result file as read; a layout without header and trailer leaves both None."""

    header: ResultHeader | None
    rows: tuple[ResultRow, ...]
    trailer: Totals | None


def parts_of(line_count: int) -> int:
    """Return how many files so many lines make."""
    return -(-line_count // LINES_PER_PART)


def in_parts(lines: Iterator[PayLine]) -> Iterator[list[PayLine]]:
    """Cut a stream of lines into parts, one in memory at a time."""
    while part := list(islice(lines, LINES_PER_PART)):
        yield part
