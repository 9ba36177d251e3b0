"""How what was filed compares with what a register says: the same, near, different, or not compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Final

from subsidy.rules.folding import fold_competition, fold_name
from subsidy.rules.terms import Term

NEAR: Final = 0.6


class Match(Term):
    """The result of one comparison."""

    SAME = "same", "一致"
    NEAR = "near", "相近"
    DIFF = "diff", "不同"
    NONE = "none", "未比对"


@dataclass(frozen=True, slots=True)
class Row:
    """One field beside its register entry; numbers are masked before they come here."""

    field: str
    label: str
    claimed: str
    recorded: str
    match: Match
    word: str = ""
    code: bool = False


def by_name(field: str, label: str, claimed: str, recorded: str | None) -> Row:
    """Compare names of people, trades, bodies and events; folded alike they are the same."""
    if not recorded or not claimed:
        return Row(field, label, claimed, recorded or "", Match.NONE)
    left, right = fold_competition(claimed), fold_competition(recorded)
    if left == right:
        return Row(field, label, claimed, recorded, Match.SAME)
    ratio = SequenceMatcher(None, left, right, autojunk=False).ratio()
    return Row(field, label, claimed, recorded, Match.NEAR if ratio >= NEAR else Match.DIFF)


def by_value(field: str, label: str, claimed: str, recorded: str | None, *, code: bool = False) -> Row:
    """Compare numbers, levels and dates: they are the same or they are not."""
    if not recorded or not claimed:
        return Row(field, label, claimed, recorded or "", Match.NONE, code=code)
    match = Match.SAME if fold_name(claimed) == fold_name(recorded) else Match.DIFF
    return Row(field, label, claimed, recorded, match, code=code)


def by_digest(
    field: str, label: str, claimed: str, recorded: str | None, *, is_same: bool, word: str = ""
) -> Row:
    """Show two masked numbers whose digests were compared."""
    if recorded is None:
        return Row(field, label, claimed, "", Match.NONE, code=True)
    match = Match.SAME if is_same else Match.DIFF
    return Row(field, label, claimed, recorded, match, word if is_same else "", code=True)


def day(value: date | None) -> str:
    """Write a date as certificates are compared."""
    return value.isoformat() if value else ""
