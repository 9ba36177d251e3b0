"""A person who lost the old number gets a new one at the desk, document in hand (F2, F5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from subsidy.accounts.models import Member, MobileChange
from subsidy.audit.models import AuditRow
from subsidy.notices.models import Notice
from tests import make
from tests.pages.browser import error_at, last_code, text_of, title
from tests.pages.desk import at_desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("F2", "F5")]
NEW = make.mobile(7_101)


@pytest.fixture
def person(plan: object) -> Member:
    """Return a member with all particulars."""
    return make.member(7_100)


def typed(**changes: str) -> dict[str, str]:
    """Return the clerk's form, filled in."""
    return {
        "name": "王建国",
        "resident_id": make.resident_id(7_100),
        "mobile": NEW,
        "reason": "原号码已停机，本人带身份证到站",
        "document_seen": "1",
    } | changes


def changed(client: Client) -> Any:
    client.post("/desk/phone/", typed())
    return client.post("/desk/phone/code/", {"code": last_code()}, follow=True)


@pytest.mark.parametrize("role", ["station", "intake"])
def test_the_clerk_types_the_code_that_the_person_reads_out(person: Member, role: str) -> None:
    response = changed(at_desk(make.staff(role)))
    person.refresh_from_db()
    assert person.mobile == NEW
    assert "已换成" in text_of(response)
    assert Notice.objects.get(template="mobile_changed").mobile == make.mobile(7_100)


@pytest.mark.req("A3")
def test_looking_and_changing_are_written_down(person: Member) -> None:
    clerk = make.staff("station")
    changed(at_desk(clerk))
    rows = AuditRow.objects.filter(realm="staff", actor_id=clerk.pk, target=f"member:{person.pk}")
    assert {"member.find", "member.change_mobile"} <= set(rows.values_list("action", flat=True))
    assert MobileChange.objects.get().reason == "原号码已停机，本人带身份证到站"


@pytest.mark.req("A2")
def test_the_code_page_shows_no_number_in_full(person: Member) -> None:
    client = at_desk(make.staff("station"))
    client.post("/desk/phone/", typed())
    text = text_of(client.get("/desk/phone/code/"))
    assert title(client.get("/desk/phone/code/")) == "请会员念验证码"
    assert not any(number in text for number in (NEW, make.mobile(7_100), make.resident_id(7_100), "王建国"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document_seen": ""}, "document_seen"),
        ({"reason": ""}, "reason"),
        ({"mobile": "12345"}, "mobile"),
        ({"resident_id": make.resident_id(7_102)}, "resident_id"),
        ({"name": "李秀英"}, "resident_id"),
        ({"resident_id": "110102196001010010"}, "resident_id"),
    ],
)
def test_what_is_missing_or_wrong_is_told_at_the_field(
    person: Member, changes: dict[str, str], field: str
) -> None:
    response = at_desk(make.staff("station")).post("/desk/phone/", typed(**changes))
    assert error_at(response, field)
    assert not Notice.objects.exists()


def test_a_wrong_name_and_a_wrong_number_answer_alike(person: Member) -> None:
    client = at_desk(make.staff("station"))
    sentences = {
        error_at(client.post("/desk/phone/", typed(**changes)), "resident_id")
        for changes in ({"resident_id": make.resident_id(7_102)}, {"name": "李秀英"})
    }
    assert len(sentences) == 1


def test_a_wrong_code_is_told_at_the_field(person: Member) -> None:
    client = at_desk(make.staff("station"))
    client.post("/desk/phone/", typed())
    response = client.post("/desk/phone/code/", {"code": f"{(int(last_code()) + 1) % 10**6:06d}"})
    assert "验证码不正确" in error_at(response, "code")


def test_the_code_of_one_clerk_is_worth_nothing_to_another(person: Member) -> None:
    at_desk(make.staff("station")).post("/desk/phone/", typed())
    code, other = last_code(), at_desk(make.staff("station"))
    response = other.post("/desk/phone/code/", {"code": code})
    assert (response.status_code, response["Location"]) == (302, "/desk/phone/")


@pytest.mark.req("A1")
@pytest.mark.parametrize("path", ["/desk/phone/", "/desk/phone/code/"])
@pytest.mark.parametrize("role", ["hotline", "reviewer", "finance_maker", "administrator", "auditor"])
def test_who_sees_nobody_in_person_is_refused(path: str, role: str) -> None:
    client = at_desk(make.staff(role))
    assert client.get(path).status_code == 403
    assert client.post(path, typed()).status_code == 403


@pytest.mark.req("A1")
def test_a_station_clerk_outside_a_station_is_refused(person: Member) -> None:
    office = make.office("HL-001", kind="hotline")
    response = at_desk(make.staff("station", office=office)).post("/desk/phone/", typed())
    assert response.status_code == 403
    assert not Notice.objects.exists()


def test_the_start_page_leads_there(person: Member) -> None:
    assert "/desk/phone/" in text_of(at_desk(make.staff("station")).get("/desk/"))
    assert "/desk/phone/" not in text_of(at_desk(make.staff("hotline")).get("/desk/"))
