"""The proof of each ground as it is typed: annex 1, annex 2 and the competition's placing (F1, F3, F4)."""

from __future__ import annotations

from applications.api.fields import SHORT, Day, LevelField, PlainText, TermField, TrueOrFalse, WholeNumber
from applications.api.serializers.base import StrictSerializer
from subsidy.rules.terms import CompetitionRound, Ground, SocialWorkGrade


def optional(label: str, max_length: int = 200) -> PlainText:
    """Return a text that may be left out, or emptied again."""
    return PlainText(label=label, max_length=max_length, required=False, allow_blank=True)


class SkillCertificateSerializer(StrictSerializer):
    """职业技能等级证书 (附件 2); errors are listed in this order, the order of the pages."""

    level = LevelField(label="技能等级")
    certificate_number = PlainText(
        label="证书编号", max_length=SHORT, help_text="填写完整，第一位字母大写，例如 S000011000123232000001"
    )
    issued_on = Day(label="颁证日期", help_text="证书上的日期；补办、换发的按首次取得证书的日期填写")
    trade = PlainText(label="工种名称", help_text="与证书上的工种名称完全一致")
    awarding_body = PlainText(label="鉴定（认定）机构名称", help_text="与证书上的机构名称完全一致")
    training_body = optional("培训机构名称")
    training_address = optional("培训机构地址")
    training_hours = optional("培训学时", SHORT)
    training_fee = optional("培训费用", SHORT)
    assessment_address = optional("鉴定（认定）机构地址")
    assessment_method = optional("鉴定（认定）方式", SHORT)
    assessment_fee = optional("鉴定（认定）费用", SHORT)
    trade_id = WholeNumber(label="工种目录编号", least=1, required=False)
    awarding_body_id = WholeNumber(label="机构目录编号", least=1, required=False)


class SocialWorkCertificateSerializer(StrictSerializer):
    """社会工作者职业资格证书 (附件 1)."""

    grade = TermField(SocialWorkGrade, label="级别")
    registration_number = PlainText(label="管理号", max_length=SHORT)
    approved_on = Day(label="批准日期", help_text="证书上的批准日期")
    issuing_authority = PlainText(label="签发单位", help_text="与证书上的签发单位完全一致")


class CompetitionCertificateSerializer(StrictSerializer):
    """大赛名次 (二（三）)."""

    competition = PlainText(label="赛事名称")
    trade = PlainText(label="比赛工种")
    rank = WholeNumber(label="名次", least=1)
    team = TrueOrFalse(label="是否团体项目")
    round = TermField(CompetitionRound, label="赛段", required=False)


CERTIFICATES: dict[Ground, type[StrictSerializer]] = {
    Ground.SKILL: SkillCertificateSerializer,
    Ground.SOCIAL_WORK: SocialWorkCertificateSerializer,
    Ground.COMPETITION: CompetitionCertificateSerializer,
}
