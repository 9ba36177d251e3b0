"""Numbers of skill certificates: how they are written alike, taken apart and explained (E10, 附件 2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from subsidy.rules.fields import Fields
from subsidy.rules.folding import fold_width
from subsidy.rules.terms import SkillLevel, Term

_CHARACTER_RANGES = re.compile(r"(?:[A-Z]-[A-Z]|[0-9]-[0-9])+")
_IGNORED = re.compile(r"[\s\-\u2010-\u2015\u2212]")
_PLAIN = re.compile(r"[A-Z0-9]+")
_LOOK_ALIKES = str.maketrans("OIL", "011")


class PartRole(Term):
    """What a part of a certificate number stands for."""

    BODY_CLASS = "body_class", "类别"
    FILING = "filing", "备案"
    PROVINCE = "province", "省份"
    CITY = "city", "地市"
    BODY = "body", "机构"
    YEAR = "year", "年份"
    LEVEL = "level", "等级"
    SERIAL = "serial", "流水号"


@dataclass(frozen=True)
class NumberPart:
    """Some neighbouring positions of a layout."""

    role: PartRole
    length: int
    characters: str = "0-9"

    @property
    def pattern(self) -> str:
        """Return the regular expression of this part."""
        return f"([{self.characters}]{{{self.length}}})"

    @classmethod
    def read(cls, fields: Fields) -> NumberPart:
        """Read one part of a layout."""
        characters = fields.text("characters", longest=20, default="0-9")
        if not _CHARACTER_RANGES.fullmatch(characters):
            raise fields.fail("characters", "须为字符范围，如 0-9 或 A-Z。")
        part = cls(fields.term("role", PartRole), fields.integer("length", 1, 30), characters)
        fields.finish()
        return part

    def to_mapping(self) -> dict[str, Any]:
        """Return the part as plain data."""
        return {"role": self.role.value, "length": self.length, "characters": self.characters}


@dataclass(frozen=True)
class NumberLayout:
    """One way in which certificate numbers are built; it is data of the scheme."""

    name: str
    parts: tuple[NumberPart, ...]
    levels: tuple[tuple[str, SkillLevel], ...]
    """Characters of the level part and what they mean; "*" is any other."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return the compiled form of the whole number."""
        return re.compile("".join(part.pattern for part in self.parts))

    @classmethod
    def read(cls, fields: Fields) -> NumberLayout:
        """Read one layout."""
        parts = tuple(NumberPart.read(part) for part in fields.tables("parts"))
        roles = [part.role for part in parts]
        if len(set(roles)) != len(roles) or PartRole.LEVEL not in roles:
            raise fields.fail("parts", "每种含义最多出现一次，并且要有等级 level。")
        layout = cls(fields.text("name", longest=40), parts, _read_levels(fields))
        fields.finish()
        return layout

    def to_mapping(self) -> dict[str, Any]:
        """Return the layout as plain data."""
        levels = {text: level.value for text, level in self.levels}
        return {"name": self.name, "parts": [part.to_mapping() for part in self.parts], "levels": levels}

    def level_of(self, text: str) -> SkillLevel | None:
        """Return the level that the characters of the level part stand for, None if they stand for none."""
        table = dict(self.levels)
        return table.get(text, table.get("*"))


@dataclass(frozen=True)
class Segment:
    """One part of a number as the ruler under the field shows it."""

    role: PartRole
    text: str
    first: int
    """Position of the first character, counted from 1."""
    label: str
    is_faulty: bool = False


@dataclass(frozen=True)
class Parsed:
    """A certificate number taken apart."""

    number: str
    layout: NumberLayout
    segments: tuple[Segment, ...]

    def segment(self, role: PartRole) -> Segment | None:
        """Return the part with that meaning, if the layout has one."""
        return next((segment for segment in self.segments if segment.role is role), None)

    def text(self, role: PartRole) -> str | None:
        """Return the characters of the part with that meaning."""
        segment = self.segment(role)
        return segment.text if segment else None

    @property
    def level(self) -> SkillLevel | None:
        """Return the level that the number states, None if its level part means nothing."""
        return self.layout.level_of(self.text(PartRole.LEVEL) or "")


def normalise(text: str) -> str:
    """Return the number without spaces, hyphens and invisible marks, half-width, in capitals."""
    seen = "".join(mark for mark in fold_width(text) if unicodedata.category(mark) != "Cf")
    return _IGNORED.sub("", seen).upper()


def is_plain(number: str) -> bool:
    """Say whether a normalised number consists of Latin letters and digits, and of at least one."""
    return _PLAIN.fullmatch(number) is not None


def unique_form(number: str) -> str:
    """Return the key of uniqueness: after the first position O, I and L stand for 0 and 1.

    No layout uses those letters there, so that a slip of reading is still the same certificate.
    """
    return number[:1] + number[1:].translate(_LOOK_ALIKES)


def parse(text: str, layouts: Sequence[NumberLayout]) -> Parsed | None:
    """Take a number apart by the first layout that fits; None if none does."""
    number = normalise(text)
    for layout in layouts:
        match = layout.pattern.fullmatch(number)
        if match:
            return Parsed(number, layout, _segments_of(layout, match))
    return None


def segments(
    text: str, layouts: Sequence[NumberLayout], *, level: SkillLevel | None = None
) -> tuple[Segment, ...]:
    """Return the parts for the ruler; with a chosen level, a level part that differs is faulty."""
    parsed = parse(text, layouts)
    if parsed is None:
        return ()
    wrong = level is not None and parsed.level is not level
    return tuple(
        Segment(part.role, part.text, part.first, part.label, wrong and part.role is PartRole.LEVEL)
        for part in parsed.segments
    )


def look_alike_hint(text: str, layouts: Sequence[NumberLayout]) -> str:
    """Return which letters should perhaps be digits (O and 0, I and 1), or an empty text."""
    number = normalise(text)
    repaired = number[:1] + number[1:].translate(_LOOK_ALIKES)
    if repaired == number or parse(repaired, layouts) is None:
        return ""
    places = [str(place) for place, mark in enumerate(number, 1) if mark != repaired[place - 1]]
    return f"第 {'、'.join(places)} 位是字母，可能应是数字 0 或 1。"


def _segments_of(layout: NumberLayout, match: re.Match[str]) -> tuple[Segment, ...]:
    return tuple(
        Segment(part.role, match[place], match.start(place) + 1, part.role.label)
        for place, part in enumerate(layout.parts, 1)
    )


def _read_levels(fields: Fields) -> tuple[tuple[str, SkillLevel], ...]:
    raw: Mapping[str, Any] = fields.mapping("levels")
    known = {level.value: level for level in SkillLevel}
    if not raw or not all(isinstance(level, str) and level in known for level in raw.values()):
        raise fields.fail("levels", f"须把等级位的字符对应到 {'、'.join(known)}。")
    return tuple(sorted((str(text), known[level]) for text, level in raw.items()))
