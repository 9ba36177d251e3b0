"""The golden workbook of a year: cases a clerk wrote from the plan, read and held against a scheme (E9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from subsidy.errors import FieldError, Malformed
from subsidy.rules.eligibility import Claim, CompetitionClaim, Facts, SkillClaim, SocialWorkClaim, assess
from subsidy.rules.moments import SHANGHAI
from subsidy.rules.reasons import ReasonCode
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import CompetitionRound, Ground
from subsidy.schemes.policy_words import (
    CODES,
    GIVEN,
    GRADES,
    GROUNDS,
    GUIDE,
    HEADINGS,
    KNOWN,
    LEVELS,
    NOT_ASKED,
    ROUNDS,
    SEPARATOR,
    SHEET,
    YES_NO,
)

DATA = Path(__file__).resolve().parent / "data"
_WHOLE = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class PolicyCase:
    """One row: what is given and what the plan says to it."""

    row: int
    serial: int
    title: str
    given: tuple[tuple[str, str], ...]
    """Heading and text of every cell that is filled in, for the page."""
    claim: Claim
    facts: Facts
    filed_at: datetime | None
    eligible: bool
    amount: int
    codes: tuple[ReasonCode, ...]
    clauses: tuple[str, ...]
    """Both as written; their order does not matter."""

    @property
    def name(self) -> str:
        """Return 12 决赛第 11 名不在资助范围."""
        return f"{self.serial} {self.title}"


@dataclass(frozen=True)
class Difference:
    """One thing on which the plan's reader and the rules disagree."""

    label: str
    expected: str
    actual: str


@dataclass(frozen=True)
class Comparison:
    """A case beside what the rules say."""

    case: PolicyCase
    eligible: bool
    amount: int
    codes: tuple[ReasonCode, ...]
    clauses: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Say whether the rules answer as the case expects."""
        return not self.differences


def workbook_of(year: int) -> Path | None:
    """Return the workbook that ships for a year, if there is one."""
    path = DATA / f"policy_cases_{year}.xlsx"
    return path if path.is_file() else None


def compare(case: PolicyCase, scheme: Scheme) -> Comparison:
    """Judge a case by a scheme and say where the answer differs from what the case expects."""
    found = assess(case.claim, case.facts, scheme, case.filed_at)
    clauses = [clause for reason in found.reasons for clause in reason.clauses]
    if found.eligible and found.award_row:
        clauses.insert(0, found.award_row.clause)
    pairs = [
        ("应否符合", _yes_no(case.eligible), _yes_no(found.eligible)),
        ("应得金额（元）", str(case.amount), str(found.amount)),
        ("应有理由代码", _joined(case.codes), _joined(found.codes)),
        ("依据条款", _joined(case.clauses), _joined(clauses)),
    ]
    differences = tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])
    unique = tuple(dict.fromkeys(clauses))
    return Comparison(case, found.eligible, found.amount, found.codes, unique, differences)


def read_cases(path: Path) -> list[PolicyCase]:
    """Read every row; raises Malformed with one sentence for each faulty cell, its field the address."""
    rows = _rows(path)
    places = _places(rows[0] if rows else ())
    cases: dict[int, PolicyCase] = {}
    errors: list[FieldError] = []
    for number, values in enumerate(rows[1:], 2):
        if not any(_text(value) for value in values):
            continue
        try:
            case = _case(_Row(number, values, places))
            if case.serial in cases:
                raise _Row(number, values, places).fault("序号", f"与第 {cases[case.serial].row} 行重复。")
            cases[case.serial] = case
        except Malformed as fault:
            errors.extend(fault.errors)
    if errors:
        listed = "".join(error.message for error in errors[:5])
        raise Malformed(f"用例表有 {len(errors)} 处需要修改：{listed}", code="BAD_CASES", errors=errors)
    return list(cases.values())


@dataclass(frozen=True)
class _Row:
    """The cells of one row, by heading."""

    number: int
    values: tuple[Any, ...]
    places: Mapping[str, int]

    def text(self, heading: str) -> str:
        place = self.places[heading]
        return _text(self.values[place]) if place < len(self.values) else ""

    def fault(self, heading: str, message: str) -> Malformed:
        cell = f"{get_column_letter(self.places[heading] + 1)}{self.number}"
        return Malformed(f"单元格 {cell}（{heading}）{message}", code="BAD_CELL", field=cell)

    def word(self, heading: str, words: Mapping[str, Any]) -> Any:
        """Return what one of the allowed words stands for."""
        text = self.text(heading)
        if text not in words:
            raise self.fault(heading, f"写的是“{text}”，只能写{'、'.join(words)}。")
        return words[text]

    def whole(self, heading: str, least: int) -> int:
        text = self.text(heading)
        if not _WHOLE.fullmatch(text) or int(text) < least:
            raise self.fault(heading, f"写的是“{text}”，须为不小于 {least} 的整数。")
        return int(text)

    def day(self, heading: str) -> date:
        try:
            return date.fromisoformat(self.text(heading))
        except ValueError:
            raise self.fault(heading, f"写的是“{self.text(heading)}”，须写成 2023-09-12。") from None

    def instant(self, heading: str) -> datetime | None:
        """Return the instant, in Beijing time unless an offset is written."""
        text = self.text(heading)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise self.fault(heading, f"写的是“{text}”，须写成 2024-06-18 10:00:00。") from None
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)

    def listed(self, heading: str) -> list[str]:
        parts = self.text(heading).replace(";", SEPARATOR).split(SEPARATOR)
        return [part.strip() for part in parts if part.strip()]

    def words(self, heading: str, words: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield each of several allowed words with what it stands for."""
        for part in self.listed(heading):
            if part not in words:
                raise self.fault(heading, f"里的“{part}”不认识，可用的写法见“{GUIDE}”一页。")
            yield part, words[part]


