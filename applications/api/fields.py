"""The fields of API and forms: strict about JSON types, every refusal a Chinese sentence with its label.

A field knows one switch, `context={"form": True}`: values then come from an HTML form, where everything
is text. Numbers, yes/no and levels are read from their text; all other rules stay the same.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import MINYEAR, date, datetime
from typing import Any, NoReturn

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from subsidy import clock
from subsidy.accounts.models import District
from subsidy.rules.terms import SkillLevel, Term

LARGEST = 2_147_483_647
SHORT, LONG = 64, 200
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
REVERSING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
YES, NO = frozenset({"true", "on", "yes", "1"}), frozenset({"false", "off", "no", "0"})


class Named(serializers.Field[Any, Any, Any, Any]):
    """Put the label into every refusal, and say the common ones in Chinese."""

    default_error_messages = {
        "required": "请填写{label}。",
        "null": "{label}不能是 null；不填就不要写这一项。",
        "blank": "{label}不能为空。",
        "unprintable": "{label}含有换行等无法显示的字符，请删除后重填。",
        "max_length": "{label}不能超过 {max_length} 个字。",
        "too_small": "{label}不能小于 {least}。",
        "too_large": "{label}不能大于 {most}。",
    }

    def fail(self, key: str, **values: Any) -> NoReturn:
        """Refuse the value with one of the sentences."""
        super().fail(key, label=self.label, **values)

    @property
    def from_form(self) -> bool:
        """Say whether values are a form's text."""
        return bool(self.context.get("form"))


class PlainText(Named, serializers.CharField):
    """A line of text without control characters; outer spaces are cut."""

    default_error_messages = {"invalid": "{label}应是文字。"}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", LONG)
        super().__init__(**options)

    def to_internal_value(self, data: object) -> str:
        """Return the text."""
        if not isinstance(data, str):
            self.fail("invalid")
        if any(unicodedata.category(mark) in UNPRINTABLE or mark in REVERSING for mark in data):
            self.fail("unprintable")
        text = data.strip()
        if self.max_length is not None and len(text) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return text


class WholeNumber(Named, serializers.IntegerField):
    """An integer: `true`, "3" and 3.0 are none."""

    default_error_messages = {"invalid": "{label}应是整数（不带引号、小数点）。"}

    def __init__(self, *, least: int = -LARGEST, most: int = LARGEST, **options: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**options)

    def to_internal_value(self, data: object) -> int:
        """Return the number within its bounds."""
        if self.from_form and isinstance(data, str) and re.fullmatch(r"[0-9]{1,10}", data.strip()):
            data = int(data)
        if type(data) is not int:
            self.fail("invalid")
        if data < self.least:
            self.fail("too_small", least=self.least)
        if data > self.most:
            self.fail("too_large", most=self.most)
        return data


class TrueOrFalse(Named, serializers.BooleanField):
    """`true` or `false`, nothing that only looks like it."""

    default_error_messages = {"invalid": "{label}应是 true 或 false（不带引号）。"}

    def to_internal_value(self, data: object) -> bool:
        """Return the truth value."""
        if self.from_form and isinstance(data, str) and data.lower() in YES | NO:
            return data.lower() in YES
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Day(Named, serializers.DateField):
    """A date written YYYY-MM-DD; any real day of the years 0001–9999."""

    default_error_messages = {
        "invalid": "{label}应写成 YYYY-MM-DD，例如 2023-09-12。",
        "no_such_day": "{label}不是真实存在的日期，请核对。",
    }

    def to_internal_value(self, value: object) -> date:
        """Return the date."""
        if not isinstance(value, str) or not DAY.fullmatch(value):
            self.fail("invalid")
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail("no_such_day")


class Instant(Named, serializers.DateTimeField):
    """An instant written in ISO 8601 with its offset."""

    default_error_messages = {
        "invalid": "{label}应是带时区的时间，例如 2024-06-18T10:00:00+08:00。",
        "no_such_day": "{label}不是真实存在的时间，请核对。",
    }

    def to_internal_value(self, value: object) -> datetime:
        """Return the instant in Shanghai time; one that its calendar no longer holds is its last or first."""
        if not isinstance(value, str) or not INSTANT.fullmatch(value):
            self.fail("invalid")
        try:
            instant = datetime.fromisoformat(value.upper())
        except ValueError:
            self.fail("no_such_day")
        try:
            return instant.astimezone(clock.SHANGHAI)
        except OverflowError:
            edge = datetime.min if instant.year == MINYEAR else datetime.max
            return edge.replace(tzinfo=clock.SHANGHAI)


class TermField(Named, serializers.ChoiceField):
    """A code of one closed vocabulary."""

    default_error_messages = {"invalid_choice": "{label}应是 {codes} 之一。"}

    def __init__(self, terms: type[Term], **options: Any) -> None:
        self.terms = terms
        super().__init__(choices=terms.choices(), **options)

    def to_internal_value(self, data: object) -> Term:
        """Return the term."""
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", codes="、".join(self.choices))
        return self.terms(data)

    def to_representation(self, value: object) -> str:
        """Return the code."""
        return str(value)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 1, "maximum": 5},
            {"type": "string", "enum": ["special", "chief"]},
        ]
    }
)
class LevelField(Named):
    """A skill level: 1 to 5 as integers, "special" or "chief" as text."""

    default_error_messages = {"invalid": "{label}应是整数 1 至 5，或 special、chief。"}

    def to_internal_value(self, data: object) -> SkillLevel:
        """Return the level."""
        numbered = type(data) is int and 1 <= data <= 5
        worded = isinstance(data, str) and (data in {"special", "chief"} or self._is_form_digit(data))
        if not numbered and not worded:
            self.fail("invalid")
        return SkillLevel(str(data))

    def to_representation(self, value: str) -> int | str:
        """Return the level as clients write it."""
        return int(value) if value.isdigit() else str(value)

    def _is_form_digit(self, text: str) -> bool:
        return self.from_form and text in {"1", "2", "3", "4", "5"}


@extend_schema_field({"type": "string", "description": "区划代码，例如 110102"})
class DistrictField(Named):
    """A district by its code or its name."""

    default_error_messages = {"invalid": "{label}应是区划代码或区名。", "unknown": "没有这个区，请重新选择。"}

    def to_internal_value(self, data: object) -> District:
        """Return the district."""
        if not isinstance(data, str):
            self.fail("invalid")
        text = data.strip()[:LONG]
        district = District.objects.filter(code=text).first() or District.objects.filter(name=text).first()
        if district is None:
            self.fail("unknown")
        return district

    def to_representation(self, value: District) -> str:
        """Return the code."""
        return value.code
