"""What a member reads about a case: every step with its reasons, and where it stands now (F5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from applications.models import Application, Event
from subsidy import clock
from subsidy.rules.terms import Channel
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

TITLES = {
    "draft": "建立草稿",
    "prepare": "按大赛名册预先建立",
    "submit": "提交申报",
    "resubmit": "补正后再次提交",
    "change": "按意见修改",
    "withdraw": "撤回申报",
    "purge": "逾期未提交，草稿已清空",
    "card": "更正互助服务卡卡号",
    "correct": "按您的申请更正姓名或证件号码",
    "receive": "收到纸质材料",
    "take_over": "服务站接手办理",
    "decline": "本人选择不领取",
    "switch": "改报，本申报撤回",
    "object": "本人提出异议",
    "settle_objection": "异议处理结果",
    "resend": "没有结果，改为再次发放",
}
PEOPLE = {"member": "会员本人", "staff": "工作人员", "system": "系统"}
STATUS_WORDS: Mapping[str, str] = {
    ApplicationStatus.DRAFT: "还没有提交。提交后才会进入审核。",
    ApplicationStatus.AWAITING_CONFIRMATION: "等您本人确认。确认后才会进入审核。",
    ApplicationStatus.SUBMITTED: "正在审核。",
    ApplicationStatus.RETURNED: "退回补正。请按意见修改后再次提交。",
    ApplicationStatus.REJECTED: "审核未通过。理由见下方。",
    ApplicationStatus.WITHDRAWN: "已撤回，不再办理。",
    ApplicationStatus.REVOKED: "已撤销，不再发放。",
}
PAYMENT_WORDS: Mapping[str, str] = {
    PaymentStatus.NONE: "审核已通过，等待发放。",
    PaymentStatus.IN_PAYMENT: "资金正在发放到您的互助服务卡。",
    PaymentStatus.PAID: "资助已经到账，请查看您的互助服务卡。",
    PaymentStatus.FAILED: "这次没有发放成功，钱没有丢。请核对或更正互助服务卡卡号，之后会再次发放。",
    PaymentStatus.BOUNCED: "银行把钱退了回来，钱没有丢。请核对或更正互助服务卡卡号，之后会再次发放。",
    PaymentStatus.RECOVERED: "资助已经退回，申报已撤销。",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One step as the member reads it; instants are business time."""

    version: int
    at: datetime
    action: str
    title: str
    by: str
    status: str
    payment: str
    reasons: list[dict[str, str]]
    remarks: dict[str, str]
    note: str
    deadline: datetime | None


def timeline(application: Application) -> list[Entry]:
    """Return every step, oldest first."""
    return [entry_of(event) for event in application.events.order_by("version", "id")]


def entry_of(event: Event) -> Entry:
    """Return one event as the member reads it: roles are named, people are not."""
    return Entry(
        version=event.version,
        at=event.business_at,
        action=event.action,
        title=_title(event),
        by=PEOPLE[event.actor_realm],
        status=event.to_status,
        payment=event.to_payment,
        reasons=list(event.reasons),
        remarks=dict(event.remarks),
        note=event.note,
        deadline=event.deadline,
    )


def standing(application: Application) -> str:
    """Say in one sentence where the case and the money are."""
    if application.status == ApplicationStatus.APPROVED or application.payment == PaymentStatus.RECOVERED:
        return PAYMENT_WORDS[application.payment]
    words = STATUS_WORDS[application.status]
    if application.status == ApplicationStatus.SUBMITTED and application.review_due_at:
        return f"{words}一般在 {_day(application.review_due_at)} 前审核完。"
    if is_correction_over(application):
        return "退回补正，期限已过，不能再在网上提交。请拨打 12351 说明情况。"
    if application.status == ApplicationStatus.RETURNED and application.correction_due_at:
        return f"{words}请在 {_day(application.correction_due_at)} 前提交。"
    return words


def is_correction_over(application: Application) -> bool:
    """Say whether the case waits for corrections whose time is over."""
    due = application.correction_due_at
    return application.status == ApplicationStatus.RETURNED and due is not None and due <= clock.now()


def _title(event: Event) -> str:
    if event.action in TITLES:
        return TITLES[event.action]
    if event.from_payment != event.to_payment:
        return PaymentStatus(event.to_payment).label
    return ApplicationStatus(event.to_status).label


def _day(instant: datetime) -> str:
    local = instant.astimezone(clock.SHANGHAI)
    return f"{local.year} 年 {local.month} 月 {local.day} 日"


def filed_through(application: Application) -> str:
    """Return the door's name, with the office where somebody filed for the member (F2)."""
    label = Channel(application.channel).label
    return f"{label}（{application.office.name}）" if application.office else label
