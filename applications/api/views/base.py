"""What every view shares: who may call, how often, how large a body."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from applications.api.authentication import MemberSessionAuthentication
from applications.api.parsers import MAX_BODY, TOO_LARGE, StrictJSONParser
from applications.api.permissions import IsMember, current_member
from applications.api.throttles import AddressThrottle, MemberThrottle
from subsidy.accounts.models import Member
from subsidy.accounts.services import client_address, member_actor
from subsidy.audit.actors import Actor
from subsidy.errors import Malformed, NotFound, SubsidyError

PLAIN = "identity"
COMPRESSED = "本接口不接受压缩的内容，请去掉 Content-Encoding 请求头。"
NO_FORM = "请求内容不是有效的 multipart/form-data 表单，请核对 boundary 后再试。"


class HouseView(APIView):
    """Refuse a body by its announced length before anything reads it; never let an answer be cached."""

    parser_classes = [StrictJSONParser]
    largest_body = MAX_BODY

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the length first, then who calls and how often."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > self.largest_body:
            raise SubsidyError(TOO_LARGE, code="too_large", status=413)
        if request.META.get("HTTP_CONTENT_ENCODING", PLAIN).strip().lower() not in {"", PLAIN}:
            raise SubsidyError(COMPRESSED, code="unsupported_media_type", status=415)
        super().initial(request, *args, **kwargs)

    def options(  # type: ignore[override]
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Answer the methods alone, in `Allow`."""
        return Response(status=204)

    def handle_exception(self, exc: Exception) -> Response:
        """Name the format that this address reads when another came."""
        reads = self.parser_classes[0].media_type
        if isinstance(exc, UnsupportedMediaType):
            sentence = f"这个地址不接受这种内容格式，请改用 {reads}。"
            return super().handle_exception(SubsidyError(sentence, code=exc.default_code, status=415))
        if isinstance(exc, ParseError) and reads == MultiPartParser.media_type:
            return super().handle_exception(Malformed(NO_FORM, code=exc.default_code))
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep answers out of caches."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class OpenView(HouseView):
    """For everybody; looks at no session."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = [AddressThrottle]


class MemberView(HouseView):
    """For a signed-in member."""

    authentication_classes = [MemberSessionAuthentication]
    permission_classes = [IsMember]
    throttle_classes: list[Any] = [MemberThrottle]

    @property
    def member(self) -> Member:
        """Return who calls."""
        return current_member(self.request)

    @property
    def actor(self) -> Actor:
        """Return the caller as events and the audit log name them."""
        return member_actor(self.member, client_address(self.request._request))


class NowhereView(OpenView):
    """Any other address below the API's: a problem, not a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer 404 whatever the method."""
        raise NotFound("没有这个接口地址，请核对（地址以斜杠结尾）。")
