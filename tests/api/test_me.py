"""The member's own particulars: masked on the way out, complete in the export (A2, E11)."""

from __future__ import annotations

from typing import Any

import pytest

from subsidy.accounts.models import Member
from subsidy.accounts.services import find_or_create_member_for_filing, load_districts
from subsidy.audit.models import AuditRow
from tests import make
from tests.api.conftest import Caller, fields, is_problem, new_application
from tests.api.test_sign_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june")]
N = 8123
GONE = object()


def particulars(**changes: Any) -> dict[str, Any]:
    """Return complete particulars of an invented person."""
    return {
        "name": "赵春梅",
        "resident_id": make.resident_id(N),
        "mobile": make.mobile(N),
        "card_number": make.card_number(N),
    } | changes


@pytest.fixture
def newcomer(anybody: Caller) -> Caller:
    """Return somebody who has just signed in for the first time."""
    assert signed_in(anybody, make.mobile(N)).status_code == 200
    return anybody


@pytest.mark.req("A2", "E11")
def test_particulars_are_kept_and_answered_masked(newcomer: Caller) -> None:
    load_districts()
    body = particulars(employer="北京样例单位", position="技师", district="110102")
    answer = newcomer.send("PUT", "me/", body)
    assert answer.status_code == 200
    assert answer.json() == newcomer.get("me/").json()
    assert answer.json() == {
        "name": "赵春梅",
        "resident_id": f"{make.resident_id(N)[:6]}********{make.resident_id(N)[-4:]}",
        "mobile": f"{make.mobile(N)[:3]}****{make.mobile(N)[-4:]}",
        "card_number": f"{make.card_number(N)[:4]} **** **** {make.card_number(N)[-4:]}",
        "employer": "北京样例单位",
        "position": "技师",
        "district": "110102",
    }


@pytest.mark.parametrize("name", ["买买提·艾力", "㛃𬎆", "欧阳 Anna-Maria"])
@pytest.mark.req("E11")
def test_a_rare_name_survives(newcomer: Caller, name: str) -> None:
    assert newcomer.send("PUT", "me/", particulars(name=name)).json()["name"] == name


@pytest.mark.req("A2")
def test_the_identity_number_is_given_once(newcomer: Caller) -> None:
    newcomer.send("PUT", "me/", particulars())
    response = newcomer.send("PUT", "me/", particulars(resident_id=make.resident_id(N + 1)))
    assert is_problem(response, 422)
    assert fields(response) == ["resident_id"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "王"),
        ("name", "=王建国"),
        ("name", "王|国"),
        ("resident_id", "110102196001010010"),
        ("resident_id", "110102600101001"),
        ("resident_id", "11010220991301001X"),
        ("card_number", "1234"),
        ("card_number", "6214abcd00000000"),
        ("mobile", make.mobile(N + 1)),
        ("mobile", "12345"),
    ],
)
@pytest.mark.req("E11")
def test_a_value_against_a_rule_is_a_422_by_its_field(newcomer: Caller, name: str, value: str) -> None:
    response = newcomer.send("PUT", "me/", particulars(**{name: value}))
    assert is_problem(response, 422)
    assert fields(response) == [name]
    assert newcomer.get("me/").json()["name"] == ""


@pytest.mark.parametrize("name", ["name", "resident_id", "mobile", "card_number"])
@pytest.mark.parametrize("value", [None, True, 3, "", " ", [], {}, "a\u0000b", "字" * 300, GONE])
def test_a_malformed_value_is_a_400_by_its_field(newcomer: Caller, name: str, value: Any) -> None:
    body = {key: item for key, item in particulars(**{name: value}).items() if item is not GONE}
    response = newcomer.send("PUT", "me/", body)
    assert is_problem(response, 400)
    assert fields(response) == [name]


@pytest.mark.parametrize("name", ["employer", "position", "district", "trust", "id", "mobile_verified_at"])
def test_a_wrong_or_unknown_field_is_a_400_by_its_name(newcomer: Caller, name: str) -> None:
    response = newcomer.send("PUT", "me/", particulars(**{name: 7}))
    assert is_problem(response, 400)
    assert fields(response) == [name]


@pytest.mark.req("E7", "F2")
def test_somebody_filed_for_before_goes_on_as_that_record(newcomer: Caller) -> None:
    prepared = _prepared()
    assert newcomer.send("PUT", "me/", particulars()).status_code == 200
    assert newcomer.get("me/").json()["name"] == "赵春梅"
    assert Member.objects.unmerged().count() == 1
    assert Member.objects.unmerged().get().pk == prepared.pk


@pytest.mark.req("E7", "F2")
def test_the_app_gets_a_new_token_with_another_record() -> None:
    app = Caller()
    token = signed_in(app, make.mobile(N)).json()["token"]
    app.client.cookies.clear()
    _prepared()
    answer = app.send("PUT", "me/", particulars(), HTTP_AUTHORIZATION=f"Bearer {token}").json()
    assert app.get("me/", HTTP_AUTHORIZATION=f"Bearer {answer['token']}").json()["name"] == "赵春梅"
    assert is_problem(app.get("me/", HTTP_AUTHORIZATION=f"Bearer {token}"), 401)


@pytest.mark.parametrize(("method", "path"), [("GET", "me/"), ("PUT", "me/"), ("GET", "me/export/")])
def test_a_visitor_is_asked_to_sign_in(anybody: Caller, method: str, path: str) -> None:
    assert is_problem(anybody.send(method, path, particulars()), 401)


@pytest.mark.req("A2", "A3")
def test_the_export_is_complete_and_audited(owner: Caller, django_assert_max_num_queries: Any) -> None:
    made = owner.post("applications/", new_application()).json()
    with django_assert_max_num_queries(16):
        response = owner.get("me/export/")
    data = response.json()
    assert owner.member is not None
    assert data["member"]["resident_id"] == owner.member.resident_id
    assert data["applications"][0]["card_number"] == make.card_number(1)
    assert data["applications"][0]["number"] == made["number"]
    assert [step["action"] for step in data["applications"][0]["timeline"]] == ["draft"]
    assert [consent["version"] for consent in data["consents"]] == ["2024-01"]
    assert "attachment" in response["Content-Disposition"]
    row = AuditRow.objects.get(action="member.export")
    assert (row.realm, row.actor_id) == ("member", owner.member.pk)


@pytest.mark.req("A2")
def test_the_export_holds_nobody_elses_data(owner: Caller, stranger: Caller) -> None:
    stranger.post("applications/", new_application(7))
    text = owner.get("me/export/").content.decode()
    assert stranger.member is not None
    assert str(stranger.member.resident_id) not in text
    assert make.certificate_number(7) not in text


def _prepared() -> Member:
    """Return the record that a station made for the same person."""
    return find_or_create_member_for_filing(
        name="赵春梅",
        resident_id=make.resident_id(N),
        mobile=make.mobile(N),
        card_number=make.card_number(N),
        operator=make.staff("station"),
    )
