"""What a returned application lets change, and what of it is kept (F5, A3, E9, E10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from applications.models import Application, Event
from applications.services.drafts import Filing, change_draft
from applications.services.filing import resubmit, submit
from review.services import return_for_correction, take
from subsidy import clock
from subsidy.accounts.services import member_actor
from subsidy.audit.actors import SYSTEM
from subsidy.errors import RuleRefused
from tests import make

pytestmark = pytest.mark.django_db


def returned(*fields: str) -> Application:
    filed = make.submitted()
    reviewer = make.staff("reviewer")
    with clock.at(make.DAY + timedelta(days=1)):
        take(filed, reviewer=reviewer)
        filed.refresh_from_db()
        remarks = dict.fromkeys(fields, "请对照证书再看一遍。")
        return_for_correction(filed, reviewer=reviewer, version=filed.version, remarks=remarks)
    filed.refresh_from_db()
    return filed


@pytest.mark.req("F5")
@pytest.mark.parametrize(
    ("field", "filing"),
    [
        ("certificate.trade", Filing(certificate=make.skill(900, trade="电工"))),
        ("certificate.issued_on", Filing(certificate=make.skill(900, issued_on=date(2023, 1, 2)))),
        ("card_number", Filing(card_number=make.card_number(90_001))),
    ],
)
def test_what_was_not_asked_about_stays(field: str, filing: Filing) -> None:
    back = returned("picture")
    with pytest.raises(RuleRefused) as refused:
        change_draft(back, filing, actor=member_actor(back.member), version=back.version)
    assert field in {error.field for error in refused.value.errors}
    kept = Application.objects.get(pk=back.pk)
    assert (kept.version, kept.card_index, kept.certificate.trade) == (  # type: ignore[union-attr]
        back.version,
        back.card_index,
        "汽车装调工",
    )


@pytest.mark.req("A3", "F5")
def test_a_correction_keeps_before_and_after_in_its_event() -> None:
    back = returned("awarding_body")
    values = {"awarding_body": "北京样例技能评价中心"}
    changed = change_draft(
        back, Filing(certificate=values), actor=member_actor(back.member), version=back.version
    )
    event = Event.objects.get(application=back, action="change")
    assert event.data == {
        "changes": {"awarding_body": ["北京市职业技能鉴定管理中心", "北京样例技能评价中心"]}
    }
    assert event.version == changed.version


def test_a_new_card_is_kept_by_its_last_digits_only() -> None:
    back = returned("card_number")
    new = make.card_number(90_002)
    change_draft(back, Filing(card_number=new), actor=SYSTEM, version=back.version)
    event = Event.objects.get(application=back, action="change")
    assert event.data == {"changes": {"card_number": [back.card_tail, new[-4:]]}}


def test_who_is_asked_about_the_level_may_correct_the_number_that_carries_it() -> None:
    back = returned("level")
    fields = {"level": "3", "certificate_number": make.certificate_number(901, "3")}
    changed = change_draft(back, Filing(certificate=fields), actor=SYSTEM, version=back.version)
    with clock.at(make.DAY + timedelta(days=2)):
        again = resubmit(changed, actor=member_actor(changed.member), version=changed.version)
    assert again.award == 800


@pytest.mark.req("E9")
def test_a_reason_written_by_staff_does_not_carry_the_member_over_a_refusal() -> None:
    draft = make.draft(certificate={"issued_on": date(2019, 5, 1)})
    Application.objects.filter(pk=draft.pk).update(staff_reason="已电话核实", filed_by=make.staff("station"))
    draft.refresh_from_db()
    with clock.at(make.DAY), pytest.raises(RuleRefused) as refused:
        submit(draft, actor=member_actor(draft.member), version=draft.version)
    assert refused.value.code == "ISSUED_BEFORE_WINDOW"


@pytest.mark.req("E10")
@pytest.mark.parametrize("typed", ["————", "- -", "\u200b\u2060", "ЅАВ", "S0000.1", "编号"])
def test_a_number_that_no_certificate_prints_is_refused_by_name(typed: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        make.draft(certificate={"certificate_number": typed})
    assert refused.value.errors[0].field == "certificate.certificate_number"


@pytest.mark.req("E10")
@pytest.mark.parametrize("spoil", ["O", "\u00ad", "\u2060", " ", "-"])
def test_a_look_alike_number_is_the_same_certificate(spoil: str) -> None:
    plain = make.certificate_number(902)
    first = make.submitted(certificate={"certificate_number": plain})
    typed = plain[:5] + (plain[5:].replace("0", "O", 1) if spoil == "O" else spoil + plain[5:])
    second = make.submitted(certificate={"certificate_number": typed})
    assert second.certificate_key == first.certificate_key
    assert "CERTIFICATE_USED" in {reason["code"] for reason in second.reasons}
