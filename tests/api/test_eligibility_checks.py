"""What would I get: every clause and every edge over HTTP (E2–E5, E8, E9, F6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from subsidy.schemes.models import Scheme
from tests import make
from tests.api.conftest import Caller, is_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "catalogues", "june")]
FIRST_MOMENT = "2024-01-01T00:00:00+08:00"
LAST_MOMENT = "2024-10-31T23:59:59.999999+08:00"
TOO_LATE = "2024-11-01T00:00:00+08:00"


def skill(**changes: Any) -> dict[str, Any]:
    """Return an eligible skill claim."""
    return {"ground": "skill", "level": 2, "issued_on": "2023-09-12"} | changes


def social(**changes: Any) -> dict[str, Any]:
    """Return an eligible social worker's claim."""
    return {"ground": "social_work", "grade": "senior", "approved_on": "2023-10-15"} | changes


def contest(**changes: Any) -> dict[str, Any]:
    """Return an eligible winner's claim."""
    return {"ground": "competition", "rank": 1, "team": False} | changes


def check(anybody: Caller, claim: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Ask, and see that the answer keeps its promises whatever it says."""
    response = anybody.post("eligibility-checks/", {"scheme": 2024, "claim": claim} | more)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    assert set(answer) == {"eligible", "amount", "reasons"}
    blocking = [reason for reason in answer["reasons"] if reason["severity"] == "blocking"]
    assert answer["eligible"] is (not blocking)
    assert answer["eligible"] or answer["amount"] == 0
    for reason in answer["reasons"]:
        assert set(reason) == {"code", "severity", "clause", "message"}
        assert reason["clause"]
        assert reason["message"].endswith("。")
    return answer


@pytest.mark.parametrize(
    ("claim", "amount"),
    [
        pytest.param(skill(level=1), 2000, id="三（一）一级"),
        pytest.param(skill(level=2), 1000, id="三（一）二级"),
        pytest.param(skill(level=3), 800, id="三（一）三级"),
        pytest.param(skill(issued_on="2023-01-01"), 1000, id="二（一）首日"),
        pytest.param(skill(issued_on="2023-12-31"), 1000, id="二（一）末日（含）"),
        pytest.param(social(grade="senior"), 2000, id="三（二）高级社会工作师"),
        pytest.param(social(grade="social_worker"), 1000, id="三（二）社会工作师"),
        pytest.param(social(approved_on="2023-01-01"), 2000, id="二（二）首日"),
        pytest.param(social(approved_on="2023-12-31"), 2000, id="二（二）末日（含）"),
        pytest.param(social(full_time_union_staff=False), 2000, id="二（二）2024 不限身份"),
        pytest.param(contest(rank=1), 2000, id="三（三）第一名"),
        pytest.param(contest(rank=2), 1000, id="三（三）第二名"),
        pytest.param(contest(rank=10), 1000, id="三（三）第十名"),
        pytest.param(contest(round="final"), 2000, id="二（三）决赛"),
        pytest.param(
            contest(competition="２０２３年北京市职工职业技能大赛"), 2000, id="二（三）赛事名称按折叠后比较"
        ),
    ],
)
@pytest.mark.req("E2", "E3", "E4", "E5", "F6")
def test_an_eligible_claim_is_answered_with_its_award(
    anybody: Caller, claim: dict[str, Any], amount: int
) -> None:
    answer = check(anybody, claim)
    assert (answer["eligible"], answer["amount"]) == (True, amount)


@pytest.mark.parametrize(
    ("claim", "code", "clause"),
    [
        (skill(issued_on="2022-12-31"), "ISSUED_BEFORE_WINDOW", "二（一）"),
        (skill(issued_on="2024-01-01"), "ISSUED_AFTER_WINDOW", "二（一）"),
        (skill(issued_on="0001-01-01"), "ISSUED_BEFORE_WINDOW", "二（一）"),
        (skill(issued_on="9999-12-31"), "ISSUED_AFTER_WINDOW", "二（一）"),
        (skill(level=4), "LEVEL_NOT_COVERED", "二（一）"),
        (skill(level=5), "LEVEL_NOT_COVERED", "二（一）"),
        (skill(level="special"), "LEVEL_NOT_COVERED", "二（一）"),
        (skill(level="chief"), "LEVEL_NOT_COVERED", "二（一）"),
        (
            skill(level=3, certificate_number="S000011000123232000001"),
            "NUMBER_LEVEL_MISMATCH",
            "附件 2",
        ),
        (social(grade="assistant"), "GRADE_NOT_COVERED", "二（二）"),
        (social(approved_on="2022-12-31"), "ISSUED_BEFORE_WINDOW", "二（二）"),
        (social(approved_on="2024-01-01"), "ISSUED_AFTER_WINDOW", "二（二）"),
        (contest(rank=11), "RANK_NOT_COVERED", "二（三）"),
        (contest(rank=2147483647), "RANK_NOT_COVERED", "二（三）"),
        (contest(team=True), "TEAM_EVENT", "二（三）"),
        (contest(round="semi_final"), "ROUND_NOT_COVERED", "二（三）"),
        (contest(competition="2022 年北京市职工职业技能大赛"), "COMPETITION_NOT_COVERED", "二（三）"),
    ],
)
@pytest.mark.req("E2", "E3", "E4", "E9", "E10")
def test_what_stands_in_the_way_is_named_with_its_clause(
    anybody: Caller, claim: dict[str, Any], code: str, clause: str
) -> None:
    answer = check(anybody, claim)
    blocking = {r["code"]: r["clause"] for r in answer["reasons"] if r["severity"] == "blocking"}
    assert blocking == {code: clause}


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (skill(certificate_number="S000011000123222000001"), "NUMBER_YEAR_MISMATCH"),
        (skill(certificate_number="S000031000123232000001"), "NUMBER_OTHER_PROVINCE"),
        (skill(certificate_number="S123411000123232000001"), "NUMBER_FILED_WITH_MINISTRY"),
        (skill(certificate_number="12345"), "NUMBER_UNKNOWN_LAYOUT"),
        (skill(trade="不存在的工种"), "TRADE_NOT_LISTED"),
        (skill(awarding_body="不存在的机构"), "BODY_NOT_LISTED"),
        (social(issuing_authority="天津市人力资源和社会保障局"), "ISSUING_AUTHORITY_NOT_BEIJING"),
    ],
)
@pytest.mark.req("E9", "E10")
def test_an_oddity_is_flagged_and_stays_eligible(anybody: Caller, claim: dict[str, Any], code: str) -> None:
    answer = check(anybody, claim)
    assert [(r["code"], r["severity"]) for r in answer["reasons"]] == [(code, "flag")]
    assert answer["eligible"] is True


@pytest.mark.parametrize(
    "named",
    [
        {"trade": "汽车装调工"},
        {"trade": "汽车(拖拉机)装配工"},
        {"trade": "汽车整车装调工"},
        {"awarding_body": "北京市职业技能鉴定管理中心"},
        {"awarding_body": "北京市职鉴中心"},
        {"certificate_number": "s0000 1100-0123 23 2 000001"},
    ],
)
@pytest.mark.req("F1", "E10")
def test_a_listed_name_and_a_plain_number_give_no_reason(anybody: Caller, named: dict[str, str]) -> None:
    assert check(anybody, skill(**named))["reasons"] == []


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2023-12-31T23:59:59+08:00", ["FILED_BEFORE_OPENING"]),
        (FIRST_MOMENT, []),
        (LAST_MOMENT, []),
        (TOO_LATE, ["FILED_AFTER_CLOSING"]),
        ("2024-10-31T16:00:00Z", ["FILED_AFTER_CLOSING"]),
        ("2024-10-31T15:59:59Z", []),
        ("2024-10-31T11:59:59-04:00", []),
    ],
)
@pytest.mark.req("E8")
def test_the_window_is_judged_at_the_instant_given(anybody: Caller, at: str, codes: list[str]) -> None:
    answer = check(anybody, skill(), as_of=at)
    assert [reason["code"] for reason in answer["reasons"]] == codes
    assert all(reason["clause"] == "五（三）" for reason in answer["reasons"])


@pytest.mark.req("E9")
def test_everything_in_the_way_is_told_at_once(anybody: Caller) -> None:
    claim = skill(level=4, issued_on="2022-05-01", trade="不存在的工种")
    codes = {reason["code"] for reason in check(anybody, claim, as_of=TOO_LATE)["reasons"]}
    assert codes == {"LEVEL_NOT_COVERED", "ISSUED_BEFORE_WINDOW", "FILED_AFTER_CLOSING", "TRADE_NOT_LISTED"}


@pytest.mark.req("P2")
def test_another_scheme_is_judged_by_its_own_rows(anybody: Caller) -> None:
    mapping = Scheme.objects.get(year=2024).definition
    awards = [row | {"amount": row["amount"] + 1} for row in mapping["awards"]]
    make.scheme(year=2031, awards=awards)
    response = anybody.post("eligibility-checks/", {"scheme": 2031, "claim": skill()})
    assert response.json()["amount"] == 1001


@pytest.mark.parametrize("year", [2023, 1, 99999, 2147483647])
def test_an_unknown_scheme_is_a_404_problem(anybody: Caller, year: int) -> None:
    response = anybody.post("eligibility-checks/", {"scheme": year, "claim": skill()})
    assert is_problem(response, 404)
    assert response.json()["code"] == "UNKNOWN_SCHEME"


def test_a_scheme_not_yet_published_is_unknown(anybody: Caller) -> None:
    Scheme.objects.filter(year=2024).update(status=Scheme.Status.DRAFT)
    response = anybody.post("eligibility-checks/", {"scheme": 2024, "claim": skill()})
    assert is_problem(response, 404)


@pytest.mark.req("F6")
def test_asking_stores_nothing_and_starts_no_session(anybody: Caller) -> None:
    counted = {model: model._default_manager.count() for model in apps.get_models() if model._meta.managed}
    response = anybody.post("eligibility-checks/", {"scheme": 2024, "claim": skill(trade="电工")})
    after = {model: model._default_manager.count() for model in counted}
    assert response.status_code == 200
    assert after == counted
    assert not response.cookies


@pytest.mark.req("F6")
def test_asking_takes_few_queries(anybody: Caller, django_assert_max_num_queries: Any) -> None:
    claim = skill(trade="电工", awarding_body="北京市职业技能鉴定管理中心")
    with django_assert_max_num_queries(6):
        anybody.post("eligibility-checks/", {"scheme": 2024, "claim": claim})
