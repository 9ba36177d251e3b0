"""Deciding: approve, return, reject, revoke; each works, is refused, repeated and raced for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from applications.models import Application, Event
from applications.services.filing import resubmit
from applications.services.objections import object_to, settle_objection
from review.models import Decision
from review.services import approve, reject, return_for_correction, take
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import member_actor
from subsidy.audit.models import AuditRow
from subsidy.errors import Conflict, Forbidden, RuleRefused
from subsidy.notices.models import Notice
from tests import make
from tests.review.cases import DECIDED, assisted, too_early

pytestmark = [pytest.mark.django_db, pytest.mark.req("V3")]
Deed = Callable[[Application, StaffUser], Decision]


def approved(case: Application, reviewer: StaffUser) -> Decision:
    return approve(case, reviewer=reviewer, version=case.version)


def returned(case: Application, reviewer: StaffUser) -> Decision:
    return return_for_correction(
        case, reviewer=reviewer, version=case.version, remarks={"issued_on": "请按证书填写"}
    )


def rejected(case: Application, reviewer: StaffUser) -> Decision:
    return reject(case, reviewer=reviewer, version=case.version, reasons=["CERTIFICATE_NOT_FOUND"])


def test_an_approval_sets_amount_and_dates_and_tells_the_member() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with clock.at(DECIDED):
        decision = approved(case, reviewer)
    case.refresh_from_db()
    assert (case.status, case.amount, case.award_label) == ("approved", 1000, "二级（技师）")
    assert (case.decided_at, case.payable_from) == (DECIDED, DECIDED)
    assert case.payout_due_at == DECIDED.replace(month=10)
    assert (decision.version_seen, decision.amount, decision.reviewer) == (case.version - 1, 1000, reviewer)
    assert Notice.objects.filter(template="approved", member_id=case.member_id).count() == 1
    assert AuditRow.objects.get(action="review.approve").actor_id == reviewer.pk


def test_a_decision_keeps_what_was_seen() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    make.card_holder(case.member, name="王建军")
    decision = approved(case, reviewer)
    decision.refresh_from_db()
    assert decision.facts["facts"]["card_holder_differences"] == ["姓名"]
    assert [reason["code"] for reason in decision.reasons] == ["CARD_HOLDER_MISMATCH"]
    assert decision.scheme_fingerprint == case.scheme.fingerprint


def test_the_rules_are_asked_again_at_the_decision() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    assert case.reasons == []
    make.card_holder(make.member())
    assert [reason["code"] for reason in approved(case, reviewer).reasons] == ["NOT_A_CARD_HOLDER"]


@pytest.mark.req("E9")
def test_a_reviewer_does_not_approve_over_a_blocking_reason() -> None:
    case = too_early(make.staff("station"), 911)
    with pytest.raises(RuleRefused) as refusal:
        approved(case, make.staff("reviewer"))
    assert refusal.value.code == "BLOCKED"
    assert not Decision.objects.exists()


@pytest.mark.req("E9")
def test_a_lead_approves_over_a_blocking_reason_with_a_note_and_the_award_is_paid() -> None:
    lead, case = make.staff("review_lead"), too_early(make.staff("station"), 912)
    with pytest.raises(RuleRefused) as refusal:
        approved(case, lead)
    assert refusal.value.code == "NOTE_REQUIRED"
    decision = approve(case, reviewer=lead, version=case.version, note="已核对首次取证日期在 2023 年内")
    assert decision.amount == 1000
    assert not decision.facts["eligible"]


@pytest.mark.req("E9")
def test_without_an_award_row_nobody_approves() -> None:
    case = assisted(make.staff("station"), 913, reason="会员坚持申报", level="4")
    with pytest.raises(RuleRefused) as refusal:
        approve(case, reviewer=make.staff("review_lead"), version=case.version, note="理由")
    assert refusal.value.code == "NO_AWARD_ROW"


def test_a_return_stops_the_clock_and_gives_a_deadline() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with clock.at(DECIDED):
        decision = returned(case, reviewer)
    case.refresh_from_db()
    assert (case.status, case.returned_at) == ("returned", DECIDED)
    assert case.correction_due_at == DECIDED + timedelta(days=14)
    event = case.events.get(action="return")
    assert (event.remarks, event.deadline) == ({"issued_on": "请按证书填写"}, case.correction_due_at)
    assert decision.remarks == event.remarks
    assert Notice.objects.filter(template="returned").count() == 1


def test_after_a_correction_the_time_with_the_member_is_not_counted() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    due = case.review_due_at
    with clock.at(DECIDED):
        returned(case, reviewer)
    case.refresh_from_db()
    with clock.at(DECIDED + timedelta(days=5)):
        case = resubmit(case, actor=member_actor(case.member), version=case.version)
    assert due is not None
    assert case.review_due_at == due + timedelta(days=5)


@pytest.mark.parametrize("remarks", [{}, {"issued_on": "  "}, {"amount": "改一下"}, {"trade": "字" * 201}])
def test_a_return_names_fields_that_can_be_corrected(remarks: dict[str, str]) -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with pytest.raises(RuleRefused):
        return_for_correction(case, reviewer=reviewer, version=case.version, remarks=remarks)
    assert Application.objects.get(pk=case.pk).status == "submitted"


def test_a_rejection_gives_each_reason_its_clause_and_sentence() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    codes = ["SECOND_GRANT", "CERTIFICATE_NOT_FOUND"]
    reject(case, reviewer=reviewer, version=case.version, reasons=codes, note="经查询")
    event = case.events.get(action="reject")
    assert [(reason["code"], reason["clause"]) for reason in event.reasons] == [
        ("SECOND_GRANT", "五（一）"),
        ("CERTIFICATE_NOT_FOUND", "二（一）"),
    ]
    assert (event.to_status, event.note) == ("rejected", "经查询")
    assert Notice.objects.filter(template="rejected").count() == 1


def test_a_rejection_may_rest_on_what_the_rules_found() -> None:
    reviewer, case = make.staff("reviewer"), too_early(make.staff("station"), 914)
    decision = reject(case, reviewer=reviewer, version=case.version, reasons=["ISSUED_BEFORE_WINDOW"])
    assert "2022" in decision.reasons[0]["message"] or "早于" in decision.reasons[0]["message"]


@pytest.mark.parametrize("codes", [[], ["NO_SUCH_CODE"], ["ISSUED_BEFORE_WINDOW"], ["OTHER"]])
def test_a_rejection_needs_a_known_reason_and_other_needs_a_note(codes: list[str]) -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with pytest.raises(RuleRefused):
        reject(case, reviewer=reviewer, version=case.version, reasons=codes)
    assert not Decision.objects.exists()


def test_a_returned_case_is_rejected_only_after_its_deadline() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with clock.at(DECIDED):
        returned(case, reviewer)
    case.refresh_from_db()
    with clock.at(DECIDED + timedelta(days=13)), pytest.raises(Conflict):
        rejected(case, reviewer)
    with clock.at(DECIDED + timedelta(days=14)):
        reject(case, reviewer=reviewer, version=case.version, reasons=["CORRECTION_OVERDUE"])
    assert Application.objects.get(pk=case.pk).status == "rejected"


def test_a_case_past_its_correction_deadline_is_not_approved() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    with clock.at(DECIDED):
        returned(case, reviewer)
    case.refresh_from_db()
    with clock.at(DECIDED + timedelta(days=20)), pytest.raises(Conflict):
        approved(case, reviewer)


@pytest.mark.parametrize("deed", [approved, returned, rejected])
def test_a_decision_names_the_version_it_was_taken_on(deed: Deed) -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    case.version -= 1
    with pytest.raises(Conflict) as refusal:
        deed(case, reviewer)
    assert refusal.value.code == "STALE_VERSION"


@pytest.mark.parametrize("deed", [approved, returned, rejected])
def test_a_decision_repeated_is_refused_and_changes_nothing(deed: Deed) -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    deed(case, reviewer)
    for _ in range(2):
        with pytest.raises(Conflict):
            deed(case, reviewer)
        case.refresh_from_db()
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("deed", [approved, returned, rejected])
@pytest.mark.req("V1")
def test_a_case_held_by_a_colleague_is_not_decided(deed: Deed) -> None:
    first, second, case = make.staff("reviewer"), make.staff("reviewer"), make.submitted()
    take(case, reviewer=first)
    with pytest.raises(Conflict) as refusal:
        deed(case, second)
    assert refusal.value.code == "TAKEN"


@pytest.mark.parametrize("deed", [approved, returned, rejected])
@pytest.mark.parametrize("role", ["hotline", "intake", "finance_checker", "administrator", "auditor"])
@pytest.mark.req("A1")
def test_nobody_but_a_reviewer_decides(deed: Deed, role: str) -> None:
    case, user = make.submitted(), make.staff(role)
    with pytest.raises(Forbidden):
        deed(case, user)


@pytest.mark.parametrize("deed", [approved, returned, rejected])
def test_the_operator_who_filed_does_not_decide(deed: Deed) -> None:
    lead = make.staff("review_lead")
    case = assisted(lead, 921)
    with pytest.raises(Forbidden) as refusal:
        deed(case, lead)
    assert refusal.value.code == "OWN_FILING"


def test_the_database_refuses_a_decision_by_the_operator_who_filed() -> None:
    lead, reviewer = make.staff("review_lead"), make.staff("reviewer")
    decision = approved(assisted(lead, 922), reviewer)
    decision.pk, decision.reviewer, decision.version_seen = None, lead, 99
    with pytest.raises(IntegrityError, match="decision_not_by_the_operator_who_filed"), transaction.atomic():
        decision.save(force_insert=True)


@pytest.mark.parametrize(
    "statement", ["UPDATE review_decision SET amount = 1", "DELETE FROM review_decision"]
)
def test_the_database_keeps_decisions_as_they_are(statement: str) -> None:
    approved(make.submitted(), make.staff("reviewer"))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Decision.objects.get().amount == 1000


def test_the_database_refuses_an_approval_without_an_amount() -> None:
    decision = approved(make.submitted(), make.staff("reviewer"))
    decision.pk, decision.amount, decision.version_seen = None, None, 99
    with pytest.raises(IntegrityError, match="decision_approval_has_amount"), transaction.atomic():
        decision.save(force_insert=True)


def test_the_database_refuses_a_refusal_without_a_reason() -> None:
    decision = rejected(make.submitted(), make.staff("reviewer"))
    decision.pk, decision.reasons, decision.version_seen = None, [], 99
    with pytest.raises(IntegrityError, match="decision_refusal_has_reason"), transaction.atomic():
        decision.save(force_insert=True)


@pytest.mark.req("E7")
def test_one_certificate_is_approved_once() -> None:
    reviewer, number = make.staff("reviewer"), make.certificate_number(930)
    first = make.submitted(certificate={"certificate_number": number})
    second = make.submitted(certificate={"certificate_number": number})
    approved(first, reviewer)
    with pytest.raises(Conflict) as refusal:
        approved(second, reviewer)
    assert refusal.value.code == "CERTIFICATE_APPROVED"
    assert first.number in refusal.value.message
    assert Decision.objects.count() == 1


def test_every_decision_leaves_its_event() -> None:
    reviewer, case = make.staff("reviewer"), make.submitted()
    approved(case, reviewer)
    event = Event.objects.filter(application=case).latest("id")
    assert (event.action, event.actor_realm, event.actor_id) == ("approve", "staff", reviewer.pk)
    assert event.data == {"amount": 1000, "award": "二级（技师）", "clause": "三（一）"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("V1")
def test_reviewers_who_decide_one_case_at_once_leave_one_decision(
    thread_race: Callable[..., list[object]],
) -> None:
    case, reviewers = make.submitted(), [make.staff("reviewer") for _ in range(6)]
    deeds: list[Deed] = [approved, returned, rejected] * 2
    results = thread_race(lambda i: deeds[i](case, reviewers[i]), times=6)
    assert [type(result) for result in results].count(Decision) == 1
    assert [type(result) for result in results].count(Conflict) == 5
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("E7")
def test_two_cases_with_one_certificate_approved_at_once_leave_one_approval(
    thread_race: Callable[..., list[object]],
) -> None:
    number = make.certificate_number(931)
    cases = [make.submitted(certificate={"certificate_number": number}) for _ in range(2)]
    reviewers = [make.staff("reviewer") for _ in range(2)]
    results = thread_race(lambda i: approved(cases[i], reviewers[i]), times=2)
    assert {type(result) for result in results} == {Decision, Conflict}
    assert Application.objects.filter(status="approved").count() == 1


@pytest.mark.req("F2")
def test_nothing_is_approved_while_an_objection_is_open() -> None:
    reviewer, case = make.staff("reviewer"), assisted(make.staff("station"), 921)
    with clock.at(DECIDED):
        objection = object_to(case, member=case.member, text="不是我申请的")
        case.refresh_from_db()
        with pytest.raises(Conflict) as refusal:
            approved(case, reviewer)
        assert (refusal.value.code, Decision.objects.count()) == ("OBJECTION_OPEN", 0)
        settle_objection(objection, operator=make.staff("review_lead"), settlement="本人到场核实，确认申报。")
        case.refresh_from_db()
        assert approved(case, reviewer).outcome == "approve"
