"""Reading a JSON body without mercy: what is not plainly data is refused, naming the field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from subsidy.errors import Malformed, SubsidyError
from subsidy.personal import mask_numbers

MAX_BODY = 256 * 1024
MAX_DEPTH = 16
MAX_DIGITS = 400
MAX_NAME = 60
TOO_LARGE = "提交的内容过大，请减小后再试。"


class _Repeated(dict[str, Any]):
    """An object in which one name stood twice; where it stands is known only once all is read."""

    def __init__(self, found: dict[str, Any], name: str) -> None:
        super().__init__(found)
        self.name = name


class StrictJSONParser(BaseParser):
    """UTF-8 JSON only; no duplicate names, NaN, lone surrogates, NUL or deep nesting."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body; raises Malformed naming the field, ParseError for no JSON at all."""
        _require_utf8(media_type or "")
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise SubsidyError(TOO_LARGE, code="too_large", status=413)
        data = _loads(body)
        for path, value in _leaves(data):
            _check_text(path, value)
        return data


def shown_name(name: str) -> str:
    """Return a field name as an answer may repeat it: short, printable, and without anybody's number."""
    clean = mask_numbers("".join(mark if mark.isprintable() else "?" for mark in name[:MAX_NAME]))
    return clean if len(name) <= MAX_NAME else f"{clean}…"


def _require_utf8(media_type: str) -> None:
    _, options = parse_header_parameters(media_type)
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(media_type)


def _loads(body: bytes) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_int=_whole, parse_constant=_no_number
        )
    except RecursionError as error:
        raise _too_deep("") from error
    except UnicodeDecodeError as error:
        raise ParseError("请求内容不是 UTF-8 文字。") from error
    except ValueError as error:
        raise ParseError("请求内容不是有效的 JSON。") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    repeated: str | None = None
    for name, value in pairs:
        repeated = name if repeated is None and name in found else repeated
        found[name] = value
    return found if repeated is None else _Repeated(found, repeated)


def _whole(text: str) -> int:
    """Read an integer; one beyond all measure stays large, so that its own field refuses it by name."""
    if len(text) <= MAX_DIGITS:
        return int(text)
    return -(10**MAX_DIGITS) if text.startswith("-") else 10**MAX_DIGITS


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _leaves(data: Any) -> Iterator[tuple[str, Any]]:
    """Yield every name and value with its dotted path, without recursion; raises Malformed when too deep."""
    waiting: list[tuple[str, int, Any]] = [("", 0, data)]
    while waiting:
        path, depth, value = waiting.pop()
        if depth > MAX_DEPTH:
            raise _too_deep(path)
        if isinstance(value, _Repeated):
            raise Malformed(
                "同一项出现了两次，请只保留一个。", code="duplicate_field", field=_below(path, value.name)
            )
        if isinstance(value, dict):
            for name, item in value.items():
                yield path, name
                waiting.append((_below(path, name), depth + 1, item))
        elif isinstance(value, list):
            waiting.extend((path, depth + 1, item) for item in value)
        else:
            yield path, value


def _below(path: str, name: str) -> str:
    return f"{path}.{shown_name(name)}".lstrip(".")


def _check_text(path: str, value: Any) -> None:
    if isinstance(value, str) and any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in value):
        raise Malformed("含有无法保存的字符，请删除后重填。", code="bad_character", field=path)


def _too_deep(path: str) -> Malformed:
    return Malformed("内容嵌套过深，请按接口说明填写。", code="too_deep", field=path[:MAX_NAME])
