"""Strict reading of a scheme's definition: every error names the field that must be put right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from subsidy.rules.moments import SHANGHAI
from subsidy.rules.terms import Term

T = TypeVar("T", bound=Term)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class SchemeError(ValueError):
    """A definition that is no scheme: the field at fault and a Chinese sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}：{message}")
        self.field = field
        self.message = message


class Fields:
    """One table of a definition (parsed TOML or JSON), read key by key until nothing is left over."""

    def __init__(self, raw: object, path: str = "") -> None:
        self.path = path
        if not isinstance(raw, Mapping) or not all(isinstance(key, str) for key in raw):
            raise SchemeError(path or "方案", "须为一组“名称 = 值”。")
        self._left: dict[str, Any] = {key: value for key, value in raw.items() if value is not None}

    def name_of(self, name: str) -> str:
        """Return the full name of a field, e.g. awards[1].amount."""
        return f"{self.path}.{name}" if self.path else name

    def fail(self, name: str, message: str) -> SchemeError:
        """Return the error about one field, to be raised."""
        return SchemeError(self.name_of(name), message)

    def has(self, name: str) -> bool:
        """Say whether the field is given and not yet read."""
        return name in self._left

    def finish(self) -> None:
        """Refuse whatever was not read."""
        for name in self._left:
            raise self.fail(name, "没有这一项，请核对名称。")

    def text(self, name: str, *, longest: int = 200, default: str | None = None) -> str:
        """Read a line of text; an empty one only where a default allows leaving it out."""
        if default is not None and not self.has(name):
            return default
        value = self._checked_text(name, self._take(name), longest)
        if not value and default is None:
            raise self.fail(name, "不能为空。")
        return value

    def texts(self, name: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Read a list of different, non-empty texts, in canonical order."""
        if default is not None and not self.has(name):
            return default
        values = [self._checked_text(name, value, 200) for value in self._take_list(name)]
        if not all(values) or len(set(values)) != len(values):
            raise self.fail(name, "不能有空项或重复项。")
        return tuple(sorted(values))

    def integer(self, name: str, least: int, most: int, *, default: int | None = None) -> int:
        """Read a whole number within bounds; true and 3.0 are none."""
        if default is not None and not self.has(name):
            return default
        value = self._take(name)
        if type(value) is not int or not least <= value <= most:
            raise self.fail(name, f"须为 {least} 至 {most} 的整数。")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Read true or false."""
        if not self.has(name):
            return default
        value = self._take(name)
        if not isinstance(value, bool):
            raise self.fail(name, "须为 true 或 false。")
        return value

    def day(self, name: str) -> date:
        """Read a date, as such or as YYYY-MM-DD."""
        value = self._take(name)
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError as error:
                raise self.fail(name, "没有这一天。") from error
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fail(name, "须为日期，如 2023-01-01。")
        return value

    def instant(self, name: str) -> datetime:
        """Read an instant with its offset; it is kept in Shanghai time."""
        value = self._take(name)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError as error:
                raise self.fail(name, "须为带时区的时间，如 2024-11-01T00:00:00+08:00。") from error
        if not isinstance(value, datetime) or value.tzinfo is None or not 1900 < value.year < 9000:
            raise self.fail(name, "须为带时区的时间，如 2024-11-01T00:00:00+08:00。")
        return value.astimezone(SHANGHAI)

    def term(self, name: str, kind: type[T], *, default: T | None = None) -> T:
        """Read one code of a closed vocabulary."""
        if default is not None and not self.has(name):
            return default
        return self._checked_term(name, self._take(name), kind)

    def terms(self, name: str, kind: type[T], *, default: tuple[T, ...] | None = None) -> tuple[T, ...]:
        """Read a list of different codes, in the vocabulary's order."""
        if default is not None and not self.has(name):
            return default
        values = [self._checked_term(name, value, kind) for value in self._take_list(name)]
        if len(set(values)) != len(values):
            raise self.fail(name, "不能有重复项。")
        return tuple(member for member in kind if member in values)

    def table(self, name: str, *, optional: bool = False) -> Fields:
        """Read a table inside this one; an optional one may be missing."""
        if optional and not self.has(name):
            return Fields({}, self.name_of(name))
        return Fields(self._take(name), self.name_of(name))

    def tables(self, name: str, *, optional: bool = False) -> list[Fields]:
        """Read a list of tables."""
        if optional and not self.has(name):
            return []
        rows = self._take_list(name)
        return [Fields(row, f"{self.name_of(name)}[{place}]") for place, row in enumerate(rows)]

    def mapping(self, name: str) -> dict[str, Any]:
        """Read a table whose keys are values themselves."""
        value = self._take(name)
        if not isinstance(value, Mapping):
            raise self.fail(name, "须为一组“名称 = 值”。")
        return dict(value)

    def _take(self, name: str) -> Any:
        if name not in self._left:
            raise self.fail(name, "缺少这一项。")
        return self._left.pop(name)

    def _take_list(self, name: str) -> list[Any]:
        value = self._take(name)
        if not isinstance(value, (list, tuple)):
            raise self.fail(name, "须为列表。")
        return list(value)

    def _checked_text(self, name: str, value: object, longest: int) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise self.fail(name, f"须为不超过 {longest} 字的文字。")
        if any(unicodedata.category(mark) in {"Cc", "Cs"} for mark in value):
            raise self.fail(name, "不能有换行等控制字符。")
        return value.strip()

    def _checked_term(self, name: str, value: object, kind: type[T]) -> T:
        for member in kind:
            if isinstance(value, str) and member == value:
                return member
        raise self.fail(name, f"须为 {'、'.join(member.value for member in kind)} 之一。")
