"""The case page: everything on one page, each deed by POST, pictures behind a permission."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application, Attachment
from applications.services.objections import object_to
from review.models import Decision
from review.services import approve, take
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.audit.models import AuditRow
from subsidy.registers.models import IssuedCertificate
from tests import make
from tests.review.cases import DECIDED, assisted, too_early

pytestmark = [pytest.mark.django_db, pytest.mark.req("V2")]


def signed_in(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(case: Application, deed: str = "change") -> str:
    return reverse(f"admin:review_queueitem_{deed}", args=[case.pk])


def shown(case: Application, user: StaffUser, query: str = "") -> str:
    with clock.at(DECIDED):
        response = signed_in(user).get(address(case) + query)
    assert response.status_code == 200
    return response.content.decode()


def send(case: Application, deed: str, user: StaffUser, **fields: Any) -> Any:
    with clock.at(DECIDED):
        return signed_in(user).post(address(case, deed), {"version": case.version} | fields, follow=True)


def issued(case: Application, **changes: Any) -> IssuedCertificate:
    """Put the case's certificate on the register of issued ones, agreeing unless told otherwise."""
    certificate = case.certificate
    assert certificate is not None
    values = {
        "name": case.name,
        "name_key": case.name,
        "resident_id_index": case.person_index,
        "number": certificate.certificate_number,
        "number_key": certificate.number_key,
        "trade": certificate.trade,
        "level": certificate.level,
        "issued_on": certificate.issued_on,
        "awarding_body": certificate.awarding_body,
    }
    return IssuedCertificate.objects.create(**(values | changes))


def picture_of(case: Application, content: bytes = b"\xff\xd8\xff picture") -> Attachment:
    attachment = Attachment(
        application=case,
        kind="certificate",
        content_type="image/jpeg",
        sha256="0" * 64,
        size=len(content),
        width=1200,
        height=850,
        uploaded_at=make.DAY,
    )
    attachment.file.save("x.jpg", ContentFile(content))
    return attachment


@pytest.fixture
def reviewer() -> StaffUser:
    return make.staff("reviewer")


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_page_shows_fields_beside_the_register_and_marks_what_differs(reviewer: StaffUser) -> None:
    case = make.submitted()
    issued(case, awarding_body="北京市职业技能鉴定指导中心", issued_on=date(2023, 9, 13))
    page = shown(case, reviewer)
    assert '<mark class="wavy">指导</mark>' in page
    assert page.count('class="m-diff"') == 1
    assert page.count('class="m-near"') == 1
    assert "2 项请看" in page


@pytest.mark.req("E9")
def test_the_page_gives_the_rule_outcome_with_its_clauses(reviewer: StaffUser) -> None:
    page = shown(make.submitted(), reviewer)
    assert "可资助 <b>1,000</b> 元" in page
    assert '<span class="clause">二（一）</span>' in page
    assert "通过 1,000 元" in page


def test_no_full_number_stands_on_the_page(reviewer: StaffUser) -> None:
    case = make.submitted()
    make.card_holder(case.member)
    page = shown(case, reviewer)
    for secret in (case.card_number, case.member.resident_id, case.member.mobile):
        assert secret not in page
    assert "********" in page


def test_the_page_names_the_same_card_and_certificate_elsewhere(reviewer: StaffUser) -> None:
    number = make.certificate_number(950)
    other = make.submitted(certificate={"certificate_number": number})
    case = make.submitted(certificate={"certificate_number": number})
    page = shown(case, reviewer)
    assert f'同证书 <a class="code" href="{address(other)}">{other.number}</a>' in page


def test_the_comparison_stands_before_the_history_in_the_page(reviewer: StaffUser) -> None:
    page = shown(make.submitted(), reviewer)
    assert 0 < page.index("逐项核对") < page.index('id="history"')


def test_the_page_asks_the_database_within_bounds(reviewer: StaffUser) -> None:
    case = make.submitted()
    make.card_holder(case.member)
    issued(case)
    for _ in range(3):
        make.submitted(certificate={"certificate_number": case.certificate.certificate_number})  # type: ignore[union-attr]
    client = signed_in(reviewer)
    with clock.at(DECIDED), CaptureQueriesContext(connection) as queries:
        client.get(address(case))
    assert len(queries) <= 35


def test_looking_changes_nothing(reviewer: StaffUser) -> None:
    case = make.submitted()
    shown(case, reviewer)
    shown(case, reviewer, "?deed=reject")
    assert Application.objects.get(pk=case.pk).version == case.version
    assert not Decision.objects.exists()


def test_approving_opens_the_next_case_and_says_what_was_done(reviewer: StaffUser) -> None:
    case, following = make.submitted(make.member(960, name="李淑珍")), make.submitted()
    response = send(case, "approve", reviewer)
    assert response.redirect_chain[-1][0] == address(following)
    assert f"已通过 李淑珍 的申报（{case.number}，1000 元）" in response.content.decode()


def test_returning_takes_remarks_by_field(reviewer: StaffUser) -> None:
    case = make.submitted()
    assert "remark_issued_on" in shown(case, reviewer, "?deed=return")
    send(case, "return", reviewer, remark_issued_on="请按证书填写", note="请改一处")
    case.refresh_from_db()
    assert case.status == "returned"
    assert Decision.objects.get().remarks == {"issued_on": "请按证书填写"}


def test_a_return_without_a_remark_comes_back_with_what_was_typed(reviewer: StaffUser) -> None:
    case = make.submitted()
    response = send(case, "return", reviewer, note="请看总说明")
    assert response.status_code == 422
    page = response.content.decode()
    assert "请至少写一处要补正的内容" in page
    assert "请看总说明" in page


