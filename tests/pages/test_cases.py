"""What a member reads about a case and may do with it: correct, take back, mend the card (F5, D4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from applications.models import Application
from applications.services.filing import withdraw
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.schemes.models import Scheme
from tests import make
from tests.pages.browser import REMARKS, decide, error_at, photo, signed_in, summary, text_of, title
from tests.payouts.money import Desk, answer
from tests.review.cases import assisted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan", "june"), pytest.mark.req("F5")]
CLOSES = datetime(2024, 11, 1, tzinfo=clock.SHANGHAI)


def status_of(case: Application) -> Any:
    return signed_in(case.member).get(f"/applications/{case.public_id}/")


def send(case: Application, name: str, client: Client | None = None, **fields: Any) -> Any:
    client = client or signed_in(case.member)
    case.refresh_from_db()
    return client.post(f"/applications/{case.public_id}/{name}/", {"version": case.version, **fields})


def paid_with(code: str) -> Application:
    """Return an application whose payment came back with the code."""
    desk = Desk.set_up()
    batch = desk.sent(1)
    desk.apply(answer(batch, code).bytes())
    return Application.objects.get()


def test_a_draft_says_until_when_it_must_be_submitted() -> None:
    response = status_of(make.draft())
    assert title(response) == "草稿，还没有提交"
    assert "2024 年 10 月 31 日 24:00 前提交才有效" in text_of(response)


def test_a_submitted_case_says_by_when_it_is_reviewed() -> None:
    response = status_of(make.submitted())
    assert title(response) == "正在审核"
    assert "一般在 2024 年 7 月 18 日前审核完" in text_of(response)
    assert "1000 元到账" in text_of(response)


def test_an_overdue_review_is_admitted() -> None:
    case = make.submitted(at=make.DAY - timedelta(days=60))
    assert "审核比原定的时间晚了" in text_of(status_of(case))


def test_a_returned_case_shows_each_remark_beside_its_field() -> None:
    response = status_of(decide(make.submitted(), "return"))
    page = text_of(response)
    assert title(response) == "请改 2 处，再提交"
    assert "还有 14 天" in page
    assert all(remark in page for remark in REMARKS.values())
    assert 'name="awarding_body"' in page
    assert 'name="picture"' in page
    assert 'name="trade"' not in page
    assert "原来填的：北京市职业技能鉴定管理中心" in page


@pytest.mark.req("V3")
def test_a_correction_goes_back_to_the_reviewer_and_the_clock_goes_on() -> None:
    case = decide(make.submitted(), "return")
    due = case.review_due_at
    assert due is not None
    with clock.at(make.DAY + timedelta(days=3)):
        response = send(
            case, "correct", awarding_body="北京样例职业技能评价中心", picture=photo(), then="next"
        )
    assert response["Location"] == f"/applications/{case.public_id}/"
    case.refresh_from_db()
    assert case.certificate is not None
    assert (case.status, case.certificate.awarding_body) == ("submitted", "北京样例职业技能评价中心")
    assert case.review_due_at == due + timedelta(days=3)
    assert case.attachments.count() == 1


def test_a_field_that_was_not_asked_about_stays_as_it_was() -> None:
    case = decide(make.submitted(), "return")
    send(case, "correct", awarding_body="北京样例职业技能评价中心", trade="电工", then="next")
    case.refresh_from_db()
    assert case.certificate is not None
    assert case.certificate.trade == "汽车装调工"


def test_a_correction_can_be_kept_for_later() -> None:
    case = decide(make.submitted(), "return")
    send(case, "correct", awarding_body="样例评价中心", then="later")
    case.refresh_from_db()
    assert case.certificate is not None
    assert (case.status, case.certificate.awarding_body) == ("returned", "样例评价中心")
    home = signed_in(case.member).get(f"/applications/{case.public_id}/")
    assert "改期发放" not in text_of(home)


def test_a_wrong_correction_is_explained_beside_its_field_and_kept_as_typed() -> None:
    remarks = {"certificate_number": "请核对编号。", "card_number": "请核对卡号。"}
    case = decide(make.submitted(), "return", remarks=remarks)
    wrong = make.certificate_number(9, "3")
    response = send(case, "correct", certificate_number=wrong, card_number="", then="next")
    assert "编号第 16 位是 3" in error_at(response, "certificate_number")
    assert f'value="{wrong}"' in text_of(response)
    response = send(case, "correct", certificate_number=wrong, card_number="12", then="next")
    assert "16 至 19 位数字" in error_at(response, "card_number")
    case.refresh_from_db()
    assert case.status == "returned"


def test_a_correction_past_its_deadline_is_not_offered_and_not_taken() -> None:
    case = decide(make.submitted(), "return")
    with clock.at(make.DAY + timedelta(days=30)):
        assert title(status_of(case)) == "补正期限已过"
        assert 'name="awarding_body"' not in text_of(status_of(case))
        response = send(case, "correct", awarding_body="样例评价中心", then="next")
        assert "补正期限已过" in summary(response)[0]
    case.refresh_from_db()
    assert case.status == "returned"


def test_the_list_says_when_the_time_for_corrections_is_over() -> None:
    case = decide(make.submitted(), "return")
    client = signed_in(case.member)
    with clock.at(make.DAY + timedelta(days=1)):
        assert "去修改这份申报" in text_of(client.get("/me/"))
    with clock.at(make.DAY + timedelta(days=30)):
        page = text_of(client.get("/me/"))
    assert "期限已过" in page
    assert "去修改这份申报" not in page


def test_correcting_twice_is_quiet() -> None:
    case = decide(make.submitted(), "return")
    fields = {"version": case.version, "awarding_body": "北京市职业技能鉴定管理中心", "then": "next"}
    client = signed_in(case.member)
    for _ in range(2):
        response = client.post(f"/applications/{case.public_id}/correct/", fields)
        assert response.status_code == 302
    assert case.events.filter(action="resubmit").count() == 1


def test_a_rejection_gives_reasons_with_clauses_and_a_way_on() -> None:
    response = status_of(decide(make.submitted(), "reject", note="发证机构回复查无此证。"))
    page = text_of(response)
    assert title(response) == "没有通过审核"
    assert "没有查到这本证书" in page
    assert "方案二（一）" in page
    assert "发证机构回复查无此证。" in page
    assert "重新申报</a>" in page


def test_an_approved_case_says_when_the_money_comes() -> None:
    response = status_of(decide(make.submitted(), "approve"))
    assert title(response) == "审核已通过，等待发放"
    assert "1000 元，一般在 2024 年 9 月 18 日前到账" in text_of(response)
    assert "撤回这份申报" not in text_of(response)


def test_a_paid_case_says_so_with_date_and_card_tail() -> None:
    case = paid_with("PAID")
    response = status_of(case)
    assert title(response) == "1000 元已到账"
    assert f"尾号 {case.card_tail}" in text_of(response)


@pytest.mark.req("D4")
def test_a_failed_payment_says_where_the_money_is_and_takes_a_new_card() -> None:
    case = paid_with("CLOSED")
    response = status_of(case)
    assert title(response) == "请核对互助服务卡"
    assert "钱还在工会账上，没有丢" in text_of(response)
    assert "这张卡已销户" in text_of(response)
    send(case, "new-card", card_number=make.card_number(4242))
    case.refresh_from_db()
    assert case.card_tail == make.card_number(4242)[-4:]
    assert case.card_wanted_since is None
    assert 'name="card_number"' not in text_of(status_of(case))


def test_a_wrong_new_card_is_explained_beside_the_field() -> None:
    case = paid_with("NO_SUCH_ACCOUNT")
    tail = case.card_tail
    response = send(case, "new-card", card_number="123")
    assert "16 至 19 位数字" in error_at(response, "card_number")
    case.refresh_from_db()
    assert case.card_tail == tail


def test_a_failure_that_finance_mends_asks_nothing_of_the_member() -> None:
    response = status_of(paid_with("LIMIT"))
    assert title(response) == "这次没有发成，会再发"
    assert 'name="card_number"' not in text_of(response)


def test_a_card_cannot_be_changed_while_all_is_well() -> None:
    case = decide(make.submitted(), "approve")
    tail = case.card_tail
    assert send(case, "new-card", card_number=make.card_number(4242)).status_code == 302
    case.refresh_from_db()
    assert case.card_tail == tail


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (make.DAY, "您可以重新申报，也可以换一张证书申报"),
        (CLOSES, "申报已经截止，撤回后本年度不能再申报"),
    ],
)
def test_the_page_says_what_withdrawing_means_before_the_click(instant: datetime, words: str) -> None:
    case = make.submitted()
    with clock.at(instant):
        page = text_of(signed_in(case.member).get(f"/applications/{case.public_id}/withdraw/"))
    assert words in page
    case.refresh_from_db()
    assert case.status == "submitted"


@pytest.mark.req("E7")
def test_a_withdrawn_case_blocks_nothing() -> None:
    case = make.submitted()
    client = signed_in(case.member)
    send(case, "withdraw", client)
    case.refresh_from_db()
    assert case.status == "withdrawn"
    assert title(client.get(f"/applications/{case.public_id}/")) == "已撤回，不再办理"
    assert client.get("/apply/applicant/").status_code == 200


def test_withdrawing_twice_is_quiet() -> None:
    case = make.submitted()
    fields = {"version": case.version}
    client = signed_in(case.member)
    for _ in range(2):
        assert client.post(f"/applications/{case.public_id}/withdraw/", fields).status_code == 302
    assert case.events.filter(action="withdraw").count() == 1


def test_an_approved_case_cannot_be_withdrawn() -> None:
    case = decide(make.submitted(), "approve")
    send(case, "withdraw")
    case.refresh_from_db()
    assert case.status == "approved"


def test_a_stale_withdrawal_is_told_so() -> None:
    case = make.submitted()
    response = signed_in(case.member).post(f"/applications/{case.public_id}/withdraw/", {"version": "1"})
    assert "刚刚有了变化" in summary(response)[0]


@pytest.mark.req("F2")
def test_a_case_filed_by_others_says_how_to_object() -> None:
    case = assisted(make.staff("station"), 31)
    own = make.submitted()
    assert f"/applications/{case.public_id}/object/" in text_of(status_of(case))
    assert f"/applications/{own.public_id}/object/" not in text_of(status_of(own))


def test_the_list_shows_every_case_with_its_state_and_the_masked_data() -> None:
    person = make.member()
    first = make.submitted(person)
    withdraw(first, actor=member_actor(person), version=first.version)
    second = make.submitted(person)
    page = text_of(signed_in(person).get("/me/"))
    assert first.number in page
    assert second.number in page
    assert "已撤回" in page
    assert person.masked_resident_id in page


def test_an_empty_list_offers_to_begin() -> None:
    page = text_of(signed_in(make.member()).get("/me/"))
    assert "您还没有申报" in page
    assert "开始申报</a>" in page


@pytest.mark.parametrize("days", [0, 400])
def test_outside_the_window_an_empty_list_offers_only_a_question(plan: Scheme, days: int) -> None:
    with clock.at(make.DAY + timedelta(days=days)):
        page = text_of(signed_in(make.member()).get("/me/"))
    assert ("看看我能领多少</a>" in page) is bool(days)