def _case(row: _Row) -> PolicyCase:
    ground = row.word("类别", GROUNDS)
    for heading in NOT_ASKED[ground]:
        if row.text(heading):
            raise row.fault(heading, f"不用于{ground.label}，请清空。")
    if not row.text("情形说明"):
        raise row.fault("情形说明", "不能为空，请写明这是什么情形。")
    known = _known(row)
    return PolicyCase(
        row=row.number,
        serial=row.whole("序号", 1),
        title=row.text("情形说明"),
        given=tuple((heading, row.text(heading)) for heading in GIVEN if row.text(heading)),
        claim=_claim(row, ground, known.pop("full_time_union_staff", None)),
        facts=Facts(first_issued_on=row.day("首次取证日期") if row.text("首次取证日期") else None, **known),
        filed_at=row.instant("申报时间"),
        eligible=row.word("应否符合", YES_NO),
        amount=row.whole("应得金额（元）", 0),
        codes=tuple(code for _, code in row.words("应有理由代码", CODES)),
        clauses=tuple(row.listed("依据条款")),
    )


def _claim(row: _Row, ground: Ground, full_time: bool | None) -> Claim:
    subject, number, body = "等级/级别/名次", row.text("证书编号") or None, row.text("机构/签发单位") or None
    trade = row.text("工种") or None
    if full_time is not None and ground is not Ground.SOCIAL_WORK:
        raise row.fault("已知情况", f"是否专职工会社会工作者只用于{Ground.SOCIAL_WORK.label}，请删去。")
    if ground is Ground.SKILL:
        return SkillClaim(row.word(subject, LEVELS), row.day("颁证/批准日期"), number, trade, body)
    if ground is Ground.SOCIAL_WORK:
        return SocialWorkClaim(row.word(subject, GRADES), row.day("颁证/批准日期"), number, body, full_time)
    round_ = row.word("赛段", ROUNDS) if row.text("赛段") else CompetitionRound.FINAL
    competition = row.text("赛事") or None
    return CompetitionClaim(row.whole(subject, 1), row.word("团体", YES_NO), round_, competition, trade)


def _known(row: _Row) -> dict[str, Any]:
    """Return the fields that the words under 已知情况 fill, each at most once."""
    found: dict[str, Any] = {}
    for word, (name, value) in row.words("已知情况", KNOWN):
        if name in found:
            raise row.fault("已知情况", f"里的“{word}”与另一项重复或矛盾，请只留一项。")
        found[name] = value
    return found


def _rows(path: Path) -> list[tuple[Any, ...]]:
    try:
        book = load_workbook(path, read_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError) as error:
        raise Malformed(f"打不开用例表 {path.name}，请用 xlsx 格式保存。", code="BAD_WORKBOOK") from error
    try:
        if SHEET not in book.sheetnames:
            raise Malformed(f"用例表里没有“{SHEET}”这一页。", code="NO_SHEET")
        return list(book[SHEET].iter_rows(values_only=True))
    finally:
        book.close()


def _places(headings: tuple[Any, ...]) -> dict[str, int]:
    """Return where each heading stands; their order is free, every one is needed."""
    texts = [_text(value) for value in headings]
    missing = [heading for heading in HEADINGS if texts.count(heading) != 1]
    if missing:
        raise Malformed(f"第 1 行须各有一列：{'、'.join(missing)}。", code="BAD_HEADINGS", field="1")
    return {heading: texts.index(heading) for heading in HEADINGS}


def _text(value: Any) -> str:
    """Return a cell as text, also one that a spreadsheet program turned into a number or a date."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _yes_no(value: bool) -> str:
    return "是" if value else "否"


def _joined(parts: Iterable[str]) -> str:
    return SEPARATOR.join(sorted(set(parts))) or "无"
