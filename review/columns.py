"""How one case of the queue reads in a row of the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from review.models import Assignment, QueueItem
from subsidy import clock
from subsidy.rules.terms import Channel, Ground
from subsidy.templatetags.house import due_chip, match, money, table_day

GROUNDS: Final[Mapping[str, str]] = {
    Ground.SKILL: "技能证书",
    Ground.SOCIAL_WORK: "社工证书",
    Ground.COMPETITION: "技能大赛",
}
CHANNELS: Final[Mapping[str, str]] = {
    Channel.MEMBER: "会员自助",
    Channel.HOTLINE: "热线",
    Channel.STATION: "服务站",
    Channel.PAPER: "纸质",
    Channel.ROSTER: "协会名单",
}
FLAG_WORDS: Final[Mapping[str, str]] = {
    "REGISTER_MISMATCH": "登记不同",
    "CARD_HOLDER_MISMATCH": "持卡人不同",
    "NOT_A_CARD_HOLDER": "没有持卡登记",
    "CERTIFICATE_USED": "证书在别处",
    "BODY_NOT_LISTED": "机构不在册",
    "TRADE_NOT_LISTED": "工种不在册",
}


class QueueColumns:
    """The columns of the queue, in the order that the phone layout expects."""

    @admin.display(description="到期 ↑")
    def due(self, case: QueueItem) -> SafeString:
        """Say how long is left, and until when."""
        if case.status == "returned":
            due = case.correction_due_at
            return format_html("{}<small>补正 {}</small>", due_chip(due, clock.today()), table_day(due))
        due = case.review_due_at
        return format_html("{}<small>{}</small>", due_chip(due, clock.today()), table_day(due))

    @admin.display(description="申请人")
    def applicant(self, case: QueueItem) -> SafeString:
        """Name the applicant and the case."""
        return format_html('{}<small class="code nowrap">{}</small>', case.name, case.number)

    @admin.display(description="类别与工种")
    def subject(self, case: QueueItem) -> SafeString:
        """Say what the application rests on."""
        return format_html("{}<small>{}</small>", subject_of(case), ground_of(case))

    @admin.display(description="金额（元）")
    def award_amount(self, case: QueueItem) -> str:
        """Return what the award row pays."""
        return money(case.award) if case.award else "—"

    @admin.display(description="登记核对")
    def agreement(self, case: QueueItem) -> SafeString:
        """Say how the case stands to the registers."""
        if case.is_consistent:
            return match("same")
        flags = [reason["code"] for reason in case.reasons if reason.get("severity") == "flag"]
        if len(flags) == 1 and flags[0] in FLAG_WORDS:
            return match("diff" if "MISMATCH" in flags[0] else "flag", FLAG_WORDS[flags[0]])
        return match("flag", f"{case.flag_count} 条提示") if case.flag_count else match("none")

    @admin.display(description="渠道")
    def door(self, case: QueueItem) -> str:
        """Return the door in a word."""
        return CHANNELS.get(case.channel, case.channel)

    @admin.display(description="认领")
    def holder(self, case: QueueItem) -> Any:
        """Say who works on the case, and until when (real time)."""
        assignment: Assignment | None = getattr(case, "assignment", None)
        if assignment is None or not assignment.is_held(clock.real_now()):
            return "无人认领"
        until = assignment.expires_at.astimezone(clock.SHANGHAI)
        return format_html("{}<small>认领至 {}</small>", assignment.reviewer, f"{until:%H:%M}")


def subject_of(case: QueueItem) -> str:
    """Return level, grade or place: 二级（技师）, 社会工作师, 决赛第 1 名."""
    certificate = case.certificate
    if certificate is None:
        return "未填证书"
    if case.ground == Ground.COMPETITION:
        return f"{certificate.get_round_display()}第 {certificate.rank} 名"
    if case.ground == Ground.SOCIAL_WORK:
        return str(certificate.get_grade_display())
    return str(certificate.get_level_display())


def ground_of(case: QueueItem) -> str:
    """Return the ground in short, and the trade where there is one."""
    trade = case.certificate.trade if case.certificate else ""
    return f"{GROUNDS[case.ground]}，{trade}" if trade else GROUNDS[case.ground]
