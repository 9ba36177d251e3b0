"""How the text of one cell becomes a value of a register, or a sentence that says what to change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from subsidy.rules import certificate_number, identity
from subsidy.rules.folding import fold_name, fold_width
from subsidy.rules.terms import CompetitionRound, SkillLevel

DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
RANK = re.compile(r"第?([0-9]{1,4})名?")
BAR = "|"
ALIAS_MARKS = re.compile(r"[；;|]")
NUMBER_LENGTH = 40
NAME_LENGTH = 50
LEVEL_NAMES = {
    SkillLevel.ONE: ("一级", "高级技师"),
    SkillLevel.TWO: ("二级", "技师"),
    SkillLevel.THREE: ("三级", "高级工"),
    SkillLevel.FOUR: ("四级", "中级工"),
    SkillLevel.FIVE: ("五级", "初级工"),
}
LEVELS = {fold_name(text): level for level in SkillLevel for text in (level.value, level.label)} | {
    fold_name(text): level
    for level, (rank, title) in LEVEL_NAMES.items()
    for text in (rank, title, f"{rank}/{title}", f"{rank}{title}", f"{title}（{rank}）")
}
LEVELS[fold_name("首席")] = SkillLevel.CHIEF
ROUNDS = {round_.label: round_ for round_ in CompetitionRound}
TEAMS = {"个人": False, "团体": True}
STATES = {"有效": True, "正常": True, "无效": False, "停用": False, "注销": False}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs to know: the business day, the districts, and how names are already written."""

    today: date
    districts: Mapping[str, int] = field(default_factory=dict)
    writings: dict[tuple[str, str], str] = field(default_factory=dict)
    sealed: Mapping[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)
    """By key of a row: the plain mobile and its stored form, so that an unchanged one stays as it is."""

    def as_written(self, field_name: str, key: str, text: str) -> str:
        """Return the first writing of a name that is folded to this key."""
        return self.writings.setdefault((field_name, key), text)


Reader = Callable[[str, Reading], Any]


def text(longest: int) -> Reader:
    """Read a text of at most so many characters."""

    def read(value: str, _: Reading) -> str:
        if len(value) > longest:
            raise ValueError(f"不能超过 {longest} 个字，现有 {len(value)} 个字。")
        return value

    return read


def name(longest: int) -> Reader:
    """Read the name of a catalogue entry; its folded form must fit as well."""

    def read(value: str, _: Reading) -> str:
        if max(len(value), len(fold_name(value))) > longest or BAR in value:
            raise ValueError(f"不能超过 {longest} 个字，也不能含“|”。")
        if not fold_name(value):
            raise ValueError("没有可辨认的文字。请核对。")
        return value

    return read


def person(value: str, _: Reading) -> str:
    """Read a person's name as typed (E11)."""
    checked = identity.check_name(value)
    if len(identity.normalise_name(checked)) > NAME_LENGTH:
        raise ValueError("里有无法比对的字。请与身份证上的姓名一致。")
    return checked


def resident_id(value: str, reading: Reading) -> str:
    """Read an identity number with its check character (E11)."""
    return identity.check_resident_id(value, today=reading.today)


def card(value: str, _: Reading) -> str:
    """Read a union card's number: its shape only, no scheme's rule binds a register."""
    return identity.check_card_number(value)


def mobile(value: str, _: Reading) -> str:
    """Read a mobile number."""
    return identity.check_mobile(value)


def certificate(value: str, _: Reading) -> str:
    """Read a certificate number as printed; layouts are judged with an application, not here (E10)."""
    key = certificate_number.normalise(value)
    if not key or len(value) > NUMBER_LENGTH or BAR in value:
        raise ValueError(f"应为 1 至 {NUMBER_LENGTH} 位的字母和数字。请对照证书核对。")
    return value


def day(value: str, _: Reading) -> date:
    """Read a date, written with or without separators."""
    match = DATE.fullmatch(fold_width(value).replace(" ", ""))
    if match:
        try:
            return date(*(int(part) for part in match.groups() if part))
        except ValueError:
            pass
    raise ValueError("应为真实的日期，写成 YYYY-MM-DD（如 2023-09-12）。")


def level(value: str, _: Reading) -> str:
    """Read a skill level by its number or name."""
    found = LEVELS.get(fold_name(value))
    if found is None:
        raise ValueError("应为 1 至 5、一级至五级、特级技师或首席技师。")
    return found.value


def rank(value: str, _: Reading) -> int:
    """Read a rank from 1 up."""
    match = RANK.fullmatch(fold_width(value).replace(" ", ""))
    if not match or int(match[1]) < 1:
        raise ValueError("应为从 1 起的整数。")
    return int(match[1])


def one_of(table: Mapping[str, Any]) -> Reader:
    """Read one of a few words."""
    folded = {fold_name(word): value for word, value in table.items()}

    def read(value: str, _: Reading) -> Any:
        key = fold_name(value)
        if key not in folded:
            raise ValueError(f"应为{'、'.join(table)}之一。")
        return folded[key]

    return read


def district(value: str, reading: Reading) -> int:
    """Read a district by its name, with or without 区, or its code."""
    found = reading.districts.get(fold_name(value))
    if found is None:
        raise ValueError("不是北京市的区名。请写全名，如“西城区”。")
    return found


def aliases(value: str, _: Reading) -> list[str]:
    """Read other names separated by semicolons."""
    return [alias.strip() for alias in ALIAS_MARKS.split(value) if alias.strip()]
