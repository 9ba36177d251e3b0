"""Finding applications by the shape of the term: each shape has its index."""

from __future__ import annotations

import unicodedata
from typing import TypeVar

from django.db.models import Q, QuerySet

from applications.models import Application
from subsidy.crypto import blind_index
from subsidy.rules.certificate_number import normalise
from subsidy.rules.identity import normalise_mobile, normalise_resident_id
from subsidy.rules.numbers import parse_application_number

T = TypeVar("T", bound=Application)
CARD_TAIL = 4
SEARCH_HELP = "姓名、申报编号、证书编号、手机号、证件号码、卡号或卡号后四位"


def by_shape(rows: QuerySet[T], term: str) -> QuerySet[T]:
    """Narrow to what the term names; nothing is searched by substring."""
    text = unicodedata.normalize("NFKC", term).strip()
    compact = normalise(text)
    if compact.startswith("ZT"):
        return rows.filter(number=text.upper()) if parse_application_number(text.upper()) else rows.none()
    if compact.isdigit() and len(compact) == CARD_TAIL:
        return rows.filter(card_tail=compact)
    if len(mobile := normalise_mobile(text)) == 11 and mobile.isdigit():
        return rows.filter(member__mobile_index=blind_index("mobile", mobile))
    if any(mark.isdigit() for mark in compact):
        return rows.filter(_by_long_number(text, compact))
    return rows.filter(name__startswith=text)


def is_exact(term: str) -> bool:
    """Say whether a term names something by its number; a name and a card's last four do not."""
    compact = normalise(unicodedata.normalize("NFKC", term))
    return any(mark.isdigit() for mark in compact) and len(compact) > CARD_TAIL


def _by_long_number(text: str, compact: str) -> Q:
    found = Q(certificate_key__in=[f"skill:{compact}", f"social_work:{compact}"])
    if len(compact) == 18:
        found |= Q(person_index=blind_index("resident_id", normalise_resident_id(text)))
    if compact.isdigit() and 12 <= len(compact) <= 19:
        found |= Q(card_index=blind_index("card", compact))
    return found
