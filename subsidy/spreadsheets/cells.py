"""What a cell's value says as text, and which values cannot be trusted."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

EXACT = 10**14
"""From here on a number has 15 digits or more, and the program that typed it may have rounded it."""
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[Ee]\+?[0-9]+")
LONGEST = 2000
ERROR_VALUES = frozenset(
    {"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LOST = "里的长号码被存成了数值，末尾数字可能已丢失。请把该列设为“文本”后重新录入。"


class Fault(ValueError):
    """A cell that cannot be taken; the sentence follows the cell's address."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def text_of(value: object) -> str:
    """Return the text of a cell: dates as YYYY-MM-DD, numbers without a trailing .0, blanks as ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, (date, time)):
        return _moment(value)
    raise Fault("CELL_TYPE", "的内容不是文字、数字或日期。请改成文字。")


def _text(value: str) -> str:
    text = value.strip()
    if not text:
        return ""
    if text.startswith("="):
        raise Fault("WORKBOOK_FORMULA", "是公式。请把公式粘贴为数值后再上传。")
    if text in ERROR_VALUES:
        raise Fault("CELL_ERROR", "是出错的公式结果。请改成正确的内容。")
    if len(text) > LONGEST:
        raise Fault("CELL_TOO_LONG", f"超过 {LONGEST} 个字。请缩短。")
    if not text.isprintable() and any(_is_control(mark) for mark in text):
        raise Fault("CONTROL_CHARACTER", "里有换行或其他控制字符。请删除后重新录入。")
    if SCIENTIFIC.fullmatch(text):
        raise Fault("NUMBER_ROUNDED", _LOST)
    return text


def _is_control(mark: str) -> bool:
    return mark in BIDI or unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"}


def _number(value: int | float) -> str:
    if not math.isfinite(value) or abs(value) >= EXACT:
        raise Fault("NUMBER_ROUNDED", _LOST)
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def _moment(value: date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
