"""An application as it is filed, changed and answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from applications.api.fields import SHORT, DistrictField, PlainText, TermField, WholeNumber
from applications.api.serializers.base import NOT_AN_OBJECT, StrictSerializer
from applications.api.serializers.certificates import CERTIFICATES
from applications.api.serializers.claims import ReasonSerializer
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus, PaymentStatus

ASSISTED = "这里只受理会员本人的申报，不接受代报的内容，请删除这一项。"


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="CertificateInput",
        serializers=list(CERTIFICATES.values()),
        resource_type_field_name=None,
    )
)
class CertificateField(serializers.Field[Any, Any, Any, Any]):
    """An object whose shape depends on the ground; the serializer around it reads it."""

    default_error_messages = {"required": "请填写证书信息。", "null": NOT_AN_OBJECT}

    def to_internal_value(self, data: Any) -> Mapping[str, Any]:
        """Return the object unread."""
        if not isinstance(data, Mapping):
            raise ValidationError([ErrorDetail(NOT_AN_OBJECT, "not_an_object")])
        return data

    def to_representation(self, value: Any) -> Any:
        """Never used: answers have a certificate of their own."""
        return value


class ConsentSerializer(StrictSerializer):
    """知情同意."""

    refused = {"evidence": ASSISTED}

    version = PlainText(label="同意书版本", max_length=20)


class ApplicationSerializer(StrictSerializer):
    """A new draft of a member."""

    refused = dict.fromkeys(("on_behalf_of", "channel", "received_on", "staff_reason"), ASSISTED)

    scheme = WholeNumber(label="方案年度", least=1)
    ground = TermField(Ground, label="助推类别")
    certificate = CertificateField(label="证书信息")
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)
    consent = ConsentSerializer(label="知情同意")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the certificate in the shape of its ground."""
        return attrs | {"certificate": read_certificate(attrs["ground"], attrs["certificate"])}


class ApplicationPatchSerializer(StrictSerializer):
    """Changed fields of a draft or of a returned application; a certificate may come in part."""

    refused = ApplicationSerializer.refused | dict.fromkeys(
        ("scheme", "ground"), "这一项不能改，请另起一份申报。"
    )

    version = WholeNumber(label="版本", least=1)
    certificate = CertificateField(label="证书信息", required=False)
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, required=False)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)
    consent = ConsentSerializer(label="知情同意", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the certificate in the shape of the application's ground."""
        if "certificate" not in attrs:
            return attrs
        application = self.context["application"]
        partial = application.certificate_id is not None
        ground = Ground(application.ground)
        return attrs | {"certificate": read_certificate(ground, attrs["certificate"], partial=partial)}


class VersionSerializer(StrictSerializer):
    """Which version was seen."""

    version = WholeNumber(label="版本", least=1)


class SubmitSerializer(VersionSerializer):
    """Submit; the consent may come with it."""

    refused = {"channel": ASSISTED, "on_behalf_of": ASSISTED}

    consent = ConsentSerializer(label="知情同意", required=False)


class WithdrawSerializer(VersionSerializer):
    """Withdraw, saying why if one likes."""

    note = PlainText(label="说明", required=False, allow_blank=True)


class CardSerializer(VersionSerializer):
    """A corrected card after a failed payment (D4)."""

    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, help_text="卡面上 16 至 19 位数字")


class CertificateAnswerSerializer(serializers.Serializer[Any]):
    """The certificate as stored; which fields stand in it depends on the ground."""

    trade = serializers.CharField(required=False)
    level = serializers.JSONField(required=False)
    certificate_number = serializers.CharField(required=False)
    issued_on = serializers.DateField(required=False)
    awarding_body = serializers.CharField(required=False)
    training_body = serializers.CharField(required=False)
    training_address = serializers.CharField(required=False)
    training_hours = serializers.CharField(required=False)
    training_fee = serializers.CharField(required=False)
    assessment_address = serializers.CharField(required=False)
    assessment_method = serializers.CharField(required=False)
    assessment_fee = serializers.CharField(required=False)
    trade_id = serializers.IntegerField(required=False, allow_null=True)
    awarding_body_id = serializers.IntegerField(required=False, allow_null=True)
    grade = serializers.CharField(required=False)
    registration_number = serializers.CharField(required=False)
    approved_on = serializers.DateField(required=False)
    issuing_authority = serializers.CharField(required=False)
    competition = serializers.CharField(required=False)
    rank = serializers.IntegerField(required=False)
    team = serializers.BooleanField(required=False)
    round = serializers.CharField(required=False)
    year = serializers.IntegerField(required=False, allow_null=True, label="所属年度")


class ConsentAnswerSerializer(serializers.Serializer[Any]):
    """Which text was agreed to, and when."""

    version = serializers.CharField()
    given_at = serializers.DateTimeField()


class ApplicationAnswerSerializer(serializers.Serializer[Any]):
    """An application as its member reads it; the card is masked."""

    id = serializers.UUIDField(label="标识")
    number = serializers.CharField(label="申报编号")
    scheme = serializers.IntegerField(label="方案年度")
    ground = TermField(Ground, label="助推类别")
    channel = TermField(Channel, label="渠道")
    status = TermField(ApplicationStatus, label="状态")
    payment = TermField(PaymentStatus, label="发放")
    version = serializers.IntegerField(label="版本")
    standing = serializers.CharField(label="现在到哪一步")
    card_number = serializers.CharField(label="互助服务卡卡号（掩码）")
    employer = serializers.CharField(label="工作单位")
    position = serializers.CharField(label="职务")
    district = DistrictField(label="区", allow_null=True)
    certificate = CertificateAnswerSerializer(allow_null=True)
    consent = ConsentAnswerSerializer(allow_null=True)
    award = serializers.IntegerField(label="标准金额（元）", allow_null=True)
    award_label = serializers.CharField(label="标准")
    amount = serializers.IntegerField(label="批准金额（元）", allow_null=True)
    reasons = ReasonSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    first_filed_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    review_due_at = serializers.DateTimeField(allow_null=True)
    correction_due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    payout_due_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)


class TimelineEntrySerializer(serializers.Serializer[Any]):
    """One step."""

    version = serializers.IntegerField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    title = serializers.CharField()
    by = serializers.CharField()
    status = TermField(ApplicationStatus)
    payment = TermField(PaymentStatus)
    reasons = ReasonSerializer(many=True)
    remarks = serializers.DictField(child=serializers.CharField())
    note = serializers.CharField()
    deadline = serializers.DateTimeField(allow_null=True)


def read_certificate(ground: Ground, data: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """Return the certificate's fields; raises ValidationError with names below `certificate`."""
    serializer = CERTIFICATES[ground](data=data, partial=partial)
    if not serializer.is_valid():
        raise ValidationError({"certificate": serializer.errors})
    return dict(serializer.validated_data)
