"""What a member reads about where the case and the money are (F5)."""

from __future__ import annotations

import pytest

from applications.models import Application
from applications.services.filing import withdraw
from applications.services.timeline import PAYMENT_WORDS, STATUS_WORDS, filed_through, standing, timeline
from subsidy.accounts.services import member_actor
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.req("F5")
def test_a_filed_case_says_until_when_it_is_reviewed() -> None:
    assert standing(make.submitted()) == "正在审核。一般在 2024 年 7 月 18 日 前审核完。"


@pytest.mark.req("F5")
def test_every_state_has_its_sentence() -> None:
    spoken = set(STATUS_WORDS) | {ApplicationStatus.APPROVED}
    assert spoken == set(ApplicationStatus)
    assert set(PAYMENT_WORDS) == set(PaymentStatus)


@pytest.mark.parametrize("payment", [PaymentStatus.FAILED, PaymentStatus.BOUNCED])
@pytest.mark.req("F5", "D4")
def test_after_a_failure_the_member_reads_what_to_do(payment: PaymentStatus) -> None:
    sentence = standing(Application(status=ApplicationStatus.APPROVED.value, payment=payment.value))
    assert "卡号" in sentence
    assert "再次发放" in sentence


@pytest.mark.req("F5")
def test_the_timeline_keeps_reasons_and_notes_in_order() -> None:
    application = make.submitted()
    actor = member_actor(application.member)
    withdraw(application, actor=actor, version=application.version, note="换一本证书")
    entries = timeline(application)
    assert [entry.title for entry in entries] == ["建立草稿", "提交申报", "撤回申报"]
    assert entries[-1].note == "换一本证书"
    assert [entry.version for entry in entries] == [1, 2, 3]


@pytest.mark.req("F2")
def test_the_door_is_named() -> None:
    assert filed_through(make.draft()) == "会员自助"
