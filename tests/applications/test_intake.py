"""Paper dossiers: the day of receipt counts, the four copies are asked for, the draft is kept (F3, E8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from applications.models import Application, PaperDossier
from applications.services.drafts import Filing, save_draft
from applications.services.filing import submit
from applications.services.intake import (
    Receipt,
    change_dossier,
    file_dossier,
    receive_and_file,
    take_in,
)
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.accounts.roles import Role
from subsidy.accounts.services import member_actor, staff_actor
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused
from subsidy.rules.terms import Channel, Ground
from tests import make

pytestmark = pytest.mark.django_db
LAST_DAY = date(2024, 10, 31)
AFTER = datetime(2024, 11, 6, 9, tzinfo=clock.SHANGHAI)


def typed_online(person: Member | None = None) -> Application:
    person = person or make.member()
    filing = Filing(make.social_work(5), person.card_number, consent_version="2024-01")
    plan = make.scheme()
    with clock.at(make.DAY):
        return save_draft(
            person,
            filing,
            scheme=plan,
            ground=Ground.SOCIAL_WORK,
            channel=Channel.PAPER,
            actor=member_actor(person),
        )


@pytest.mark.req("F3", "E3", "E5")
@pytest.mark.parametrize(("grade", "award"), [("senior", 2000), ("social_worker", 1000)])
def test_a_whole_dossier_is_filed_with_its_award(grade: str, award: int) -> None:
    receipt = make.paper(grade=grade)
    filed = receipt.application
    assert receipt == Receipt(filed)
    assert (filed.status, filed.channel, filed.award) == ("submitted", "paper", award)
    assert (filed.received_on, filed.consent_evidence) == (make.DAY.date(), "附件 1 申请表，本人签字")
    assert PaperDossier.objects.get(application=filed).received_by == filed.filed_by


@pytest.mark.req("E3")
def test_an_assistant_social_worker_is_not_covered() -> None:
    with pytest.raises(RuleRefused) as refused:
        make.paper(grade="assistant")
    assert refused.value.code == "GRADE_NOT_COVERED"
    assert not Application.objects.exists()


@pytest.mark.req("E8")
def test_a_dossier_typed_after_closing_counts_by_the_day_it_was_received() -> None:
    filed = make.paper(papers=make.dossier(LAST_DAY), at=AFTER).application
    assert filed.first_filed_at == datetime(2024, 10, 31, tzinfo=clock.SHANGHAI)
    assert filed.review_due_at == datetime(2024, 11, 30, tzinfo=clock.SHANGHAI)
    assert filed.submitted_at == AFTER
    audited = AuditRow.objects.get(action="application.receive", target=f"application:{filed.pk}")
    assert audited.data["received_on"] == "2024-10-31"


@pytest.mark.req("E8")
@pytest.mark.parametrize(
    ("received_on", "at", "code"),
    [
        (date(2024, 6, 19), make.DAY, "RECEIVED_IN_FUTURE"),
        (date(2024, 11, 1), AFTER, "FILED_AFTER_CLOSING"),
        (date(2023, 12, 31), make.DAY, "FILED_BEFORE_OPENING"),
    ],
)
def test_a_day_of_receipt_outside_the_window_is_refused(received_on: date, at: datetime, code: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        make.paper(papers=make.dossier(received_on), at=at)
    assert (refused.value.code, refused.value.field) == (code, "received_on")
    assert not Application.objects.exists()


@pytest.mark.req("E8")
def test_a_dossier_received_on_the_opening_day_counts_from_the_opening() -> None:
    nine = datetime(2024, 6, 18, 9, tzinfo=clock.SHANGHAI)
    make.scheme(opens_at=nine)
    person, clerk = make.person(), make.operator(Role.INTAKE)
    plan = make.Scheme.objects.get(year=2024)
    with clock.at(make.DAY):
        receipt = receive_and_file(
            person,
            Filing(make.social_work(1), consent_version="2024-01"),
            make.dossier(),
            scheme=plan,
            operator=clerk,
        )
    assert receipt.application.first_filed_at == nine


@pytest.mark.req("F3")
@pytest.mark.parametrize("copy", ["has_id_front", "has_id_back", "has_card", "has_certificate"])
def test_with_a_copy_missing_the_draft_is_kept_and_the_copy_named(copy: str) -> None:
    clerk = make.operator(Role.INTAKE)
    receipt = make.paper(operator_=clerk, papers=make.dossier(**{copy: False}))
    assert receipt.application.status == "draft"
    assert [error.field for error in receipt.missing] == [f"dossier.{copy}"]
    with pytest.raises(RuleRefused) as refused:
        file_dossier(receipt.application, operator=clerk, version=receipt.application.version)
    assert refused.value.code == "DOSSIER_INCOMPLETE"


@pytest.mark.req("F3")
def test_no_other_door_files_an_incomplete_dossier() -> None:
    clerk = make.operator(Role.INTAKE)
    draft = make.paper(operator_=clerk, papers=make.dossier(has_card=False)).application
    with clock.at(make.DAY), pytest.raises(RuleRefused) as refused:
        submit(draft, actor=staff_actor(clerk), version=draft.version)
    assert [error.field for error in refused.value.errors] == ["dossier.has_card"]


@pytest.mark.req("F3", "E8")
def test_copies_that_come_later_complete_the_dossier_of_the_first_day() -> None:
    clerk = make.operator(Role.INTAKE)
    first = make.paper(operator_=clerk, papers=make.dossier(LAST_DAY, has_card=False), at=AFTER).application
    with clock.at(AFTER):
        whole = change_dossier(first, make.dossier(LAST_DAY), operator=clerk, version=first.version)
        assert whole.missing == ()
        filed = file_dossier(whole.application, operator=clerk, version=whole.application.version)
    assert filed.first_filed_at == datetime(2024, 10, 31, tzinfo=clock.SHANGHAI)


@pytest.mark.req("E8", "A3")
def test_a_corrected_day_of_receipt_is_audited_with_the_day_before() -> None:
    clerk = make.operator(Role.INTAKE)
    draft = make.paper(operator_=clerk, papers=make.dossier(has_card=False)).application
    with clock.at(make.DAY):
        change_dossier(draft, make.dossier(date(2024, 6, 17)), operator=clerk, version=draft.version)
    data = AuditRow.objects.get(action="application.change_dossier").data
    assert (data["before"]["received_on"], data["received_on"]) == ("2024-06-18", "2024-06-17")
    draft.refresh_from_db()
    assert draft.received_on == date(2024, 6, 17)


@pytest.mark.req("E8")
def test_the_day_of_receipt_is_fixed_once_filed() -> None:
    clerk = make.operator(Role.INTAKE)
    filed = make.paper(operator_=clerk).application
    with clock.at(make.DAY), pytest.raises(Conflict) as refused:
        change_dossier(filed, make.dossier(date(2024, 6, 17)), operator=clerk, version=filed.version)
    assert refused.value.field == "received_on"


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", ["station", "hotline", "administrator", "reviewer"])
def test_only_intake_registers_papers(role: str) -> None:
    with pytest.raises(Forbidden):
        make.paper(operator_=make.staff(role))


@pytest.mark.parametrize("field", ["grade", "registration_number", "approved_on", "issuing_authority"])
def test_every_field_of_the_annex_is_asked_for(field: str) -> None:
    empty = None if field == "approved_on" else ""
    with pytest.raises(RuleRefused) as refused:
        make.paper(**{field: empty})
    assert [error.field for error in refused.value.errors] == [f"certificate.{field}"]


@pytest.mark.req("F3")
def test_the_papers_of_a_draft_typed_online_are_registered_by_number() -> None:
    draft, clerk = typed_online(), make.operator(Role.INTAKE)
    with clock.at(make.DAY):
        receipt = take_in(draft.number, draft.member.resident_id or "", make.dossier(), operator=clerk)
        taken = receipt.application
        assert (receipt.missing, taken.filed_by, taken.office) == ((), clerk, clerk.office)
        filed = file_dossier(taken, operator=clerk, version=taken.version)
    assert (filed.pk, filed.status) == (draft.pk, "submitted")


@pytest.mark.req("F3", "P2")
def test_a_member_cannot_submit_the_typed_draft_and_is_told_what_to_do() -> None:
    draft = typed_online()
    with clock.at(make.DAY), pytest.raises(RuleRefused) as refused:
        submit(draft, actor=member_actor(draft.member), version=draft.version)
    assert refused.value.errors[0].field == "received_on"
    assert "送交市职工技术协会" in refused.value.errors[0].message


def test_papers_are_registered_once() -> None:
    draft, clerk = typed_online(), make.operator(Role.INTAKE)
    holder = draft.member.resident_id or ""
    with clock.at(make.DAY):
        take_in(draft.number, holder, make.dossier(has_card=False), operator=clerk)
        with pytest.raises(Conflict) as refused:
            take_in(draft.number, holder, make.dossier(), operator=clerk)
    assert refused.value.code == "ALREADY_RECEIVED"


def test_a_skill_draft_takes_no_papers() -> None:
    draft = make.draft()
    with clock.at(make.DAY), pytest.raises(Conflict, match="不是等待纸质材料"):
        take_in(
            draft.number,
            draft.member.resident_id or "",
            make.dossier(),
            operator=make.operator(Role.INTAKE),
        )


def test_filing_a_filed_dossier_again_is_refused() -> None:
    clerk = make.operator(Role.INTAKE)
    filed = make.paper(operator_=clerk).application
    with clock.at(make.DAY), pytest.raises(Conflict, match="已经提交过"):
        file_dossier(filed, operator=clerk, version=filed.version)


@pytest.mark.req("F5", "E7", "E8")
def test_a_member_switches_to_social_work_when_intake_receives_the_dossier() -> None:
    early = datetime(2024, 3, 1, 9, tzinfo=clock.SHANGHAI)
    owner = make.member(81, name="李秀英")
    skill = make.submitted(owner, at=early)
    clerk, plan = make.operator(Role.INTAKE), make.scheme()
    with clock.at(make.DAY):
        filed = receive_and_file(
            make.person(81),
            Filing(make.social_work(1), consent_version="2024-01"),
            make.dossier(),
            scheme=plan,
            operator=clerk,
            switch_from=skill,
            choice="申请表上注明改报",
        ).application
    skill.refresh_from_db()
    assert (skill.status, filed.status, filed.replaces) == ("withdrawn", "submitted", skill)
    assert filed.first_filed_at == early


@pytest.mark.req("E7")
def test_without_a_switch_the_dossier_of_who_already_applied_is_refused() -> None:
    make.submitted(make.member(82, name="李秀英"))
    with pytest.raises(RuleRefused) as refused:
        make.paper(make.person(82))
    assert refused.value.code == "ALREADY_APPLIED"
    assert PaperDossier.objects.count() == 0


@pytest.mark.req("F5")
def test_somebody_elses_application_cannot_be_switched_from() -> None:
    stranger, clerk, plan = make.submitted(), make.operator(Role.INTAKE), make.scheme()
    with clock.at(make.DAY), pytest.raises(NotFound) as refused:
        receive_and_file(
            make.person(),
            Filing(make.social_work(1), consent_version="2024-01"),
            make.dossier(),
            scheme=plan,
            operator=clerk,
            switch_from=stranger,
            choice="签字",
        )
    assert refused.value.field == "switch_from"
    stranger.refresh_from_db()
    assert stranger.status == "submitted"


@pytest.mark.django_db(transaction=True)
def test_two_clerks_register_the_same_papers_at_once_and_one_succeeds(
    thread_race: Callable[..., list[object]],
) -> None:
    draft = typed_online()
    holder = draft.member.resident_id or ""
    clerks = [make.operator(Role.INTAKE) for _ in range(2)]

    def work(n: int) -> str:
        try:
            with clock.at(make.DAY):
                take_in(draft.number, holder, make.dossier(), operator=clerks[n])
        except Conflict as error:
            return error.code
        return "received"

    assert sorted(map(str, thread_race(work, times=2))) == ["ALREADY_RECEIVED", "received"]
    assert PaperDossier.objects.count() == 1
