"""The member's own particulars, and everything we keep about them (A2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api.exports import export_of
from applications.api.openapi import answers
from applications.api.serializers.base import validated
from applications.api.serializers.members import (
    MemberAnswerSerializer,
    MemberSerializer,
    ProfileAnswerSerializer,
)
from applications.api.views.base import MemberView
from applications.services.trust import refresh_trust
from subsidy.accounts.services import client_address, issue_token, sign_in_member, update_profile
from subsidy.audit.services import record


class MeView(MemberView):
    """The member's own particulars."""

    @extend_schema(
        operation_id="me_retrieve", responses=answers({200: MemberAnswerSerializer}, 401, 429), tags=["me"]
    )
    def get(self, request: Request) -> Response:
        """本人信息（号码掩码）."""
        return Response(MemberAnswerSerializer(self.member).data)

    @extend_schema(
        operation_id="me_update",
        request=MemberSerializer,
        responses=answers({200: ProfileAnswerSerializer}, 400, 401, 403, 409, 413, 415, 422, 429),
        tags=["me"],
    )
    def put(self, request: Request) -> Response:
        """填写本人信息（身份证号只能填写一次）."""
        given = validated(MemberSerializer, request)
        before = self.member
        standing = update_profile(before, **given, ip=client_address(request._request))
        refresh_trust(standing, actor=self.actor)
        answer: dict[str, Any] = dict(MemberAnswerSerializer(standing).data)
        if standing.pk != before.pk:
            answer |= self._follow(request, standing)
        return Response(answer)

    def _follow(self, request: Request, standing: Any) -> dict[str, str]:
        """Let the caller go on as the record that stands for the person from now on."""
        if isinstance(request.auth, str):
            return {"token": issue_token(standing)}
        sign_in_member(request._request, standing)
        return {}


class ExportView(MemberView):
    """Everything we keep about the member, in full."""

    @extend_schema(
        operation_id="me_export_retrieve",
        responses=answers({200: OpenApiTypes.OBJECT}, 401, 429),
        tags=["me"],
    )
    def get(self, request: Request) -> Response:
        """导出本人数据（完整号码，留有审计记录）."""
        record("member.export", actor=self.actor, target=f"member:{self.member.pk}")
        answer = Response(export_of(self.member))
        answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return answer
