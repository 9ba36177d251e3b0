"""Opening the card of everybody whose money has not arrived: it must be the one that its digest names."""

from __future__ import annotations

from django.db.models import TextField
from django.db.models.functions import Cast

from applications.models import Application
from payouts.books.findings import Finding, Row
from subsidy.crypto import Unreadable, blind_index

CHUNK = 2_000
FIELD = Application._meta.get_field("card_number")


def findings() -> list[Finding]:
    """Return the approved cases, not paid yet, whose card is not the one that was reviewed."""
    waiting = Application.objects.filter(status="approved").exclude(payment__in=["paid", "recovered"])
    # As text the column comes sealed, so that one card that does not open does not end the reading.
    sealed = waiting.annotate(sealed=Cast("card_number", TextField())).order_by("pk")
    columns = sealed.values_list("pk", "number", "card_index", "sealed")
    rows = [
        Row("application", pk, number)
        for pk, number, index, text in columns.iterator(chunk_size=CHUNK)
        if _digest(text) != index
    ]
    return [Finding("card-digest", "待发放申报的卡号打不开，或不是它的摘要所指的卡", rows)] if rows else []


def _digest(sealed: str | None) -> str:
    try:
        card = FIELD.from_db_value(sealed, None, None)
    except Unreadable:
        return ""
    return blind_index("card", card) if card else ""