def test_rejecting_takes_reasons_and_a_note(reviewer: StaffUser) -> None:
    case = make.submitted()
    response = send(case, "reject", reviewer, reasons=[], note="说明")
    assert response.status_code == 422
    assert "请至少选一条不予通过的理由" in response.content.decode()
    send(case, "reject", reviewer, reasons=["CERTIFICATE_NOT_FOUND"], note="说明")
    assert Application.objects.get(pk=case.pk).status == "rejected"


def test_a_stale_page_decides_nothing(reviewer: StaffUser) -> None:
    case = make.submitted()
    response = send(case, "approve", reviewer, version=case.version - 1)
    assert "您看到的不是最新内容" in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.req("E9")
def test_over_a_blocking_reason_only_a_lead_is_offered_the_approval(reviewer: StaffUser) -> None:
    case, lead = too_early(make.staff("station"), 961), make.staff("review_lead")
    assert "通过 1,000 元" not in shown(case, reviewer)
    assert "审核组长写明理由后才能通过" in shown(case, reviewer)
    assert send(case, "approve", lead).status_code == 422
    send(case, "approve", lead, note="已核对首次取证日期")
    assert Application.objects.get(pk=case.pk).amount == 1000


def test_a_case_that_a_colleague_holds_offers_no_decision(reviewer: StaffUser) -> None:
    case = make.submitted()
    take(case, reviewer=make.staff("reviewer"))
    page = shown(case, reviewer)
    assert "别人正在办理" in page
    assert 'class="decision"' not in page


def test_the_operator_who_filed_is_told_that_another_decides() -> None:
    lead = make.staff("review_lead")
    page = shown(assisted(lead, 962), lead)
    assert "您代报的申报" in page
    assert 'class="decision"' not in page


def test_taking_and_releasing_by_the_buttons(reviewer: StaffUser) -> None:
    case = make.submitted()
    assert "您已认领" in send(case, "take", reviewer).content.decode()
    assert "您已认领" not in send(case, "release", reviewer).content.decode()


def test_a_lead_revokes_an_approval_from_the_page(reviewer: StaffUser) -> None:
    case, lead = make.submitted(), make.staff("review_lead")
    approve(case, reviewer=reviewer, version=case.version)
    case.refresh_from_db()
    assert "撤销通过" not in shown(case, reviewer)
    assert "撤销通过" in shown(case, lead)
    send(case, "revoke", lead, note="发现证书不实")
    assert Application.objects.get(pk=case.pk).status == "revoked"


def test_a_picture_is_shown_under_a_watermark_and_kept_by_nobody(reviewer: StaffUser) -> None:
    case = make.submitted()
    attachment = picture_of(case)
    link = reverse("admin:review_queueitem_picture", args=[case.pk, attachment.public_id])
    page = shown(case, reviewer)
    assert f'<image href="{link}"' in page
    assert f">{reviewer} " in page
    response = signed_in(reviewer).get(link)
    assert b"".join(response.streaming_content) == b"\xff\xd8\xff picture"  # type: ignore[attr-defined]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    assert AuditRow.objects.get(action="attachment.view").actor_id == reviewer.pk


@pytest.mark.req("A1")
def test_a_picture_is_for_reviewers_and_the_auditor_only(reviewer: StaffUser) -> None:
    case, other = make.submitted(), make.submitted()
    attachment = picture_of(case)
    link = reverse("admin:review_queueitem_picture", args=[case.pk, attachment.public_id])
    for role in ("hotline", "intake", "finance_maker", "administrator"):
        assert signed_in(make.staff(role)).get(link).status_code == 403
    assert Client().get(link).status_code == 302
    elsewhere = reverse("admin:review_queueitem_picture", args=[other.pk, attachment.public_id])
    assert signed_in(reviewer).get(elsewhere).status_code == 404


def test_the_page_carries_no_inline_script_or_style(reviewer: StaffUser) -> None:
    case = make.submitted()
    picture_of(case)
    for query in ("", "?deed=return", "?deed=reject"):
        page = shown(case, reviewer, query)
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_a_returned_case_shows_until_when_it_may_be_corrected(reviewer: StaffUser) -> None:
    case = make.submitted()
    send(case, "return", reviewer, remark_trade="请按证书填写")
    page = shown(case, reviewer)
    assert "退回补正" in page
    assert "补正到 7月15日" in page
    assert 'class="decision"' not in page
    with clock.at(DECIDED + timedelta(days=15)):
        late = signed_in(reviewer).get(address(case)).content.decode()
    assert "补正期限已过" in late


@pytest.mark.req("F2")
def test_an_open_objection_stands_on_the_case_page_and_leads_to_its_settlement() -> None:
    case = assisted(make.staff("station"), 931)
    with clock.at(DECIDED):
        objection = object_to(case, member=case.member, text="不是我申请的")
    reviewer, lead = make.staff("reviewer"), make.staff("review_lead")
    page, leads = shown(case, reviewer), shown(case, lead)
    assert "会员对这份申报提出了异议，处理后才能通过" in page
    assert "会员提出异议，第 3 版" in page
    assert "approve-form" not in page
    link = f"/desk/objections/{objection.pk}/"
    assert (link in page, link in leads) == (False, True)
    assert signed_in(lead).get(link).status_code == 200


@pytest.mark.req("F2")
def test_a_case_with_an_open_objection_has_a_view_of_its_own() -> None:
    case, other = assisted(make.staff("station"), 932), make.submitted()
    with clock.at(DECIDED):
        object_to(case, member=case.member, text="不是我申请的")
    answer = signed_in(make.staff("reviewer")).get("/admin/review/queueitem/?view=objected").content.decode()
    assert (case.number in answer, other.number in answer) == (True, False)
