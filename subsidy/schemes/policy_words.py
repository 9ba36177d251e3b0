"""The words of the golden workbook: its headings and what may stand in a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from subsidy.rules.reasons import REASONS, ReasonCode
from subsidy.rules.terms import CompetitionRound, Ground, SkillLevel, SocialWorkGrade, Term

SHEET, GUIDE = "政策用例", "说明"
SEPARATOR = "；"
HEADINGS = (
    "序号",
    "情形说明",
    "类别",
    "等级/级别/名次",
    "团体",
    "赛段",
    "赛事",
    "工种",
    "证书编号",
    "颁证/批准日期",
    "首次取证日期",
    "机构/签发单位",
    "申报时间",
    "已知情况",
    "应否符合",
    "应得金额（元）",
    "应有理由代码",
    "依据条款",
)
GIVEN = HEADINGS[2:14]
NOT_ASKED: Mapping[Ground, tuple[str, ...]] = {
    Ground.SKILL: ("团体", "赛段", "赛事"),
    Ground.SOCIAL_WORK: ("团体", "赛段", "赛事", "工种"),
    Ground.COMPETITION: ("证书编号", "颁证/批准日期", "首次取证日期", "机构/签发单位"),
}
YES_NO: Mapping[str, bool] = {"是": True, "否": False}
KNOWN: Mapping[str, tuple[str, bool]] = {
    "持卡人": ("is_card_holder", True),
    "非持卡人": ("is_card_holder", False),
    "会员信息一致": ("card_holder_matches", True),
    "会员信息不一致": ("card_holder_matches", False),
    "卡号正常": ("card_number_unusual", False),
    "卡号异常": ("card_number_unusual", True),
    "登记一致": ("register_matches", True),
    "登记不一致": ("register_matches", False),
    "工种在目录": ("trade_listed", True),
    "工种不在目录": ("trade_listed", False),
    "机构在名单": ("body_listed", True),
    "机构不在名单": ("body_listed", False),
    "证书编号未被使用": ("certificate_used", False),
    "证书编号已被使用": ("certificate_used", True),
    "没有在办申报": ("already_applied", False),
    "已有在办申报": ("already_applied", True),
    "未到账": ("already_paid", False),
    "已到账": ("already_paid", True),
    "名次并列": ("rank_tied", True),
    "名次不并列": ("rank_tied", False),
    "专职工会社会工作者": ("full_time_union_staff", True),
    "非专职工会社会工作者": ("full_time_union_staff", False),
}
"""What may stand under 已知情况; the last pair is about the applicant, the others are facts."""
_GRADES_IN_THE_PLAN = {"高级社会工作者": SocialWorkGrade.SENIOR, "社会工作者": SocialWorkGrade.SOCIAL_WORKER}


def words_of(terms: type[Term]) -> dict[str, Any]:
    """Return the words for each term: 一级（高级技师）, and its halves 一级 and 高级技师."""
    words: dict[str, Any] = {}
    for term in terms:
        halves = term.label.removesuffix("）").split("（")
        words |= dict.fromkeys([term.label, *halves], term)
    return words


LEVELS = words_of(SkillLevel)
GRADES = words_of(SocialWorkGrade) | _GRADES_IN_THE_PLAN
GROUNDS = {ground.label: ground for ground in Ground}
ROUNDS = {round_.label: round_ for round_ in CompetitionRound}
CODES: Mapping[str, ReasonCode] = {code.value: code for code in REASONS}
