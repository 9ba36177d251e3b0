"""Who looked at whom: for leads and auditors, by person, by staff, by day, without any number in it."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from applications.api.exports import export_of
from applications.services.desks import find_for
from review import disclosures
from review.disclosures import Wanted
from review.services.reveals import reveal
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.audit.models import AuditRow
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.req("A2", "A8")]
LONG_NUMBER = re.compile(r"\d{11,}")


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: StaffUser, query: str = "") -> str:
    response = signed_in(user).get(reverse("admin:review_queueitem_disclosures") + query)
    assert response.status_code == 200
    return response.content.decode()


def month() -> Wanted:
    return Wanted(*disclosures.last_days())


@pytest.fixture
def auditor() -> StaffUser:
    return make.staff("auditor")


def test_the_report_counts_by_person_by_staff_and_by_day() -> None:
    one, other = make.submitted(make.member(name="李淑珍")), make.submitted()
    first, second = make.staff("reviewer"), make.staff("review_lead")
    for case, reviewer in ((one, first), (one, first), (one, second), (other, second)):
        reveal(case, field="mobile", why="call", reviewer=reviewer)
    wanted = month()
    assert [(tally.label, tally.count) for tally in disclosures.by_person(wanted)] == [
        ("李**", 3),
        ("王**", 1),
    ]
    assert sorted(tally.count for tally in disclosures.by_staff(wanted)) == [2, 2]
    today = clock.real_now().astimezone(clock.SHANGHAI).date().isoformat()
    assert [(tally.label, tally.count) for tally in disclosures.by_day(wanted)] == [(today, 4)]


@pytest.mark.req("F2")
def test_a_caller_looked_up_by_the_hotline_stands_in_the_report(auditor: StaffUser) -> None:
    case, clerk = make.submitted(), make.operator("hotline")
    find_for(case.number, case.member.resident_id or "", operator=clerk)
    assert "查找申报" in page(auditor, f"?number={case.number}")
    assert [tally.note for tally in disclosures.by_person(month())] == [f"会员 {case.member_id}"]


def test_the_page_names_who_saw_what_and_why(auditor: StaffUser) -> None:
    case, reviewer = make.submitted(), make.staff("reviewer")
    reveal(case, field="card_number", why="payment", reviewer=reviewer, ip="192.0.2.9")
    shown = page(auditor)
    for text in (
        reviewer.username,
        "互助服务卡号",
        "发放失败，核对收款卡号",
        case.number,
        "192.0.2.9",
        "审核员",
    ):
        assert text in shown


@pytest.mark.parametrize(
    "query", ["?staff=nobody", "?number=ZT2024-9999999-9", "?since=2020-01-01&until=2020-02-01"]
)
def test_the_report_is_narrowed_by_staff_case_and_day(auditor: StaffUser, query: str) -> None:
    case = make.submitted()
    reveal(case, field="mobile", why="call", reviewer=make.staff("reviewer"))
    assert case.number in page(auditor)
    assert case.number not in page(auditor, query)


def test_a_day_that_is_none_is_said_so(auditor: StaffUser) -> None:
    assert "开始日期应写成" in page(auditor, "?since=tomorrow")


@pytest.mark.req("A3")
def test_the_workbook_holds_every_look_and_no_number(auditor: StaffUser) -> None:
    case, reviewer = make.submitted(), make.staff("reviewer")
    for field in ("resident_id", "card_number", "mobile"):
        words = f"电话 {case.member.mobile}，证件 {case.member.resident_id}"
        reveal(case, field=field, why="other", words=words, reviewer=reviewer)
    response = signed_in(auditor).get(reverse("admin:review_queueitem_disclosures_file"))
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert cells.count(case.number) == 3
    assert not [cell for cell in cells if LONG_NUMBER.search(cell.replace(" ", ""))]
    assert AuditRow.objects.filter(action="audit.disclosures", actor_id=auditor.pk).count() == 1


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", ["reviewer", "hotline", "intake", "finance_maker", "administrator"])
def test_the_report_is_for_leads_and_auditors_only(role: str) -> None:
    client = signed_in(make.staff(role))
    for name in ("disclosures", "disclosures_file"):
        assert client.get(reverse(f"admin:review_queueitem_{name}")).status_code == 403


def test_the_report_asks_a_fixed_number_of_questions(
    auditor: StaffUser, django_assert_max_num_queries: object
) -> None:
    reviewer = make.staff("reviewer")
    for _ in range(5):
        reveal(make.submitted(), field="mobile", why="call", reviewer=reviewer)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert len(list(disclosures.looks(month()))) == 5
        disclosures.by_staff(month())
        disclosures.by_person(month())
        disclosures.by_day(month())


def test_a_refusal_older_than_a_day_worries_nobody_any_more() -> None:
    assert disclosures.refused_today() == 0
    row = AuditRow(action="member.reveal_refused", realm="staff", actor_id=1, business_at=clock.now())
    row.real_at = clock.real_now() - timedelta(days=2)
    row.save()
    assert disclosures.refused_today() == 0


def test_a_member_reads_in_their_export_how_often_and_to_whom_they_were_shown() -> None:
    case = make.submitted()
    reveal(case, field="mobile", why="call", reviewer=make.staff("review_lead"))
    (shown,) = export_of(case.member)["shown_to_staff"]
    assert shown["field"] == "mobile"
    assert shown["roles"] == ["review_lead"]
    assert shown["reason"] == "打电话联系会员"
    assert shown["application"] == case.number
