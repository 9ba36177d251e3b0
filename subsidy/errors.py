"""The errors our services raise and the one way the API answers them: problem JSON."""

from __future__ import annotations

import logging
import math
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import connections
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
API = "/api/"
"""Below it the views of the API judge methods and count callers themselves, and answer in JSON."""
TITLES = {
    400: "请求内容有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种请求方法",
    406: "不支持所要求的返回格式",
    409: "与当前状态冲突",
    413: "内容过大",
    415: "不支持这种内容格式",
    422: "不符合办理规则",
    429: "请求过于频繁",
    500: "系统出错",
}
DETAILS = {
    401: "请先登录后再办理。",
    403: "您没有办理这项操作的权限。",
    404: "没有找到您要的内容，请核对后再试。",
    405: "这个地址不支持这种请求方法。",
    406: "本接口只返回 JSON，请修改 Accept 请求头。",
    413: "提交的内容过大，请减小后再试。",
    415: "本接口不接受这种内容格式，请改用 application/json。",
    500: "系统暂时无法处理，请稍后再试；如仍不行请拨打 12351。",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; an empty name means the whole body."""

    field: str
    code: str
    message: str


class SubsidyError(Exception):
    """A refusal with a Chinese sentence that pages show and the API answers."""

    default_status = 409
    default_code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        field: str = "",
        status: int = 0,
        errors: Iterable[FieldError] = (),
        ids: Sequence[int | str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.status = status or self.default_status
        self.ids = tuple(ids)
        self.errors = list(errors) or self._own_errors()

    def _own_errors(self) -> list[FieldError]:
        speaks_of_input = bool(self.field) or self.status in {400, 422}
        return [FieldError(self.field, self.code, self.message)] if speaks_of_input else []


class Malformed(SubsidyError):
    """The input cannot be read as what it should be."""

    default_status = 400
    default_code = "malformed"


class Forbidden(SubsidyError):
    """The actor may not do this."""

    default_status = 403
    default_code = "permission_denied"


class NotFound(SubsidyError):
    """The thing does not exist, or is not the actor's to know of."""

    default_status = 404
    default_code = "not_found"


class Conflict(SubsidyError):
    """The current state does not allow the step."""

    default_status = 409
    default_code = "conflict"


class RuleRefused(SubsidyError):
    """A rule of the plan or of the house refuses well-formed input."""

    default_status = 422
    default_code = "rule_refused"


class TooManyRequests(SubsidyError):
    """A limit is reached; `retry_after` says in whole seconds when to come back."""

    default_status = 429
    default_code = "throttled"

    def __init__(self, message: str, *, retry_after: timedelta, code: str = "") -> None:
        super().__init__(message, code=code)
        self.retry_after = max(1, math.ceil(retry_after.total_seconds()))


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Answer any exception of an API view as problem JSON (Django REST framework's EXCEPTION_HANDLER)."""
    _roll_back()
    if isinstance(exc, SubsidyError):
        answer = problem(exc.status, exc.code, exc.message, exc.errors)
        if isinstance(exc, TooManyRequests):
            answer["Retry-After"] = str(exc.retry_after)
        return answer
    if isinstance(exc, ModelValidationError):
        return problem(422, "rule_refused", "", list(_model_errors(exc)))
    known = _as_api_exception(exc)
    if known is None:
        _log(exc)
        return problem(500, "error")
    return _answer(known)


def problem(status: int, code: str, detail: str = "", errors: Sequence[FieldError] = ()) -> Response:
    """Build the problem JSON answer."""
    return Response(problem_body(status, code, detail, errors), status=status, content_type=CONTENT_TYPE)


def problem_body(
    status: int, code: str, detail: str = "", errors: Sequence[FieldError] = ()
) -> dict[str, Any]:
    """Return what a problem says; without a detail the first field error or the status speaks."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]),
        "status": status,
        "detail": detail or (errors[0].message if errors else DETAILS.get(status, TITLES[400])),
        "code": code,
    }
    if errors:
        body["errors"] = [asdict(error) for error in errors]
    return body


def flatten(detail: Any, field: str = "") -> Iterator[FieldError]:
    """Yield the leaves of a serializer's nested errors under dotted names."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            whole = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from flatten(value, field if whole else f"{field}.{key}".lstrip("."))
    elif isinstance(detail, (list, tuple)):
        nested = any(isinstance(item, (dict, list)) for item in detail)
        for index, item in enumerate(detail):
            yield from flatten(item, f"{field}.{index}".lstrip(".") if nested else field)
    else:
        yield FieldError(field, getattr(detail, "code", None) or "invalid", str(detail))


def _as_api_exception(exc: Exception) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return _TooLarge()
    return (
        exceptions.ParseError("请求内容有误，请核对后再试。")
        if isinstance(exc, SuspiciousOperation)
        else None
    )


class _TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


def _answer(exc: exceptions.APIException) -> Response:
    status, code = exc.status_code, exc.default_code
    if isinstance(exc, exceptions.ValidationError):
        answer = problem(status, "invalid", "", list(flatten(exc.detail)))
    elif isinstance(exc, exceptions.ParseError):
        sentence = "请求内容不是有效的 JSON，请核对后再试。"
        answer = problem(status, code, sentence, [FieldError("", code, sentence)])
    elif isinstance(exc, exceptions.Throttled):
        seconds = max(1, math.ceil(getattr(exc, "wait", None) or 1))
        answer = problem(status, code, f"请求过于频繁，请 {seconds} 秒后再试。")
        answer["Retry-After"] = str(seconds)
    else:
        answer = problem(status, code, _own_words(exc))
    if header := getattr(exc, "auth_header", None):
        answer["WWW-Authenticate"] = header
    return answer


def _own_words(exc: exceptions.APIException) -> str:
    """Keep a sentence our code gave; the framework's own default text gives way to ours."""
    text = str(exc.detail) if isinstance(exc.detail, str) else ""
    return "" if text == str(exc.default_detail) or exc.status_code in {405, 406, 415} else text


def _model_errors(exc: ModelValidationError) -> Iterator[FieldError]:
    fields = exc.error_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.error_list}
    for name, errors in fields.items():
        for error in errors:
            field = "" if name == NON_FIELD_ERRORS else name
            yield FieldError(field, error.code or "invalid", error.messages[0])


def _roll_back() -> None:
    """Undo a request's own transaction; the framework's view module cannot be imported from below it."""
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)


def _log(exc: Exception) -> None:
    """Log where it happened; the message may hold a person's data and is left out."""
    frames = "".join(traceback.format_tb(exc.__traceback__))
    logger.error("unexpected %s\n%s", type(exc).__name__, frames)
