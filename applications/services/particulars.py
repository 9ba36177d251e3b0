"""Granting or refusing a correction of name or identity number, and what it does to the member's cases (A2).

What an application copied when it was filed, it keeps as a rule. A granted correction moves the copies only
where the old value would do harm:

* the identity number moves on every case that holds the person's one place in a scheme, or waits for their
  confirmation: else the same person could file again under the new number. A case that was ever in a batch
  keeps its copy, because the lines of the books carry it; so while its scheme is still open to filing, the
  correction is refused, and afterwards it does no harm. Another record with the number refuses it altogether.
* the name moves on every such case that is not just being paid or paid, since the bank compares it with the
  card; of what was paid the name stays as it was paid.

A case under review is judged anew, its version moves on, and its event tells the member; decisions, lines and
files stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import IntegrityError, transaction

from applications.models import Application
from applications.services.desks import checked_text
from applications.services.facts import assess_application, certificate_key
from applications.services.filing import frozen_facts
from applications.services.transitions import Step, note_event
from applications.services.trust import refresh_trust
from subsidy import clock
from subsidy.accounts.enums import CorrectionField, CorrectionOutcome
from subsidy.accounts.models import Member, MemberCorrection, StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import locks, staff_actor
from subsidy.accounts.services.corrections import checked_value, value_index
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden, RuleRefused
from subsidy.notices.services import enqueue
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

DECIDERS = (Role.ADMINISTRATOR, Role.INTAKE)
JUDGED = (ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED)
MOVING = (
    *JUDGED,
    ApplicationStatus.APPROVED,
    ApplicationStatus.AWAITING_CONFIRMATION,
    ApplicationStatus.DRAFT,
)
PAYING = (PaymentStatus.IN_PAYMENT, PaymentStatus.PAID)
LONGEST_NOTE = 500

NOT_THE_DOCUMENT = "与会员申请更正的内容不一致。请照证件核对；会员填错了的，请不予更正并在说明里写清楚。"
TAKEN = "这个证件号码登记在另一份会员档案上，不能更正。请先核实两份档案是不是同一个人，由管理员处理。"
IN_BOOKS = (
    "这位会员的申报 {number} 已编入过发放批次，申报截止前不能更正证件号码。确需更正的，请先撤销那份申报。"
)
TWICE = "更正以后，这个人在同一年度会有两份申报。请先处理其中一份。"


def decide_correction(
    correction: MemberCorrection,
    *,
    operator: StaffUser,
    grant: bool,
    note: str,
    on_document: str = "",
    ip: str = "",
) -> MemberCorrection:
    """Grant what the document shows, or refuse; the note is for the member.

    To grant, the clerk types what stands on the document, which must be what was asked. Nobody decides who
    filed for the member or made their record.
    """
    _require_decider(operator)
    said = checked_text(note, field="note", name="说明", longest=LONGEST_NOTE)
    field = CorrectionField(correction.field)
    try:
        with transaction.atomic():
            locks.take_turn(locks.RESIDENT_ID, correction.value_index)
            cases = _locked_cases(correction.member_id)
            member = Member.objects.select_for_update(of=("self",)).get(pk=correction.member_id)
            held = MemberCorrection.objects.select_for_update(of=("self",)).get(pk=correction.pk)
            _require_open(held, member, cases, operator)
            if grant:
                _require_document(held, field, on_document)
            _settle(held, operator, grant, said)
            if grant:
                _apply(held, field, member, cases, operator, ip)
            _tell(held, field, member, operator, ip)
    except IntegrityError as error:
        if "application_one_live_per_person" in str(error):
            raise Conflict(TWICE, code="ALREADY_APPLIED") from error
        raise
    return held


def _require_decider(operator: StaffUser) -> None:
    if not has_role(operator, *DECIDERS):
        raise Forbidden("只有管理员和收件员可以办理资料更正。", code="WRONG_ROLE")


def _locked_cases(member_id: int) -> list[Application]:
    rows = Application.objects.filter(member_id=member_id).select_related("scheme", "certificate")
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def _require_open(
    held: MemberCorrection, member: Member, cases: list[Application], operator: StaffUser
) -> None:
    if not held.is_open:
        raise Conflict("这份更正申请已经办结。请刷新后再看。", code="SETTLED")
    filed = {case.filed_by_id for case in cases} | {member.created_by_id}
    if operator.pk in filed:
        raise Forbidden("这位会员的申报或档案由您经办，请由别人办理更正。", code="OWN_FILING")


def _require_document(held: MemberCorrection, field: CorrectionField, on_document: str) -> None:
    seen = checked_value(field, on_document, at="on_document")
    if value_index(field, seen) != held.value_index:
        raise RuleRefused(NOT_THE_DOCUMENT, code="NOT_THE_DOCUMENT", field="on_document")


def _settle(held: MemberCorrection, operator: StaffUser, grant: bool, note: str) -> None:
    outcome = CorrectionOutcome.GRANTED if grant else CorrectionOutcome.REFUSED
    held.outcome, held.note = outcome.value, note
    held.decided_at, held.decided_by = clock.now(), operator
    held.save(update_fields=["outcome", "note", "decided_at", "decided_by"])


def _apply(
    held: MemberCorrection,
    field: CorrectionField,
    member: Member,
    cases: list[Application],
    operator: StaffUser,
    ip: str,
) -> None:
    before = member.resident_id_index
    if field is CorrectionField.RESIDENT_ID:
        if Member.objects.filter(resident_id_index=held.value_index).exclude(pk=member.pk).exists():
            raise Conflict(TAKEN, code="RESIDENT_ID_TAKEN")
        moving = list(_moving_with_number(cases, before or ""))
        member.give_resident_id(held.value)
    else:
        moving = [case for case in cases if case.status in MOVING and case.payment not in PAYING]
        member.give_name(held.value)
    member.updated_at = clock.now()
    member.save()
    actor = staff_actor(operator, ip)
    for case in moving:
        _move(case, field, member)
        if case.status != ApplicationStatus.DRAFT:
            note_event(case, Step("correct", actor, note=field.label, data={"field": field.value}))
    refresh_trust(member, actor=actor)


def _moving_with_number(cases: list[Application], person: str) -> Iterator[Application]:
    """Yield the cases whose copy of the number moves; raises Conflict for one that the books hold fast."""
    for case in cases:
        if case.person_index != person or case.status not in MOVING:
            continue
        if not _was_in_batch(case):
            yield case
        elif case.scheme.rules.is_open(clock.now()):
            raise Conflict(IN_BOOKS.format(number=case.number), code="IN_BOOKS")


def _was_in_batch(case: Application) -> bool:
    return case.payment != PaymentStatus.NONE or case.events.exclude(to_payment="none").exists()


def _move(case: Application, field: CorrectionField, member: Member) -> None:
    case.member = member
    if field is CorrectionField.NAME:
        case.name = member.name
    else:
        case.person_index = member.resident_id_index or ""
        if case.certificate is not None:
            case.certificate_key = certificate_key(case.certificate, case.person_index)
    if case.status in JUDGED:
        facts = frozen_facts(case, assess_application(case, at=case.first_filed_at or clock.now()))
        for name, value in facts.items():
            setattr(case, name, value)
    case.save()


def _tell(
    held: MemberCorrection, field: CorrectionField, member: Member, operator: StaffUser, ip: str
) -> None:
    record(
        "member.correct_decided",
        actor=staff_actor(operator, ip),
        target=f"member:{member.pk}",
        data={"correction": held.pk, "field": field.value, "outcome": held.outcome},
    )
    if member.mobile:
        template = "corrected" if held.outcome == CorrectionOutcome.GRANTED else "not_corrected"
        enqueue(template, mobile=member.mobile, member_id=member.pk, context={"what": field.label})
