"""Switching to another certificate: one step, one grant, the first filing instant kept (F5, E7, E8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from applications.models import Application, Event
from applications.services.drafts import Filing
from applications.services.filing import withdraw
from applications.services.switching import switch
from review.services import approve, return_for_correction
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor, staff_actor
from subsidy.errors import Conflict, NotFound, RuleRefused, SubsidyError
from subsidy.rules.terms import Channel
from tests import make

pytestmark = pytest.mark.django_db
LATER = make.DAY + timedelta(days=5)


def to_level_one(application: Application, at: datetime = LATER, **given: Any) -> Application:
    fields = {
        "actor": member_actor(application.member),
        "version": application.version,
        "filing": Filing(make.skill(8_000, level="1")),
    }
    with clock.at(at):
        return switch(application, **(fields | given))


def send_back(application: Application) -> Application:
    with clock.at(make.DAY):
        return_for_correction(
            application,
            reviewer=make.staff(Role.REVIEWER),
            version=application.version,
            remarks={"certificate_number": "请核对。"},
        )
    application.refresh_from_db()
    return application


@pytest.mark.req("F5", "E7")
def test_the_old_one_is_withdrawn_and_the_new_one_filed_with_a_link() -> None:
    old = make.submitted()
    new = to_level_one(old)
    old.refresh_from_db()
    assert (old.status, new.status, new.award) == ("withdrawn", "submitted", 2000)
    assert (new.replaces, new.card_tail, new.employer) == (old, old.card_tail, old.employer)
    assert new.number in Event.objects.get(application=old, action="switch").note
    assert old.number in Event.objects.get(application=new, action="submit").note


@pytest.mark.req("E8")
def test_the_first_filing_instant_stays_and_the_review_has_its_month() -> None:
    new = to_level_one(make.submitted())
    assert new.first_filed_at == make.DAY
    assert new.review_due_at == datetime(2024, 7, 23, 10, tzinfo=clock.SHANGHAI)


@pytest.mark.req("E8")
def test_a_switch_after_closing_is_possible_a_new_filing_is_not() -> None:
    after = datetime(2024, 11, 5, 9, tzinfo=clock.SHANGHAI)
    first = make.submitted()
    second = to_level_one(first, at=after)
    assert second.status == "submitted"
    with clock.at(after):
        withdraw(second, actor=member_actor(second.member), version=second.version)
    with pytest.raises(RuleRefused) as refused:
        make.submitted(second.member, at=after)
    assert refused.value.code == "FILED_AFTER_CLOSING"


@pytest.mark.req("F5")
def test_when_the_new_certificate_is_refused_the_old_application_stays() -> None:
    old = make.submitted()
    with pytest.raises(RuleRefused) as refused:
        to_level_one(old, filing=Filing(make.skill(8_001, issued_on=date(2024, 1, 1))))
    assert refused.value.code == "ISSUED_AFTER_WINDOW"
    old.refresh_from_db()
    assert (old.status, Application.objects.count()) == ("submitted", 1)


@pytest.mark.req("F5")
def test_a_returned_application_can_be_switched_until_its_deadline() -> None:
    back = send_back(make.submitted())
    with pytest.raises(RuleRefused) as refused:
        to_level_one(back, at=make.DAY + timedelta(days=14))
    assert refused.value.code == "CORRECTION_OVERDUE"
    assert to_level_one(back).status == "submitted"


@pytest.mark.req("F5")
def test_a_draft_an_approved_and_a_withdrawn_one_cannot_be_switched() -> None:
    draft, approved = make.draft(), make.submitted()
    with clock.at(make.DAY):
        approve(approved, reviewer=make.staff(Role.REVIEWER), version=approved.version)
    gone = make.submitted()
    withdraw(gone, actor=member_actor(gone.member), version=gone.version)
    for application in (draft, approved, gone):
        application.refresh_from_db()
        with pytest.raises(Conflict, match="不能改报"):
            to_level_one(application)


@pytest.mark.req("F5")
def test_switching_twice_from_the_same_page_is_refused() -> None:
    old = make.submitted()
    to_level_one(old)
    with pytest.raises(Conflict) as stale:
        to_level_one(old)
    assert stale.value.code == "STALE_VERSION"


@pytest.mark.req("F2", "F5")
def test_a_station_switches_its_own_case_with_consent_and_choice() -> None:
    clerk = make.operator()
    old = make.assisted(operator_=clerk)
    desk = {"operator": clerk, "actor": staff_actor(clerk), "channel": Channel.STATION}
    filing = make.consented(make.skill(8_002, level="1"))
    with pytest.raises(RuleRefused) as refused:
        to_level_one(old, filing=filing, **desk)
    assert refused.value.field == "choice"
    new = to_level_one(old, filing=filing, choice="本人签字", **desk)
    assert (new.channel, new.filed_by, new.office) == ("station", clerk, clerk.office)


@pytest.mark.req("A1")
def test_a_station_cannot_switch_another_offices_case() -> None:
    old, stranger = make.assisted(), make.operator(code="ST-ELSEWHERE")
    with pytest.raises(NotFound):
        to_level_one(
            old,
            operator=stranger,
            actor=staff_actor(stranger),
            channel=Channel.STATION,
            filing=make.consented(),
            choice="签字",
        )


@pytest.mark.req("F5", "V1")
@pytest.mark.django_db(transaction=True)
def test_a_switch_and_an_approval_at_once_leave_one_of_them(thread_race: Callable[..., list[object]]) -> None:
    for _ in range(4):
        old, reviewer = make.submitted(), make.staff(Role.REVIEWER)
        both = _racers(old, reviewer)
        said = sorted(map(str, thread_race(lambda n, both=both: both[n](), times=2)))
        old.refresh_from_db()
        assert said in (["STALE_VERSION", "approved"], ["STALE_VERSION", "switched"])
        assert old.status == ("approved" if "approved" in said else "withdrawn")
        assert Application.objects.live().filter(member=old.member).count() == 1


def _racers(old: Application, reviewer: Any) -> list[Callable[[], str]]:
    def switching() -> str:
        try:
            to_level_one(old, filing=Filing(make.skill(old.pk, level="1")))
        except SubsidyError as error:
            return error.code
        return "switched"

    def approving() -> str:
        try:
            with clock.at(LATER):
                approve(old, reviewer=reviewer, version=old.version)
        except SubsidyError as error:
            return error.code
        return "approved"

    return [switching, approving]
