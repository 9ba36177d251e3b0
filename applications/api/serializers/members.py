"""Who the member is: as typed, as shown (masked), and signing in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from applications.api.fields import SHORT, DistrictField, PlainText, TermField
from applications.api.serializers.base import StrictSerializer
from subsidy.accounts.enums import CorrectionField
from subsidy.accounts.tickets import LONGEST


class MemberSerializer(StrictSerializer):
    """本人信息; the numbers are checked by the services, which know the rules."""

    name = PlainText(label="姓名", max_length=50, help_text="与身份证上的姓名一致")
    resident_id = PlainText(label="身份证号", max_length=SHORT, help_text="18 位，登记后不能自行更改")
    mobile = PlainText(label="手机号", max_length=SHORT, help_text="登录时验证过的手机号")
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, help_text="卡面上 16 至 19 位数字")
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)


class MemberAnswerSerializer(serializers.Serializer[Any]):
    """本人信息 as answered: numbers are masked."""

    name = serializers.CharField(label="姓名")
    resident_id = serializers.CharField(label="身份证号（掩码）", source="masked_resident_id")
    mobile = serializers.CharField(label="手机号（掩码）", source="masked_mobile")
    card_number = serializers.CharField(label="互助服务卡卡号（掩码）", source="masked_card")
    employer = serializers.CharField(label="工作单位")
    position = serializers.CharField(label="职务")
    district = DistrictField(label="所在区", allow_null=True)


class ProfileAnswerSerializer(MemberAnswerSerializer):
    """The answer to a change; the app gets a new token when another record now stands for the person."""

    token = serializers.CharField(label="新令牌", required=False)


class CodeRequestSerializer(StrictSerializer):
    """Ask for a one-time code."""

    mobile = PlainText(label="手机号", max_length=SHORT)


class CodeAnswerSerializer(serializers.Serializer[Any]):
    """The same for every number, known or not."""

    detail = serializers.CharField()


class SignInSerializer(StrictSerializer):
    """Prove the number with the code, in the session that asked for it."""

    mobile = PlainText(label="手机号", max_length=SHORT)
    code = PlainText(label="验证码", max_length=SHORT)


class TicketSerializer(StrictSerializer):
    """The ticket with which the union's app vouches for its user."""

    ticket = PlainText(label="登录票据", max_length=LONGEST)


class NewMobileSerializer(StrictSerializer):
    """Prove the new number with the code that was sent to it."""

    mobile = PlainText(label="新手机号", max_length=SHORT)
    code = PlainText(label="验证码", max_length=SHORT)


class CorrectionSerializer(StrictSerializer):
    """What should stand in the record instead, and why."""

    field = TermField(CorrectionField, label="更正内容")
    value = PlainText(label="更正为", max_length=SHORT, help_text="照身份证填")
    reason = PlainText(label="理由")


class CorrectionAnswerSerializer(serializers.Serializer[Any]):
    """A request as answered: the asked value is masked."""

    field = serializers.CharField(label="更正内容")
    value = serializers.CharField(label="更正为（掩码）", source="shown_value")
    reason = serializers.CharField(label="理由")
    outcome = serializers.CharField(label="结果", help_text="open 待办理、granted 已更正、refused 不予更正")
    requested_at = serializers.DateTimeField(label="提出时间")


class SignInAnswerSerializer(serializers.Serializer[Any]):
    """The session is in the cookie; the token is for the app."""

    token = serializers.CharField(label="令牌")
