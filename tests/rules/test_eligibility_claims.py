"""What is funded and with how much: every clause of 二 and 三 and its edges (2024)."""

from __future__ import annotations

from datetime import date

import pytest

from subsidy.rules.eligibility import (
    CompetitionClaim,
    Facts,
    SkillClaim,
    SocialWorkClaim,
    assess,
)
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import SkillLevel, SocialWorkGrade
from tests.rules.claims import (
    FILED,
    INSIDE,
    G,
    L,
    R,
    codes,
)


@pytest.mark.req("E2", "E5")
@pytest.mark.parametrize(
    ("level", "amount", "clause", "expected"),
    [
        (L.ONE, 2000, "三（一）", []),
        (L.TWO, 1000, "三（一）", []),
        (L.THREE, 800, "三（一）", []),
        (L.FOUR, 0, None, ["LEVEL_NOT_COVERED"]),
        (L.FIVE, 0, None, ["LEVEL_NOT_COVERED"]),
        (L.SPECIAL, 0, None, ["LEVEL_NOT_COVERED"]),
        (L.CHIEF, 0, None, ["LEVEL_NOT_COVERED"]),
    ],
)
def test_skill_levels_pay_as_the_plan_says(
    scheme: Scheme, level: SkillLevel, amount: int, clause: str | None, expected: list[str]
) -> None:
    found = assess(SkillClaim(level, INSIDE), Facts(), scheme, FILED)
    assert found.amount == found.award == amount
    assert [code.value for code in found.codes] == expected
    assert found.eligible is (not expected)
    assert (found.award_row.clause if found.award_row else None) == clause


@pytest.mark.req("E2")
@pytest.mark.parametrize("level", [L.SPECIAL, L.CHIEF, L.FOUR, L.FIVE])
def test_level_without_award_is_named_in_the_reason(scheme: Scheme, level: SkillLevel) -> None:
    (reason,) = assess(SkillClaim(level, INSIDE), Facts(), scheme, FILED).reasons
    assert reason.clause == "二（一）"
    assert reason.message == f"{level.label}不在资助范围，本年度只资助一级、二级、三级。"


WINDOW = [
    (date(1, 1, 1), ["ISSUED_BEFORE_WINDOW"]),
    (date(1949, 10, 1), ["ISSUED_BEFORE_WINDOW"]),
    (date(2022, 12, 31), ["ISSUED_BEFORE_WINDOW"]),
    (date(2023, 1, 1), []),
    (date(2023, 2, 28), []),
    (date(2023, 12, 31), []),
    (date(2024, 1, 1), ["ISSUED_AFTER_WINDOW"]),
    (date(2024, 2, 29), ["ISSUED_AFTER_WINDOW"]),
    (date(9999, 12, 31), ["ISSUED_AFTER_WINDOW"]),
]


@pytest.mark.req("E2", "E6")
@pytest.mark.parametrize(("day", "expected"), WINDOW)
def test_skill_certificate_counts_by_its_date_with_both_ends(
    scheme: Scheme, day: date, expected: list[str]
) -> None:
    found = assess(SkillClaim(L.TWO, day), Facts(), scheme, FILED)
    assert [code.value for code in found.codes] == expected
    assert found.amount == (0 if expected else 1000)
    assert found.award == 1000
    assert all(reason.clauses == ("二（一）", "五（二）") for reason in found.reasons)


@pytest.mark.req("E3")
@pytest.mark.parametrize(("day", "expected"), WINDOW)
def test_social_workers_count_by_the_date_of_approval(scheme: Scheme, day: date, expected: list[str]) -> None:
    found = assess(SocialWorkClaim(G.SENIOR, day), Facts(), scheme, FILED)
    assert [code.value for code in found.codes] == expected
    assert all(reason.clause == "二（二）" for reason in found.reasons)


@pytest.mark.req("E6")
@pytest.mark.parametrize(
    ("printed", "first", "expected"),
    [
        (date(2024, 3, 1), date(2023, 12, 31), []),
        (date(2023, 3, 1), date(2022, 12, 31), ["ISSUED_BEFORE_WINDOW"]),
        (date(2023, 3, 1), date(2024, 1, 1), ["ISSUED_AFTER_WINDOW"]),
        (date(2023, 3, 1), date(2023, 1, 1), []),
        (date(2023, 3, 1), None, []),
        (date(2024, 3, 1), None, ["ISSUED_AFTER_WINDOW"]),
    ],
)
def test_reissued_certificate_keeps_its_first_date(
    scheme: Scheme, printed: date, first: date | None, expected: list[str]
) -> None:
    assert codes(SkillClaim(L.ONE, printed), scheme, Facts(first_issued_on=first)) == expected


@pytest.mark.req("E3", "E5")
@pytest.mark.parametrize(
    ("grade", "amount", "expected"),
    [(G.SENIOR, 2000, []), (G.SOCIAL_WORKER, 1000, []), (G.ASSISTANT, 0, ["GRADE_NOT_COVERED"])],
)
def test_social_workers_are_paid_like_levels_one_and_two(
    scheme: Scheme, grade: SocialWorkGrade, amount: int, expected: list[str]
) -> None:
    found = assess(SocialWorkClaim(grade, INSIDE), Facts(), scheme, FILED)
    assert (found.amount, [code.value for code in found.codes]) == (amount, expected)


