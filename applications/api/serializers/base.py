"""A serializer that refuses what it does not know, and the way a form feeds it.

Pages use the very same classes: `from_form(SkillCertificateSerializer, request.POST)` drops empty values,
joins `issued_on_year/_month/_day` into one date and switches the fields to reading text; the names of the
errors are the names of the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from applications.api.parsers import shown_name
from subsidy.errors import Malformed

S = TypeVar("S", bound="StrictSerializer")
UNKNOWN = "没有这一项，请删除或核对名称。"
NOT_AN_OBJECT = "应是一个 JSON 对象（花括号）。"
MANY = 20
DATE_PARTS = ("year", "month", "day")


class StrictSerializer(serializers.Serializer[Any]):
    """Take objects only, and only the fields named in the class."""

    refused: Mapping[str, str] = {}
    """Fields of other doors, each with the sentence that refuses it."""

    default_error_messages = {"invalid": NOT_AN_OBJECT, "required": "请填写这一项。", "null": NOT_AN_OBJECT}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the values; raises ValidationError with every field at fault."""
        if not isinstance(data, Mapping):
            raise ValidationError({"non_field_errors": [ErrorDetail(NOT_AN_OBJECT, "not_an_object")]})
        errors: dict[str, Any] = self._unknown(data)
        values: dict[str, Any] = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            errors = {**error.detail, **errors}  # type: ignore[dict-item]
        if errors:
            raise ValidationError(errors)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        names = [name for name in data if name not in self.fields][:MANY]
        return {
            shown_name(name): [ErrorDetail(self.refused.get(name, UNKNOWN), "unknown_field")]
            for name in names
        }


def validated(kind: type[S], request: Request, **context: Any) -> dict[str, Any]:
    """Return what a request's body holds; raises Malformed or ValidationError naming the fields."""
    if not isinstance(request.data, dict):
        raise Malformed(f"请求内容{NOT_AN_OBJECT}", code="not_an_object")
    serializer = kind(data=request.data, context=context)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def from_form(kind: type[S], post: Mapping[str, str], **context: Any) -> S:
    """Return the serializer over a form's text, yet to be validated; empty values count as not given."""
    names: list[str] = list(kind().fields)
    typed = {name: post.get(name, "") or _joined_date(name, post) for name in names}
    given = {name: value for name, value in typed.items() if value.strip()}
    return kind(data=given, context={"form": True, **context})


def _joined_date(name: str, post: Mapping[str, str]) -> str:
    parts = [post.get(f"{name}_{part}", "").strip() for part in DATE_PARTS]
    if not any(parts):
        return ""
    return f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}"
