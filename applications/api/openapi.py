"""What the generated schema says beyond the serializers: problems, authentication, the idempotency key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class ProblemFieldSerializer(serializers.Serializer[Any]):
    """What is wrong with one field; "" is the whole body."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """application/problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ProblemFieldSerializer(many=True, required=False)  # type: ignore[assignment]


class MemberAuthenticationScheme(OpenApiAuthenticationExtension):
    """The member's session cookie, or the app's bearer token."""

    target_class = "applications.api.authentication.MemberSessionAuthentication"
    name = ["memberSession", "memberToken"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Describe both ways."""
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            {"type": "http", "scheme": "bearer"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Either will do."""
        return [{name: []} for name in self.name]


class StaffAuthenticationScheme(OpenApiAuthenticationExtension):
    """The session of the staff sign-in, for filing on members' behalf."""

    target_class = "applications.api.staff.StaffSessionAuthentication"
    name = "staffSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe it."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


PROBLEMS = {
    400: "内容有误，errors 指出字段",
    401: "未登录",
    403: "没有权限",
    404: "没有找到（包括他人的记录）",
    409: "与当前状态冲突",
    413: "内容过大",
    415: "不支持这种内容格式",
    422: "不符合办理规则，errors 指出字段",
    429: "请求过于频繁，见 Retry-After",
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="同一个键加同样的内容，得到第一次的结果；内容不同则 409。不超过 100 个字符。",
)


def answers(success: Mapping[Any, Any], *problems: int) -> dict[Any, Any]:
    """Return the responses of one operation: its own, and the problems it may answer."""
    described = {
        (code, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=PROBLEMS[code])
        for code in problems
    }
    return {**success, **described}
