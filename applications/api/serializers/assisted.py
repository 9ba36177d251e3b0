"""What staff send when they file for a member: for whom, by which door, on which consent (F2, F3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from applications.api.fields import (
    SHORT,
    Day,
    DistrictField,
    Named,
    PlainText,
    TermField,
    TrueOrFalse,
    WholeNumber,
)
from applications.api.serializers.applications import CertificateField, VersionSerializer, read_certificate
from applications.api.serializers.base import StrictSerializer
from subsidy.rules.terms import Channel, Ground

REASON = 500
DOORS = (Channel.HOTLINE, Channel.STATION, Channel.PAPER, Channel.ROSTER)
ONLY_PAPER = "只有纸质材料才填这一项，请删除。"


class Identifier(Named, serializers.UUIDField):
    """The id of an application."""

    default_error_messages = {"invalid": "{label}应是申报的 id，请核对。"}

    def to_internal_value(self, data: object) -> UUID:
        """Return the id."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return UUID(data)
        except ValueError:
            self.fail("invalid")


class PersonSerializer(StrictSerializer):
    """For whom: as on the papers; the services check the numbers."""

    name = PlainText(label="姓名", max_length=50)
    resident_id = PlainText(label="身份证号", max_length=SHORT)
    mobile = PlainText(label="手机号", max_length=SHORT)
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)


class WinnerSerializer(StrictSerializer):
    """A winner who confirms at a desk: proves who they are, gives card and mobile."""

    resident_id = PlainText(label="身份证号", max_length=SHORT)
    mobile = PlainText(label="手机号", max_length=SHORT)
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)


class EvidencedConsentSerializer(StrictSerializer):
    """知情同意 and how it was given: a recording, a signed page."""

    version = PlainText(label="同意书版本", max_length=20)
    evidence = PlainText(label="同意方式和凭据", required=False, allow_blank=True)


class EvidenceSerializer(StrictSerializer):
    """How the member asked for a correction: a recording, a signed page."""

    evidence = PlainText(label="同意方式和凭据")


class DossierSerializer(StrictSerializer):
    """Which copies lie in a paper dossier."""

    has_id_front = TrueOrFalse(label="身份证正面复印件", required=False)
    has_id_back = TrueOrFalse(label="身份证反面复印件", required=False)
    has_card = TrueOrFalse(label="互助服务卡复印件", required=False)
    has_certificate = TrueOrFalse(label="证书复印件", required=False)
    shelf_mark = PlainText(label="存放位置", max_length=60, required=False, allow_blank=True)


class AssistedApplicationSerializer(StrictSerializer):
    """A new draft made for a member."""

    scheme = WholeNumber(label="方案年度", least=1)
    ground = TermField(Ground, label="助推类别")
    channel = TermField(Channel, label="渠道", help_text="hotline、station、paper 或 roster")
    on_behalf_of = PersonSerializer(label="会员")
    certificate = CertificateField(label="证书信息")
    district = DistrictField(label="所在区", required=False)
    consent = EvidencedConsentSerializer(label="知情同意")
    received_on = Day(label="接收日期", required=False, help_text="纸质材料必填：收到材料的日期")
    dossier = DossierSerializer(label="纸质材料", required=False)
    staff_reason = PlainText(label="经办理由", max_length=REASON, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the certificate in the shape of its ground; a day of receipt belongs to paper alone."""
        channel = attrs["channel"]
        if channel not in DOORS:
            codes = "、".join(DOORS)
            raise ValidationError({"channel": [ErrorDetail(f"渠道应是 {codes} 之一。", "invalid_choice")]})
        wrong = _paper_only(attrs, is_paper=channel is Channel.PAPER)
        if channel is Channel.PAPER and "received_on" not in attrs:
            wrong["received_on"] = [ErrorDetail("请填写接收日期。", "required")]
        if wrong:
            raise ValidationError(wrong)
        return attrs | {"certificate": read_certificate(attrs["ground"], attrs["certificate"])}


class AssistedPatchSerializer(VersionSerializer):
    """Changed fields of a case of the operator's office."""

    refused = dict.fromkeys(("scheme", "ground", "channel", "on_behalf_of"), "这一项不能改，请另起一份申报。")

    certificate = CertificateField(label="证书信息", required=False)
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, required=False)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)
    consent = EvidencedConsentSerializer(label="知情同意", required=False)
    received_on = Day(label="接收日期", required=False)
    dossier = DossierSerializer(label="纸质材料", required=False)
    staff_reason = PlainText(label="经办理由", max_length=REASON, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the certificate in the shape of the application's ground."""
        application = self.context["application"]
        wrong = _paper_only(attrs, is_paper=application.channel == Channel.PAPER)
        if wrong:
            raise ValidationError(wrong)
        if "certificate" not in attrs:
            return attrs
        partial = application.certificate_id is not None
        ground = Ground(application.ground)
        return attrs | {"certificate": read_certificate(ground, attrs["certificate"], partial=partial)}


class AssistedSubmitSerializer(VersionSerializer):
    """Submit for the member; a paper dossier may take the place of an application on another ground."""

    consent = EvidencedConsentSerializer(label="知情同意", required=False)
    staff_reason = PlainText(label="经办理由", max_length=REASON, required=False, allow_blank=True)
    switch_from = Identifier(label="原申报", required=False)
    choice = PlainText(label="本人怎样选择改报", required=False, allow_blank=True)


class AssistedResubmitSerializer(VersionSerializer):
    """Send a corrected application again for the member."""

    consent = EvidenceSerializer(label="知情同意")


class AssistedCardSerializer(AssistedResubmitSerializer):
    """Correct the card for the member."""

    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)


class AssistedSwitchSerializer(VersionSerializer):
    """Another skill certificate instead, at the operator's desk."""

    channel = TermField(Channel, label="渠道")
    certificate = CertificateField(label="证书信息")
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, required=False)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)
    consent = EvidencedConsentSerializer(label="知情同意")
    choice = PlainText(label="本人怎样选择改报")
    staff_reason = PlainText(label="经办理由", max_length=REASON, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the certificate."""
        return attrs | {"certificate": read_certificate(Ground.SKILL, attrs["certificate"])}


class AssistedConfirmSerializer(VersionSerializer):
    """Confirm for a winner."""

    on_behalf_of = WinnerSerializer(label="获奖人")
    consent = EvidencedConsentSerializer(label="知情同意")
    switch_from = Identifier(label="原申报", required=False)
    choice = PlainText(label="本人怎样选择改报", required=False, allow_blank=True)


class AssistedWithdrawSerializer(VersionSerializer):
    """Withdraw for the member, writing down how they asked for it."""

    note = PlainText(label="本人怎样要求撤回")


def either(name: str, *kinds: type[StrictSerializer]) -> PolymorphicProxySerializer:
    """Describe a body that members and staff send in different shapes."""
    return PolymorphicProxySerializer(
        component_name=name, serializers=list(kinds), resource_type_field_name=None
    )


def _paper_only(attrs: dict[str, Any], *, is_paper: bool) -> dict[str, list[ErrorDetail]]:
    names = () if is_paper else ("received_on", "dossier")
    return {name: [ErrorDetail(ONLY_PAPER, "unknown_field")] for name in names if name in attrs}
