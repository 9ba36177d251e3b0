"""Who sees the desk: the right role, the own office; members, visitors and other staff do not (A1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from applications.models import Application
from applications.services.objections import object_to
from subsidy import clock
from subsidy.accounts.roles import Role
from tests import make
from tests.pages.browser import photo, signed_in, text_of, title
from tests.pages.desk import at_desk, typed_filing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
FILING = {Role.HOTLINE, Role.STATION}
FILERS = FILING | {Role.INTAKE}
OPEN_TO = {
    "": FILERS | {Role.ADMINISTRATOR, Role.REVIEW_LEAD},
    "file/": FILING,
    "take-over/": {Role.STATION},
    "look-up/": FILERS,
    "confirm/": FILERS,
    "intake/": {Role.INTAKE},
    "intake/online/": {Role.INTAKE},
    "roster/": {Role.INTAKE, Role.ADMINISTRATOR},
    "objections/": {Role.INTAKE, Role.REVIEW_LEAD},
    "cases/": FILERS,
}
CASE_PAGES = ["", "edit/", "check/"]


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", list(OPEN_TO))
def test_a_page_opens_for_its_roles_and_for_no_other(path: str, role: Role) -> None:
    operator = make.operator(role) if role in FILERS else make.staff(role)
    answer = at_desk(operator).get(f"/desk/{path}")
    assert answer.status_code == (200 if role in OPEN_TO[path] else 403)


@pytest.mark.req("A1")
@pytest.mark.parametrize("path", list(OPEN_TO))
def test_visitors_and_members_are_sent_to_the_staff_sign_in(path: str) -> None:
    for client in (Client(), signed_in(make.member())):
        answer = client.get(f"/desk/{path}")
        assert answer["Location"] == f"/staff/login/?{urlencode({'next': f'/desk/{path}'})}"


@pytest.mark.req("A1")
@pytest.mark.parametrize("path", CASE_PAGES)
def test_a_case_of_another_office_does_not_exist(path: str) -> None:
    case = make.assisted()
    own = at_desk(make.operator("station")).get(f"/desk/cases/{case.public_id}/{path}")
    other = at_desk(make.operator("station", "ST-200")).get(f"/desk/cases/{case.public_id}/{path}")
    assert own.status_code in {200, 302}
    assert other.status_code == 404


@pytest.mark.req("A1")
def test_a_dossier_is_the_intakes_and_does_not_exist_for_a_case_of_another_door() -> None:
    paper, counter = make.paper().application, make.assisted()
    client = at_desk(make.operator("intake"))
    assert client.get(f"/desk/cases/{paper.public_id}/dossier/").status_code == 302
    assert client.get(f"/desk/cases/{counter.public_id}/dossier/").status_code == 404
    assert at_desk(make.operator("station")).get(f"/desk/cases/{paper.public_id}/dossier/").status_code == 403


@pytest.mark.req("A2")
def test_a_scan_is_shown_to_the_own_office_only() -> None:
    operator = make.operator("station")
    client = at_desk(operator)
    client.post("/desk/file/", typed_filing(931) | {"picture": photo()})
    draft = Application.objects.get()
    address = f"/desk/cases/{draft.public_id}/attachments/{draft.attachments.get().public_id}/"
    shown = client.get(address)
    assert shown["Content-Type"] == "image/jpeg"
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
    assert at_desk(make.operator("station", "ST-200")).get(address).status_code == 404
    assert at_desk(make.staff("reviewer")).get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.req("A1")
def test_the_list_names_the_offices_own_cases_only() -> None:
    make.assisted(make.person(941, name="赵一凡"))
    make.assisted(make.person(942, name="钱二喜"), operator_=make.operator("station", "ST-200"))
    page = text_of(at_desk(make.operator("station")).get("/desk/cases/"))
    assert "赵一凡" in page
    assert "钱二喜" not in page


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("?q=赵一凡", True),
        ("?q=王五", False),
        ("?state=submitted", True),
        ("?state=draft", False),
        ("?state=nonsense", True),
        ("?before=0", False),
        ("?before=x", True),
        ("?before=99999999999999999999", True),
    ],
)
def test_the_list_is_narrowed_by_state_name_and_place(query: str, is_there: bool) -> None:
    case = make.assisted(make.person(941, name="赵一凡"))
    page = text_of(at_desk(make.operator("station")).get(f"/desk/cases/{query}"))
    assert (case.number in page) is is_there


def test_the_list_asks_the_database_no_more_for_more_cases(django_assert_max_num_queries: Any) -> None:
    for n in range(951, 957):
        make.assisted(make.person(n))
    client = at_desk(make.operator("station"))
    with django_assert_max_num_queries(22):
        assert client.get("/desk/cases/").status_code == 200


@pytest.mark.req("A2")
def test_no_page_of_the_desk_shows_a_number_in_full() -> None:
    case = make.assisted(make.person(961))
    client = at_desk(make.operator("station"))
    for path in ("/desk/", "/desk/cases/", f"/desk/cases/{case.public_id}/"):
        page = text_of(client.get(path))
        for number in (make.resident_id(961), make.card_number(961), make.mobile(961)):
            assert number not in page


@pytest.mark.req("F2")
def test_the_intake_settles_an_objection_and_the_case_is_withdrawn() -> None:
    case = make.assisted()
    with clock.at(make.DAY):
        raised = object_to(case, member=case.member, text="我没有去过服务站")
    client = at_desk(make.operator("intake"))
    assert case.number in text_of(client.get("/desk/objections/"))
    path = f"/desk/objections/{raised.pk}/"
    assert "处理结果" in text_of(client.post(path, {"outcome": "withdraw", "settlement": ""}))
    client.post(path, {"outcome": "withdraw", "settlement": "经核实本人没有同意"})
    case.refresh_from_db()
    assert case.status == "withdrawn"
    assert client.get(path).status_code == 404


@pytest.mark.req("F4")
def test_the_roster_page_prepares_reports_conflicts_and_is_safe_to_repeat() -> None:
    row = make.result(971)
    make.result(972, rank=11, name="孙第十")
    make.submitted(make.member(971, name=row.name))
    client = at_desk(make.operator("intake"))
    assert row.edition in text_of(client.get("/desk/roster/"))
    page = text_of(client.post("/desk/roster/", {"edition": row.edition}))
    assert "须由本人选择改报或不领取" in page
    assert "名次在资助范围以外 <b>1</b> 行" in page
    client.post("/desk/roster/", {"edition": row.edition})
    assert Application.objects.filter(channel="roster").count() == 1
    assert "要本人选择" in text_of(client.get("/desk/roster/"))


@pytest.mark.parametrize("edition", ["", "某届大赛", "x" * 300])
def test_a_roster_that_is_none_is_refused_with_a_sentence(edition: str) -> None:
    answer = at_desk(make.operator("intake")).post("/desk/roster/", {"edition": edition})
    assert title(answer) == "大赛名册"
    assert "不在本年度方案的大赛里" in text_of(answer)
    assert Application.objects.count() == 0
