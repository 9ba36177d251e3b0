"""Schemes, trades and awarding bodies as everybody may read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from applications.api.fields import LONG, PlainText, TermField
from applications.api.serializers.base import StrictSerializer
from subsidy.rules.scheme import Scheme as SchemeRules
from subsidy.rules.scheme import WindowStatus
from subsidy.rules.scheme_parts import Award
from subsidy.rules.terms import Channel, Ground


class AwardSerializer(serializers.Serializer[Any]):
    """One row of the award table; `level`, `grade` or `ranks` (first and last) by ground."""

    ground = TermField(Ground, label="助推类别")
    level = serializers.JSONField(label="技能等级", required=False)
    grade = serializers.CharField(label="级别", required=False)
    ranks = serializers.ListField(child=serializers.IntegerField(), label="名次（起止）", required=False)
    amount = serializers.IntegerField(label="金额（元）")
    clause = serializers.CharField(label="方案条款")
    label = serializers.CharField(label="标准")  # type: ignore[assignment]


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string", "enum": [c.value for c in Channel]},
        },
    }
)
class DoorsField(serializers.JSONField):
    """Which doors each ground has."""


@extend_schema_field(
    {"type": "string", "enum": [one.value for one in WindowStatus]}, component_name="SchemeStatus"
)
class SchemeStatusField(TermField):
    """Whether applications are taken."""


class SchemeSerializer(serializers.Serializer[Any]):
    """One year's plan."""

    year = serializers.IntegerField(label="方案年度")
    title = serializers.CharField(label="标题")
    status = SchemeStatusField(WindowStatus, label="申报状态")
    opens_at = serializers.DateTimeField(label="申报开始")
    closes_at = serializers.DateTimeField(label="申报截止")
    certificate_from = serializers.DateField(label="证书日期起")
    certificate_to = serializers.DateField(label="证书日期止")
    doors = DoorsField(label="办理渠道")
    awards = AwardSerializer(many=True, label="助推标准")


class CatalogueQuerySerializer(StrictSerializer):
    """What to look for; nothing lists the beginning of the catalogue."""

    q = PlainText(label="检索词", max_length=LONG, required=False, allow_blank=True)


class CatalogueEntrySerializer(serializers.Serializer[Any]):
    """One name of a catalogue; `matched` is the writing that fits."""

    id = serializers.IntegerField(label="编号")
    name = serializers.CharField(label="名称")
    code = serializers.CharField(label="编码")
    matched = serializers.CharField(label="匹配的写法")
    retired = serializers.BooleanField(label="已停用")


def scheme_data(rules: SchemeRules, at: datetime) -> dict[str, Any]:
    """Return a scheme as the API answers it at the instant."""
    return {
        "year": rules.year,
        "title": rules.title,
        "status": rules.window_status(at),
        "opens_at": rules.opens_at,
        "closes_at": rules.closes_at,
        "certificate_from": rules.certificate_from,
        "certificate_to": rules.certificate_to,
        "doors": {rule.ground.value: [door.value for door in rule.doors] for rule in rules.grounds},
        "awards": [_award_data(award) for award in rules.awards],
    }


def _award_data(award: Award) -> dict[str, Any]:
    return {
        "ground": award.ground,
        **_subject(award),
        "amount": award.amount,
        "clause": award.clause,
        "label": award.label,
    }


def _subject(award: Award) -> dict[str, Any]:
    if award.level is not None:
        return {"level": int(award.level) if award.level.isdigit() else award.level.value}
    if award.grade is not None:
        return {"grade": award.grade.value}
    return {"ranks": [award.rank_from, award.rank_to]}
