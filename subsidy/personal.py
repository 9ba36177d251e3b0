"""What looks like a person's number in free text: eleven digits or more that are none of our own numbers."""

from __future__ import annotations

import re
import unicodedata

LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){10,}[Xx]?(?![0-9A-Za-z])")
UNBROKEN = re.compile(r"(?<![0-9A-Za-z])\d{11,}")
SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200d\ufeff.·()（）]")
KEPT = 4
IN_ADDRESS = "号码不能写在网址里。请用“按号码查找”，或待审队列、申报列表上方的搜索框。"


def carries_number(text: str) -> bool:
    """Say whether a text holds what could be an identity, card or mobile number.

    Certificate numbers with their letter, application numbers and line references are let through.
    """
    folded = unicodedata.normalize("NFKC", text)
    return bool(UNBROKEN.search(folded) or UNBROKEN.search(SEPARATORS.sub("", folded)))


def mask_numbers(text: str) -> str:
    """Cut every long digit run in a text to its last four."""
    return LONG_NUMBER.sub(_tail, text)


def _tail(match: re.Match[str]) -> str:
    text = match.group()
    return "*" * (len(text) - KEPT) + text[-KEPT:]
