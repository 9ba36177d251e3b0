"""Whose case it is: the scope of a desk, and taking over by number and identity number (F2, A1)."""

from __future__ import annotations

from datetime import date

import pytest

from applications.models import Application, Event
from applications.services.assisted import draft_for, submit_for, take_over_draft
from applications.services.desks import find_for, own_cases
from applications.services.drafts import Filing
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused
from subsidy.rules.terms import Channel, Ground
from tests import make

pytestmark = pytest.mark.django_db
TOO_EARLY = {"issued_on": date(2022, 12, 31), "certificate_number": "S000011000123222000001"}


def begin(
    operator: StaffUser, filing: Filing | None = None, channel: Channel = Channel.STATION
) -> Application:
    plan = make.scheme()
    with clock.at(make.DAY):
        return draft_for(
            make.person(),
            filing or make.consented(),
            scheme=plan,
            ground=Ground.SKILL,
            channel=channel,
            operator=operator,
        )


@pytest.mark.req("A1")
def test_another_offices_case_is_not_there() -> None:
    near, far = make.operator(code="ST-NEAR"), make.operator(code="ST-FAR")
    draft = begin(near)
    assert list(own_cases(near)) == [draft]
    assert not own_cases(far).exists()
    with pytest.raises(NotFound):
        submit_for(draft, operator=far, version=draft.version)


@pytest.mark.req("A1")
def test_intake_sees_paper_and_roster_but_no_counter_filing() -> None:
    clerk = make.operator(Role.INTAKE)
    make.assisted()
    paper, place = make.paper(operator_=clerk).application, make.roster_place()
    assert set(own_cases(clerk)) == {paper, place}
    assert not own_cases(make.staff(Role.REVIEWER)).exists()


@pytest.mark.req("F2")
def test_a_station_takes_over_a_draft_by_number_and_identity_number() -> None:
    draft, clerk = make.draft(), make.operator()
    assert draft.member.resident_id is not None
    taken = take_over_draft(f" {draft.number.lower()} ", draft.member.resident_id, operator=clerk)
    assert (taken.channel, taken.office, taken.filed_by) == ("station", clerk.office, clerk)
    assert taken.consent is None
    assert Event.objects.filter(application=taken, action="take_over", version=taken.version).exists()
    assert AuditRow.objects.filter(action="application.find", actor_id=clerk.pk).exists()
    with clock.at(make.DAY):
        filed = submit_for(
            taken,
            operator=clerk,
            version=taken.version,
            consent_version="2024-01",
            consent_evidence="本人到站签字",
        )
    assert filed.status == "submitted"


@pytest.mark.req("F2", "A2")
def test_a_draft_taken_over_needs_consent_given_at_the_station() -> None:
    draft, clerk = make.draft(), make.operator()
    taken = take_over_draft(draft.number, draft.member.resident_id or "", operator=clerk)
    with pytest.raises(RuleRefused) as refused:
        submit_for(taken, operator=clerk, version=taken.version)
    assert [error.field for error in refused.value.errors] == ["consent.version", "consent.evidence"]


@pytest.mark.req("F2")
def test_taking_over_twice_changes_nothing_more() -> None:
    draft, clerk = make.draft(), make.operator()
    number, holder = draft.number, draft.member.resident_id or ""
    first = take_over_draft(number, holder, operator=clerk)
    assert take_over_draft(number, holder, operator=clerk).version == first.version


@pytest.mark.req("F2", "A4")
def test_wrong_number_and_wrong_person_get_the_same_answer() -> None:
    draft, clerk = make.draft(), make.operator()
    said = set()
    for number, holder in [
        (draft.number, make.resident_id(4321)),
        ("ZT2024-9999999-X", draft.member.resident_id or ""),
        ("乱写", ""),
    ]:
        with pytest.raises(NotFound) as refused:
            take_over_draft(number, holder, operator=clerk)
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_filed_application_is_not_taken_over() -> None:
    filed = make.submitted()
    with pytest.raises(Conflict, match="不是草稿"):
        take_over_draft(filed.number, filed.member.resident_id or "", operator=make.operator())


@pytest.mark.req("A1")
def test_only_who_files_may_look_up_by_number() -> None:
    draft = make.draft()
    with pytest.raises(Forbidden):
        take_over_draft(draft.number, draft.member.resident_id or "", operator=make.operator(Role.HOTLINE))
    with pytest.raises(Forbidden):
        find_for(draft.number, draft.member.resident_id or "", operator=make.staff(Role.REVIEWER))
