"""The member's own particulars, and everything we keep about them (A2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api.exports import export_of
from applications.api.openapi import IDEMPOTENCY_KEY, answers
from applications.api.serializers.base import validated
from applications.api.serializers.members import (
    CodeAnswerSerializer,
    CodeRequestSerializer,
    CorrectionAnswerSerializer,
    CorrectionSerializer,
    MemberAnswerSerializer,
    MemberSerializer,
    NewMobileSerializer,
    ProfileAnswerSerializer,
)
from applications.api.views.base import MemberView
from applications.services.idempotency import HEADER, Outcome, read_key, run_once
from applications.services.trust import refresh_trust
from subsidy.accounts.services import (
    change_mobile,
    client_address,
    has_just_signed_in,
    is_new_token,
    issue_token,
    remember_browser,
    request_correction,
    request_mobile_code,
    sign_in_member,
    sign_in_nonce,
    update_profile,
)
from subsidy.audit.services import record
from subsidy.errors import Forbidden

SIGN_IN_AGAIN = "更换手机号前请重新登录，并在 15 分钟内办完。"
SENT = "如果号码无误，验证码会在一分钟内以短信送达，10 分钟内有效。"


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


class MobileCodesView(MemberView):
    """Codes to a new number."""

    @extend_schema(
        operation_id="me_mobile_codes_create",
        request=CodeRequestSerializer,
        responses=answers({202: CodeAnswerSerializer}, 400, 401, 403, 413, 415, 422, 429),
        tags=["me"],
    )
    def post(self, request: Request) -> Response:
        """给新手机号发验证码."""
        asked = validated(CodeRequestSerializer, request)
        _require_fresh(request)
        nonce, ip = _nonce(request), client_address(request._request)
        request_mobile_code(self.member, asked["mobile"], nonce=nonce, ip=ip)
        return Response({"detail": SENT}, status=202)


class MobileView(MemberView):
    """The number to sign in with."""

    @extend_schema(
        operation_id="me_mobile_create",
        request=NewMobileSerializer,
        responses=answers({200: ProfileAnswerSerializer}, 400, 401, 403, 409, 413, 415, 422, 429),
        tags=["me"],
    )
    def post(self, request: Request) -> Response:
        """换成验证过的新手机号（其他会话和令牌都失效，用令牌的得到新令牌）."""
        asked = validated(NewMobileSerializer, request)
        _require_fresh(request)
        plain = request._request
        nonce, ip = _nonce(request), client_address(plain)
        member = change_mobile(self.member, asked["mobile"], asked["code"], nonce=nonce, ip=ip)
        refresh_trust(member, actor=self.actor)
        body: dict[str, Any] = dict(MemberAnswerSerializer(member).data)
        if isinstance(request.auth, str):
            body["token"] = issue_token(member)
        else:
            sign_in_member(plain, member)
        answer = Response(body)
        remember_browser(plain, answer, asked["mobile"])
        return answer


class CorrectionsView(MemberView):
    """Requests to correct name or identity number."""

    @extend_schema(
        operation_id="me_corrections_create",
        parameters=[IDEMPOTENCY_KEY],
        request=CorrectionSerializer,
        responses=answers({201: CorrectionAnswerSerializer}, 400, 401, 403, 409, 413, 415, 422, 429),
        tags=["me"],
    )
    def post(self, request: Request) -> Response:
        """申请更正姓名或证件号码（由工作人员核对证件后办理）."""
        given = validated(CorrectionSerializer, request)
        ip = client_address(request._request)
        header = request.headers.get(HEADER, "")
        key = read_key(header, actor=self.actor, route="corrections", asked=request.data)

        def work() -> Outcome:
            return Outcome(201, str(request_correction(self.member, **given, ip=ip).pk))

        outcome = run_once(key, work)
        made = self.member.corrections.get(pk=outcome.target)
        return Response(CorrectionAnswerSerializer(made).data, status=outcome.status_code)


def _require_fresh(request: Request) -> None:
    """Ask for a sign-in of the last quarter of an hour: an old token or browser takes no number away."""
    token = request.auth if isinstance(request.auth, str) else ""
    if not (is_new_token(token) if token else has_just_signed_in(request._request)):
        raise Forbidden(SIGN_IN_AGAIN, code="SIGN_IN_AGAIN")


def _nonce(request: Request) -> str:
    """Return what ties a code to who asked: the app's token, else the browser's session."""
    return f"token\0{request.auth}" if isinstance(request.auth, str) else sign_in_nonce(request._request)


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
