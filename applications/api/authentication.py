"""Who calls the API: a member by session (with CSRF) or the union's app by bearer token."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework.authentication import BaseAuthentication, CSRFCheck, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, ParseError, PermissionDenied
from rest_framework.request import Request

from subsidy.accounts.models import Member
from subsidy.accounts.services import member_for_token, member_of

SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class MemberPrincipal:
    """What the framework calls the user; views use `request.member`, which is the same person."""

    member: Member
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_staff: bool = False

    @property
    def pk(self) -> int:
        """Return the member's key."""
        return self.member.pk


class MemberSessionAuthentication(BaseAuthentication):
    """Find the member behind a bearer token, else behind the session that the middleware read."""

    def authenticate(self, request: Request) -> tuple[MemberPrincipal, str | None] | None:
        """Return the principal and the token, if one was used; staff are nobody here."""
        token = bearer_token(request)
        if token is not None:
            return self._by_token(request, token), token
        member = member_of(request._request)
        if member is None:
            return None
        enforce_csrf(request)
        return MemberPrincipal(member), None

    def authenticate_header(self, request: Request) -> str:
        """Make the answer to nobody a 401."""
        return 'Bearer realm="api"'

    def _by_token(self, request: Request, token: str) -> MemberPrincipal:
        member = member_for_token(token)
        if member is None:
            raise AuthenticationFailed("登录已过期，请重新登录。")
        request._request.member = member  # type: ignore[attr-defined]
        return MemberPrincipal(member)


def bearer_token(request: Request) -> str | None:
    """Return the token of the Authorization header, None without one; raises AuthenticationFailed."""
    kind, _, token = get_authorization_header(request).partition(b" ")
    if kind.lower() != SCHEME.encode():
        return None
    try:
        return token.strip().decode("ascii")
    except UnicodeDecodeError as error:
        raise AuthenticationFailed("登录令牌格式不对，请重新登录。") from error


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def enforce_csrf(request: Request) -> None:
    """Refuse a change by session without the page's token; raises PermissionDenied."""
    check = CSRFCheck(_nothing)
    try:
        check.process_request(request._request)
        reason = check.process_view(request._request, _nothing, (), {})
    except MultiPartParserError as error:
        raise ParseError("上传内容不完整，请重新上传。") from error
    if reason:
        raise PermissionDenied("页面已过期或来源不对，请刷新页面后再试。")
