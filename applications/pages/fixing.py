"""Correcting what was returned, field by field, and the card after a payment that failed (F5, D4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from applications.api.serializers.applications import CardSerializer
from applications.api.serializers.base import from_form
from applications.api.serializers.certificates import SkillCertificateSerializer
from applications.models import Application
from applications.pages.filed import certificate_picture
from applications.pages.forms import CERTIFICATE_NAMES, DATE_PARTS, certificate_fields, posted, shown
from applications.pages.progress import last_remarks
from applications.pages.words import level_options, ruler
from applications.services.drafts import Filing
from applications.services.timeline import Entry
from subsidy.rules.moments import day_text
from subsidy.rules.terms import Ground

ORDER = (
    "level",
    "certificate_number",
    "issued_on",
    "trade",
    "awarding_body",
    "card_number",
    "picture",
)
COMBOS = {"trade": "/api/v1/trades/", "awarding_body": "/api/v1/awarding-bodies/"}
LABELS = {"trade": "工种名称", "awarding_body": "鉴定（认定）机构名称"}


def asked_fields(entries: Sequence[Entry]) -> Mapping[str, str]:
    """Return the reviewer's remarks, by field."""
    asked = last_remarks(entries)
    return asked.remarks if asked else {}


def fix_context(
    application: Application, entries: Sequence[Entry], at: datetime, typed: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return what the correction form shows: the remark, what was entered, the control."""
    asked = last_remarks(entries)
    remarks = asked.remarks if asked else {}
    due = application.correction_due_at
    stored = shown(application.certificate)
    values = stored | dict(typed or {})
    rules = application.scheme.rules
    places = [name for name in ORDER if name in remarks] + [name for name in remarks if name not in ORDER]
    return {
        "may_fix": application.ground == Ground.SKILL and not (due and due <= at),
        "fixes": [
            {
                "field": name,
                "remark": remarks[name],
                "was": _was(application, name),
                "combo": COMBOS.get(name),
            }
            | {"label": LABELS.get(name, "")}
            for name in places
        ],
        "asked_on": asked.at if asked else None,
        "asked_note": asked.note if asked else "",
        "values": values,
        "levels": level_options(rules),
        "ruler": ruler(values.get("certificate_number", ""), rules, values.get("level", "")),
        "picture": certificate_picture(application),
    }


def typed_correction(post: Mapping[str, str], remarks: Mapping[str, str]) -> dict[str, str]:
    """Return what the form sent for the fields that were asked about, nothing else."""
    names = [name for name in CERTIFICATE_NAMES if name in remarks]
    dates = DATE_PARTS if "issued_on" in remarks else ()
    cards = ("card_number",) if "card_number" in remarks else ()
    return posted(post, [*names, *dates, *cards])


def correction(application: Application, typed: Mapping[str, str]) -> Filing:
    """Return the corrected fields laid over what was filed; raises ValidationError naming the fields."""
    form = from_form(SkillCertificateSerializer, shown(application.certificate) | dict(typed))
    form.is_valid(raise_exception=True)
    return Filing(certificate=certificate_fields(form.validated_data), card_number=_card(typed))


def _card(typed: Mapping[str, str]) -> str | None:
    if not typed.get("card_number"):
        return None
    form = from_form(CardSerializer, {**typed, "version": "1"})
    form.is_valid(raise_exception=True)
    return str(form.validated_data["card_number"])


def _was(application: Application, name: str) -> str:
    certificate = application.certificate
    if name == "card_number":
        return application.masked_card
    if certificate is None or name == "picture":
        return ""
    if name == "issued_on":
        return day_text(certificate.issued_on) if certificate.issued_on else ""
    if name == "level":
        return certificate.get_level_display()
    return str(getattr(certificate, name, ""))
