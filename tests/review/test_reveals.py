"""One number in full: by whom, why, how often, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from review.services.reveals import HOURLY, Shown, reveal
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import PROVED_AT
from subsidy.accounts.roles import sync_roles
from subsidy.audit.models import AuditRow
from subsidy.errors import Forbidden, RuleRefused, TooManyRequests
from tests import make
from tests.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.req("A2")]
WHY = "compare"


def browser(user: StaffUser, *, proved_before: timedelta | None = timedelta(0)) -> Client:
    """Return a browser in which the user signed in and last proved themselves so long ago."""
    client = Client()
    client.force_login(user)
    if proved_before is not None:
        session = client.session
        session[PROVED_AT] = (clock.real_now() - proved_before).timestamp()
        session.save()
    return client


def address(case: Application) -> str:
    return reverse("admin:review_queueitem_reveal", args=[case.pk])


def ask(case: Application, client: Client, **fields: str) -> Any:
    with clock.at(make.DAY):
        return client.post(address(case), {"field": "resident_id", "why": WHY} | fields)


def numbers(case: Application) -> dict[str, str]:
    person = case.member
    return {
        "resident_id": person.resident_id or "",
        "card_number": case.card_number or "",
        "mobile": person.mobile or "",
    }


def plain(page: Any) -> str:
    return page.content.decode().replace(" ", "")


@pytest.fixture
def reviewer() -> StaffUser:
    return make.staff("reviewer")


@pytest.mark.parametrize("field", [shown.value for shown in Shown])
def test_one_number_is_shown_and_the_others_stay_masked(reviewer: StaffUser, field: str) -> None:
    case = make.submitted()
    page = plain(ask(case, browser(reviewer), field=field))
    found = {name for name, number in numbers(case).items() if number in page}
    assert found == {field}


@pytest.mark.req("A3")
def test_the_audit_says_who_saw_which_number_of_whom_and_why(reviewer: StaffUser) -> None:
    case = make.submitted()
    ask(case, browser(reviewer), why="other", words="会员来电，核对身份")
    row = AuditRow.objects.get(action="member.reveal")
    assert (row.actor_id, row.target, row.ip) == (reviewer.pk, f"member:{case.member_id}", "127.0.0.1")
    assert row.data == {
        "member": case.member_id,
        "application": case.number,
        "field": "resident_id",
        "reason": "会员来电，核对身份",
        "roles": ["reviewer"],
    }


def test_a_number_written_into_the_reason_is_masked(reviewer: StaffUser) -> None:
    case = make.submitted()
    ask(case, browser(reviewer), why="other", words=f"核对 {case.member.resident_id}")
    assert (case.member.resident_id or "") not in AuditRow.objects.get(action="member.reveal").data["reason"]


def test_nothing_is_shown_without_its_audit_row(reviewer: StaffUser, monkeypatch: pytest.MonkeyPatch) -> None:
    case, client = make.submitted(), browser(reviewer)
    client.raise_request_exception = False

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the audit log is full")

    monkeypatch.setattr("review.services.reveals.record", broken)
    answer = ask(case, client)
    assert answer.status_code == 500
    assert (case.member.resident_id or "") not in plain(answer)


def test_the_number_is_kept_by_nobody_and_no_address_leads_back(reviewer: StaffUser) -> None:
    case, client = make.submitted(), browser(reviewer)
    answer = ask(case, client)
    assert "no-store" in answer.headers["Cache-Control"]
    again = client.get(f"{address(case)}?field=resident_id&why={WHY}")
    assert again.status_code == 200
    assert (case.member.resident_id or "") not in plain(again)
    assert AuditRow.objects.filter(action="member.reveal").count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"why": ""}, "请选择为什么要看完整号码"),
        ({"why": "other", "words": "看看"}, "请用至少4个字写明"),
        ({"why": "other", "words": "字" * 201}, "理由最多200个字"),
        ({"field": ""}, "请选择要看哪一个号码"),
        ({"field": "name_key"}, "请选择要看哪一个号码"),
    ],
)
def test_without_a_field_and_a_reason_nothing_is_shown(
    reviewer: StaffUser, fields: dict[str, str], sentence: str
) -> None:
    case = make.submitted()
    answer = ask(case, browser(reviewer), **fields)
    assert answer.status_code == 422
    assert sentence in plain(answer)
    assert (case.member.resident_id or "") not in plain(answer)
    assert not AuditRow.objects.filter(action="member.reveal").exists()


@pytest.mark.req("A4")
def test_an_old_proof_is_asked_for_again_and_the_same_click_goes_on(reviewer: StaffUser) -> None:
    case = make.submitted()
    client = browser(reviewer, proved_before=timedelta(minutes=11))
    question = ask(case, client)
    assert question.status_code == 403
    assert (case.member.resident_id or "") not in plain(question)
    assert not AuditRow.objects.filter(action="member.reveal").exists()
    answer = ask(case, client, proof_password=make.PASSWORD)
    assert (case.member.resident_id or "") in plain(answer)


@pytest.mark.req("A1")
@pytest.mark.parametrize(
    "role", ["hotline", "station", "intake", "finance_maker", "finance_checker", "administrator", "auditor"]
)
def test_nobody_but_reviewers_and_leads_sees_a_number_in_full(role: str) -> None:
    case, client = make.submitted(), browser(make.staff(role))
    assert client.get(address(case)).status_code == 403
    assert ask(case, client).status_code == 403


@pytest.mark.req("A1")
def test_rank_alone_shows_no_number() -> None:
    case = make.submitted()
    chief = StaffUser.objects.create_superuser("chief", password=make.PASSWORD)
    assert ask(case, browser(chief)).status_code == 403
    with pytest.raises(Forbidden):
        reveal(case, field="mobile", why=WHY, reviewer=chief)


def test_a_visitor_is_sent_to_the_sign_in(reviewer: StaffUser) -> None:
    case = make.submitted()
    assert "login" in Client().post(address(case)).headers["Location"]
    with_checks = Client(enforce_csrf_checks=True)
    with_checks.force_login(reviewer)
    assert with_checks.post(address(case), {"field": "mobile", "why": WHY}).status_code == 403


def test_the_case_page_leads_to_it_for_those_who_may(reviewer: StaffUser) -> None:
    case = make.submitted()
    link = f"{address(case)}?field=resident_id"
    page = reverse("admin:review_queueitem_change", args=[case.pk])
    with clock.at(make.DAY):
        assert link in browser(reviewer).get(page).content.decode()
        assert link not in browser(make.staff("auditor")).get(page).content.decode()


def test_past_the_hourly_number_it_is_refused_and_the_lead_is_told(reviewer: StaffUser) -> None:
    case, lead = make.submitted(), make.staff("review_lead")
    for _ in range(HOURLY):
        reveal(case, field="mobile", why=WHY, reviewer=reviewer)
    with pytest.raises(TooManyRequests, match="审核组长已收到提示"):
        reveal(case, field="mobile", why=WHY, reviewer=reviewer)
    assert reveal(case, field="mobile", why=WHY, reviewer=lead) == case.member.mobile
    assert "查看号码超限" in browser(lead).get("/admin/").content.decode()
    assert "查看号码超限" not in browser(reviewer).get("/admin/").content.decode()
    refused = AuditRow.objects.get(action="member.reveal_refused")
    assert refused.actor_id == reviewer.pk


def test_the_limit_answers_429_with_a_sentence(reviewer: StaffUser) -> None:
    case = make.submitted()
    for _ in range(HOURLY):
        reveal(case, field="mobile", why=WHY, reviewer=reviewer)
    answer = ask(case, browser(reviewer))
    assert answer.status_code == 429
    assert "一小时" in plain(answer)


def test_a_number_that_is_not_on_record_is_said_so(reviewer: StaffUser) -> None:
    case = make.submitted()
    case.member.mobile = None
    with pytest.raises(RuleRefused, match="没有登记这位会员的手机号"):
        reveal(case, field="mobile", why=WHY, reviewer=reviewer)


@pytest.mark.django_db(transaction=True)
def test_the_hourly_number_holds_when_many_windows_ask_at_once() -> None:
    sync_roles()
    case, reviewer = make.submitted(), make.staff("reviewer")

    def look(_: int) -> str:
        mine = StaffUser.objects.get(pk=reviewer.pk)
        return reveal(Application.objects.get(pk=case.pk), field="mobile", why=WHY, reviewer=mine)

    results = [result for _ in range(4) for result in race(look, times=8)]
    assert [isinstance(result, str) for result in results].count(True) == HOURLY
    assert sum(isinstance(result, TooManyRequests) for result in results) == 32 - HOURLY
    assert AuditRow.objects.filter(action="member.reveal").count() == HOURLY
