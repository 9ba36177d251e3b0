"""Signing in with a one-time code, and out again (A4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from applications.api.authentication import MemberSessionAuthentication
from applications.api.openapi import answers
from applications.api.permissions import IsMember
from applications.api.serializers.base import validated
from applications.api.serializers.members import (
    CodeAnswerSerializer,
    CodeRequestSerializer,
    SignInAnswerSerializer,
    SignInSerializer,
    TicketSerializer,
)
from applications.api.throttles import CodeThrottle
from applications.api.views.base import OpenView
from applications.services.trust import refresh_trust
from subsidy.accounts.models import Member
from subsidy.accounts.services import (
    actor_for,
    browser_index,
    client_address,
    issue_token,
    redeem_code,
    redeem_ticket,
    remember_browser,
    request_code,
    revoke_token,
    sign_in_member,
    sign_in_nonce,
    sign_out_member,
)

SENT = "如果号码无误，验证码会在一分钟内以短信送达，10 分钟内有效。"


class CodesView(OpenView):
    """One-time codes, bound to the session that asks."""

    throttle_classes = [CodeThrottle]

    @extend_schema(
        operation_id="sign_in_codes_create",
        request=CodeRequestSerializer,
        responses=answers({202: CodeAnswerSerializer}, 400, 413, 415, 422, 429),
        tags=["sign-in"],
    )
    def post(self, request: Request) -> Response:
        """获取短信验证码（已登记与未登记的号码得到同样的回答）."""
        asked = validated(CodeRequestSerializer, request)
        plain = request._request
        request_code(
            asked["mobile"],
            nonce=sign_in_nonce(plain),
            ip=client_address(plain),
            browser=browser_index(plain, asked["mobile"]),
        )
        return Response({"detail": SENT}, status=202)


class SignInView(OpenView):
    """The member's session."""

    throttle_classes = [CodeThrottle]

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Ask who calls only where somebody signs out."""
        return [MemberSessionAuthentication()] if self._signs_out() else []

    def get_permissions(self) -> list[BasePermission]:
        """Only members can sign out."""
        return [IsMember()] if self._signs_out() else super().get_permissions()  # type: ignore[return-value]

    @extend_schema(
        operation_id="sign_in_create",
        request=SignInSerializer,
        responses=answers({200: SignInAnswerSerializer}, 400, 413, 415, 422, 429),
        tags=["sign-in"],
    )
    def post(self, request: Request) -> Response:
        """用验证码登录（要在获取验证码的同一个会话里）."""
        asked = validated(SignInSerializer, request)
        plain = request._request
        member = redeem_code(
            asked["mobile"], asked["code"], nonce=sign_in_nonce(plain), ip=client_address(plain)
        )
        answer = _signed_in(plain, member)
        remember_browser(plain, answer, asked["mobile"])
        return answer

    @extend_schema(
        operation_id="sign_in_destroy",
        request=None,
        responses=answers({204: None}, 401, 403, 429),
        tags=["sign-in"],
    )
    def delete(self, request: Request) -> Response:
        """退出登录."""
        if isinstance(request.auth, str):
            revoke_token(request.auth)
        sign_out_member(request._request)
        return Response(status=204)

    def _signs_out(self) -> bool:
        request: Any = getattr(self, "request", None)
        return request is not None and request.method == "DELETE"


class TicketsView(OpenView):
    """The door of the 12351 app."""

    throttle_classes = [CodeThrottle]

    @extend_schema(
        operation_id="sign_in_tickets_create",
        request=TicketSerializer,
        responses=answers({200: SignInAnswerSerializer}, 400, 404, 409, 413, 415, 422, 429),
        tags=["sign-in"],
    )
    def post(self, request: Request) -> Response:
        """用 12351 应用签发的票据登录（没有开通时 404）."""
        asked = validated(TicketSerializer, request)
        plain = request._request
        return _signed_in(plain, redeem_ticket(asked["ticket"], ip=client_address(plain)))


def _signed_in(request: HttpRequest, member: Member) -> Response:
    """Open the session and answer with a token, whichever way the member came."""
    sign_in_member(request, member)
    refresh_trust(member, actor=actor_for(request))
    return Response({"token": issue_token(member)})
