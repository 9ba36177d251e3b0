"""Asking for a correction on the member's page, and deciding it in the admin (A2)."""

from __future__ import annotations

import pytest
from django.test import Client

from subsidy.accounts.models import Member, MemberCorrection, MobileChange
from subsidy.accounts.services import change_mobile, object_to_change, request_mobile_code
from tests import make
from tests.accounts.people import last_code
from tests.accounts.people import signed_in as proved
from tests.pages.browser import error_at, signed_in, text_of, title
from tests.pages.desk import at_desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("A2")]
RIGHT = make.resident_id(9_101)
ASKED = {"field": "resident_id", "value": RIGHT, "reason": "填报时打错了"}


def asked(person: Member, **changes: str) -> MemberCorrection:
    signed_in(person).post("/me/corrections/", ASKED | changes)
    return MemberCorrection.objects.get()


def address(correction: MemberCorrection, what: str) -> str:
    return f"/admin/accounts/membercorrection/{correction.pk}/{what}/"


def test_a_member_asks_and_sees_that_it_waits() -> None:
    client = signed_in(make.member())
    response = client.post("/me/corrections/", ASKED, follow=True)
    assert "更正申请已收到" in text_of(response)
    assert "待办理" in text_of(response)
    assert RIGHT not in text_of(response)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"field": ""}, "field"), ({"value": "12"}, "value"), ({"reason": ""}, "reason")],
)
def test_what_is_missing_or_wrong_is_told_at_the_field(changes: dict[str, str], field: str) -> None:
    response = signed_in(make.member()).post("/me/corrections/", ASKED | changes)
    assert error_at(response, field)
    assert not MemberCorrection.objects.exists()


def test_who_gave_no_number_yet_is_led_back() -> None:
    response = signed_in(proved()).get("/me/corrections/")
    assert (response.status_code, response["Location"]) == (302, "/me/")


def test_a_visitor_is_asked_to_sign_in() -> None:
    assert Client().get("/me/corrections/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("role", ["administrator", "intake"])
def test_a_clerk_compares_the_document_and_grants(role: str) -> None:
    person = make.member()
    correction, client = asked(person), at_desk(make.staff(role))
    assert RIGHT not in text_of(client.get(address(correction, "change")))
    form = {"outcome": "grant", "note": "已核对身份证", "on_document": RIGHT}
    response = client.post(address(correction, "decide"), form, follow=True)
    person.refresh_from_db()
    assert person.resident_id == RIGHT
    assert "已办结" in text_of(response)
    assert "已核对身份证" in text_of(signed_in(person).get("/me/corrections/"))


def test_a_clerk_refuses_with_a_note() -> None:
    person = make.member()
    before, correction = person.resident_id, asked(person)
    client = at_desk(make.staff("intake"))
    client.post(address(correction, "decide"), {"outcome": "refuse", "note": "证件上不是这个号码"})
    person.refresh_from_db()
    correction.refresh_from_db()
    assert (person.resident_id, correction.outcome) == (before, "refused")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"outcome": "grant", "note": "已核对", "on_document": make.resident_id(9_102)}, "on_document"),
        ({"outcome": "grant", "note": "已核对", "on_document": ""}, "on_document"),
        ({"outcome": "refuse", "note": ""}, "note"),
    ],
)
def test_a_decision_that_will_not_do_is_told_at_the_field(form: dict[str, str], field: str) -> None:
    correction = asked(make.member())
    response = at_desk(make.staff("intake")).post(address(correction, "decide"), form)
    assert response.status_code == 422
    assert error_at(response, field)


def test_the_list_masks_the_number() -> None:
    asked(make.member())
    text = text_of(at_desk(make.staff("intake")).get("/admin/accounts/membercorrection/"))
    assert RIGHT not in text
    assert f"{RIGHT[:6]}********{RIGHT[-4:]}" in text


@pytest.mark.req("A1")
def test_an_auditor_reads_and_decides_nothing() -> None:
    correction, client = asked(make.member()), at_desk(make.staff("auditor"))
    page = client.get(address(correction, "change"))
    assert (page.status_code, "办结" in text_of(page)) == (200, False)
    assert client.post(address(correction, "decide"), {"outcome": "refuse", "note": "x"}).status_code == 403


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", ["station", "hotline", "reviewer", "review_lead", "finance_checker"])
def test_other_roles_see_no_request(role: str) -> None:
    correction, client = asked(make.member()), at_desk(make.staff(role))
    assert client.get("/admin/accounts/membercorrection/").status_code == 403
    assert client.get(address(correction, "change")).status_code == 403
    assert client.post(address(correction, "decide"), {"note": "x"}).status_code == 403


@pytest.mark.parametrize("pk", ["0", "999999", "x", "9" * 30])
def test_a_request_that_is_not_there_is_not_there(pk: str) -> None:
    client = at_desk(make.staff("administrator"))
    assert client.get(f"/admin/accounts/membercorrection/{pk}/change/").status_code == 404


def contested() -> MobileChange:
    person, new = make.member(9_110), make.mobile(9_111)
    request_mobile_code(person, new, nonce="n", ip="")
    change_mobile(person, new, last_code(), nonce="n", ip="")
    holder = proved(make.mobile(9_110), nonce="old")
    change = MobileChange.objects.get()
    return object_to_change(change.pk, by=holder, text="我没有换过号码")


@pytest.mark.req("F5")
def test_an_objection_to_a_new_number_is_settled_in_the_admin() -> None:
    change, client = contested(), at_desk(make.staff("administrator"))
    path = f"/admin/accounts/mobilechange/{change.pk}/"
    page = client.get(f"{path}change/")
    assert "我没有换过号码" in text_of(page)
    assert title(page).startswith("手机号更换")
    client.post(f"{path}decide/", {"outcome": "grant", "note": "核实不是本人换的"})
    change.refresh_from_db()
    assert (change.is_reverted, change.member.mobile) == (True, make.mobile(9_110))


@pytest.mark.req("F5")
def test_the_list_of_changes_shows_what_waits() -> None:
    contested()
    text = text_of(at_desk(make.staff("intake")).get("/admin/accounts/mobilechange/"))
    assert "有异议待处理" in text
