"""Filing at the hotline and at stations: who may, with what consent, over which reasons (F2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from applications.models import Application, Consent, Event
from applications.services.assisted import draft_for, file_for, submit_for
from applications.services.drafts import Filing
from review.services import return_for_correction
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, RuleRefused
from subsidy.notices.models import Notice
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


@pytest.mark.req("F2")
@pytest.mark.parametrize("channel", [Channel.HOTLINE, Channel.STATION])
def test_operator_office_channel_and_consent_are_recorded(channel: Channel) -> None:
    clerk = make.operator(channel.value)
    filed = make.assisted(operator_=clerk, channel=channel)
    assert (filed.status, filed.channel, filed.filed_by, filed.office) == (
        "submitted",
        channel,
        clerk,
        clerk.office,
    )
    consent = Consent.objects.get(pk=filed.consent_id)
    assert (consent.evidence, consent.channel) == ("通话录音 000123", channel)
    assert Event.objects.get(application=filed, action="submit").actor_realm == "staff"
    assert AuditRow.objects.filter(action="application.draft_for", actor_id=clerk.pk).exists()


@pytest.mark.req("F2", "F7")
def test_the_member_is_told_that_somebody_filed_for_them() -> None:
    filed = make.assisted()
    notice = Notice.objects.get(member_id=filed.member_id)
    assert notice.template == "filed_for_you"
    assert filed.number in notice.body


@pytest.mark.req("F2")
def test_a_person_on_record_keeps_their_own_mobile() -> None:
    owner = make.member(71, name="李秀英")
    filed = make.assisted(make.person(71, mobile=make.mobile(99)))
    owner.refresh_from_db()
    assert (filed.member_id, owner.mobile) == (owner.pk, make.mobile(71))


@pytest.mark.req("F2")
@pytest.mark.parametrize(
    ("role", "kind", "channel", "code"),
    [
        ("intake", "association", Channel.STATION, "WRONG_ROLE"),
        ("hotline", "hotline", Channel.STATION, "WRONG_ROLE"),
        ("station", "station", Channel.HOTLINE, "WRONG_ROLE"),
        ("station", "hotline", Channel.STATION, "WRONG_OFFICE"),
        ("hotline", "station", Channel.HOTLINE, "WRONG_OFFICE"),
    ],
)
def test_the_channel_must_fit_role_and_office(role: str, kind: str, channel: Channel, code: str) -> None:
    clerk = make.staff(role, office=make.office(f"T-{kind}", kind))
    with pytest.raises(Forbidden) as refused:
        begin(clerk, channel=channel)
    assert refused.value.code == code
    assert not Application.objects.exists()


@pytest.mark.req("F2")
def test_a_closed_office_files_nothing() -> None:
    clerk = make.operator()
    assert clerk.office is not None
    clerk.office.is_active = False
    clerk.office.save()
    with pytest.raises(Forbidden, match="所属机构"):
        begin(clerk)


@pytest.mark.req("P2")
def test_a_station_cannot_file_a_social_worker_and_is_told_the_open_door() -> None:
    plan = make.scheme()
    with pytest.raises(RuleRefused, match="纸质材料") as refused:
        draft_for(
            make.person(),
            make.consented(make.social_work(1)),
            scheme=plan,
            ground=Ground.SOCIAL_WORK,
            channel=Channel.STATION,
            operator=make.operator(),
        )
    assert refused.value.code == "DOOR_CLOSED"


def test_paper_does_not_go_through_the_counter() -> None:
    with pytest.raises(RuleRefused) as refused:
        begin(make.operator(Role.INTAKE), channel=Channel.PAPER)
    assert refused.value.field == "channel"


@pytest.mark.req("F2", "A2")
@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"consent_version": "", "consent_evidence": None}, ["consent.version", "consent.evidence"]),
        ({"consent_version": "", "consent_evidence": "录音 1"}, ["consent.version"]),
        ({"consent_version": "2024-01", "consent_evidence": " "}, ["consent.evidence"]),
        ({"consent_version": "1999-01", "consent_evidence": "录音 1"}, ["consent.version"]),
    ],
)
def test_without_consent_and_its_evidence_nothing_is_written(
    given: dict[str, str | None], fields: list[str]
) -> None:
    with pytest.raises(RuleRefused) as refused:
        make.assisted(**given)
    assert [error.field for error in refused.value.errors] == fields
    assert (Application.objects.count(), Member.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "李"}, "name"),
        ({"resident_id": "110102199001011234"}, "resident_id"),
        ({"mobile": "123"}, "mobile"),
        ({"card_number": "62"}, "card_number"),
    ],
)
def test_a_wrong_number_names_its_field_and_leaves_nothing(changes: dict[str, str], field: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        make.assisted(make.person(**changes))
    assert refused.value.field == field
    assert (Application.objects.count(), Member.objects.count()) == (0, 0)


def test_a_certificate_without_its_date_names_the_field() -> None:
    with pytest.raises(RuleRefused) as refused:
        make.assisted(certificate=make.skill(1, issued_on=None))
    assert [error.field for error in refused.value.errors] == ["certificate.issued_on"]


@pytest.mark.req("F2")
def test_a_draft_may_be_submitted_later_with_the_consent_given_then() -> None:
    clerk = make.operator()
    draft = begin(clerk, make.consented(consent_version="", consent_evidence=None))
    with clock.at(make.DAY):
        filed = submit_for(
            draft,
            operator=clerk,
            version=draft.version,
            consent_version="2024-01",
            consent_evidence="本人到站签字",
        )
    consent = Consent.objects.get(pk=filed.consent_id)
    assert (filed.status, consent.evidence) == ("submitted", "本人到站签字")


@pytest.mark.req("E9")
def test_a_blocking_reason_asks_for_a_written_reason() -> None:
    with pytest.raises(RuleRefused) as refused:
        make.assisted(certificate=make.skill(1, **TOO_EARLY))
    assert [error.field for error in refused.value.errors] == ["certificate.issued_on", "staff_reason"]


@pytest.mark.req("E9")
def test_a_written_reason_files_over_a_blocking_reason_that_stays_in_sight() -> None:
    filed = make.assisted(certificate=make.skill(1, **TOO_EARLY), staff_reason="会员称换证，原证待核。")
    assert (filed.status, filed.staff_reason) == ("submitted", "会员称换证，原证待核。")
    assert "ISSUED_BEFORE_WINDOW" in [reason["code"] for reason in filed.reasons]


@pytest.mark.req("E9")
def test_a_blank_reason_is_no_reason() -> None:
    with pytest.raises(RuleRefused) as refused:
        make.assisted(certificate=make.skill(1, **TOO_EARLY), staff_reason="   ")
    assert refused.value.code == "ISSUED_BEFORE_WINDOW"


@pytest.mark.req("E8")
def test_no_reason_files_after_closing() -> None:
    with pytest.raises(RuleRefused) as refused:
        make.assisted(at=datetime(2024, 11, 1, tzinfo=clock.SHANGHAI), staff_reason="会员来电较晚。")
    assert [error.field for error in refused.value.errors] == [""]
    assert refused.value.code == "FILED_AFTER_CLOSING"


@pytest.mark.req("E7")
def test_no_reason_gives_a_second_grant() -> None:
    whom, clerk = make.person(), make.operator()
    make.assisted(whom, operator_=clerk)
    with pytest.raises(RuleRefused) as refused:
        make.assisted(whom, operator_=clerk, staff_reason="会员坚持。")
    assert refused.value.code == "ALREADY_APPLIED"
    assert Application.objects.count() == 1


def test_a_stale_version_is_refused() -> None:
    clerk = make.operator()
    draft = begin(clerk)
    with pytest.raises(Conflict) as stale:
        submit_for(draft, operator=clerk, version=draft.version + 1)
    assert stale.value.code == "STALE_VERSION"


@pytest.mark.req("V3")
def test_a_returned_case_is_sent_again_not_submitted_past_its_deadline() -> None:
    clerk = make.operator()
    filed = make.assisted(operator_=clerk)
    with clock.at(make.DAY):
        return_for_correction(
            filed,
            reviewer=make.staff(Role.REVIEWER),
            version=filed.version,
            remarks={"certificate_number": "请核对。"},
        )
    with clock.at(make.DAY + timedelta(days=20)), pytest.raises(Conflict) as refused:
        submit_for(filed, operator=clerk, version=filed.version + 1)
    assert refused.value.code == "RESUBMIT_INSTEAD"


@pytest.mark.req("E7")
@pytest.mark.django_db(transaction=True)
def test_eight_desks_file_for_one_person_at_once_and_one_succeeds(
    thread_race: Callable[..., list[object]],
) -> None:
    whom, plan = make.person(), make.scheme()
    clerks = [make.operator(code=f"ST-{n}") for n in range(8)]
    filings = [replace(make.consented(), employer=f"单位{n}") for n in range(8)]

    def work(n: int) -> str:
        try:
            with clock.at(make.DAY):
                file_for(
                    whom,
                    filings[n],
                    scheme=plan,
                    ground=Ground.SKILL,
                    channel=Channel.STATION,
                    operator=clerks[n],
                )
        except (RuleRefused, Conflict) as error:
            return error.code
        return "filed"

    said = thread_race(work, times=8)
    assert sorted(map(str, said)) == ["ALREADY_APPLIED"] * 7 + ["filed"]
    assert (Member.objects.count(), Application.objects.count()) == (1, 1)
