"""The decisions of a reviewer: approve, return for correction, reject, revoke (V1, V3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction

from applications.models import Application
from applications.services.facts import claim_of, gather
from applications.services.filing import as_data
from applications.services.transitions import Step, lock, transition
from review.models import Decision, Outcome
from review.services.leases import (
    end_lease,
    hold_for_decision,
    is_correction_overdue,
    require_not_own_filing,
    require_open,
    require_reviewer,
)
from review.services.wording import (
    checked_note,
    checked_reasons,
    checked_remarks,
    refusals_for,
    required_note,
)
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import staff_actor
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, RuleRefused
from subsidy.notices.services import enqueue
from subsidy.rules.claims import Facts
from subsidy.rules.deadlines import correction_due, payable_from, payout_due
from subsidy.rules.eligibility import Assessment, assess
from subsidy.rules.moments import instant_text
from subsidy.rules.reasons import ReasonCode
from subsidy.rules.terms import Ground
from subsidy.rules.workflow import REVOCABLE, ApplicationStatus, PaymentStatus

NOT_EVEN_BY_A_LEAD: Final = frozenset(
    {ReasonCode.FILED_AFTER_CLOSING, ReasonCode.ALREADY_APPLIED, ReasonCode.ALREADY_PAID}
)
CERTIFICATE_ONCE: Final = "application_certificate_approved_once"


@dataclass(frozen=True, slots=True)
class Case:
    """A locked application with what is known of it and what the rules say now."""

    application: Application
    reviewer: StaffUser
    facts: Facts
    assessment: Assessment
    ip: str

    @property
    def actor(self) -> Actor:
        """Return the reviewer as the event names them."""
        return staff_actor(self.reviewer, self.ip)


def approve(
    application: Application, *, reviewer: StaffUser, version: int, note: str = "", ip: str = ""
) -> Decision:
    """Approve for the yuan of the award row; over a blocking reason only a lead may, with a note (E9).

    Raises RuleRefused without an award row, Conflict while an objection is open and when the
    certificate was approved elsewhere.
    """
    note = checked_note(note)
    with transaction.atomic():
        case = _open_case(application, reviewer, version, ip)
        _require_no_objection(case.application)
        amount = _amount(case, note)
        decision = _record(case, Outcome.APPROVE, note=note, amount=amount)
        _pay_later(case, amount)
        _finish(case, "approve", {"amount": amount})
        _notify(case.application, "approved", amount=str(amount))
    return decision


def return_for_correction(
    application: Application,
    *,
    reviewer: StaffUser,
    version: int,
    remarks: Mapping[str, str],
    note: str = "",
    ip: str = "",
) -> Decision:
    """Ask the member to correct fields; the review's clock stops until they answer (V3)."""
    note = checked_note(note)
    with transaction.atomic():
        case = _open_case(application, reviewer, version, ip)
        locked = case.application
        asked = checked_remarks(remarks, Ground(locked.ground))
        now = clock.now()
        due = correction_due(now, locked.scheme.rules)
        decision = _record(case, Outcome.RETURN, note=note or "请按逐项意见补正。", remarks=asked)
        step = Step("return", case.actor, remarks=asked, note=note, deadline=due)
        transition(locked, ApplicationStatus.RETURNED, step, returned_at=now, correction_due_at=due)
        _finish(case, "return", {"fields": sorted(asked)})
        _notify(locked, "returned", deadline=instant_text(due))
    return decision


def reject(
    application: Application,
    *,
    reviewer: StaffUser,
    version: int,
    reasons: Sequence[str],
    note: str = "",
    ip: str = "",
) -> Decision:
    """Refuse an application by reason codes; each gets its clause and sentence from the tables."""
    note = checked_note(note)
    with transaction.atomic():
        case = _open_case(application, reviewer, version, ip, overdue=True)
        given = checked_reasons(reasons, note, refusals_for(case.application, case.assessment))
        decision = _record(case, Outcome.REJECT, note=note, reasons=given)
        step = Step("reject", case.actor, reasons=given, note=note)
        transition(case.application, ApplicationStatus.REJECTED, step, decided_at=clock.now())
        _finish(case, "reject", {"reasons": [reason["code"] for reason in given]})
        _notify(case.application, "rejected")
    return decision


def revoke(
    application: Application, *, reviewer: StaffUser, version: int, note: str, ip: str = ""
) -> Decision:
    """Take an approval back while no money is on its way; a lead's decision, with a note (V3).

    Locks the application row, as building a batch does; raises Conflict once the money is in payment or paid.
    """
    require_reviewer(reviewer, lead=True)
    note = required_note(note, "撤销要写明理由，会员会看到。")
    with transaction.atomic():
        case = _case(lock(application, version=version), reviewer, ip)
        require_not_own_filing(case.application, reviewer)
        payment = PaymentStatus(case.application.payment)
        if payment not in REVOCABLE:
            raise Conflict(f"发放现在是“{payment.label}”，不能撤销。已到账的请办追回。", code="WRONG_PAYMENT")
        decision = _record(case, Outcome.REVOKE, note=note)
        transition(case.application, ApplicationStatus.REVOKED, Step("revoke", case.actor, note=note))
        _finish(case, "revoke", {"payment": payment.value})
        _notify(case.application, "revoked")
    return decision


