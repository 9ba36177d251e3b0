"""The second, different scheme passes with no code change (P2)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from subsidy.rules.eligibility import Claim, CompetitionClaim, Facts, SkillClaim, SocialWorkClaim, assess
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import Channel, CompetitionRound, Ground, SkillLevel, SocialWorkGrade

L, G, R = SkillLevel, SocialWorkGrade, CompetitionRound
FILED = datetime.fromisoformat("2025-06-18T10:00:00+08:00")
INSIDE = date(2025, 1, 15)
TEAM_CUP = "2024年职工技协杯职业技能竞赛"
SIXTH = "北京市第六届职业技能大赛"


@pytest.mark.req("P2")
@pytest.mark.parametrize(
    ("claim", "amount", "expected"),
    [
        (SkillClaim(L.ONE, INSIDE, trade="任何工种"), 3000, []),
        (SkillClaim(L.TWO, INSIDE), 1500, []),
        (SkillClaim(L.THREE, INSIDE, trade="电工"), 900, []),
        (SkillClaim(L.THREE, INSIDE, trade=" 汽车(拖拉机)装配工"), 900, []),
        (SkillClaim(L.THREE, INSIDE), 900, []),
        (SkillClaim(L.THREE, INSIDE, trade="厨师"), 0, ["TRADE_NOT_COVERED"]),
        (SkillClaim(L.FOUR, INSIDE, trade="电工"), 0, ["LEVEL_NOT_COVERED"]),
        (SkillClaim(L.TWO, date(2024, 6, 30)), 0, ["ISSUED_BEFORE_WINDOW"]),
        (SkillClaim(L.TWO, date(2024, 7, 1)), 1500, []),
        (SkillClaim(L.TWO, date(2025, 6, 30)), 1500, []),
        (SkillClaim(L.TWO, date(2025, 7, 1)), 0, ["ISSUED_AFTER_WINDOW"]),
        (SkillClaim(L.TWO, INSIDE, "11B202500001"), 1500, []),
        (SkillClaim(L.TWO, INSIDE, "11C202500001"), 0, ["NUMBER_LEVEL_MISMATCH"]),
        (SkillClaim(L.TWO, INSIDE, "11B202400001"), 1500, ["NUMBER_YEAR_MISMATCH"]),
        (SkillClaim(L.TWO, INSIDE, "S000011000123252000456"), 1500, ["NUMBER_UNKNOWN_LAYOUT"]),
        (SocialWorkClaim(G.SENIOR, INSIDE, full_time_union_staff=True), 1800, []),
        (SocialWorkClaim(G.SOCIAL_WORKER, INSIDE, full_time_union_staff=True), 1200, []),
        (
            SocialWorkClaim(G.SENIOR, INSIDE, full_time_union_staff=False),
            0,
            ["APPLICANT_CLASS_NOT_COVERED"],
        ),
        (SocialWorkClaim(G.ASSISTANT, INSIDE, full_time_union_staff=True), 0, ["GRADE_NOT_COVERED"]),
        (CompetitionClaim(1, team=False, competition=SIXTH), 3000, []),
        (CompetitionClaim(3, team=False, competition=SIXTH), 3000, []),
        (CompetitionClaim(4, team=False, competition=SIXTH), 1500, []),
        (CompetitionClaim(4, team=False, trade="砌筑工"), 1500, []),
        (CompetitionClaim(4, team=False, trade="电工"), 0, ["TRADE_NOT_COVERED"]),
        (CompetitionClaim(11, team=False, competition=SIXTH), 0, ["RANK_NOT_COVERED"]),
        (CompetitionClaim(1, team=True, competition=SIXTH), 0, ["TEAM_EVENT"]),
        (CompetitionClaim(1, team=False, round=R.SEMI_FINAL, competition=TEAM_CUP), 700, []),
        (CompetitionClaim(5, team=False, round=R.SEMI_FINAL, competition=TEAM_CUP), 700, []),
        (CompetitionClaim(5, team=False, round=R.SEMI_FINAL), 700, []),
        (CompetitionClaim(6, team=False, round=R.SEMI_FINAL), 0, ["RANK_NOT_COVERED"]),
        (
            CompetitionClaim(1, team=False, round=R.SEMI_FINAL, competition=SIXTH),
            0,
            ["ROUND_NOT_COVERED"],
        ),
        (
            CompetitionClaim(1, team=False, competition="2023年北京市职工职业技能大赛"),
            0,
            ["COMPETITION_NOT_COVERED"],
        ),
    ],
)
def test_other_scheme_is_judged_by_its_own_values(
    other: Scheme, claim: Claim, amount: int, expected: list[str]
) -> None:
    found = assess(claim, Facts(), other, FILED)
    assert (found.amount, [code.value for code in found.codes]) == (amount, expected)


@pytest.mark.req("P2", "E8")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2025-03-01T08:59:59+08:00", ["FILED_BEFORE_OPENING"]),
        ("2025-03-01T09:00:00+08:00", []),
        ("2025-09-30T17:59:59+08:00", []),
        ("2025-09-30T18:00:00+08:00", ["FILED_AFTER_CLOSING"]),
    ],
)
def test_other_scheme_has_its_own_filing_window(other: Scheme, at: str, expected: list[str]) -> None:
    found = assess(SkillClaim(L.ONE, INSIDE), Facts(), other, datetime.fromisoformat(at))
    assert [code.value for code in found.codes] == expected
    assert all(reason.clause == "五（四）" for reason in found.reasons)


@pytest.mark.req("P2", "E9")
def test_other_scheme_cites_its_own_clauses(other: Scheme) -> None:
    (reason,) = assess(SocialWorkClaim(G.ASSISTANT, INSIDE), Facts(), other, FILED).reasons
    assert reason.clause == "二（三）"
    (team,) = assess(CompetitionClaim(1, team=True), Facts(), other, FILED).reasons
    assert team.clause == "二（二）"


@pytest.mark.req("P2")
@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (SkillClaim(L.THREE, INSIDE), "资助工种名单"),
        (SocialWorkClaim(G.SENIOR, INSIDE), "专职工会社会工作者"),
    ],
)
def test_untold_limits_are_named_as_still_to_be_verified(other: Scheme, claim: Claim, sentence: str) -> None:
    messages = [statement.message for statement in assess(claim, Facts(), other, FILED).to_verify]
    assert any(sentence in message for message in messages)


@pytest.mark.req("P1", "P2")
def test_other_scheme_has_its_own_doors_and_attachments(other: Scheme, scheme: Scheme) -> None:
    assert other.doors(Ground.SOCIAL_WORK) == (Channel.MEMBER, Channel.PAPER)
    assert scheme.doors(Ground.SOCIAL_WORK) == (Channel.PAPER,)
    assert other.is_door_open(Ground.SKILL, Channel.HOTLINE) is False
    assert scheme.is_door_open(Ground.SKILL, Channel.HOTLINE) is True
