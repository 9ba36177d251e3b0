"""Corrections of name and identity number: asked by the member, decided by who filed nothing (A2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from applications.models import Application
from applications.services.particulars import decide_correction
from applications.services.timeline import timeline
from applications.services.transitions import Step, lock, record_payment
from subsidy import clock
from subsidy.accounts.enums import CorrectionField
from subsidy.accounts.models import Member, MemberCorrection, StaffUser
from subsidy.accounts.services import request_correction
from subsidy.audit.actors import SYSTEM
from subsidy.audit.models import AuditRow
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, Forbidden, RuleRefused, SubsidyError, TooManyRequests
from subsidy.notices.models import Notice
from subsidy.rules.workflow import PaymentStatus
from tests import make
from tests.pages.browser import decide

pytestmark = [pytest.mark.django_db, pytest.mark.req("A2")]
RIGHT = make.resident_id(8_801)
NUMBER, NAME = CorrectionField.RESIDENT_ID, CorrectionField.NAME


@pytest.fixture
def clerk(db: None) -> StaffUser:
    """Return who decides."""
    return make.staff("administrator")


def asked(person: Member, field: CorrectionField = NUMBER, value: str = RIGHT) -> MemberCorrection:
    return request_correction(person, field=field, value=value, reason="填报时打错了")


def granted(person: Member, clerk: StaffUser, field: CorrectionField = NUMBER, value: str = RIGHT) -> Member:
    with clock.at(make.DAY):
        decide_correction(
            asked(person, field, value), operator=clerk, grant=True, note="已核对身份证", on_document=value
        )
    person.refresh_from_db()
    return person


def fresh(case: Application) -> Application:
    return Application.objects.get(pk=case.pk)


def test_a_granted_number_stands_in_the_record_with_its_digest(clerk: StaffUser) -> None:
    person = granted(make.member(), clerk)
    assert person.resident_id == RIGHT
    assert person.resident_id_index == blind_index("resident_id", RIGHT)


def test_a_granted_name_stands_in_the_record(clerk: StaffUser) -> None:
    person = granted(make.member(), clerk, NAME, "王建囯")
    assert (person.name, person.name_key) == ("王建囯", "王建囯")


def test_the_asked_value_lies_sealed_and_out_of_the_audit_log(clerk: StaffUser) -> None:
    correction = asked(make.member())
    assert RIGHT not in str(MemberCorrection.objects.values("value_index", "reason").get())
    rows = AuditRow.objects.filter(action__startswith="member.correct")
    assert RIGHT not in str(list(rows.values_list("data", flat=True)))
    assert correction.shown_value == f"{RIGHT[:6]}********{RIGHT[-4:]}"


def test_the_member_hears_of_it(clerk: StaffUser) -> None:
    person = granted(make.member(), clerk)
    notice = Notice.objects.get(template="corrected")
    assert (notice.mobile, notice.member_id) == (person.mobile, person.pk)


def test_a_refusal_leaves_the_record_and_is_told(clerk: StaffUser) -> None:
    person = make.member()
    before = person.resident_id
    decide_correction(asked(person), operator=clerk, grant=False, note="证件上不是这个号码")
    person.refresh_from_db()
    assert person.resident_id == before
    assert Notice.objects.get(template="not_corrected").member_id == person.pk


@pytest.mark.req("A3")
def test_asking_and_deciding_are_written_down(clerk: StaffUser) -> None:
    person = granted(make.member(), clerk)
    rows = AuditRow.objects.filter(target=f"member:{person.pk}", action__startswith="member.correct")
    assert [(row.action, row.realm) for row in rows.order_by("id")] == [
        ("member.correct", "member"),
        ("member.correct_decided", "staff"),
    ]


def test_what_is_granted_must_stand_on_the_document(clerk: StaffUser) -> None:
    person = make.member()
    with pytest.raises(RuleRefused) as refusal:
        decide_correction(
            asked(person), operator=clerk, grant=True, note="已核对", on_document=make.resident_id(8_802)
        )
    assert (refusal.value.code, refusal.value.field) == ("NOT_THE_DOCUMENT", "on_document")


def test_a_number_of_another_record_is_refused_in_words(clerk: StaffUser) -> None:
    other, person = make.member(8_801, name="李小红"), make.member()
    with pytest.raises(Conflict) as refusal:
        granted(person, clerk, value=other.resident_id or "")
    assert refusal.value.code == "RESIDENT_ID_TAKEN"
    assert MemberCorrection.objects.get().is_open


def test_asking_does_not_tell_whether_others_hold_the_number() -> None:
    other, person = make.member(8_801, name="李小红"), make.member()
    assert asked(person, value=other.resident_id or "").is_open


@pytest.mark.parametrize(
    ("field", "value", "reason", "at"),
    [
        (NUMBER, "110102196001010010", "打错了", "value"),
        (NAME, "=王", "打错了", "value"),
        (NAME, "王建国", "打错了", "value"),
        (NUMBER, RIGHT, " ", "reason"),
        (NUMBER, RIGHT, "字" * 201, "reason"),
    ],
)
def test_a_request_that_will_not_do_is_refused_by_its_field(
    field: CorrectionField, value: str, reason: str, at: str
) -> None:
    with pytest.raises(RuleRefused) as refusal:
        request_correction(make.member(), field=field, value=value, reason=reason)
    assert refusal.value.errors[0].field == at


def test_one_request_waits_at_a_time_for_each_field() -> None:
    person = make.member()
    asked(person)
    with pytest.raises(Conflict):
        asked(person, value=make.resident_id(8_802))
    assert asked(person, NAME, "王建囯").is_open


def test_a_member_asks_three_times_a_day(clerk: StaffUser) -> None:
    person = make.member()
    for _ in range(3):
        decide_correction(asked(person), operator=clerk, grant=False, note="不是这个号码")
    with pytest.raises(TooManyRequests) as refusal:
        asked(person)
    assert 86_000 < refusal.value.retry_after <= 86_400


@pytest.mark.req("A1")
@pytest.mark.parametrize("role", ["station", "hotline", "reviewer", "finance_maker", "auditor"])
def test_other_roles_decide_nothing(role: str) -> None:
    with pytest.raises(Forbidden):
        decide_correction(asked(make.member()), operator=make.staff(role), grant=False, note="不行")


@pytest.mark.req("A1")
def test_who_filed_for_the_member_does_not_decide() -> None:
    case = make.paper().application
    correction = asked(case.member)
    with pytest.raises(Forbidden) as refusal:
        decide_correction(correction, operator=case.filed_by, grant=False, note="不行")  # type: ignore[arg-type]
    assert refusal.value.code == "OWN_FILING"


def test_a_request_is_decided_once(clerk: StaffUser) -> None:
    correction = asked(make.member())
    decide_correction(correction, operator=clerk, grant=False, note="不行")
    with pytest.raises(Conflict):
        decide_correction(correction, operator=clerk, grant=True, note="行", on_document=RIGHT)


@pytest.mark.req("E7")
def test_a_live_case_follows_the_number_so_that_nobody_files_twice(clerk: StaffUser) -> None:
    case = make.submitted()
    granted(case.member, clerk)
    assert fresh(case).person_index == blind_index("resident_id", RIGHT)
    with pytest.raises(SubsidyError):
        make.submitted(Member.objects.get(pk=case.member_id))


def test_a_case_under_review_is_judged_anew_and_moves_on(clerk: StaffUser) -> None:
    case = make.submitted()
    make.card_holder(make.member(8_801, name=case.name))
    Member.objects.filter(
        pk=make.member(8_801 + 40 * 28).pk
    )  # another number of the same shape stands beside
    member = Member.objects.get(pk=case.member_id)
    granted(member, clerk, NAME, "王建囯")
    moved = fresh(case)
    assert (moved.name, moved.version) == ("王建囯", case.version + 1)
    entry = timeline(moved)[-1]
    assert (entry.action, entry.by, entry.note) == ("correct", "工作人员", "姓名")
    assert RIGHT not in str(moved.events.latest("id").data)


def test_the_register_is_asked_anew_about_a_case_under_review(clerk: StaffUser) -> None:
    case = make.submitted()
    make.card_holder(case.member, name="王建囯")
    assert fresh(case).flag_count == case.flag_count
    granted(case.member, clerk, NAME, "王建囯")
    assert "CARD_HOLDER_MISMATCH" not in [reason["code"] for reason in fresh(case).reasons]


def test_an_approved_case_waiting_for_its_batch_follows(clerk: StaffUser) -> None:
    case = decide(make.submitted(), "approve")
    granted(case.member, clerk)
    granted(case.member, clerk, NAME, "王建囯")
    moved = fresh(case)
    assert (moved.person_index, moved.name) == (blind_index("resident_id", RIGHT), "王建囯")
    assert moved.status == "approved"


def in_payment(case: Application, *steps: PaymentStatus) -> Application:
    with transaction.atomic(), clock.at(make.DAY):
        locked = lock(case)
        for step in steps:
            record_payment(locked, step, Step("payment", SYSTEM))
    return fresh(case)


@pytest.mark.req("D4")
def test_a_case_in_the_books_refuses_another_number_while_filing_is_open(clerk: StaffUser) -> None:
    case = in_payment(decide(make.submitted(), "approve"), PaymentStatus.IN_PAYMENT)
    with pytest.raises(Conflict) as refusal:
        granted(case.member, clerk)
    assert refusal.value.code == "IN_BOOKS"
    assert case.number in refusal.value.message


@pytest.mark.req("D4")
def test_after_closing_a_case_in_the_books_keeps_the_number_it_was_paid_under(clerk: StaffUser) -> None:
    case = in_payment(decide(make.submitted(), "approve"), PaymentStatus.IN_PAYMENT, PaymentStatus.PAID)
    correction = asked(case.member)
    with clock.at(make.DAY.replace(year=2025)):
        decide_correction(correction, operator=clerk, grant=True, note="已核对", on_document=RIGHT)
    assert fresh(case).person_index == case.person_index
    assert Member.objects.get(pk=case.member_id).resident_id == RIGHT


@pytest.mark.parametrize(
    ("steps", "follows"),
    [
        ((PaymentStatus.IN_PAYMENT,), False),
        ((PaymentStatus.IN_PAYMENT, PaymentStatus.PAID), False),
        ((PaymentStatus.IN_PAYMENT, PaymentStatus.FAILED), True),
    ],
)
def test_the_name_follows_unless_it_is_being_paid_or_was(
    clerk: StaffUser, steps: tuple[PaymentStatus, ...], follows: bool
) -> None:
    case = in_payment(decide(make.submitted(), "approve"), *steps)
    granted(case.member, clerk, NAME, "王建囯")
    assert (fresh(case).name == "王建囯") is follows


def test_a_rejected_case_keeps_what_it_was_judged_on(clerk: StaffUser) -> None:
    case = decide(make.submitted(), "reject")
    granted(case.member, clerk)
    granted(case.member, clerk, NAME, "王建囯")
    kept = fresh(case)
    assert (kept.person_index, kept.name, kept.version) == (case.person_index, case.name, case.version)


@pytest.mark.req("E1")
def test_the_corrected_number_is_compared_with_the_register(clerk: StaffUser) -> None:
    person = make.member()
    holder = make.card_holder(person)
    type(holder).objects.filter(pk=holder.pk).update(resident_id_index=blind_index("resident_id", RIGHT))
    assert granted(person, clerk).trust == "register"


def test_the_database_refuses_a_number_that_no_granted_request_names(clerk: StaffUser) -> None:
    person = make.member()
    asked(person)
    person.give_resident_id(RIGHT)
    with pytest.raises(DatabaseError, match="member_resident_id_is_fixed"), transaction.atomic():
        person.save()
    decide_correction(MemberCorrection.objects.get(), operator=clerk, grant=False, note="不行")
    with pytest.raises(DatabaseError, match="member_resident_id_is_fixed"):
        person.save()


@pytest.mark.parametrize("changes", [{"outcome": "granted"}, {"decided_at": make.DAY}, {"note": "好"}])
def test_the_database_refuses_half_a_decision(changes: dict[str, Any]) -> None:
    correction = asked(make.member())
    with pytest.raises(IntegrityError, match="membercorrection_decided_is_complete"):
        MemberCorrection.objects.filter(pk=correction.pk).update(**changes)


def test_the_database_keeps_a_decision(clerk: StaffUser) -> None:
    correction = asked(make.member())
    decide_correction(correction, operator=clerk, grant=False, note="不行")
    with pytest.raises(DatabaseError):
        MemberCorrection.objects.filter(pk=correction.pk).update(outcome="granted")


def test_of_8_clerks_deciding_at_once_one_decides(
    thread_race: Callable[..., list[object]], transactional_db: None
) -> None:
    correction, clerk = asked(make.member()), make.staff("administrator")
    results = thread_race(
        lambda turn: decide_correction(
            correction, operator=clerk, grant=bool(turn % 2), note="已核对", on_document=RIGHT
        ),
        times=8,
    )
    assert sum(isinstance(result, MemberCorrection) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7
