"""Objections: the member says so, somebody else than who filed answers (F2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from applications.models import Application, Event, Objection
from applications.services.confirming import confirm
from applications.services.objections import object_to, settle_objection
from review.services import approve
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused
from subsidy.notices.models import Notice
from tests import make

pytestmark = pytest.mark.django_db
WORDS = "我没有同意服务站代报。"


def objected(application: Application | None = None) -> Objection:
    application = application or make.assisted()
    with clock.at(make.DAY):
        return object_to(application, member=application.member, text=f" {WORDS} ")


@pytest.mark.req("F2")
def test_the_member_objects_and_the_case_moves_a_version_on() -> None:
    filed = make.assisted()
    objection = objected(filed)
    event = Event.objects.get(application=filed, action="object")
    assert (objection.text, event.note, event.version) == (WORDS, WORDS, filed.version + 1)
    assert AuditRow.objects.filter(action="application.object").exists()


@pytest.mark.req("F2")
def test_a_stranger_finds_no_such_case() -> None:
    filed = make.assisted()
    with pytest.raises(NotFound):
        object_to(filed, member=make.member(), text=WORDS)


@pytest.mark.req("F2")
def test_what_one_filed_or_confirmed_oneself_is_withdrawn_not_objected_to() -> None:
    place = make.roster_place()
    with clock.at(make.DAY):
        confirmed = confirm(
            place,
            actor=member_actor(place.member),
            version=place.version,
            card_number=make.card_number(3),
            consent_version="2024-01",
        )
    for own in (make.submitted(), confirmed):
        with pytest.raises(Conflict) as refused:
            objected(own)
        assert refused.value.code == "NOT_ASSISTED"


@pytest.mark.parametrize("text", ["", "  ", "异" * 501])
def test_the_text_is_asked_for_and_bounded(text: str) -> None:
    filed = make.assisted()
    with pytest.raises(RuleRefused) as refused:
        object_to(filed, member=filed.member, text=text)
    assert refused.value.field == "text"


@pytest.mark.req("F2")
def test_a_second_objection_waits_for_the_first() -> None:
    filed = make.assisted()
    first = objected(filed)
    with pytest.raises(Conflict) as refused:
        objected(filed)
    assert refused.value.code == "OBJECTION_OPEN"
    settle_objection(first, operator=make.staff(Role.REVIEW_LEAD), settlement="录音属实。")
    assert objected(filed).pk != first.pk


@pytest.mark.req("F2")
@pytest.mark.parametrize("role", ["review_lead", "intake"])
def test_an_objection_answered_leaves_the_application(role: str) -> None:
    objection = objected()
    settled = settle_objection(objection, operator=make.staff(role), settlement="录音属实。")
    application = settled.application
    application.refresh_from_db()
    assert (settled.settlement, application.status) == ("录音属实。", "submitted")
    assert Event.objects.get(application=application, action="settle_objection").note == "录音属实。"
    assert Notice.objects.filter(member_id=application.member_id, template="objection_answered").count() == 1


@pytest.mark.req("F2", "E7")
def test_an_objection_upheld_withdraws_and_tells_the_member() -> None:
    objection = objected()
    settle_objection(
        objection, operator=make.staff(Role.REVIEW_LEAD), settlement="未取得同意。", withdraw=True
    )
    application = Application.objects.get()
    assert application.status == "withdrawn"
    assert Notice.objects.filter(member_id=application.member_id, template="withdrawn").exists()


@pytest.mark.req("F2")
def test_an_approved_application_is_revoked_not_withdrawn() -> None:
    filed = make.assisted()
    with clock.at(make.DAY):
        approve(filed, reviewer=make.staff(Role.REVIEWER), version=filed.version)
    filed.refresh_from_db()
    objection = objected(filed)
    with pytest.raises(Conflict, match="审核组长撤销"):
        settle_objection(
            objection, operator=make.staff(Role.REVIEW_LEAD), settlement="未取得同意。", withdraw=True
        )
    objection.refresh_from_db()
    assert objection.settled_at is None


@pytest.mark.req("A1")
def test_neither_other_roles_nor_who_filed_may_settle() -> None:
    clerk = make.operator(Role.INTAKE)
    objection = objected(make.paper(operator_=clerk).application)
    with pytest.raises(Forbidden) as own:
        settle_objection(objection, operator=clerk, settlement="属实。")
    assert own.value.code == "OWN_FILING"
    with pytest.raises(Forbidden):
        settle_objection(objection, operator=make.staff(Role.REVIEWER), settlement="属实。")


def test_an_answer_is_given_once_and_has_words() -> None:
    objection, lead = objected(), make.staff(Role.REVIEW_LEAD)
    with pytest.raises(RuleRefused) as refused:
        settle_objection(objection, operator=lead, settlement=" ")
    assert refused.value.field == "settlement"
    settle_objection(objection, operator=lead, settlement="属实。")
    with pytest.raises(Conflict, match="已经处理过"):
        settle_objection(objection, operator=lead, settlement="属实。")


@pytest.mark.req("F2")
@pytest.mark.django_db(transaction=True)
def test_objecting_four_times_at_once_makes_one_objection(thread_race: Callable[..., list[object]]) -> None:
    filed = make.assisted()

    def work(n: int) -> str:
        try:
            object_to(filed, member=filed.member, text=WORDS)
        except Conflict as error:
            return error.code
        return "open"

    assert sorted(map(str, thread_race(work, times=4))) == ["OBJECTION_OPEN"] * 3 + ["open"]
    assert Objection.objects.count() == 1
