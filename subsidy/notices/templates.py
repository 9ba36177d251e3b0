"""The closed table of messages to members: wording, allowed variables and how long each is worth sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from subsidy.rules.terms import Term


class NoticeTemplate(Term):
    """Every message that may leave the house."""

    SIGN_IN_CODE = "sign_in_code", "登录验证码"
    SUBMITTED = "submitted", "申报已受理"
    FILED_FOR_YOU = "filed_for_you", "他人代报告知"
    CONFIRM_WANTED = "confirm_wanted", "请获奖人确认"
    RETURNED = "returned", "退回补正"
    APPROVED = "approved", "审核通过"
    REJECTED = "rejected", "审核未通过"
    WITHDRAWN = "withdrawn", "申报已撤回"
    OBJECTION_ANSWERED = "objection_answered", "异议已答复"
    PAID = "paid", "已到账"
    PAYMENT_FAILED = "payment_failed", "发放失败"
    CARD_CHANGED = "card_changed", "卡号已更正"
    MOBILE_CHANGED = "mobile_changed", "手机号已更换"
    MOBILE_RESTORED = "mobile_restored", "手机号已恢复"
    MOBILE_KEPT = "mobile_kept", "手机号异议已处理"
    CORRECTED = "corrected", "资料已更正"
    NOT_CORRECTED = "not_corrected", "资料未更正"
    REVOKED = "revoked", "审核通过已撤销"
    RECOVERED = "recovered", "助推金已追回"


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentence, its variables (masked values only) and its useful life."""

    text: str
    variables: frozenset[str]
    useful_for: timedelta = timedelta(days=7)
    is_secret: bool = False


def _wording(
    text: str, *variables: str, useful_for: timedelta = timedelta(days=7), is_secret: bool = False
) -> Wording:
    return Wording(f"【职工助推计划】{text}", frozenset(variables), useful_for, is_secret)


TEMPLATES: Mapping[NoticeTemplate, Wording] = {
    NoticeTemplate.SIGN_IN_CODE: _wording(
        "验证码 {code}，{minutes} 分钟内有效。请勿告诉他人；除您本人当面办理换手机号外，工作人员不会索要。",
        "code",
        "minutes",
        useful_for=timedelta(minutes=10),
        is_secret=True,
    ),
    NoticeTemplate.SUBMITTED: _wording(
        "您的申报 {number} 已受理，将在 {due} 前审核完毕，登录可查看进度。", "number", "due"
    ),
    NoticeTemplate.FILED_FOR_YOU: _wording(
        "{office}已代您提交申报 {number}。如非您本人同意，请登录提出异议或拨打 12351。", "office", "number"
    ),
    NoticeTemplate.CONFIRM_WANTED: _wording(
        "您在职工职业技能大赛获得名次，已为您建立申报 {number}。请在 {deadline} 前登录确认，确认后才会审核。"
        "有疑问请拨打 12351。",
        "number",
        "deadline",
        useful_for=timedelta(days=30),
    ),
    NoticeTemplate.RETURNED: _wording(
        "您的申报 {number} 需要补正，请在 {deadline} 前登录按提示修改后重新提交。", "number", "deadline"
    ),
    NoticeTemplate.APPROVED: _wording(
        "您的申报 {number} 已通过审核，助推金 {amount} 元将划拨到您的工会会员互助服务卡。",
        "number",
        "amount",
    ),
    NoticeTemplate.REJECTED: _wording(
        "您的申报 {number} 未通过审核，登录可查看原因和申请复核的办法。", "number"
    ),
    NoticeTemplate.WITHDRAWN: _wording("您的申报 {number} 已撤回。", "number"),
    NoticeTemplate.OBJECTION_ANSWERED: _wording(
        "您对申报 {number} 提出的异议已有处理结果，登录可查看。", "number"
    ),
    NoticeTemplate.PAID: _wording(
        "您的申报 {number} 的助推金 {amount} 元已划入尾号 {card_tail} 的工会会员互助服务卡。",
        "number",
        "amount",
        "card_tail",
    ),
    NoticeTemplate.PAYMENT_FAILED: _wording(
        "您的申报 {number} 的助推金未能到账（{reason}），请登录核对卡号，或拨打 12351。", "number", "reason"
    ),
    NoticeTemplate.CARD_CHANGED: _wording(
        "您的申报 {number} 的收款卡已更正为尾号 {card_tail} 的互助服务卡。如非您本人办理，请马上拨打 12351。",
        "number",
        "card_tail",
    ),
    NoticeTemplate.MOBILE_CHANGED: _wording(
        "您登记的手机号已换成尾号 {tail} 的号码。如非您本人办理，请马上用本号码登录提出异议，或拨打 12351。",
        "tail",
    ),
    NoticeTemplate.MOBILE_RESTORED: _wording(
        "您的异议已处理，登记的手机号已恢复为尾号 {tail} 的号码，请用本号码登录。", "tail"
    ),
    NoticeTemplate.MOBILE_KEPT: _wording(
        "您对更换手机号提出的异议已核查，登记的手机号仍是尾号 {tail} 的号码。仍有疑问，请拨打 12351。", "tail"
    ),
    NoticeTemplate.CORRECTED: _wording("您申请更正的{what}已办好，登录可查看。", "what"),
    NoticeTemplate.NOT_CORRECTED: _wording("您申请更正的{what}没有办成，登录可查看原因。", "what"),
    NoticeTemplate.REVOKED: _wording(
        "您的申报 {number} 的审核通过已撤销，不再发放，登录可查看原因。", "number"
    ),
    NoticeTemplate.RECOVERED: _wording(
        "您退回的申报 {number} 的助推金 {amount} 元已收到，申报已撤销，登录可查看原因。", "number", "amount"
    ),
}
