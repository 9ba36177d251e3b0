"""Certificate numbers within an assessment: only the level blocks (附件 2)."""

from __future__ import annotations

from datetime import date

import pytest

from subsidy.rules.eligibility import (
    Facts,
    SkillClaim,
    assess,
)
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import SkillLevel
from tests.rules.claims import (
    FILED,
    GOOD_NUMBER,
    INSIDE,
    L,
    codes,
)


@pytest.mark.req("E10")
@pytest.mark.parametrize(
    ("number", "level", "day", "expected"),
    [
        (GOOD_NUMBER, L.TWO, INSIDE, []),
        ("s0000 1100 0123 2320 0045 6", L.TWO, INSIDE, []),
        ("Ｓ００００－１１－０００１２３２３２０００４５６", L.TWO, INSIDE, []),
        ("", L.TWO, INSIDE, []),
        (" - ", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
        ("Y000011000123233000456", L.THREE, INSIDE, []),
        ("J000011000123231000456", L.ONE, INSIDE, []),
        ("S000011000123233000456", L.TWO, INSIDE, ["NUMBER_LEVEL_MISMATCH"]),
        ("S000011000123237000456", L.TWO, INSIDE, ["NUMBER_LEVEL_MISMATCH"]),
        ("S00001100012323T000456", L.ONE, INSIDE, ["NUMBER_LEVEL_MISMATCH"]),
        ("S00001100012323T000456", L.SPECIAL, INSIDE, ["LEVEL_NOT_COVERED"]),
        ("S000011000123234000456", L.FOUR, INSIDE, ["LEVEL_NOT_COVERED"]),
        ("S000011000123222000456", L.TWO, INSIDE, ["NUMBER_YEAR_MISMATCH"]),
        ("S000012000123232000456", L.TWO, INSIDE, ["NUMBER_OTHER_PROVINCE"]),
        ("S000111000123232000456", L.TWO, INSIDE, ["NUMBER_FILED_WITH_MINISTRY"]),
        (
            "Y000144000123223000456",
            L.TWO,
            INSIDE,
            [
                "NUMBER_LEVEL_MISMATCH",
                "NUMBER_YEAR_MISMATCH",
                "NUMBER_OTHER_PROVINCE",
                "NUMBER_FILED_WITH_MINISTRY",
            ],
        ),
        ("2311000000200456", L.TWO, INSIDE, []),
        ("2311001234200456", L.THREE, INSIDE, ["NUMBER_LEVEL_MISMATCH"]),
        ("2211001234200456", L.TWO, INSIDE, ["NUMBER_YEAR_MISMATCH"]),
        ("2333001234200456", L.TWO, INSIDE, ["NUMBER_OTHER_PROVINCE"]),
        ("S00001100012323200045", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
        ("S0000110001232320004567", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
        ("0000011000123232000456", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
        ("S0000110O0123232000456", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
        ("京000011000123232000456", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
        ("S٠٠٠٠11000123232000456", L.TWO, INSIDE, ["NUMBER_UNKNOWN_LAYOUT"]),
    ],
)
def test_certificate_number_is_judged_part_by_part(
    scheme: Scheme, number: str, level: SkillLevel, day: date, expected: list[str]
) -> None:
    found = assess(SkillClaim(level, day, number), Facts(), scheme, FILED)
    assert [code.value for code in found.codes] == expected
    named = [reason for reason in found.reasons if reason.code.startswith("NUMBER_")]
    assert all(reason.clause == "附件 2" for reason in named)


@pytest.mark.req("E10", "E9")
def test_level_mismatch_says_which_position_says_what(scheme: Scheme) -> None:
    claim = SkillClaim(L.TWO, INSIDE, "S000011000123233000456")
    (reason,) = assess(claim, Facts(), scheme, FILED).reasons
    assert reason.message == (
        "编号第 16 位是 3，表示三级（高级工）；您选的是二级（技师）。请对照证书改编号或等级。"
    )


@pytest.mark.req("E10")
def test_letter_o_in_a_number_is_pointed_out_not_changed(scheme: Scheme) -> None:
    claim = SkillClaim(L.TWO, INSIDE, "S0000110O0123232000456")
    (reason,) = assess(claim, Facts(), scheme, FILED).reasons
    assert "第 9 位是字母，可能应是数字 0 或 1。" in reason.message


@pytest.mark.req("E6", "E10")
def test_number_of_a_reissued_certificate_is_compared_with_the_first_date(scheme: Scheme) -> None:
    claim = SkillClaim(L.TWO, date(2024, 5, 6), GOOD_NUMBER)
    assert codes(claim, scheme, Facts(first_issued_on=INSIDE)) == []
    assert codes(claim, scheme) == ["ISSUED_AFTER_WINDOW", "NUMBER_YEAR_MISMATCH"]
