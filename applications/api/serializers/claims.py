"""What somebody asks "what would I get?" about, and the answer (F6, E9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from applications.api.fields import (
    SHORT,
    Day,
    Instant,
    LevelField,
    PlainText,
    TermField,
    TrueOrFalse,
    WholeNumber,
)
from applications.api.serializers.base import NOT_AN_OBJECT, StrictSerializer
from subsidy.rules.claims import Claim, CompetitionClaim, SkillClaim, SocialWorkClaim
from subsidy.rules.reasons import Severity
from subsidy.rules.terms import CompetitionRound, Ground, SocialWorkGrade


class SkillClaimSerializer(StrictSerializer):
    """职业技能等级证书."""

    ground = TermField(Ground, label="助推类别")
    level = LevelField(label="技能等级")
    issued_on = Day(label="颁证日期")
    certificate_number = PlainText(label="证书编号", max_length=SHORT, required=False)
    trade = PlainText(label="工种名称", required=False)
    awarding_body = PlainText(label="鉴定（认定）机构名称", required=False)


class SocialWorkClaimSerializer(StrictSerializer):
    """社会工作者职业资格证书."""

    ground = TermField(Ground, label="助推类别")
    grade = TermField(SocialWorkGrade, label="级别")
    approved_on = Day(label="批准日期")
    registration_number = PlainText(label="管理号", max_length=SHORT, required=False)
    issuing_authority = PlainText(label="签发单位", required=False)
    full_time_union_staff = TrueOrFalse(label="是否专职工会社会工作者", required=False)


class CompetitionClaimSerializer(StrictSerializer):
    """职工职业技能大赛."""

    ground = TermField(Ground, label="助推类别")
    rank = WholeNumber(label="名次", least=1)
    team = TrueOrFalse(label="是否团体项目")
    round = TermField(CompetitionRound, label="赛段", required=False)
    competition = PlainText(label="赛事名称", required=False)
    trade = PlainText(label="比赛工种", required=False)


SHAPES: dict[Ground, type[StrictSerializer]] = {
    Ground.SKILL: SkillClaimSerializer,
    Ground.SOCIAL_WORK: SocialWorkClaimSerializer,
    Ground.COMPETITION: CompetitionClaimSerializer,
}
KINDS: dict[Ground, type[Claim]] = {
    Ground.SKILL: SkillClaim,
    Ground.SOCIAL_WORK: SocialWorkClaim,
    Ground.COMPETITION: CompetitionClaim,
}


def read_claim(data: Any, context: Mapping[str, Any] | None = None) -> Claim:
    """Return the claim that the data states; raises ValidationError naming the fields."""
    if not isinstance(data, Mapping):
        raise ValidationError({"non_field_errors": [ErrorDetail(NOT_AN_OBJECT, "not_an_object")]})
    ground = _GroundSerializer(data={name: data[name] for name in ("ground",) if name in data})
    ground.is_valid(raise_exception=True)
    kind = ground.validated_data["ground"]
    shape = SHAPES[kind](data=data, context=dict(context or {}))
    shape.is_valid(raise_exception=True)
    values = {name: value for name, value in shape.validated_data.items() if name != "ground"}
    return KINDS[kind](**values)


class _GroundSerializer(StrictSerializer):
    ground = TermField(Ground, label="助推类别")


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="Claim",
        serializers={ground.value: shape for ground, shape in SHAPES.items()},
        resource_type_field_name="ground",
    )
)
class ClaimField(serializers.Field[Any, Any, Any, Any]):
    """One of the three claims, told apart by `ground`."""

    default_error_messages = {"required": "请填写证书或名次的内容。", "null": NOT_AN_OBJECT}

    def to_internal_value(self, data: Any) -> Claim:
        """Return the claim."""
        return read_claim(data, self.context)

    def to_representation(self, value: Any) -> Any:
        """Never used: claims are not answered."""
        return value


class EligibilityCheckSerializer(StrictSerializer):
    """The question."""

    scheme = WholeNumber(label="方案年度", least=1)
    as_of = Instant(label="判断时间", required=False, help_text="不填则用当前的业务时间")
    claim = ClaimField(label="证书或名次")


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason with its clause."""

    code = serializers.CharField(label="代码")
    severity = TermField(Severity, label="性质")
    clause = serializers.CharField(label="方案条款")
    message = serializers.CharField(label="说明")


class AssessmentSerializer(serializers.Serializer[Any]):
    """The answer: eligible exactly when no reason blocks; not eligible means 0 yuan."""

    eligible = serializers.BooleanField(label="是否符合")
    amount = serializers.IntegerField(label="资助金额（元）")
    reasons = ReasonSerializer(many=True, label="理由")
