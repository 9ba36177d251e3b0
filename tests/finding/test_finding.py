"""One search by any number: what each role finds, and where the number never stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from applications.models import Application
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.apps.finding.views import SESSION
from subsidy.audit.models import AuditRow
from subsidy.personal import carries_number
from tests import make
from tests.payouts.money import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.req("A8")]
FIND = "/admin/find/"


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def find(user: StaffUser | Client, term: str, **fields: str) -> Any:
    client = user if isinstance(user, Client) else signed_in(user)
    with clock.at(make.DAY):
        return client.post(FIND, {"term": term} | fields, follow=True)


def way_to(case: Application) -> str:
    return reverse("admin:review_queueitem_change", args=[case.pk])


@pytest.fixture
def auditor() -> StaffUser:
    return make.staff("auditor")


@pytest.fixture
def case() -> Application:
    return make.submitted()


@pytest.mark.req("D5")
def test_the_auditor_finds_the_money_by_each_of_its_numbers(auditor: StaffUser) -> None:
    batch = Desk.set_up().sent(1)
    line = batch.lines.get()
    for term in (batch.number, batch.number.lower(), line.line_ref, line.application.number):
        page = find(auditor, term).content.decode()
        found = {text for text in (batch.number, line.line_ref, line.application.number) if text in page}
        assert line.line_ref in found or batch.number in found, term
    page = find(auditor, line.application.number).content.decode()
    for address in ("payouts/payoutline", "review/decision", "audit/auditrow"):
        assert f"/admin/{address}/" in page


@pytest.mark.parametrize("number", ["resident_id", "mobile", "card_number"])
def test_the_auditor_finds_the_person_everywhere_by_any_of_their_numbers(
    auditor: StaffUser, case: Application, number: str
) -> None:
    make.card_holder(case.member, mobile=case.member.mobile)
    page = find(auditor, getattr(case.member, number) or "").content.decode()
    assert way_to(case) in page
    assert "会员档案" in page
    assert getattr(case.member, number) not in page


def test_one_hit_opens_at_once(case: Application) -> None:
    answer = find(make.staff("reviewer"), case.number)
    assert answer.redirect_chain == [(way_to(case), 302)]


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", ["finance_maker", "administrator"])
def test_who_may_not_open_applications_does_not_find_them(role: str, case: Application) -> None:
    for term in (case.number, case.member.resident_id or "", case.card_number or ""):
        answer = find(make.staff(role), term)
        assert answer.status_code == 404
        assert case.name not in answer.content.decode().partition("user-tools")[0]


@pytest.mark.req("A1")
def test_a_station_finds_its_own_cases_only(case: Application) -> None:
    own = make.assisted()
    assert own.filed_by is not None
    clerk = signed_in(own.filed_by)
    assert find(clerk, own.member.resident_id or "").status_code == 200
    assert find(clerk, case.member.resident_id or "").status_code == 404


@pytest.mark.req("A2")
def test_the_number_stands_in_no_address_no_session_and_no_audit_row(
    auditor: StaffUser, case: Application
) -> None:
    make.card_holder(case.member)
    client = signed_in(auditor)
    for number in (case.member.resident_id, case.member.mobile, case.card_number):
        assert number
        answer = find(client, number)
        assert answer.redirect_chain
        kept = json.dumps([row.get_decoded() for row in Session.objects.all()])
        trace = json.dumps(list(AuditRow.objects.filter(action="admin.find").values_list("data", flat=True)))
        for sink in (str(answer.redirect_chain), kept, trace, answer.content.decode()):
            assert number not in sink


@pytest.mark.req("A3")
def test_a_search_is_recorded_with_what_it_found(auditor: StaffUser, case: Application) -> None:
    find(auditor, case.member.mobile or "")
    row = AuditRow.objects.get(action="admin.find")
    assert row.data == {
        "term": f"尾号 {(case.member.mobile or '')[-4:]}",
        "found": {"application": 1, "member": 1},
    }


@pytest.mark.req("A2")
@pytest.mark.parametrize(
    "number",
    [
        "13800136620",
        "138 0013 6620",
        "+86-138-0013-6620",
        "１３８００１３６６２０",
        "11010219900101231X",
        "1101 0219 9001 0123 1x",
        "证件110102199001012316",
        "6214830100000231",
        "6214-8301-0000-0231",
    ],
)
def test_a_persons_number_is_known_in_any_dress(number: str) -> None:
    assert carries_number(number)


@pytest.mark.req("A2")
def test_no_list_takes_a_number_in_its_address(auditor: StaffUser) -> None:
    number, client = "6214-8301-0000-0231", signed_in(auditor)
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(address, {"q": number}).headers["Location"] == address
    assert "号码不能写在网址里" in client.get(address).content.decode()
    clerk = signed_in(make.operator("station"))
    answer = clerk.get("/desk/cases/", {"q": number}, follow=True)
    assert answer.redirect_chain == [("/desk/cases/", 302)]
    assert "按证件号码查" in answer.content.decode()
    assert number not in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "ZT2024-0000001-2",
        "ZT2024-B0001-000001-8",
        "S000011000123232000001",
        "王建国",
        "0231",
        "2024-06-18",
        "a" * 64,
    ],
)
def test_our_own_numbers_are_no_personal_ones(text: str) -> None:
    assert not carries_number(text)


@pytest.mark.req("A2")
def test_every_list_that_is_searched_by_numbers_sends_them_by_post(auditor: StaffUser) -> None:
    client = signed_in(auditor)
    posting = [model for model, one in admin.site._registry.items() if getattr(one, "finds_numbers", False)]
    assert len(posting) == 2
    for model in posting:
        page = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        form = page.content.decode().partition('id="changelist-search"')[2].partition("</form>")[0]
        assert 'method="post"' in form
        assert "csrfmiddlewaretoken" in form


def test_a_result_is_another_sessions_secret_and_goes_stale(auditor: StaffUser, case: Application) -> None:
    client = signed_in(auditor)
    address = find(client, case.member.mobile or "").redirect_chain[-1][0]
    assert case.number in client.get(address).content.decode()
    stranger = signed_in(make.staff("auditor")).get(address, follow=True)
    assert "已过期" in stranger.content.decode()
    session = client.session
    (token,) = session[SESSION]
    session[SESSION] = {token: session[SESSION][token] | {"at": 0}}
    session.save()
    assert client.get(address).headers["Location"] == FIND


def test_only_the_last_searches_are_remembered(auditor: StaffUser, case: Application) -> None:
    client = signed_in(auditor)
    for _ in range(8):
        find(client, case.member.mobile or "")
    assert len(client.session[SESSION]) == 5


@pytest.mark.parametrize(
    ("term", "status"), [("", 422), ("x" * 101, 422), ("\0", 422), ("12345678901234567890", 404)]
)
def test_what_cannot_be_searched_is_said_so(auditor: StaffUser, term: str, status: int) -> None:
    answer = find(auditor, term)
    assert answer.status_code == status
    assert 'class="field field-error"' in answer.content.decode()


@pytest.mark.req("A1")
def test_the_search_is_for_staff_who_may_open_something() -> None:
    assert "login" in Client().post(FIND, {"term": "x"}).headers["Location"]
    nobody = StaffUser.objects.create_user("nobody", password=make.PASSWORD, is_staff=True)
    assert signed_in(nobody).get(FIND).status_code == 403
    checked = Client(enforce_csrf_checks=True)
    checked.force_login(make.staff("auditor"))
    assert checked.post(FIND, {"term": "x"}).status_code == 403


def test_the_dashboard_leads_to_it(auditor: StaffUser) -> None:
    assert f'href="{FIND}"' in signed_in(auditor).get("/admin/").content.decode()


def test_a_search_asks_a_bounded_number_of_questions(
    auditor: StaffUser, case: Application, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(auditor)
    with django_assert_max_num_queries(60):
        find(client, case.member.resident_id or "")
