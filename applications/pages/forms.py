"""What a form sent and what is wrong with it; the fields themselves are the API's serializers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from applications.api.filings import certificate_values
from applications.api.serializers.members import MemberSerializer
from applications.models import Certificate
from subsidy import clock
from subsidy.errors import FieldError, SubsidyError
from subsidy.rules.identity import InvalidValue, check_name, check_resident_id
from subsidy.rules.reasons import Reason, ReasonCode
from subsidy.rules.terms import Ground

REQUIRED_TEXTS = ("level", "certificate_number", "trade", "awarding_body")
OPTIONAL_TEXTS = (
    "training_body",
    "training_address",
    "training_hours",
    "training_fee",
    "assessment_address",
    "assessment_method",
    "assessment_fee",
)
DATE_PARTS = ("issued_on_year", "issued_on_month", "issued_on_day")
CATALOGUE_IDS = ("trade_id", "awarding_body_id")
CERTIFICATE_NAMES = (*REQUIRED_TEXTS, *OPTIONAL_TEXTS, *DATE_PARTS)

WHOLE_DATE = "请填写完整的年、月、日，例如 2023 年 9 月 12 日。"
OWN_WORDS = {
    ("issued_on", "invalid"): WHOLE_DATE,
    ("issued_on", "no_such_day"): "这一天不存在，或年、月、日没有填全，请对照证书核对。",
    ("level", "required"): "请选择技能等级。",
    ("level", "invalid"): "请选择技能等级。",
    ("district", "unknown"): "请从列表里选择所在区。",
}
REASON_FIELDS = {
    ReasonCode.ISSUED_BEFORE_WINDOW: "issued_on",
    ReasonCode.ISSUED_AFTER_WINDOW: "issued_on",
    ReasonCode.LEVEL_NOT_COVERED: "level",
    ReasonCode.NUMBER_LEVEL_MISMATCH: "certificate_number",
    ReasonCode.TRADE_NOT_COVERED: "trade",
}


class ApplicantSerializer(MemberSerializer):
    """The first step: who applies; the mobile is the one signed in with, the card comes later."""

    mobile = None  # type: ignore[assignment]
    card_number = None  # type: ignore[assignment]

    def validate_name(self, value: str) -> str:
        """Say at once, beside the other fields, what the service would refuse."""
        return _checked(check_name, value)

    def validate_resident_id(self, value: str) -> str:
        """Say at once what the service would refuse."""
        return _checked(lambda text: check_resident_id(text, today=clock.today()), value)


class WorkplaceSerializer(ApplicantSerializer):
    """The first step of somebody whose name and identity number are on record."""

    name = None  # type: ignore[assignment]
    resident_id = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Errors:
    """What is wrong, in the order of the page: for the summary, and for each field its own sentence."""

    items: Sequence[FieldError] = ()

    def __bool__(self) -> bool:
        return bool(self.items)

    def __iter__(self) -> Iterator[FieldError]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def by_field(self) -> dict[str, str]:
        """Return the first sentence of each field."""
        return {error.field: error.message for error in reversed(self.items) if error.field}


NO_ERRORS = Errors()


def refused(error: SubsidyError) -> Errors:
    """Return what a service refused, under the names of the page's fields."""
    items = error.errors or [FieldError("", error.code, error.message)]
    return Errors([FieldError(_short(item.field), item.code, item.message) for item in items])


def invalid(error: ValidationError | Mapping[str, Any]) -> Errors:
    """Return what a serializer refused."""
    details: Any = error.detail if isinstance(error, ValidationError) else error
    return Errors(list(_flat(details)))


def errors_of(error: SubsidyError | ValidationError) -> Errors:
    """Return what refused a form, whoever it was."""
    return refused(error) if isinstance(error, SubsidyError) else invalid(error)


def hindrances(reasons: Iterable[Reason]) -> Errors:
    """Return what the rules forbid, each beside the field it is about (E9)."""
    return Errors(
        [
            FieldError(REASON_FIELDS.get(reason.code, ""), reason.code.value, reason.message)
            for reason in reasons
        ]
    )


def posted(post: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the typed text of the named controls, so that a refused form keeps what was typed."""
    return {name: post.get(name, "")[:400] for name in names}


def shown(certificate: Certificate | None) -> dict[str, str]:
    """Return a stored certificate as its controls show it."""
    if certificate is None:
        return {}
    texts = {name: str(getattr(certificate, name)) for name in (*REQUIRED_TEXTS, *OPTIONAL_TEXTS)}
    return texts | (parts_of(certificate.issued_on) if certificate.issued_on else {})


def parts_of(day: date) -> dict[str, str]:
    """Return a date as its three boxes."""
    return dict(zip(DATE_PARTS, (str(day.year), str(day.month), str(day.day)), strict=True))


def certificate_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return validated values as the certificate stores them; what was left empty is emptied.

    The printed names count: an id that came with an older name would only contradict them.
    """
    named = {name: value for name, value in values.items() if name not in CATALOGUE_IDS}
    return certificate_values(Ground.SKILL, dict.fromkeys(OPTIONAL_TEXTS, "") | named)


def _checked(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except InvalidValue as error:
        raise ValidationError(error.message, "invalid") from error


def _short(field: str) -> str:
    name = field.removeprefix("certificate.")
    return {"file": "picture", "consent.version": "consent", "version": ""}.get(name, name)


def _flat(details: Mapping[str, Any]) -> Iterable[FieldError]:
    for name, sentences in details.items():
        first = sentences[0] if isinstance(sentences, list) else sentences
        code = str(first.code) if isinstance(first, ErrorDetail) else "invalid"
        field = "" if name == "non_field_errors" else name
        yield FieldError(field, code, OWN_WORDS.get((field, code), str(first)))
