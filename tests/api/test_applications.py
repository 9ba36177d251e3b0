"""Filing by a member over HTTP: owner, stranger and visitor at every door (F1, F5, E7, E8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from subsidy import clock
from subsidy.accounts.services import load_districts
from subsidy.audit.models import AuditRow
from subsidy.schemes.models import Scheme
from tests import make
from tests.api.conftest import Caller, fields, filed, is_problem, new_application, new_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]


@pytest.mark.req("F1")
def test_a_draft_is_kept_and_answered(owner: Caller) -> None:
    response = owner.post("applications/", new_application(employer="北京样例公交公司"))
    made = response.json()
    assert response.status_code == 201
    assert (made["status"], made["payment"], made["version"]) == ("draft", "none", 1)
    assert made["number"].startswith("ZT2024-")
    assert made["employer"] == "北京样例公交公司"
    assert made["certificate"]["level"] == 2
    assert made["certificate"]["year"] == 2023
    assert made["consent"]["version"] == "2024-01"
    assert owner.get(f"applications/{made['id']}/").json() == made


@pytest.mark.req("F1")
def test_every_field_of_annex_2_is_kept(owner: Caller) -> None:
    optional = {
        "training_body": "北京样例职业培训学校",
        "training_address": "北京市样例区样例路 1 号",
        "training_hours": "120",
        "training_fee": "3000 元",
        "assessment_address": "北京市样例区样例路 2 号",
        "assessment_method": "统考",
        "assessment_fee": "600 元",
    }
    made = owner.post("applications/", new_application(certificate=new_certificate(**optional))).json()
    assert optional.items() <= made["certificate"].items()


@pytest.mark.req("F1")
def test_a_printed_name_is_linked_to_the_catalogue(owner: Caller, catalogues: None) -> None:
    (trade,) = owner.client.get("/api/v1/trades/", {"q": "汽车（拖拉机）装配工"}).json()
    certificate = new_certificate(trade="汽车(拖拉机)装配工", trade_id=trade["id"])
    made = owner.post("applications/", new_application(certificate=certificate)).json()
    assert made["certificate"]["trade"] == "汽车(拖拉机)装配工"
    assert made["certificate"]["trade_id"] == trade["id"]
    assert made["certificate"]["awarding_body_id"] is not None


@pytest.mark.parametrize("key", ["trade_id", "awarding_body_id"])
@pytest.mark.parametrize("value", [999_999, 1])
def test_a_catalogue_id_of_another_name_is_refused(
    owner: Caller, catalogues: None, key: str, value: int
) -> None:
    certificate = new_certificate(trade="甲工", awarding_body="乙机构", **{key: value})
    response = owner.post("applications/", new_application(certificate=certificate))
    assert is_problem(response, 400)
    assert fields(response) == [f"certificate.{key}"]


@pytest.mark.req("F5")
def test_a_draft_is_changed_in_part(owner: Caller) -> None:
    made = owner.post("applications/", new_application()).json()
    patch = {"version": 1, "certificate": {"training_fee": "100 元"}, "employer": "新单位"}
    changed = owner.send("PATCH", f"applications/{made['id']}/", patch).json()
    assert changed["version"] == 2
    assert changed["employer"] == "新单位"
    assert changed["certificate"] == made["certificate"] | {"training_fee": "100 元"}


@pytest.mark.req("F5")
def test_a_stale_version_is_a_conflict(owner: Caller) -> None:
    made = owner.post("applications/", new_application()).json()
    path = f"applications/{made['id']}/"
    owner.send("PATCH", path, {"version": 1, "employer": "甲"})
    response = owner.send("PATCH", path, {"version": 1, "employer": "乙"})
    assert is_problem(response, 409)
    assert owner.get(path).json()["employer"] == "甲"


@pytest.mark.req("F5", "E9")
def test_submitting_files_the_application_for_review(owner: Caller) -> None:
    answer = filed(owner)
    assert (answer["status"], answer["award"], answer["amount"]) == ("submitted", 1000, None)
    assert answer["first_filed_at"] == "2024-06-18T10:00:00+08:00"
    assert answer["review_due_at"] == "2024-07-18T10:00:00+08:00"
    assert "审核" in answer["standing"]


@pytest.mark.req("F5")
def test_the_consent_may_come_with_the_submission(owner: Caller) -> None:
    made = owner.post("applications/", new_application()).json()
    body = {"version": 1, "consent": {"version": "2024-01"}}
    assert owner.post(f"applications/{made['id']}/submit/", body).json()["status"] == "submitted"


@pytest.mark.req("E9", "E2")
def test_a_blocking_reason_refuses_the_submission_by_its_field(owner: Caller) -> None:
    certificate = new_certificate(issued_on="2022-05-01")
    made = owner.post("applications/", new_application(certificate=certificate)).json()
    response = owner.post(f"applications/{made['id']}/submit/", {"version": 1})
    assert is_problem(response, 422)
    assert response.json()["errors"][0] | {"message": ""} == {
        "field": "certificate.issued_on",
        "code": "ISSUED_BEFORE_WINDOW",
        "message": "",
    }


@pytest.mark.req("E8")
def test_submitting_after_closing_is_refused(owner: Caller, plan: Scheme) -> None:
    made = owner.post("applications/", new_application()).json()
    with clock.at(plan.closes_at):
        response = owner.post(f"applications/{made['id']}/submit/", {"version": 1})
    assert is_problem(response, 422)
    assert response.json()["code"] == "FILED_AFTER_CLOSING"


@pytest.mark.req("E8")
def test_the_last_moment_before_closing_counts(owner: Caller, plan: Scheme) -> None:
    made = owner.post("applications/", new_application()).json()
    with clock.at(plan.closes_at - timedelta(microseconds=1)):
        response = owner.post(f"applications/{made['id']}/submit/", {"version": 1})
    assert response.json()["status"] == "submitted"


@pytest.mark.req("E7")
def test_a_second_application_of_the_year_is_refused(owner: Caller) -> None:
    filed(owner)
    second = owner.post("applications/", new_application(2)).json()
    response = owner.post(f"applications/{second['id']}/submit/", {"version": 1})
    assert response.status_code in {409, 422}
    assert response.json()["code"] == "ALREADY_APPLIED"


@pytest.mark.req("E7", "F5")
def test_a_withdrawn_application_makes_room_for_another(owner: Caller) -> None:
    first = filed(owner)
    body = {"version": first["version"], "note": "换一本证书"}
    withdrawn = owner.post(f"applications/{first['id']}/withdraw/", body).json()
    second = owner.post("applications/", new_application(2)).json()
    answer = owner.post(f"applications/{second['id']}/submit/", {"version": 1}).json()
    assert (withdrawn["status"], answer["status"]) == ("withdrawn", "submitted")


@pytest.mark.parametrize(
    ("step", "body"),
    [("submit", {}), ("resubmit", {}), ("card", {"card_number": make.card_number(3)})],
)
@pytest.mark.req("F5", "D4")
def test_a_step_that_does_not_fit_the_state_is_a_conflict(
    owner: Caller, step: str, body: dict[str, str]
) -> None:
    answer = filed(owner)
    response = owner.post(f"applications/{answer['id']}/{step}/", {"version": answer["version"]} | body)
    assert is_problem(response, 409)


@pytest.mark.req("F5")
def test_a_filed_application_is_not_changed(owner: Caller) -> None:
    answer = filed(owner)
    patch = {"version": answer["version"], "employer": "新单位"}
    assert is_problem(owner.send("PATCH", f"applications/{answer['id']}/", patch), 409)


@pytest.mark.req("F5")
def test_the_timeline_tells_every_step_and_names_nobody(owner: Caller) -> None:
    answer = filed(owner)
    response = owner.get(f"applications/{answer['id']}/timeline/")
    steps = response.json()
    assert [(step["action"], step["status"], step["by"]) for step in steps] == [
        ("draft", "draft", "会员本人"),
        ("submit", "submitted", "会员本人"),
    ]
    assert steps[1]["title"] == "提交申报"
    assert steps[1]["deadline"] == answer["review_due_at"]
    assert "王建国" not in response.content.decode()


def test_the_list_takes_as_many_queries_for_ten_as_for_one(
    owner: Caller, django_assert_max_num_queries: Any
) -> None:
    for n in range(10):
        owner.post("applications/", new_application(n))
    with django_assert_max_num_queries(3):
        assert len(owner.get("applications/").json()) == 10


@pytest.mark.req("A2")
def test_no_answer_holds_a_full_card_or_identity_number(owner: Caller) -> None:
    answer = filed(owner)
    paths = [
        "me/",
        "applications/",
        f"applications/{answer['id']}/",
        f"applications/{answer['id']}/timeline/",
    ]
    member = owner.member
    assert member is not None
    for path in paths:
        text = owner.get(path).content.decode()
        assert make.card_number(1) not in text
        assert str(member.resident_id) not in text
        assert str(member.mobile) not in text
    assert answer["card_number"] == f"{make.card_number(1)[:4]} **** **** {make.card_number(1)[-4:]}"


@pytest.mark.parametrize(
    ("ground", "certificate", "open_door"),
    [
        (
            "social_work",
            {
                "grade": "senior",
                "registration_number": "2023110001",
                "approved_on": "2023-10-15",
                "issuing_authority": "北京市人力资源和社会保障局",
            },
            "纸质材料",
        ),
        (
            "competition",
            {"competition": "2023 年北京市职工职业技能大赛", "trade": "电工", "rank": 1, "team": False},
            "大赛名册",
        ),
    ],
)
@pytest.mark.req("P2")
def test_a_ground_without_this_door_names_the_open_one(
    owner: Caller, ground: str, certificate: dict[str, Any], open_door: str
) -> None:
    response = owner.post("applications/", new_application(ground=ground, certificate=certificate))
    assert is_problem(response, 422)
    assert response.json()["code"] == "DOOR_CLOSED"
    assert fields(response) == ["ground"]
    assert open_door in response.json()["detail"]


@pytest.mark.req("A5")
def test_a_district_is_taken_by_code_or_by_name(owner: Caller) -> None:
    load_districts()
    by_code = owner.post("applications/", new_application(1, district="110102")).json()
    by_name = owner.post("applications/", new_application(2, district="西城区")).json()
    assert (by_code["district"], by_name["district"]) == ("110102", "110102")


@pytest.mark.req("A3")
def test_submitting_and_withdrawing_are_audited(owner: Caller) -> None:
    answer = filed(owner)
    owner.post(f"applications/{answer['id']}/withdraw/", {"version": answer["version"]})
    actions = set(AuditRow.objects.values_list("action", flat=True))
    assert {"application.submit", "application.withdraw"} <= actions