@pytest.mark.req("E3")
@pytest.mark.parametrize(
    ("authority", "expected"),
    [
        (None, []),
        ("", []),
        ("北京市人力资源和社会保障局", []),
        (" 北京市 人力资源和社会保障局　", []),
        ("北京市人力社保局", []),
        ("天津市人力资源和社会保障局", ["ISSUING_AUTHORITY_NOT_BEIJING"]),
        ("人力资源和社会保障部", ["ISSUING_AUTHORITY_NOT_BEIJING"]),
    ],
)
def test_certificate_of_another_authority_is_flagged(
    scheme: Scheme, authority: str | None, expected: list[str]
) -> None:
    claim = SocialWorkClaim(G.SENIOR, INSIDE, issuing_authority=authority)
    found = assess(claim, Facts(), scheme, FILED)
    assert [code.value for code in found.codes] == expected
    assert found.amount == 2000


@pytest.mark.req("P2", "E3")
@pytest.mark.parametrize("full_time", [None, True, False])
def test_any_social_worker_counts_in_2024(scheme: Scheme, full_time: bool | None) -> None:
    claim = SocialWorkClaim(G.SENIOR, INSIDE, full_time_union_staff=full_time)
    assert codes(claim, scheme) == []


@pytest.mark.req("E4", "E5")
@pytest.mark.parametrize(
    ("rank", "amount"),
    [(1, 2000), (2, 1000), (3, 1000), (9, 1000), (10, 1000), (11, 0), (12, 0), (9999, 0), (10**12, 0)],
)
def test_ranks_one_to_ten_of_the_final_are_paid(scheme: Scheme, rank: int, amount: int) -> None:
    found = assess(CompetitionClaim(rank, team=False), Facts(), scheme, FILED)
    assert found.amount == amount
    assert [code.value for code in found.codes] == ([] if amount else ["RANK_NOT_COVERED"])


@pytest.mark.req("E4")
@pytest.mark.parametrize(
    ("claim", "expected", "award"),
    [
        (CompetitionClaim(1, team=True), ["TEAM_EVENT"], 2000),
        (CompetitionClaim(11, team=True), ["RANK_NOT_COVERED", "TEAM_EVENT"], 0),
        (CompetitionClaim(1, team=False, round=R.SEMI_FINAL), ["ROUND_NOT_COVERED"], 0),
        (
            CompetitionClaim(11, team=True, round=R.SEMI_FINAL, competition="别的大赛"),
            ["TEAM_EVENT", "COMPETITION_NOT_COVERED", "ROUND_NOT_COVERED"],
            0,
        ),
        (CompetitionClaim(5, team=False, competition="别的大赛"), ["COMPETITION_NOT_COVERED"], 1000),
        (CompetitionClaim(5, team=False, trade="任何工种"), [], 1000),
    ],
)
def test_only_the_individual_final_of_the_competition_counts(
    scheme: Scheme, claim: CompetitionClaim, expected: list[str], award: int
) -> None:
    found = assess(claim, Facts(), scheme, FILED)
    assert [code.value for code in found.codes] == expected
    assert found.award == award
    assert all(reason.clause == "二（三）" for reason in found.reasons)


@pytest.mark.req("E4")
@pytest.mark.parametrize(
    ("name", "is_covered"),
    [
        ("2023 年北京市职工职业技能大赛", True),
        ("2023年北京市职工职业技能大赛", True),
        ("2023北京市职工职业技能大赛", True),
        ("２０２３年北京市职工职业技能大赛", True),
        ("2023　年 北京市 职工 职业技能大赛 ", True),
        ("2023\u00a0年北京市职工职业技能大赛", True),
        ("2023\u200b年北京市职工职业技能大赛", True),
        ("北京市2023年职工职业技能大赛", True),
        ("2023年度北京市职工职业技能大赛", True),
        ("2022年北京市职工职业技能大赛", False),
        ("2024年北京市职工职业技能大赛", False),
        ("北京市职工职业技能大赛", False),
        ("2023年北京市职业技能大赛", False),
        ("2023年天津市职工职业技能大赛", False),
        ("12023年北京市职工职业技能大赛", False),
        ("", True),
    ],
)
def test_competition_names_are_compared_folded(scheme: Scheme, name: str, is_covered: bool) -> None:
    expected = [] if is_covered else ["COMPETITION_NOT_COVERED"]
    assert codes(CompetitionClaim(1, team=False, competition=name), scheme) == expected


@pytest.mark.req("E4")
def test_tied_rank_is_told_and_still_paid(scheme: Scheme) -> None:
    found = assess(CompetitionClaim(10, team=False), Facts(rank_tied=True), scheme, FILED)
    assert [code.value for code in found.codes] == ["RANK_TIED"]
    assert (found.eligible, found.amount) == (True, 1000)
