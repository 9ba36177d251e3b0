"""What the desk's forms hold: the person, the proof, the consent and the dossier, all errors at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import ErrorDetail, ValidationError

from applications.api.fields import SHORT, Day, DistrictField, PlainText
from applications.api.filings import certificate_values
from applications.api.serializers.base import StrictSerializer, from_form
from applications.api.serializers.certificates import (
    SkillCertificateSerializer,
    SocialWorkCertificateSerializer,
)
from applications.models import Application, PaperDossier
from applications.pages.forms import (
    CERTIFICATE_NAMES,
    ApplicantSerializer,
    Errors,
    certificate_fields,
    invalid,
    parts_of,
    shown,
)
from applications.services.desks import Person
from applications.services.intake import Dossier
from subsidy.errors import FieldError, SubsidyError
from subsidy.rules.identity import InvalidValue, check_card_number, check_mobile
from subsidy.rules.scheme import Scheme as Rules
from subsidy.rules.terms import AttachmentKind, Ground
from subsidy.uploads import CleanUpload, accept

PERSON_NAMES = ("name", "resident_id", "mobile", "card_number", "employer", "position", "district")
SOCIAL_NAMES = ("grade", "registration_number", "issuing_authority")
SOCIAL_DATE = ("approved_on_year", "approved_on_month", "approved_on_day")
RECEIVED = ("received_on_year", "received_on_month", "received_on_day")
TICKS = {
    "has_id_front": ("身份证正面复印件", AttachmentKind.ID_FRONT),
    "has_id_back": ("身份证反面复印件", AttachmentKind.ID_BACK),
    "has_card": ("互助服务卡复印件", AttachmentKind.UNION_CARD),
    "has_certificate": ("证书复印件", AttachmentKind.CERTIFICATE),
}
WAYS = (
    ("电话录音", "电话里同意，有录音"),
    ("签字同意书", "当面签字的同意书"),
    ("代办委托书", "家人代办，有委托书"),
)
ALL_NAMES = (*PERSON_NAMES, *CERTIFICATE_NAMES, *SOCIAL_NAMES, *SOCIAL_DATE, *RECEIVED, *TICKS, "shelf_mark")
SERVICE_NAMES = {"consent.evidence": "evidence", "consent": "evidence", "switch_from": "old_number"}


class PersonForm(ApplicantSerializer):
    """Whom the papers name; every number is checked at once."""

    mobile = PlainText(label="手机号", max_length=SHORT)  # type: ignore[assignment]
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)  # type: ignore[assignment]

    def validate_mobile(self, value: str) -> str:
        """Say at once what the service would refuse."""
        return self._checked(lambda: check_mobile(value))

    def validate_card_number(self, value: str) -> str:
        """Say at once what the service would refuse."""
        return self._checked(lambda: check_card_number(value, self.context["rules"].card))

    def _checked(self, check: Any) -> str:
        try:
            return str(check())
        except InvalidValue as error:
            raise ValidationError(error.message, "invalid") from error


class WorkForm(StrictSerializer):
    """What may change about the person in a case: workplace and card; the rest is on record."""

    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT, required=False)
    employer = PlainText(label="工作单位", required=False, allow_blank=True)
    position = PlainText(label="职务", required=False, allow_blank=True)
    district = DistrictField(label="所在区", required=False)


class FoundForm(StrictSerializer):
    """Number and identity number, as the caller or the papers say them."""

    number = PlainText(label="申报编号", max_length=SHORT)
    resident_id = PlainText(label="身份证号", max_length=SHORT)


class ReceivedForm(StrictSerializer):
    """The day on which the papers came, and where they lie."""

    received_on = Day(label="接收日期")
    shelf_mark = PlainText(label="存放位置", max_length=60, required=False, allow_blank=True)


def merged(*forms: StrictSerializer) -> Errors:
    """Return what is wrong with several shapes of one page, in the page's order."""
    items: list[FieldError] = []
    for form in forms:
        if not form.is_valid():
            items.extend(invalid(form.errors))
    return Errors(items)


