"""Filing for real: submit, send again after a return, withdraw (四（一）, 五)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from applications.models import Application
from applications.services.dossiers import missing_papers, received_at
from applications.services.drafts import give_consent
from applications.services.facts import assess_application, certificate_key
from applications.services.transitions import Step, lock, transition
from applications.services.trust import refresh_trust
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, FieldError, RuleRefused
from subsidy.notices.services import enqueue
from subsidy.registers.models import CardHolder
from subsidy.rules.deadlines import review_due
from subsidy.rules.eligibility import Assessment
from subsidy.rules.reasons import Reason, ReasonCode, Severity
from subsidy.rules.terms import Channel
from subsidy.rules.workflow import ApplicationStatus

NOT_EVEN_BY_STAFF = frozenset(
    {
        ReasonCode.FILED_BEFORE_OPENING,
        ReasonCode.FILED_AFTER_CLOSING,
        ReasonCode.ALREADY_APPLIED,
        ReasonCode.ALREADY_PAID,
    }
)
ASSISTED = frozenset({Channel.HOTLINE, Channel.STATION, Channel.PAPER})
REASON_WANTED = "核实后确需代报的，请写明经办理由，由审核员判断。"
ONE_LIVE = "application_one_live_per_person_and_scheme"


def submit(application: Application, *, actor: Actor, version: int, consent_version: str = "") -> Application:
    """File a draft; raises RuleRefused with every field or clause in the way, Conflict on a race."""
    with transaction.atomic():
        locked = lock(application, version=version)
        if locked.status == ApplicationStatus.AWAITING_CONFIRMATION:
            raise Conflict(
                "大赛名册建立的申报由本人确认，不用提交。请办理“确认”或“不领取”。", code="CONFIRM_INSTEAD"
            )
        if locked.status == ApplicationStatus.RETURNED:
            raise Conflict("这份申报在退回补正中。改好后请办理“再次提交”。", code="RESUBMIT_INSTEAD")
        if consent_version:
            locked.consent = give_consent(locked, consent_version)
        return file_locked(locked, actor=actor)


def file_locked(locked: Application, *, actor: Actor, note: str = "") -> Application:
    """Judge and file a locked application, whichever door it came through; raises as submit does."""
    try:
        with transaction.atomic():
            filed_at = locked.first_filed_at or _received_at(locked)
            assessment = _judge(locked, filed_at, actor)
            due = review_due(_received_at(locked), locked.scheme.rules)
            transition(
                locked,
                ApplicationStatus.SUBMITTED,
                Step("submit", actor, reasons=as_data(assessment.reasons), note=note, deadline=due),
                first_filed_at=filed_at,
                submitted_at=clock.now(),
                review_due_at=due,
                **frozen_facts(locked, assessment),
            )
            _tell(locked, actor, "submit", due)
    except IntegrityError as error:
        raise _translated(error) from error
    return locked


def resubmit(application: Application, *, actor: Actor, version: int) -> Application:
    """Send a corrected application again; the review's clock goes on where it stopped (V3)."""
    with transaction.atomic():
        locked = lock(application, version=version)
        if locked.status != ApplicationStatus.RETURNED or locked.returned_at is None:
            raise Conflict("这份申报不在退回补正中，不用再提交。", code="WRONG_STATUS")
        now = clock.now()
        if locked.correction_due_at and now >= locked.correction_due_at:
            raise RuleRefused("补正期限已过，不能再提交。请拨打 12351 咨询。", code="CORRECTION_OVERDUE")
        assessment = _judge(locked, locked.first_filed_at or now, actor)
        due = (locked.review_due_at or now) + (now - locked.returned_at)
        transition(
            locked,
            ApplicationStatus.SUBMITTED,
            Step("resubmit", actor, reasons=as_data(assessment.reasons), deadline=due),
            submitted_at=now,
            review_due_at=due,
            returned_at=None,
            correction_due_at=None,
            **frozen_facts(locked, assessment),
        )
        _tell(locked, actor, "resubmit", due)
    return locked


def withdraw(application: Application, *, actor: Actor, version: int, note: str = "") -> Application:
    """Take an application back before it is approved; it blocks nothing afterwards (E7)."""
    with transaction.atomic():
        locked = lock(application, version=version)
        was_filed = locked.status not in (ApplicationStatus.DRAFT, ApplicationStatus.AWAITING_CONFIRMATION)
        transition(locked, ApplicationStatus.WITHDRAWN, Step("withdraw", actor, note=note))
        record("application.withdraw", actor=actor, target=f"application:{locked.pk}")
        if was_filed:
            _notify(locked, "withdrawn", {"number": locked.number})
    return locked


