"""What a number leads to: applications, payout lines and batches, register rows, by their indexes alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from applications.models import Application
from applications.search import by_shape
from payouts.models import PayoutBatch, PayoutLine, ResultFile
from subsidy.accounts.models import Member
from subsidy.crypto import blind_index
from subsidy.registers.models import CardHolder, CompetitionResult, IssuedCertificate
from subsidy.rules.certificate_number import normalise
from subsidy.rules.identity import normalise_mobile, normalise_resident_id
from subsidy.rules.numbers import application_number, parse_application_number

MOST: Final = 50
Found = dict[str, list[int]]
Narrow = Callable[[QuerySet[Any], str], QuerySet[Any]]


def find(request: HttpRequest, term: str) -> Found:
    """Return the ids that the term leads to, of each kind that this user may open, at most fifty of each."""
    text = unicodedata.normalize("NFKC", term).strip()
    found: Found = {}
    for label, narrow in KINDS.items():
        rows = open_rows(request, label)
        if rows is None:
            continue
        if ids := list(narrow(rows, text).order_by("-pk").values_list("pk", flat=True)[:MOST]):
            found[label] = ids
    return found


def open_rows(request: HttpRequest, label: str) -> QuerySet[Any] | None:
    """Return the rows of a kind as this user's own list in the admin gives them; None without the right."""
    if label == MEMBER:
        allowed = request.user.has_perms(["accounts.view_member", "audit.view_auditrow"])
        return Member.objects.filter(merged_into=None) if allowed else None
    model_admin = admin.site._registry[MODELS[label]]
    return model_admin.get_queryset(request) if model_admin.has_view_permission(request) else None


def _applications(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    parsed = parse_application_number(text)
    return rows.filter(number=application_number(*parsed)) if parsed else by_shape(rows, text)


def _lines(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(Q(line_ref=text.upper()) | Q(application__number=text.upper()))


def _batches(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    number = text.upper()
    return rows.filter(Q(number=number) | Q(lines__line_ref=number)).distinct()


def _results(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(Q(batch__number=text.upper()) | Q(sha256=text.lower()))


def _people(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(_any_of(_digests(text), ("resident_id", "mobile", "card")))


def _issued(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(Q(number_key=normalise(text)) | _any_of(_digests(text), ("resident_id",)))


def _competitions(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(_any_of(_digests(text), ("resident_id",)))


def _digests(text: str) -> dict[str, str]:
    """Return the digests that the term may be looked up by, by kind of number."""
    compact, mobile = normalise(text), normalise_mobile(text)
    digests = {}
    if len(compact) == 18:
        digests["resident_id"] = blind_index("resident_id", normalise_resident_id(text))
    if len(mobile) == 11 and mobile.isdigit():
        digests["mobile"] = blind_index("mobile", mobile)
    if compact.isdigit() and 12 <= len(compact) <= 19:
        digests["card"] = blind_index("card", compact)
    return digests


def _any_of(digests: Mapping[str, str], kinds: Iterable[str]) -> Q:
    wanted = Q(pk__in=[])
    for kind in kinds:
        if kind in digests:
            wanted |= Q(**{f"{kind}_index": digests[kind]})
    return wanted


MEMBER: Final = "member"
MODELS: Final[Mapping[str, type[Model]]] = {
    "application": Application,
    "line": PayoutLine,
    "batch": PayoutBatch,
    "result": ResultFile,
    "holder": CardHolder,
    "issued": IssuedCertificate,
    "competition": CompetitionResult,
}
KINDS: Final[Mapping[str, Narrow]] = {
    "application": _applications,
    "line": _lines,
    "batch": _batches,
    "result": _results,
    "holder": _people,
    "issued": _issued,
    "competition": _competitions,
    MEMBER: _people,
}
