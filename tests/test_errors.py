"""Every error of the API is problem JSON in Chinese, with the fields it speaks of."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from subsidy.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Malformed,
    NotFound,
    RuleRefused,
    SubsidyError,
    flatten,
    problem_handler,
)


class Failing(APIView):
    """A view that raises what it is given."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    error: Exception = RuntimeError()

    def get_exception_handler(self) -> Any:
        return problem_handler

    def get(self, request: Any) -> Response:
        raise self.error


def answer(error: Exception) -> Response:
    response = Failing.as_view(error=error)(APIRequestFactory().get("/"))
    response.render()
    return response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Malformed("日期格式不对，请改为 2024-06-18。"), 400, "malformed"),
        (Forbidden("您不能办理这件申报。"), 403, "permission_denied"),
        (NotFound("没有这件申报。"), 404, "not_found"),
        (Conflict("申报已撤回。"), 409, "conflict"),
        (RuleRefused("已过申报截止时间。", code="FILED_AFTER_CLOSING"), 422, "FILED_AFTER_CLOSING"),
        (SubsidyError("不能这样办理。", status=409), 409, "refused"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.NotAuthenticated(), 403, "not_authenticated"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (PermissionDenied("internal reason"), 403, "permission_denied"),
        (Http404("No Member matches"), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/xml"), 415, "unsupported_media_type"),
        (RequestDataTooBig("too big"), 413, "too_large"),
        (exceptions.Throttled(wait=12.3), 429, "throttled"),
        (ModelValidationError({"rank": "名次应大于 0。"}), 422, "rule_refused"),
        (RuntimeError("password=hunter2"), 500, "error"),
    ],
)
def test_each_error_has_its_status_code_and_a_chinese_sentence(
    error: Exception, status: int, code: str
) -> None:
    response = answer(error)
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.data["status"], response.data["code"]) == (status, status, code)
    for part in ("title", "detail"):
        assert any("\u4e00" <= character <= "\u9fff" for character in response.data[part])
    assert response.data["type"] == "about:blank"


def test_a_refusal_names_its_field() -> None:
    response = answer(RuleRefused("名次应大于 0。", code="RANK", field="claim.rank"))
    assert response.data["errors"] == [{"field": "claim.rank", "code": "RANK", "message": "名次应大于 0。"}]


@pytest.mark.parametrize(
    "error", [Malformed("内容有误。"), RuleRefused("不符合规则。"), exceptions.ParseError()]
)
def test_an_error_of_the_whole_body_has_an_empty_field(error: Exception) -> None:
    assert [entry["field"] for entry in answer(error).data["errors"]] == [""]


def test_a_conflict_without_a_field_has_no_error_list() -> None:
    assert "errors" not in answer(Conflict("申报已撤回。")).data


def test_given_errors_are_answered_as_they_are() -> None:
    given = [FieldError("a", "one", "甲有误。"), FieldError("b", "two", "乙有误。")]
    assert len(answer(RuleRefused("两处有误。", errors=given)).data["errors"]) == 2


class Part(serializers.Serializer[Any]):
    rank = serializers.IntegerField()


class Whole(serializers.Serializer[Any]):
    part = Part()
    parts = Part(many=True)

    def validate(self, attrs: Any) -> Any:
        raise serializers.ValidationError("两个日期互相矛盾。", code="contradiction")


def _refusal(data: Any) -> list[FieldError]:
    serializer = Whole(data=data)
    serializer.is_valid()
    return list(flatten(serializer.errors))


def test_nested_errors_have_dotted_names() -> None:
    found = _refusal({"part": {"rank": "x"}, "parts": [{"rank": 1}, {}]})
    assert {(error.field, error.code) for error in found} == {
        ("part.rank", "invalid"),
        ("parts.1.rank", "required"),
    }


def test_an_error_of_the_object_itself_has_an_empty_field() -> None:
    found = _refusal({"part": {"rank": 1}, "parts": []})
    assert found == [FieldError("", "contradiction", "两个日期互相矛盾。")]


def test_a_body_that_is_no_object_has_an_empty_field() -> None:
    assert [error.field for error in _refusal([1])] == [""]


def test_a_validation_error_answers_400_with_its_fields() -> None:
    response = answer(exceptions.ValidationError({"rank": ["必填。"]}))
    assert response.status_code == 400
    assert [entry["field"] for entry in response.data["errors"]] == ["rank"]


def test_a_throttled_request_is_told_when_to_come_back() -> None:
    assert answer(exceptions.Throttled(wait=12.3))["Retry-After"] == "13"


def test_an_authentication_challenge_is_kept() -> None:
    error = exceptions.NotAuthenticated()
    error.auth_header = "Bearer"  # type: ignore[attr-defined]
    handled = problem_handler(error, {})
    assert (handled.status_code, handled["WWW-Authenticate"]) == (401, "Bearer")


def test_an_unexpected_error_tells_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        body = answer(RuntimeError("110102199003072316")).content.decode()
    assert "RuntimeError" not in body
    assert "110102199003072316" not in body + caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_errors.py" in caplog.text


def test_the_framework_s_own_words_give_way_to_ours() -> None:
    assert "matches" not in answer(Http404("No Member matches")).content.decode()
    assert answer(exceptions.PermissionDenied("请先完成两步验证。")).data["detail"] == "请先完成两步验证。"


def test_an_error_of_a_bulk_step_carries_the_offending_ids() -> None:
    assert Conflict("三件申报状态已变。", ids=[3, 5, 8]).ids == (3, 5, 8)
