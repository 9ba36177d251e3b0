"""How much of a workbook is let in, and how a refusal is worded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from subsidy.errors import Malformed, SubsidyError

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one caller lets in; sizes in bytes, `rows` without the heading, `strings` the shared texts."""

    size: int = 5 * MB
    entries: int = 100
    inflated: int = 50 * MB
    ratio: int = 100
    rows: int = 20_000
    columns: int = 64
    strings: int = 200_000
    sheets: int = 20


def refused(code: str, message: str, *, field: str = "file", status: int = 400) -> Malformed:
    """Return the refusal of a whole file; `field` is a cell's address where one cell is at fault."""
    return Malformed(message, code=code, field=field, status=status)


def too_large(limit: int) -> Malformed:
    """Return the refusal of a file that weighs too much."""
    sentence = f"文件超过 {limit // MB} MB，请拆成几份后分别上传。"
    return refused("WORKBOOK_TOO_LARGE", sentence, status=413)


def unreadable() -> Malformed:
    """Return the refusal of a file that does not open."""
    return refused("WORKBOOK_UNREADABLE", "表格打不开或已损坏，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn whatever a parser raises on hostile bytes into one sentence; its warnings are no news."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SubsidyError:
        raise
    except Exception as error:  # a parser may fail in any way on hostile bytes
        raise unreadable() from error