def as_data(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    """Return reasons as the event, the decision and the API keep them."""
    return [
        {"code": r.code.value, "severity": r.severity.value, "clause": r.clause, "message": r.message}
        for r in reasons
    ]


def _received_at(application: Application) -> datetime:
    """A paper form counts by the day it was received, not by the day it was typed (E8)."""
    if application.received_on:
        return received_at(application.scheme.rules, application.received_on)
    return clock.now()


def _judge(application: Application, filed_at: datetime, actor: Actor) -> Assessment:
    """Assess; over a blocking reason only staff file, for a written reason of their own (E9)."""
    missing = [*_missing(application), *missing_papers(application)]
    if missing:
        raise RuleRefused("申报还没有填完，请补齐后再提交。", code="INCOMPLETE", errors=missing)
    application.person_index = application.member.resident_id_index or ""
    assessment = assess_application(application, at=filed_at)
    blocking = [reason for reason in assessment.reasons if reason.severity is Severity.BLOCKING]
    by_staff = actor.realm == "staff" and application.staff_reason != ""
    if by_staff:
        blocking = [reason for reason in blocking if reason.code in NOT_EVEN_BY_STAFF]
    if blocking:
        errors = [FieldError(_field_of(reason), reason.code.value, reason.message) for reason in blocking]
        if application.channel in ASSISTED and not NOT_EVEN_BY_STAFF.intersection(r.code for r in blocking):
            errors.append(FieldError("staff_reason", "required", REASON_WANTED))
        raise RuleRefused(blocking[0].message, code=blocking[0].code.value, errors=errors)
    return assessment


def _missing(application: Application) -> list[FieldError]:
    member: Member = application.member
    wanted = {
        "name": (member.name, "请填写姓名。"),
        "resident_id": (member.resident_id_index, "请填写身份证号。"),
        "mobile": (member.mobile_index, "请填写手机号。"),
        "certificate": (application.certificate, "请填写证书信息。"),
        "card_number": (application.card_index, "请填写工会会员互助服务卡卡号。"),
        "consent": (application.consent, "请阅读并勾选同意书。"),
    }
    return [FieldError(name, "required", text) for name, (value, text) in wanted.items() if not value]


def _field_of(reason: Reason) -> str:
    return {
        ReasonCode.ISSUED_BEFORE_WINDOW: "certificate.issued_on",
        ReasonCode.ISSUED_AFTER_WINDOW: "certificate.issued_on",
        ReasonCode.LEVEL_NOT_COVERED: "certificate.level",
        ReasonCode.NUMBER_LEVEL_MISMATCH: "certificate.certificate_number",
        ReasonCode.TRADE_NOT_COVERED: "certificate.trade",
        ReasonCode.GRADE_NOT_COVERED: "certificate.grade",
        ReasonCode.RANK_NOT_COVERED: "certificate.rank",
    }.get(reason.code, "")


def frozen_facts(application: Application, assessment: Assessment) -> dict[str, Any]:
    """Return what an application copies when it is filed, or when a correction moves it."""
    if application.certificate is None:
        raise ValueError("a judged application has a certificate")
    flags = [reason for reason in assessment.reasons if reason.severity is Severity.FLAG]
    return {
        "name": application.member.name,
        "person_index": application.person_index,
        "certificate_key": certificate_key(application.certificate, application.person_index),
        "consent": application.consent,
        "district_id": _district(application),
        "award": assessment.award,
        "award_label": assessment.award_row.label if assessment.award_row else "",
        "reasons": as_data(assessment.reasons),
        "flag_count": len(flags),
        "is_consistent": not flags
        and any(reason.code is ReasonCode.REGISTER_MATCH for reason in assessment.reasons),
    }


def _district(application: Application) -> int | None:
    """The register's union first, then the filing office, then what the member picked (A5)."""
    holder = CardHolder.objects.filter(resident_id_index=application.person_index, active=True).first()
    if holder and holder.district_id:
        return holder.district_id
    if application.office and application.office.district_id:
        return application.office.district_id
    return application.district_id


def _tell(application: Application, actor: Actor, action: str, due: datetime) -> None:
    refresh_trust(application.member, actor=actor)
    record(
        f"application.{action}",
        actor=actor,
        target=f"application:{application.pk}",
        data={"version": application.version, "award": application.award},
    )
    if actor.realm == "staff" and application.office:
        _notify(
            application, "filed_for_you", {"number": application.number, "office": application.office.name}
        )
        return
    local = due.astimezone(clock.SHANGHAI)
    when = f"{local.year} 年 {local.month} 月 {local.day} 日"
    _notify(application, "submitted", {"number": application.number, "due": when})


def _notify(application: Application, template: str, context: dict[str, str]) -> None:
    member = application.member
    if member.mobile:
        enqueue(template, mobile=member.mobile, member_id=member.pk, context=context)


def _translated(error: IntegrityError) -> Exception:
    if ONE_LIVE in str(error):
        return Conflict(
            "您本年度已有一份正在办理或已通过的申报，每人每年只能享受一次（五（一））。请先看“我的申报”。",
            code="ALREADY_APPLIED",
        )
    return error
