"""The one table of reason codes: how grave each is, its clause and what it tells the member (E9)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from subsidy.rules.scheme_parts import Clauses
from subsidy.rules.terms import Ground, Term


class Severity(Term):
    """What a reason does: stops self-service, asks a reviewer to look, or only tells."""

    BLOCKING = "blocking", "不符合"
    FLAG = "flag", "待核对"
    INFO = "info", "说明"


class ReasonCode(StrEnum):
    """The stable codes; clients rely on them."""

    ISSUED_BEFORE_WINDOW = "ISSUED_BEFORE_WINDOW"
    ISSUED_AFTER_WINDOW = "ISSUED_AFTER_WINDOW"
    LEVEL_NOT_COVERED = "LEVEL_NOT_COVERED"
    GRADE_NOT_COVERED = "GRADE_NOT_COVERED"
    RANK_NOT_COVERED = "RANK_NOT_COVERED"
    TEAM_EVENT = "TEAM_EVENT"
    COMPETITION_NOT_COVERED = "COMPETITION_NOT_COVERED"
    ROUND_NOT_COVERED = "ROUND_NOT_COVERED"
    APPLICANT_CLASS_NOT_COVERED = "APPLICANT_CLASS_NOT_COVERED"
    TRADE_NOT_COVERED = "TRADE_NOT_COVERED"
    FILED_BEFORE_OPENING = "FILED_BEFORE_OPENING"
    FILED_AFTER_CLOSING = "FILED_AFTER_CLOSING"
    ALREADY_APPLIED = "ALREADY_APPLIED"
    ALREADY_PAID = "ALREADY_PAID"
    NUMBER_LEVEL_MISMATCH = "NUMBER_LEVEL_MISMATCH"
    CERTIFICATE_USED = "CERTIFICATE_USED"
    NUMBER_YEAR_MISMATCH = "NUMBER_YEAR_MISMATCH"
    NUMBER_OTHER_PROVINCE = "NUMBER_OTHER_PROVINCE"
    NUMBER_FILED_WITH_MINISTRY = "NUMBER_FILED_WITH_MINISTRY"
    NUMBER_UNKNOWN_LAYOUT = "NUMBER_UNKNOWN_LAYOUT"
    TRADE_NOT_LISTED = "TRADE_NOT_LISTED"
    BODY_NOT_LISTED = "BODY_NOT_LISTED"
    ISSUING_AUTHORITY_NOT_BEIJING = "ISSUING_AUTHORITY_NOT_BEIJING"
    NOT_A_CARD_HOLDER = "NOT_A_CARD_HOLDER"
    CARD_HOLDER_MISMATCH = "CARD_HOLDER_MISMATCH"
    CARD_NUMBER_UNUSUAL = "CARD_NUMBER_UNUSUAL"
    REGISTER_MISMATCH = "REGISTER_MISMATCH"
    REGISTER_MATCH = "REGISTER_MATCH"
    RANK_TIED = "RANK_TIED"


class Entry(NamedTuple):
    """One line of the table; the clause is a name in Clauses, "ground" stands for the claim's own."""

    severity: Severity
    clause: str
    sentence: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One thing found: stable code, gravity, clause of the plan and a sentence for the member."""

    code: ReasonCode
    severity: Severity
    clause: str
    message: str
    also: tuple[str, ...] = ()
    """Further clauses that a page may show beside the first."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """Return every clause on which the reason rests, the nearest first."""
        return (self.clause, *self.also)


B, F, I = Severity.BLOCKING, Severity.FLAG, Severity.INFO  # noqa: E741 (a column of the table)
C = ReasonCode

REASONS: dict[ReasonCode, Entry] = {
    C.ISSUED_BEFORE_WINDOW: Entry(
        B, "ground", "{dated}早于 {first}。日期按首次取得证书算，补办、换发不改变。", ("first_issue",)
    ),
    C.ISSUED_AFTER_WINDOW: Entry(
        B, "ground", "{dated}晚于 {last}。日期按首次取得证书算，补办、换发不改变。", ("first_issue",)
    ),
    C.LEVEL_NOT_COVERED: Entry(B, "skill", "{subject}不在资助范围，本年度只资助{covered}。"),
    C.GRADE_NOT_COVERED: Entry(B, "social_work", "{subject}不在资助范围，本年度只资助{covered}。"),
    C.RANK_NOT_COVERED: Entry(B, "competition", "{subject}不在资助范围，本年度只资助{covered}。"),
    C.TEAM_EVENT: Entry(B, "competition", "团体项目不在资助范围，只资助个人项目的名次。"),
    C.COMPETITION_NOT_COVERED: Entry(
        B, "competition", "“{subject}”不在资助范围，本年度只资助{covered}的优胜选手。"
    ),
    C.ROUND_NOT_COVERED: Entry(B, "competition", "{subject}的名次不在资助范围，本年度只资助{covered}。"),
    C.APPLICANT_CLASS_NOT_COVERED: Entry(B, "social_work", "本年度只资助{covered}，您填的不是。"),
    C.TRADE_NOT_COVERED: Entry(B, "ground", "工种“{subject}”不在本年度{award}的资助工种名单里。"),
    C.FILED_BEFORE_OPENING: Entry(B, "closing", "申报还没有开始，{opens} 起可以申报。"),
    C.FILED_AFTER_CLOSING: Entry(B, "closing", "申报已于 {closes} 截止，截止以后申报的不再享受本年度资助。"),
    C.ALREADY_APPLIED: Entry(
        B, "one_grant", "您本年度已有一件申报在办理或已通过，每人每年只能享受一次。想换一项，请先撤回那一件。"
    ),
    C.ALREADY_PAID: Entry(B, "one_grant", "您本年度已经领过这项资助，每人每年只能享受一次。"),
    C.NUMBER_LEVEL_MISMATCH: Entry(
        B, "numbers", "编号第 {place} 位是 {mark}，{meaning}；您选的是{level}。请对照证书改编号或等级。"
    ),
    C.CERTIFICATE_USED: Entry(F, "one_grant", "这个证书编号在别的申报里用过，审核员会核对。请确认没有填错。"),
    C.NUMBER_YEAR_MISMATCH: Entry(
        F, "numbers", "编号里的年份是 {mark}，证书日期在 {year} 年。如是补发、换发，请填首次取得证书的日期。"
    ),
    C.NUMBER_OTHER_PROVINCE: Entry(
        F, "numbers", "编号里的省份代码是 {mark}，北京是 {home}。审核员会核对发证机构是否在北京备案。"
    ),
    C.NUMBER_FILED_WITH_MINISTRY: Entry(
        F,
        "numbers",
        "编号第 {first} 至 {last} 位是 {mark}，表示机构在部委备案。审核员会核对北京备案情况。",
    ),
    C.NUMBER_UNKNOWN_LAYOUT: Entry(
        F, "numbers", "编号有 {length} 位，不是常见的 22 位或 16 位格式。{hint}请对照证书核对。"
    ),
    C.TRADE_NOT_LISTED: Entry(
        F, "numbers", "工种名称不在工种目录里，审核员会核对。请与证书上的工种完全一致。"
    ),
    C.BODY_NOT_LISTED: Entry(
        F, "ground", "鉴定（认定）机构不在已备案的名单里，审核员会核对。请与证书上的机构名称完全一致。"
    ),
    C.ISSUING_AUTHORITY_NOT_BEIJING: Entry(
        F, "social_work", "签发单位不是{covered}，审核员会核对。请对照证书填写签发单位。"
    ),
    C.NOT_A_CARD_HOLDER: Entry(
        F, "applicant", "会员登记库里没有查到您的互助服务卡，审核员会核对。也可以先到单位工会或服务站办理。"
    ),
    C.CARD_HOLDER_MISMATCH: Entry(
        F, "applicant", "您填的{fields}与会员登记库不一致，审核员会核对。请检查有没有填错。"
    ),
    C.CARD_NUMBER_UNUSUAL: Entry(
        F, "payout", "卡号与常见的互助服务卡卡号规则不符，审核员会核对。请对照卡面逐位核对。"
    ),
    C.REGISTER_MISMATCH: Entry(
        F, "ground", "您填的{fields}与发证机构或大赛的登记不一致，审核员会对照证书核对。"
    ),
    C.REGISTER_MATCH: Entry(I, "ground", "您填的内容与发证机构或大赛的登记一致。"),
    C.RANK_TIED: Entry(I, "competition", "这一名次有并列，名次相同的选手同等对待。"),
}


def severity_of(code: ReasonCode) -> Severity:
    """Return how grave a reason is."""
    return REASONS[code].severity


def make_reason(code: ReasonCode, clauses: Clauses, ground: Ground, **values: object) -> Reason:
    """Return the reason with its clause looked up and its sentence filled in."""
    entry = REASONS[code]
    clause = clauses.of_ground(ground) if entry.clause == "ground" else str(getattr(clauses, entry.clause))
    also = tuple(str(getattr(clauses, name)) for name in entry.also)
    return Reason(code, entry.severity, clause, entry.sentence.format(**values), also)
