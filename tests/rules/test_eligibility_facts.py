"""Filing window, card, registers, one grant, and how an answer explains itself (一, 五)."""

from __future__ import annotations

from datetime import datetime

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
from tests.rules.claims import (
    FILED,
    GOOD_NUMBER,
    INSIDE,
    RUNNER_UP,
    SOCIAL_WORKER,
    TECHNICIAN,
    G,
    L,
    codes,
)


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
