"""How fields are read and written in either layout, strictly: an error names the line and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from payouts.formats.shapes import PayLine
from subsidy.errors import Malformed, SubsidyError
from subsidy.rules.moments import SHANGHAI

LONGEST = {"回盘序号": 20, "结果代码": 40, "明细号": 40, "卡号": 40, "结果说明": 400, "批次号": 40}
HELD = "整个文件没有导入。"
_COUNT = re.compile(r"[0-9]{1,7}")
_AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PART_OF_A_PAIR = re.compile(r"[\ud800-\udfff]")


def unreadable(row: int, sentence: str) -> SubsidyError:
    """Return the error that holds the whole file, naming the line."""
    return Malformed(f"第 {row} 行{sentence} {HELD}", code="RESULT_UNREADABLE", field="file")


def held(sentence: str) -> SubsidyError:
    """Return the error that holds the whole file."""
    return Malformed(f"{sentence}{HELD}", code="RESULT_UNREADABLE", field="file")


def held_because(error: SubsidyError) -> SubsidyError:
    """Return the same refusal, saying that the whole file is held."""
    if error.message.endswith(HELD):
        return error
    return Malformed(f"{error.message}{HELD}", code=error.code, field="file", status=error.status)


def decode(content: bytes) -> str:
    """Read UTF-8 (with or without mark) or GB18030, nothing replaced; raises Malformed."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Malformed(
        "文件既不是 GB18030 也不是 UTF-8 文本，读不出来。请向卡系统重新索取，整个文件没有导入。",
        code="RESULT_UNREADABLE",
        field="file",
    )


def is_writable(text: str) -> bool:
    """Say whether a value can stand in a text file without breaking its layout."""
    return bool(text) and "|" not in text and not _CONTROL.search(text) and not _PART_OF_A_PAIR.search(text)


def require_writable(line: PayLine) -> None:
    """Raise ValueError, naming the line, for a value that a payout file cannot carry."""
    if not all(map(is_writable, (line.name, line.card_number, line.remark))):
        raise ValueError(f"{line.line_ref} holds a value that the layout cannot carry")


def check_lengths(found: Mapping[str, str], row: int) -> None:
    """Refuse a field that is longer than any honest one."""
    for name, longest in LONGEST.items():
        if len(found.get(name, "")) > longest:
            raise unreadable(row, f"的{name}超过 {longest} 个字。请核对文件。")


def has_control(text: str) -> bool:
    """Say whether a line holds control characters."""
    return _CONTROL.search(text) is not None


def yuan(amount: int) -> str:
    """Write yuan with two decimals."""
    return f"{amount}.00"


def instant(moment: datetime) -> str:
    """Write an instant to the second, in Beijing time with its offset."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def read_count(text: str, row: int, name: str) -> int:
    """Read a number of lines."""
    if not _COUNT.fullmatch(text):
        raise unreadable(row, f"的{name}不是整数。请核对文件。")
    return int(text)


def read_fen(text: str, row: int, name: str) -> int:
    """Read yuan with at most two decimals as fen; a third decimal would make totals differ unseen."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise unreadable(row, f"的{name}不是至多两位小数的金额。请核对文件。")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def read_instant(text: str, row: int, name: str) -> datetime | None:
    """Read an instant, taken as Beijing time when it has no offset; empty is None."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.utcoffset() is not None else moment.replace(tzinfo=SHANGHAI)
        year = aware.astimezone(SHANGHAI).year
    except (ValueError, OverflowError):
        raise unreadable(row, f"的{name}不是日期时间（如 2024-06-18T10:00:00+08:00）。请核对文件。") from None
    if not 2000 <= year <= 2100:
        raise unreadable(row, f"的{name}是 {year} 年。请核对文件。")
    return aware
