"""Every clause of 二, 三 and 五 of the 2024 plan and its edges, as tables."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from subsidy.rules.eligibility import (
    Claim,
    CompetitionClaim,
    Facts,
    SkillClaim,
    SocialWorkClaim,
    assess,
    is_consistent,
)
from subsidy.rules.scheme import Scheme
from subsidy.rules.terms import CompetitionRound, SkillLevel, SocialWorkGrade

L, G, R = SkillLevel, SocialWorkGrade, CompetitionRound
FILED = datetime.fromisoformat("2024-06-18T10:00:00+08:00")
INSIDE = date(2023, 9, 12)
GOOD_NUMBER = "S000011000123232000456"
TECHNICIAN = SkillClaim(L.TWO, INSIDE)
SOCIAL_WORKER = SocialWorkClaim(G.SOCIAL_WORKER, INSIDE)
RUNNER_UP = CompetitionClaim(2, team=False)


def codes(claim: Claim, scheme: Scheme, facts: Facts | None = None, at: datetime | None = FILED) -> list[str]:
    """Return the codes that a claim earns."""
    return [code.value for code in assess(claim, facts or Facts(), scheme, at).codes]


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


@pytest.mark.req("E8", "P2")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("0001-01-01T00:00:00+08:00", ["FILED_BEFORE_OPENING"]),
        ("2023-12-31T23:59:59.999999+08:00", ["FILED_BEFORE_OPENING"]),
        ("2024-01-01T00:00:00+08:00", []),
        ("2023-12-31T16:00:00+00:00", []),
        ("2024-10-31T23:59:59.999999+08:00", []),
        ("2024-10-31T15:59:59+00:00", []),
        ("2024-11-01T00:00:00+08:00", ["FILED_AFTER_CLOSING"]),
        ("2024-10-31T16:00:00+00:00", ["FILED_AFTER_CLOSING"]),
        ("2024-10-31T12:00:00-04:00", ["FILED_AFTER_CLOSING"]),
        ("9999-12-31T23:59:59-12:00", ["FILED_AFTER_CLOSING"]),
    ],
)
@pytest.mark.parametrize("claim", [TECHNICIAN, SOCIAL_WORKER, RUNNER_UP])
def test_filing_window_is_half_open_on_every_ground(
    scheme: Scheme, claim: Claim, at: str, expected: list[str]
) -> None:
    found = assess(claim, Facts(), scheme, datetime.fromisoformat(at))
    assert [code.value for code in found.codes] == expected
    assert all(reason.clause == "五（三）" for reason in found.reasons)
    assert found.amount == (0 if expected else 1000)


@pytest.mark.req("E8")
def test_filing_window_is_not_judged_without_an_instant(scheme: Scheme) -> None:
    assert codes(TECHNICIAN, scheme, at=None) == []


@pytest.mark.req("E8")
def test_naive_filing_instant_is_refused(scheme: Scheme) -> None:
    with pytest.raises(ValueError, match="时区"):
        assess(TECHNICIAN, Facts(), scheme, datetime(2024, 6, 18))


@pytest.mark.req("E8")
def test_closing_sentence_names_the_last_day_not_the_next(scheme: Scheme) -> None:
    at = datetime.fromisoformat("2024-11-01T00:00:00+08:00")
    (reason,) = assess(TECHNICIAN, Facts(), scheme, at).reasons
    assert "2024 年 10 月 31 日 24:00" in reason.message


@pytest.mark.req("E10")
@pytest.mark.parametrize(
    ("number", "level", "day", "expected"),
    [
        (GOOD_NUMBER, L.TWO, INSIDE, []),
        ("s0000 1100 0123 2320 0045 6", L.TWO, INSIDE, []),
        ("Ｓ００００－１１－０００１２３２３２０００４５６", L.TWO, INSIDE, []),
        ("", L.TWO, INSIDE, []),
        (" - ", L.TWO, INSIDE, []),
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


FACTS = [
    ({"is_card_holder": False}, "NOT_A_CARD_HOLDER", "flag", "一"),
    ({"card_holder_matches": False}, "CARD_HOLDER_MISMATCH", "flag", "一"),
    ({"card_number_unusual": True}, "CARD_NUMBER_UNUSUAL", "flag", "四（三）"),
    ({"register_matches": False}, "REGISTER_MISMATCH", "flag", "二（一）"),
    ({"register_matches": True}, "REGISTER_MATCH", "info", "二（一）"),
    ({"trade_listed": False}, "TRADE_NOT_LISTED", "flag", "附件 2"),
    ({"body_listed": False}, "BODY_NOT_LISTED", "flag", "二（一）"),
    ({"certificate_used": True}, "CERTIFICATE_USED", "flag", "五（一）"),
    ({"already_applied": True}, "ALREADY_APPLIED", "blocking", "五（一）"),
    ({"already_paid": True}, "ALREADY_PAID", "blocking", "五（一）"),
]


@pytest.mark.req("E1", "E7", "E9")
@pytest.mark.parametrize(("facts", "code", "severity", "clause"), FACTS)
def test_each_fact_gives_its_reason(
    scheme: Scheme, facts: dict[str, bool], code: str, severity: str, clause: str
) -> None:
    found = assess(TECHNICIAN, Facts(**facts), scheme, FILED)
    (reason,) = found.reasons
    assert (reason.code.value, reason.severity.value, reason.clause) == (code, severity, clause)
    assert found.eligible is (severity != "blocking")
    assert (found.amount, found.award) == (1000 if found.eligible else 0, 1000)


@pytest.mark.req("E1", "E7")
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"is_card_holder": True, "card_holder_matches": True, "card_number_unusual": False},
        {"trade_listed": True, "body_listed": True},
        {"certificate_used": False, "already_applied": False, "already_paid": False},
        {"rank_tied": False},
    ],
)
def test_unknown_and_favourable_facts_give_no_reason(scheme: Scheme, facts: dict[str, bool]) -> None:
    assert codes(TECHNICIAN, scheme, Facts(**facts)) == []


@pytest.mark.req("E2")
@pytest.mark.parametrize("claim", [SOCIAL_WORKER, RUNNER_UP])
@pytest.mark.parametrize("fact", ["trade_listed", "body_listed"])
def test_catalogues_concern_skill_certificates_only(scheme: Scheme, claim: Claim, fact: str) -> None:
    assert codes(claim, scheme, Facts(**{fact: False})) == []


@pytest.mark.req("E9")
def test_mismatch_sentence_names_the_fields_that_differ(scheme: Scheme) -> None:
    facts = Facts(
        card_holder_matches=False,
        card_holder_differences=("姓名", "卡号"),
        register_matches=False,
        register_differences=("颁证日期",),
    )
    holder, register = assess(TECHNICIAN, facts, scheme, FILED).reasons
    assert "姓名、卡号" in holder.message
    assert "颁证日期" in register.message


@pytest.mark.req("E9")
def test_reasons_come_blocking_first_then_flags_then_info(scheme: Scheme) -> None:
    facts = Facts(register_matches=True, is_card_holder=False, already_paid=True, rank_tied=True)
    claim = CompetitionClaim(11, team=True)
    assert codes(claim, scheme, facts) == [
        "RANK_NOT_COVERED",
        "TEAM_EVENT",
        "ALREADY_PAID",
        "NOT_A_CARD_HOLDER",
        "REGISTER_MATCH",
        "RANK_TIED",
    ]


@pytest.mark.req("E9")
@pytest.mark.parametrize(
    ("claim", "clauses"),
    [
        (SkillClaim(L.TWO, INSIDE, GOOD_NUMBER), {"二（一）", "三（一）", "五（三）", "附件 2"}),
        (SocialWorkClaim(G.SENIOR, INSIDE), {"二（二）", "三（二）", "五（三）"}),
        (
            CompetitionClaim(1, team=False, competition="2023年北京市职工职业技能大赛"),
            {"二（三）", "三（三）"},
        ),
    ],
)
def test_eligible_answer_explains_itself_too(scheme: Scheme, claim: Claim, clauses: set[str]) -> None:
    found = assess(claim, Facts(), scheme, FILED)
    assert found.reasons == ()
    assert clauses <= {statement.clause for statement in found.checks}
    assert all(statement.message.endswith("。") for statement in found.checks)


@pytest.mark.req("E9")
def test_answer_without_facts_lists_what_is_still_to_be_verified(scheme: Scheme) -> None:
    clauses = [statement.clause for statement in assess(TECHNICIAN, Facts(), scheme, FILED).to_verify]
    assert clauses == ["一", "二（一）", "五（一）"]


@pytest.mark.req("E9")
def test_known_facts_move_from_to_verify_into_checks(scheme: Scheme) -> None:
    facts = Facts(is_card_holder=True, body_listed=True, already_applied=False, already_paid=False)
    found = assess(TECHNICIAN, facts, scheme, FILED)
    assert found.to_verify == ()
    assert {"一", "五（一）"} <= {statement.clause for statement in found.checks}


@pytest.mark.req("V4")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"register_matches": None}, False),
        ({"card_holder_matches": None}, False),
        ({"is_card_holder": None}, False),
        ({"certificate_used": True}, False),
        ({"already_paid": True}, False),
    ],
)
def test_consistent_needs_every_register_and_no_flag(
    scheme: Scheme, change: dict[str, bool | None], expected: bool
) -> None:
    known = {"is_card_holder": True, "card_holder_matches": True, "register_matches": True}
    facts = Facts(**(known | change))
    assert is_consistent(assess(TECHNICIAN, facts, scheme, FILED), facts) is expected
