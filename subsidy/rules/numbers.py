"""The numbers we give out ourselves: applications, batches and payout lines, with their check characters."""

from __future__ import annotations

import re
from typing import NamedTuple

from subsidy.rules.folding import fold_width

MAX_RUNNING, MAX_BATCH, MAX_SERIAL = 9_999_999, 9_999, 999_999
_APPLICATION = re.compile(r"ZT-?([0-9]{4})-?([0-9]{7})-?([0-9X])")
_BATCH = re.compile(r"ZT([0-9]{4})-B([0-9]{4})")
_LINE = re.compile(r"(ZT[0-9]{4}-B[0-9]{4})-([0-9]{6})-([0-9X])")


class ApplicationNumber(NamedTuple):
    """What an application number says."""

    year: int
    running: int


class BatchNumber(NamedTuple):
    """What a batch number says."""

    year: int
    running: int


class LineRef(NamedTuple):
    """What a line reference says."""

    batch_number: str
    serial: int


def mod_11_2(digits: str) -> str:
    """Return the ISO 7064 MOD 11-2 check character (0–9 or X), as GB 11643 uses it.

    It finds every single wrong digit and every swap of two neighbours.
    """
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    return "0123456789X"[(12 - total) % 11]


def check_character(text: str) -> str:
    """Return the check character over the digits of a number; its letters and hyphens are fixed."""
    digits = "".join(mark for mark in text if mark in "0123456789")
    if not digits:
        raise ValueError("没有可计算校验码的数字。")
    return mod_11_2(digits)


def application_number(year: int, running: int) -> str:
    """Return e.g. ZT2024-0000001-2; raises ValueError outside the number's room."""
    stem = f"ZT{_within(year, 9_999):04d}-{_within(running, MAX_RUNNING):07d}"
    return f"{stem}-{check_character(stem)}"


def parse_application_number(text: str) -> ApplicationNumber | None:
    """Read an application number as people write it (case, width, spaces, no hyphens); None if wrong."""
    compact = "".join(fold_width(text).split()).upper()
    match = _APPLICATION.fullmatch(compact)
    if match is None or mod_11_2(match[1] + match[2]) != match[3]:
        return None
    return ApplicationNumber(int(match[1]), int(match[2]))


def batch_number(year: int, running: int) -> str:
    """Return e.g. ZT2024-B0001; raises ValueError outside the number's room."""
    return f"ZT{_within(year, 9_999):04d}-B{_within(running, MAX_BATCH):04d}"


def parse_batch_number(text: str) -> BatchNumber | None:
    """Read a batch number exactly as we write it; None if it is none."""
    match = _BATCH.fullmatch(text)
    return BatchNumber(int(match[1]), int(match[2])) if match else None


def line_ref(batch_number: str, serial: int) -> str:
    """Return e.g. ZT2024-B0001-000001-8, unique for ever; raises ValueError for a bad batch or serial."""
    if parse_batch_number(batch_number) is None:
        raise ValueError("批次号格式不对。")
    stem = f"{batch_number}-{_within(serial, MAX_SERIAL):06d}"
    return f"{stem}-{check_character(stem)}"


def parse_line_ref(text: str) -> LineRef | None:
    """Read a line reference exactly as we write it; None if its form or check character is wrong."""
    match = _LINE.fullmatch(text)
    if match is None or check_character(match[1] + match[2]) != match[3]:
        return None
    return LineRef(match[1], int(match[2]))


def is_line_ref_valid(text: str) -> bool:
    """Say whether form and check character are right."""
    return parse_line_ref(text) is not None


def _within(number: int, largest: int) -> int:
    if not 1 <= number <= largest:
        raise ValueError(f"序号须在 1 至 {largest} 之间。")
    return number
