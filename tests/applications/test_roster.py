"""The roster and the winners' answers: prepared, confirmed, declined, never silently dropped (F4, E4, E8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from applications.models import Application, Event
from applications.services.confirming import decline
from applications.services.roster import RosterReport, prepare_from_roster
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor
from subsidy.audit.models import AuditRow
from subsidy.errors import Forbidden, RuleRefused
from subsidy.notices.models import Notice
from tests import make

pytestmark = pytest.mark.django_db
LATER = make.DAY + timedelta(days=3)


def codes(report: RosterReport) -> list[str]:
    return [conflict.code for conflict in report.conflicts]


@pytest.mark.req("F4", "E4")
def test_each_covered_winner_gets_an_application_that_awaits_confirmation() -> None:
    first, second = make.result(rank=1), make.result(rank=10)
    report = make.roster()
    prepared = Application.objects.order_by("pk")
    assert sorted(report.prepared) == [one.number for one in prepared]
    assert {one.person_index for one in prepared} == {first.resident_id_index, second.resident_id_index}
    assert {(one.status, one.channel) for one in prepared} == {("awaiting_confirmation", "roster")}
    assert report.conflicts == []


@pytest.mark.req("F4")
def test_the_prepared_application_names_importer_placing_and_deadline() -> None:
    clerk = make.operator(Role.INTAKE)
    make.result(rank=3, name="欧阳·䶮")
    make.roster(operator_=clerk)
    application = Application.objects.get()
    assert application.certificate is not None
    assert (application.certificate.rank, application.filed_by, application.name) == (3, clerk, "欧阳·䶮")
    assert Event.objects.get(application=application).deadline == make.DAY + timedelta(days=30)
    assert AuditRow.objects.get(action="roster.prepare").data["prepared"] == 1


@pytest.mark.req("F4", "F7")
def test_each_winner_is_asked_once_to_confirm_and_by_when() -> None:
    make.result(rank=1)
    make.roster()
    make.roster()
    application = Application.objects.get()
    told = Notice.objects.get(template="confirm_wanted")
    assert told.member_id == application.member_id
    assert application.number in (told.body or "")
    assert "2024 年 7 月 18 日" in (told.body or "")


@pytest.mark.req("F4", "F7")
def test_a_winner_without_a_number_is_reported_and_not_written_to() -> None:
    make.result(rank=1, mobile="")
    assert codes(make.roster()) == ["NO_MOBILE"]
    assert not Notice.objects.filter(template="confirm_wanted").exists()


@pytest.mark.req("E4")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_team": True}, "TEAM_EVENT"),
        ({"rank": 11}, "RANK_NOT_COVERED"),
        ({"round": "semi_final", "rank": 1}, "ROUND_NOT_COVERED"),
    ],
)
def test_what_the_plan_does_not_fund_is_left_out_and_counted(changes: dict[str, Any], code: str) -> None:
    make.result(**changes)
    report = make.roster()
    assert (report.prepared, dict(report.left_out)) == ([], {code: 1})
    assert not Application.objects.exists()


@pytest.mark.req("E4")
def test_equal_ranks_are_all_prepared() -> None:
    for _ in range(3):
        make.result(rank=2)
    assert len(make.roster().prepared) == 3


@pytest.mark.req("E4")
def test_the_competitions_name_is_compared_folded() -> None:
    make.result(edition="2023 年北京市职工职业技能大赛")
    make.result(edition="北京市２０２３年职工职业技能大赛")
    make.result(edition="2022年北京市职工职业技能大赛")
    assert len(make.roster(edition="２０２３年 北京市职工职业技能大赛").prepared) == 2


@pytest.mark.req("F4")
def test_preparing_again_makes_nothing_new() -> None:
    make.result()
    first = make.roster()
    again = make.roster()
    assert (again.prepared, again.existing) == ([], first.prepared)
    assert Application.objects.count() == 1


@pytest.mark.req("F4", "E7")
def test_who_applied_on_another_ground_is_prepared_and_listed_as_a_conflict() -> None:
    owner = make.member(91, name="赵明亮")
    other = make.submitted(owner)
    make.result(91)
    report = make.roster()
    assert [(c.code, c.number) for c in report.conflicts] == [("ALREADY_APPLIED", other.number)]
    assert len(report.prepared) == 1


@pytest.mark.req("F4")
def test_two_placings_of_one_person_are_listed_at_once() -> None:
    make.result(92, trade="数控车工")
    make.result(92, trade="电工")
    assert codes(make.roster()) == ["SEVERAL_PLACINGS"]
    assert codes(make.roster()) == ["SEVERAL_PLACINGS", "SEVERAL_PLACINGS"]


@pytest.mark.req("F4", "E4")
def test_a_rank_corrected_on_the_register_is_listed() -> None:
    row = make.result(rank=2)
    make.roster()
    row.rank = 1
    row.save()
    assert codes(make.roster()) == ["RANK_DIFFERS"]


@pytest.mark.req("F4")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"resident_id": "110102199001011234"}, "INVALID"),
        ({"name": "=1"}, "INVALID"),
        ({"round": "复赛"}, "INVALID"),
    ],
)
def test_a_row_that_cannot_be_prepared_is_a_conflict_and_the_others_go_on(
    changes: dict[str, Any], code: str
) -> None:
    bad = make.result(**changes)
    make.result()
    report = make.roster()
    assert [(c.result_id, c.code) for c in report.conflicts] == [(bad.pk, code)]
    assert len(report.prepared) == 1


@pytest.mark.req("F4")
def test_another_name_under_the_same_identity_number_is_a_conflict() -> None:
    make.member(93, name="王建国")
    make.result(93, name="赵明亮")
    report = make.roster()
    assert (codes(report), report.prepared) == (["NAME_DIFFERS"], [])


@pytest.mark.req("F4")
@pytest.mark.parametrize(("number", "code"), [(None, "NO_MOBILE"), ("12345", "BAD_MOBILE")])
def test_a_winner_without_a_usable_mobile_is_prepared_and_listed(number: str | None, code: str) -> None:
    make.result(mobile_=number)
    report = make.roster()
    assert (codes(report), len(report.prepared)) == ([code], 1)


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2023, 12, 31, 23, tzinfo=clock.SHANGHAI), "FILED_BEFORE_OPENING"),
        (datetime(2024, 11, 1, tzinfo=clock.SHANGHAI), "FILED_AFTER_CLOSING"),
    ],
)
def test_a_roster_is_filed_inside_the_window(at: datetime, code: str) -> None:
    make.result()
    with pytest.raises(RuleRefused) as refused:
        make.roster(at=at)
    assert refused.value.code == code


def test_an_unknown_competition_and_an_empty_roster_name_the_field() -> None:
    for edition in ("2022 年北京市职工职业技能大赛", make.EDITION):
        with pytest.raises(RuleRefused) as refused:
            make.roster(edition=edition)
        assert refused.value.field == "edition"


@pytest.mark.req("A1")
def test_only_the_association_prepares_a_roster() -> None:
    make.result()
    plan = make.scheme()
    with clock.at(make.DAY):
        with pytest.raises(Forbidden):
            prepare_from_roster(plan, edition=make.EDITION, operator=make.operator(Role.STATION))
        boss = make.staff(Role.ADMINISTRATOR, office=None)
        assert len(prepare_from_roster(plan, edition=make.EDITION, operator=boss).prepared) == 1


@pytest.mark.req("F4")
def test_a_declined_place_is_not_prepared_again() -> None:
    place = make.roster_place()
    gone = decline(place, actor=member_actor(place.member), version=place.version, note="已另行申报")
    report = make.roster()
    assert (gone.status, report.prepared, codes(report)) == ("withdrawn", [], ["DECLINED"])
    assert Event.objects.get(application=gone, action="decline").note == "已另行申报"


@pytest.mark.req("F4")
@pytest.mark.django_db(transaction=True)
def test_a_roster_prepared_four_times_at_once_is_prepared_once(
    thread_race: Callable[..., list[object]],
) -> None:
    for _ in range(12):
        make.result()
    plan, clerks = make.scheme(), [make.operator(Role.INTAKE) for _ in range(4)]

    def work(n: int) -> int:
        with clock.at(make.DAY):
            return len(prepare_from_roster(plan, edition=make.EDITION, operator=clerks[n]).prepared)

    said = thread_race(work, times=4)
    assert sorted(map(str, said)) == ["0", "0", "0", "12"]
    assert (Application.objects.count(), Member.objects.count()) == (12, 12)
