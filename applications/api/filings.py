"""From validated fields to what the services keep, and from a stored application to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.models import Application, Certificate
from applications.services.drafts import Filing
from applications.services.timeline import standing
from subsidy.errors import Malformed
from subsidy.registers.models import AwardingBody, NamedEntry, Trade
from subsidy.registers.services import body_named, trade_named
from subsidy.rules.folding import fold_name
from subsidy.rules.terms import CompetitionRound, Ground, Term

ANSWERED: dict[str, tuple[str, ...]] = {
    Ground.SKILL: (
        "trade",
        "level",
        "certificate_number",
        "issued_on",
        "awarding_body",
        "training_body",
        "training_address",
        "training_hours",
        "training_fee",
        "assessment_address",
        "assessment_method",
        "assessment_fee",
    ),
    Ground.SOCIAL_WORK: ("grade", "registration_number", "approved_on", "issuing_authority"),
    Ground.COMPETITION: ("competition", "trade", "rank", "round"),
}
SAME = (
    "number",
    "ground",
    "channel",
    "status",
    "payment",
    "version",
    "employer",
    "position",
    "district",
    "consent",
    "award",
    "award_label",
    "amount",
    "reasons",
    "created_at",
    "updated_at",
    "first_filed_at",
    "submitted_at",
    "review_due_at",
    "correction_due_at",
    "decided_at",
    "payout_due_at",
    "paid_at",
)


def to_filing(given: Mapping[str, Any], ground: Ground) -> Filing:
    """Return what a draft keeps of validated fields; raises Malformed for a wrong catalogue id."""
    certificate = given.get("certificate")
    return Filing(
        certificate=None if certificate is None else certificate_values(ground, certificate),
        card_number=given.get("card_number"),
        employer=given.get("employer"),
        position=given.get("position"),
        district=given.get("district"),
        consent_version=given.get("consent", {}).get("version", ""),
    )


def certificate_values(ground: Ground, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a certificate; listed names are linked to the catalogues."""
    values = {name: value.value if isinstance(value, Term) else value for name, value in given.items()}
    if ground is Ground.COMPETITION:
        if "team" in values:
            values["is_team"] = values.pop("team")
            values.setdefault("round", CompetitionRound.FINAL.value)
        return values
    if ground is Ground.SKILL:
        _link(values, "trade", _trade)
        _link(values, "awarding_body", _body)
    return values


def answer(application: Application) -> dict[str, Any]:
    """Return an application as its member reads it."""
    return {
        "id": application.public_id,
        "scheme": application.scheme.year,
        "standing": standing(application),
        "card_number": application.masked_card,
        "certificate": certificate_answer(application.certificate),
        **{name: getattr(application, name) for name in SAME},
    }


def certificate_answer(certificate: Certificate | None) -> dict[str, Any] | None:
    """Return a certificate in the words of the API."""
    if certificate is None:
        return None
    found = {name: getattr(certificate, name) for name in ANSWERED[certificate.ground]}
    if certificate.ground == Ground.SKILL:
        level = certificate.level
        found["level"] = int(level) if level.isdigit() else level
        found["trade_id"] = certificate.trade_entry_id
        found["awarding_body_id"] = certificate.awarding_body_entry_id
    if certificate.ground == Ground.COMPETITION:
        found["team"] = certificate.is_team
    return found | {"year": certificate.year}


def _trade(key: int | None, name: str) -> Trade | None:
    return trade_named(name) if key is None else Trade.objects.filter(pk=key).first()


def _body(key: int | None, name: str) -> AwardingBody | None:
    return body_named(name) if key is None else AwardingBody.objects.filter(pk=key).first()


def _link(values: dict[str, Any], name: str, find: Any) -> None:
    """Set `<name>_entry` from the printed name or from the id, which must be of the same name."""
    key = values.pop(f"{name}_id", None)
    if name not in values:
        if key is not None:
            raise Malformed("改目录编号时请一并填写名称。", code="name_missing", field=f"certificate.{name}")
        return
    entry: NamedEntry | None = find(key, values[name])
    if key is not None and (entry is None or f"|{fold_name(values[name])}|" not in entry.search_key):
        raise Malformed(
            "目录编号与填写的名称不一致，请核对。", code="id_mismatch", field=f"certificate.{name}_id"
        )
    values[f"{name}_entry"] = entry
