"""The proof an application rests on: skill, social-work or competition achievement."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from subsidy.accounts.models import Member
from subsidy.registers.models import AwardingBody, Trade
from subsidy.rules.terms import CompetitionRound, Ground, SkillLevel, SocialWorkGrade


def text(label: str, length: int = 200, *, editable: bool = True) -> models.CharField[str, str]:
    """Return a text field that may be left empty (most belong to one ground only)."""
    return models.CharField(label, max_length=length, blank=True, editable=editable)


class Certificate(models.Model):
    """One row for each application; the printed text is kept as typed, keys beside it."""

    ground = models.CharField("助推类别", max_length=12, choices=Ground.choices())
    member = models.ForeignKey(Member, models.PROTECT, related_name="certificates", verbose_name="会员")
    number_key = text("规范化编号", 64, editable=False)

    trade = text("工种名称")
    trade_entry = models.ForeignKey(Trade, models.PROTECT, null=True, blank=True, related_name="+")
    level = models.CharField("技能等级", max_length=8, choices=SkillLevel.choices(), blank=True)
    certificate_number = text("证书编号", 64)
    issued_on = models.DateField("颁证日期", null=True, blank=True)
    first_issued_on = models.DateField("首次取证日期（审核确认）", null=True, blank=True)
    awarding_body = text("鉴定（认定）机构名称")
    awarding_body_entry = models.ForeignKey(
        AwardingBody, models.PROTECT, null=True, blank=True, related_name="+"
    )
    training_body = text("培训机构名称")
    training_address = text("培训机构地址")
    training_hours = text("培训学时", 64)
    training_fee = text("培训费用", 64)
    assessment_address = text("鉴定（认定）机构地址")
    assessment_method = text("鉴定（认定）方式", 64)
    assessment_fee = text("鉴定（认定）费用", 64)

    grade = models.CharField("级别", max_length=16, choices=SocialWorkGrade.choices(), blank=True)
    registration_number = text("管理号", 64)
    approved_on = models.DateField("批准日期", null=True, blank=True)
    issuing_authority = text("签发单位")

    competition = text("赛事名称")
    round = models.CharField("赛段", max_length=12, choices=CompetitionRound.choices(), blank=True)
    rank = models.PositiveIntegerField("名次", null=True, blank=True)
    is_team = models.BooleanField("团体项目", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "证书与名次"
        constraints = [
            models.CheckConstraint(
                condition=~Q(ground="skill")
                | ~Q(level="") & ~Q(number_key="") & Q(issued_on__isnull=False) & ~Q(trade=""),
                name="certificate_skill_is_complete",
                violation_error_message="技能证书要有工种、等级、编号和颁证日期。",
            ),
            models.CheckConstraint(
                condition=~Q(ground="social_work")
                | ~Q(grade="") & ~Q(number_key="") & Q(approved_on__isnull=False),
                name="certificate_social_work_is_complete",
                violation_error_message="社会工作者证书要有级别、管理号和批准日期。",
            ),
            models.CheckConstraint(
                condition=~Q(ground="competition")
                | ~Q(competition="") & ~Q(trade="") & ~Q(round="") & Q(rank__gte=1),
                name="certificate_competition_is_complete",
                violation_error_message="大赛名次要有赛事、工种、赛段和名次。",
            ),
        ]

    def __str__(self) -> str:
        return f"证书 {self.pk}"

    @property
    def dated_on(self) -> date | None:
        """Return the date the window is about: first issue where a reviewer confirmed it (五（二）)."""
        return self.first_issued_on or self.issued_on or self.approved_on

    @property
    def year(self) -> int | None:
        """Return 所属年度: the year of the certificate's date (附件 2)."""
        return self.dated_on.year if self.dated_on else None
