"""Steps a member takes beyond filing: switch, confirm, decline, object (F4, F5)."""

from __future__ import annotations

from typing import Any

from applications.api.fields import SHORT, DistrictField, PlainText
from applications.api.serializers.applications import (
    ASSISTED,
    CertificateField,
    ConsentSerializer,
    VersionSerializer,
    read_certificate,
)
from applications.api.serializers.assisted import Identifier
from applications.api.serializers.base import StrictSerializer
from subsidy.rules.terms import Ground


class SwitchSerializer(VersionSerializer):
    """Another skill certificate instead; what is left out is taken from the old application."""

    refused = dict.fromkeys(("on_behalf_of", "channel", "choice", "staff_reason"), ASSISTED)

    certificate = CertificateField(label="证书信息")
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, required=False)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)
    consent = ConsentSerializer(label="知情同意", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Read the certificate; online one switches within skill certificates only."""
        return attrs | {"certificate": read_certificate(Ground.SKILL, attrs["certificate"])}


class ConfirmSerializer(VersionSerializer):
    """A winner confirms: card, consent, and which live application this one replaces."""

    refused = dict.fromkeys(("on_behalf_of", "choice"), ASSISTED)

    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)
    consent = ConsentSerializer(label="知情同意")
    switch_from = Identifier(label="原申报", required=False)


class DeclineSerializer(VersionSerializer):
    """A winner gives the prepared application up; staff write down how they said it."""

    note = PlainText(label="说明", required=False, allow_blank=True)


class ObjectSerializer(StrictSerializer):
    """A member says that somebody filed in their name."""

    text = PlainText(label="异议内容", max_length=500)
