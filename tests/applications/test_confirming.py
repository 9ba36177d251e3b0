"""Winners answer: confirm, decline, in person or at a desk, once and in time (F4, E7, E8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from applications.models import Application, Event
from applications.services.confirming import confirm, confirm_for, decline
from applications.services.filing import submit
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor, staff_actor
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused, SubsidyError
from subsidy.notices.models import Notice
from tests import make

pytestmark = pytest.mark.django_db
LATER = make.DAY + timedelta(days=3)


def answer(application: Application, at: datetime = LATER, **given: Any) -> Application:
    fields = {
        "actor": member_actor(application.member),
        "version": application.version,
        "card_number": make.card_number(7),
        "consent_version": "2024-01",
    }
    with clock.at(at):
        return confirm(application, **(fields | given))


def for_winner(application: Application, operator: Any, at: datetime = LATER, **given: Any) -> Application:
    fields = {
        "operator": operator,
        "version": application.version,
        "mobile": make.mobile(7),
        "card_number": make.card_number(7),
        "consent_version": "2024-01",
        "consent_evidence": "本人到站签字",
    }
    holder = given.pop("resident_id", application.member.resident_id)
    with clock.at(at):
        return confirm_for(application.number, holder, **(fields | given))


@pytest.mark.req("F4", "E5")
@pytest.mark.parametrize(("rank", "award"), [(1, 2000), (2, 1000), (10, 1000)])
def test_a_confirmed_place_is_filed_with_its_award(rank: int, award: int) -> None:
    filed = answer(make.roster_place(rank=rank))
    assert (filed.status, filed.award, filed.card_tail) == ("submitted", award, make.card_number(7)[-4:])
    assert filed.consent_id is not None
    assert "REGISTER_MATCH" in [reason["code"] for reason in filed.reasons]
    assert Notice.objects.filter(member_id=filed.member_id).latest("id").template == "submitted"


@pytest.mark.req("E8")
def test_a_confirmation_after_closing_counts_by_the_rosters_day() -> None:
    last = datetime(2024, 10, 31, 18, tzinfo=clock.SHANGHAI)
    filed = answer(make.roster_place(at=last), at=last + timedelta(days=29, hours=23))
    assert filed.first_filed_at == last
    assert filed.review_due_at == datetime(2024, 12, 30, 17, tzinfo=clock.SHANGHAI)


@pytest.mark.req("E8", "F4")
def test_after_thirty_days_the_place_can_no_longer_be_confirmed_but_declined() -> None:
    place = make.roster_place()
    late = make.DAY + timedelta(days=30)
    with pytest.raises(RuleRefused) as refused:
        answer(place, at=late)
    assert refused.value.code == "CONFIRMATION_OVERDUE"
    with clock.at(late):
        gone = decline(place, actor=member_actor(place.member), version=place.version)
    assert gone.status == "withdrawn"


@pytest.mark.req("F4")
def test_confirming_needs_consent_and_card() -> None:
    place = make.roster_place()
    with pytest.raises(RuleRefused) as refused:
        answer(place, card_number="", consent_version="")
    assert [error.field for error in refused.value.errors] == ["card_number", "consent"]
    place.refresh_from_db()
    assert place.status == "awaiting_confirmation"


@pytest.mark.req("F4")
def test_a_prepared_application_is_not_filed_by_a_plain_submit() -> None:
    place = make.roster_place()
    with pytest.raises(Conflict) as refused:
        submit(place, actor=member_actor(place.member), version=place.version, consent_version="2024-01")
    assert refused.value.code == "CONFIRM_INSTEAD"


@pytest.mark.req("A1")
def test_nobody_confirms_or_declines_for_a_winner_without_leave() -> None:
    place = make.roster_place()
    with pytest.raises(NotFound):
        answer(place, actor=member_actor(make.member()))
    with pytest.raises(Forbidden):
        answer(place, actor=staff_actor(make.operator()))
    with pytest.raises(NotFound):
        decline(place, actor=member_actor(make.member()), version=place.version)


@pytest.mark.req("E7", "F4")
def test_who_has_another_application_confirms_only_by_leaving_it() -> None:
    owner = make.member(94, name="赵明亮")
    other = make.submitted(owner, at=make.DAY - timedelta(days=9))
    place = make.roster_place(94)
    with pytest.raises(RuleRefused) as refused:
        answer(place)
    assert refused.value.code == "ALREADY_APPLIED"
    filed = answer(place, switch_from=other)
    other.refresh_from_db()
    assert (other.status, filed.status, filed.replaces) == ("withdrawn", "submitted", other)
    assert filed.first_filed_at == make.DAY - timedelta(days=9)


@pytest.mark.req("E7")
def test_when_the_confirmation_is_refused_the_other_application_stays() -> None:
    owner = make.member(95, name="赵明亮")
    other = make.submitted(owner)
    place = make.roster_place(95)
    with pytest.raises(RuleRefused):
        answer(place, switch_from=other, consent_version="")
    other.refresh_from_db()
    assert other.status == "submitted"


@pytest.mark.req("F4")
def test_confirming_twice_is_refused() -> None:
    place = make.roster_place()
    filed = answer(place)
    with pytest.raises(Conflict) as stale:
        answer(place)
    assert stale.value.code == "STALE_VERSION"
    with pytest.raises(Conflict, match="不用再确认"):
        answer(filed)


@pytest.mark.req("F4")
def test_staff_who_decline_for_a_winner_write_down_how() -> None:
    place, clerk = make.roster_place(), make.operator(Role.INTAKE)
    with pytest.raises(RuleRefused) as refused:
        decline(place, actor=staff_actor(clerk), version=place.version)
    assert refused.value.field == "note"


@pytest.mark.req("F2", "F4")
@pytest.mark.parametrize("role", ["station", "hotline"])
def test_a_desk_confirms_for_a_winner_with_evidence(role: str) -> None:
    place, clerk = make.roster_place(mobile_=None), make.operator(role)
    filed = for_winner(place, clerk)
    assert (filed.status, filed.office, filed.filed_by) == ("submitted", clerk.office, clerk)
    assert filed.consent_evidence == "本人到站签字"
    assert Notice.objects.filter(member_id=filed.member_id).latest("id").template == "filed_for_you"


@pytest.mark.req("F2", "A2")
def test_a_desk_without_evidence_or_with_the_wrong_person_is_refused() -> None:
    place, clerk = make.roster_place(), make.operator()
    with pytest.raises(RuleRefused) as refused:
        for_winner(place, clerk, consent_evidence="")
    assert [error.field for error in refused.value.errors] == ["consent.evidence"]
    with pytest.raises(NotFound):
        for_winner(place, clerk, resident_id=make.resident_id(4321))


@pytest.mark.req("F4")
def test_a_desk_that_switches_for_a_winner_writes_down_the_choice() -> None:
    other = make.submitted(make.member(96, name="赵明亮"))
    place, clerk = make.roster_place(96), make.operator()
    with pytest.raises(RuleRefused) as refused:
        for_winner(place, clerk, switch_from=other)
    assert refused.value.field == "choice"
    assert for_winner(place, clerk, switch_from=other, choice="本人签字选择大赛名次").status == "submitted"


@pytest.mark.req("F4")
@pytest.mark.django_db(transaction=True)
def test_a_place_confirmed_eight_times_at_once_is_filed_once(
    thread_race: Callable[..., list[object]],
) -> None:
    place = make.roster_place()

    def work(n: int) -> str:
        try:
            return answer(place).status
        except SubsidyError as error:
            return error.code

    assert sorted(map(str, thread_race(work, times=8))) == ["STALE_VERSION"] * 7 + ["submitted"]
    assert Event.objects.filter(application=place, action="submit").count() == 1


@pytest.mark.req("E7", "F4")
@pytest.mark.django_db(transaction=True)
def test_two_places_of_one_person_confirmed_at_once_make_one_grant(
    thread_race: Callable[..., list[object]],
) -> None:
    make.result(97, trade="数控车工")
    make.result(97, trade="电工")
    make.roster()
    places = list(Application.objects.order_by("pk"))

    def work(n: int) -> str:
        try:
            return answer(places[n]).status
        except SubsidyError as error:
            return error.code

    assert sorted(map(str, thread_race(work, times=2))) == ["ALREADY_APPLIED", "submitted"]
