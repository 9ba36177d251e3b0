"""Invented people who cannot be mistaken, and the eye that finds them in any text."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests import make

SEPARATORS = re.compile(r"(?<=[0-9])[ \-\u00a0]+(?=[0-9Xx])")
TOKEN = re.compile(r"[A-Za-z0-9+/_\-]{16,}={0,2}")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Person:
    """Somebody whose every word and number would be recognised."""

    n: int
    name: str
    employer: str

    @property
    def numbers(self) -> dict[str, str]:
        """Return what may never stand in clear anywhere."""
        return {
            f"resident id {self.n}": make.resident_id(self.n),
            f"card {self.n}": make.card_number(self.n),
            f"mobile {self.n}": make.mobile(self.n),
        }

    @property
    def words(self) -> dict[str, str]:
        """Return what may stand in clear in few places."""
        return {f"name {self.n}": self.name, f"employer {self.n}": self.employer}


MEMBER = Person(97_011, "欧阳沁砾", "标识机械厂甲")
COUNTER = Person(97_023, "司马骁玥", "标识机械厂乙")
WINNER = Person(97_037, "上官鎏霁", "标识机械厂丙")
CALLER = Person(97_041, "诸葛泠枫", "标识机械厂丁")
PEOPLE = (MEMBER, COUNTER, WINNER, CALLER)
NUMBERS = {label: text for person in PEOPLE for label, text in person.numbers.items()}
WORDS = {label: text for person in PEOPLE for label, text in person.words.items()}


def numbers_in(text: str) -> set[str]:
    """Return which numbers stand in a text: plain, spaced, in base64 or inflated."""
    return _found(NUMBERS, text)


def words_in(text: str) -> set[str]:
    """Return which names and employers stand in a text."""
    return _found(WORDS, text)


def _found(wanted: dict[str, str], text: str) -> set[str]:
    whole = "\0".join(forms(text))
    return {label for label, marker in wanted.items() if marker in whole}


def forms(text: str) -> Iterator[str]:
    """Yield the text as it is, its digits drawn together, and whatever was packed into it."""
    yield text
    yield SEPARATORS.sub("", text).upper()
    if "\\u" in text:
        yield ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    for token in set(TOKEN.findall(text)):
        yield from _unpacked(token)


def _unpacked(token: str) -> Iterator[str]:
    try:
        packed = base64.b64decode(token.replace("-", "+").replace("_", "/") + "==", validate=False)
    except (binascii.Error, ValueError):
        return
    yield packed.decode("utf-8", "replace")
    try:
        yield zlib.decompress(packed).decode("utf-8", "replace")
    except zlib.error:
        return


def as_json(value: object) -> str:
    """Return anything as one text."""
    return json.dumps(value, ensure_ascii=False, default=str)