def judge(application: Application) -> tuple[Facts, Assessment]:
    """Assess again from today's facts, as filed at its first filing instant."""
    if application.certificate is None:
        raise Conflict("这份申报没有证书信息，不能审核。", code="WRONG_STATUS")
    facts = gather(application)
    filed_at = application.first_filed_at or clock.now()
    return facts, assess(claim_of(application.certificate), facts, application.scheme.rules, filed_at)


def _open_case(
    application: Application, reviewer: StaffUser, version: int, ip: str, *, overdue: bool = False
) -> Case:
    require_reviewer(reviewer)
    locked = lock(application, version=version)
    require_open(locked)
    if is_correction_overdue(locked, clock.now()) and not overdue:
        raise Conflict("这份申报在退回补正中，期限已过，只能不予通过。", code="WRONG_STATUS")
    require_not_own_filing(locked, reviewer)
    hold_for_decision(locked, reviewer)
    return _case(locked, reviewer, ip)


def _case(locked: Application, reviewer: StaffUser, ip: str) -> Case:
    facts, assessment = judge(locked)
    return Case(locked, reviewer, facts, assessment, ip)


def _require_no_objection(application: Application) -> None:
    if application.objections.filter(settled_at=None).exists():
        raise Conflict("会员对这份申报提出了异议，处理异议后才能通过。", code="OBJECTION_OPEN")


def _amount(case: Case, note: str) -> int:
    """Return the yuan to pay; E9: a blocking reason needs a lead and a note, and then pays the award row."""
    found = case.assessment
    if found.award_row is None:
        raise RuleRefused("没有对应的助推标准，不能通过。请退回补正或不予通过。", code="NO_AWARD_ROW")
    if found.eligible:
        return found.amount
    firm = [reason for reason in found.blocking if reason.code in NOT_EVEN_BY_A_LEAD]
    if firm:
        raise RuleRefused(f"不能通过：{firm[0].message}", code=firm[0].code.value)
    if not has_role(case.reviewer, Role.REVIEW_LEAD):
        reason = found.blocking[0]
        raise RuleRefused(
            f"有不符合条件的一项（{reason.clause}）：{reason.message}只有审核组长写明理由后才能通过。",
            code="BLOCKED",
        )
    required_note(note, "越过不符合的条件通过，要写明理由。")
    return found.award


def _pay_later(case: Case, amount: int) -> None:
    locked, row, now = case.application, case.assessment.award_row, clock.now()
    if row is None:
        raise RuntimeError("an approval has its award row")
    rules = locked.scheme.rules
    step = Step("approve", case.actor, data={"amount": amount, "award": row.label, "clause": row.clause})
    try:
        with transaction.atomic():
            transition(
                locked,
                ApplicationStatus.APPROVED,
                step,
                amount=amount,
                award=case.assessment.award,
                award_label=row.label,
                decided_at=now,
                payable_from=payable_from(now, rules),
                payout_due_at=payout_due(now, rules),
            )
    except IntegrityError as error:
        raise _translated(error, locked) from error


def _translated(error: IntegrityError, application: Application) -> Exception:
    if CERTIFICATE_ONCE not in str(error):
        return error
    same = Application.objects.filter(certificate_key=application.certificate_key, status="approved")
    number = same.exclude(pk=application.pk).values_list("number", flat=True).first() or "另一份申报"
    return Conflict(
        f"这本证书已在 {number} 中通过审核，不能再次通过。请核对两份申报。", code="CERTIFICATE_APPROVED"
    )


def _record(case: Case, outcome: Outcome, **values: Any) -> Decision:
    application, found = case.application, case.assessment
    facts = asdict(case.facts)
    first = case.facts.first_issued_on
    facts["first_issued_on"] = first.isoformat() if first else None
    return Decision.objects.create(
        application=application,
        outcome=outcome.value,
        reviewer=case.reviewer,
        filed_by_id_copy=application.filed_by_id,
        version_seen=application.version,
        reasons=values.pop("reasons", as_data(found.reasons)),
        facts={"facts": facts, "eligible": found.eligible, "award": found.award},
        scheme_fingerprint=application.scheme.fingerprint,
        decided_at=clock.now(),
        decided_at_real=clock.real_now(),
        **values,
    )


def _finish(case: Case, action: str, data: dict[str, Any]) -> None:
    end_lease(case.application)
    target = f"application:{case.application.pk}"
    record(f"review.{action}", actor=case.actor, target=target, data=data)


def _notify(application: Application, template: str, **values: str) -> None:
    member = application.member
    if member.mobile:
        context = {"number": application.number, **values}
        enqueue(template, mobile=member.mobile, member_id=member.pk, context=context)