def require_valid(*forms: StrictSerializer) -> None:
    """Raise ValidationError with everything that is wrong with several shapes of one page."""
    errors = merged(*forms)
    if errors:
        raise ValidationError({one.field: [ErrorDetail(one.message, one.code)] for one in errors})


def person_form(post: Mapping[str, str], rules: Rules) -> PersonForm:
    """Return the shape of the person over a form's text."""
    return from_form(PersonForm, post, rules=rules)


def person_of(form: PersonForm) -> Person:
    """Return the person as the services take them."""
    names = PERSON_NAMES[:-1]
    return Person(**{name: form.validated_data.get(name, "") for name in names})


def proof_form(post: Mapping[str, str], ground: Ground) -> StrictSerializer:
    """Return the shape of the certificate of a ground over a form's text."""
    kind = SkillCertificateSerializer if ground is Ground.SKILL else SocialWorkCertificateSerializer
    return from_form(kind, post)


def proof_of(form: StrictSerializer, ground: Ground) -> dict[str, Any]:
    """Return the certificate's columns."""
    if ground is Ground.SKILL:
        return certificate_fields(form.validated_data)
    return certificate_values(ground, form.validated_data)


def dossier_of(form: StrictSerializer, post: Mapping[str, str]) -> Dossier:
    """Return day, place and ticked copies."""
    given = form.validated_data
    ticks = {name: bool(post.get(name)) for name in TICKS}
    return Dossier(given["received_on"], shelf_mark=given.get("shelf_mark", ""), **ticks)


def sent_scans(request: HttpRequest) -> dict[AttachmentKind, CleanUpload]:
    """Return the scans that came with the form, each through the gate; raises SubsidyError naming the box."""
    scans: dict[AttachmentKind, CleanUpload] = {}
    for _, kind in TICKS.values():
        name = f"scan_{kind}"
        file = request.FILES.get(name)
        if file is None:
            continue
        try:
            scans[kind] = accept(file)
        except SubsidyError as error:
            error.errors = [
                FieldError(name, one.code, f"{kind.label}：{one.message}") for one in error.errors
            ]
            error.errors = error.errors or [FieldError(name, error.code, f"{kind.label}：{error.message}")]
            raise
    return scans


def evidence_of(post: Mapping[str, str]) -> str:
    """Return how the member agreed; empty unless both the way and its number or place were given."""
    way, mark = post.get("way", ""), post.get("evidence", "").strip()
    return f"{way}：{mark}" if way in dict(WAYS) and mark else ""


def stored(application: Application) -> dict[str, str]:
    """Return a case as the form's controls show it; numbers are never filled in again."""
    certificate = application.certificate
    values = shown(certificate) if application.ground == Ground.SKILL else {}
    if certificate is not None and application.ground == Ground.SOCIAL_WORK:
        values = {name: str(getattr(certificate, name)) for name in SOCIAL_NAMES}
        values |= _parts("approved_on", certificate.approved_on)
    district = application.district.code if application.district else ""
    return values | {
        "employer": application.employer,
        "position": application.position,
        "district": district,
    }


def held_values(held: PaperDossier | None, today: date) -> dict[str, str]:
    """Return a dossier as the form's controls show it."""
    if held is None:
        return _parts("received_on", today)
    ticks = {name: "1" if getattr(held, name) else "" for name in TICKS}
    return ticks | _parts("received_on", held.received_on) | {"shelf_mark": held.shelf_mark}


def named(errors: Errors) -> Errors:
    """Put the services' field names under the names of the desk's controls."""
    return Errors(
        [
            FieldError(
                SERVICE_NAMES.get(one.field, one.field.removeprefix("dossier.")), one.code, one.message
            )
            for one in errors
        ]
    )


def _parts(name: str, day: date | None) -> dict[str, str]:
    boxes = parts_of(day) if day else {}
    return {box.replace("issued_on", name): value for box, value in boxes.items()}
