"""The closed vocabularies of the plan, shared by rules, models and the API."""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """A stored code with its Chinese label."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Term:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (code, label) pairs for a Django field."""
        return [(member.value, member.label) for member in cls]


class Ground(Term):
    """助推类别, one for each item of 二."""

    SKILL = "skill", "职业技能等级证书"
    SOCIAL_WORK = "social_work", "社会工作者职业资格证书"
    COMPETITION = "competition", "职工职业技能大赛"


class Channel(Term):
    """The door through which an application came (四（一）)."""

    MEMBER = "member", "会员自助"
    HOTLINE = "hotline", "12351 热线代报"
    STATION = "station", "服务站代报"
    PAPER = "paper", "纸质材料"
    ROSTER = "roster", "大赛名册"


class SkillLevel(Term):
    """Levels of a skill certificate; the number falls as the skill rises."""

    ONE = "1", "一级（高级技师）"
    TWO = "2", "二级（技师）"
    THREE = "3", "三级（高级工）"
    FOUR = "4", "四级（中级工）"
    FIVE = "5", "五级（初级工）"
    SPECIAL = "special", "特级技师"
    CHIEF = "chief", "首席技师"


class SocialWorkGrade(Term):
    """Grades of the social workers' certificate (二（二）)."""

    SENIOR = "senior", "高级社会工作师"
    SOCIAL_WORKER = "social_worker", "社会工作师"
    ASSISTANT = "assistant", "助理社会工作师"


class CompetitionRound(Term):
    """The stage of a competition in which the rank was reached (二（三）)."""

    FINAL = "final", "决赛"
    SEMI_FINAL = "semi_final", "半决赛"


class ApplicantClass(Term):
    """Who among the holders of a certificate a scheme funds (earlier years limited social workers)."""

    ANY = "any", "不限"
    FULL_TIME_UNION_STAFF = "full_time_union_staff", "专职工会社会工作者"


class AttachmentKind(Term):
    """What a scheme may ask to be handed in (四（一）)."""

    ID_FRONT = "id_front", "身份证正面复印件"
    ID_BACK = "id_back", "身份证反面复印件"
    UNION_CARD = "union_card", "工会会员互助服务卡复印件"
    CERTIFICATE = "certificate", "证书复印件或照片"
    FORM = "form", "申请表"
    CONSENT = "consent", "同意书"


class Strictness(Term):
    """How seriously a check that rests on no published rule is taken."""

    OFF = "off", "不检查"
    WARN = "warn", "提醒审核员"
    REFUSE = "refuse", "不予受理"
