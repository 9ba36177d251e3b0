"""Keeping a draft: what was typed so far, nothing judged yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from applications import consent as consents
from applications.models import Application, Certificate, Consent
from applications.models.application import next_number
from applications.services.transitions import Step, lock, note_event, start
from subsidy import clock
from subsidy.accounts.models import District, Member, StaffUser
from subsidy.audit.actors import Actor
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, FieldError, RuleRefused
from subsidy.rules.certificate_number import is_plain, normalise
from subsidy.rules.identity import InvalidValue, check_card_number
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme

EDITABLE = ("draft", "returned")
READ_TOGETHER = frozenset({"level", "certificate_number"})
"""A number carries its level: who is asked about one may correct the other."""
PRINTED: Mapping[Ground, tuple[str, ...]] = {
    Ground.SKILL: ("trade", "level", "certificate_number", "issued_on"),
    Ground.SOCIAL_WORK: ("grade", "registration_number", "approved_on", "issuing_authority"),
    Ground.COMPETITION: ("competition", "trade", "round", "rank"),
}
CARD = "互助服务卡卡号"
LABELS = {field.name: str(field.verbose_name) for field in Certificate._meta.fields}


@dataclass(frozen=True, slots=True)
class Filing:
    """What a draft holds, its shape already checked by the serializer; None means not typed yet."""

    certificate: Mapping[str, Any] | None = None
    card_number: str | None = None
    employer: str | None = None
    position: str | None = None
    district: District | None = None
    consent_version: str = ""
    consent_evidence: str | None = None
    received_on: date | None = None
    staff_reason: str | None = None


def require_open_door(scheme: Scheme, ground: Ground, channel: Channel) -> None:
    """Raise RuleRefused when the scheme has no such door for the ground, naming the open ones (四（一）)."""
    doors = scheme.rules.doors(ground)
    if channel not in doors:
        names = "、".join(door.label for door in doors) or "暂无"
        raise RuleRefused(
            f"“{ground.label}”不能从“{channel.label}”办理。可以办理的渠道：{names}。",
            code="DOOR_CLOSED",
            field="ground",
        )


def save_draft(
    member: Member,
    filing: Filing,
    *,
    scheme: Scheme,
    ground: Ground,
    actor: Actor,
    channel: Channel = Channel.MEMBER,
    operator: StaffUser | None = None,
) -> Application:
    """Begin an application as a draft; raises RuleRefused when the door is closed or a value is wrong."""
    require_open_door(scheme, ground, channel)
    with transaction.atomic():
        application = Application(
            number=next_number(scheme.year),
            scheme=scheme,
            ground=ground.value,
            channel=channel.value,
            member=member,
            name=member.name,
            employer=member.employer,
            position=member.position,
            district=member.district,
            filed_by=operator,
            office=operator.office if operator else None,
        )
        _fill(application, filing)
        application.consent = give_consent(application, filing.consent_version)
        return start(application, Step("draft", actor))


def change_draft(application: Application, filing: Filing, *, actor: Actor, version: int) -> Application:
    """Write changed fields into a draft or a returned application; raises Conflict on a stale version.

    In a returned one only what the reviewer asked about may change (F5); the event keeps before and after.
    """
    with transaction.atomic():
        locked = lock(application, version=version)
        if locked.status not in EDITABLE:
            raise Conflict("申报提交后不能再改。要改内容，请等退回补正，或先撤回。", code="WRONG_STATUS")
        before = _judged(locked)
        _fill(locked, filing)
        if filing.consent_version:
            locked.consent = give_consent(locked, filing.consent_version)
        locked.save()
        if locked.status == "returned":
            changes = _changes(before, _judged(locked))
            _require_asked(locked, changes)
            return note_event(locked, Step("change", actor, data={"changes": changes}))
        locked.version += 1
        locked.updated_at = clock.now()
        locked.save(update_fields=["version", "updated_at"])
    return locked


def _judged(application: Application) -> dict[str, tuple[str, str]]:
    """Return what a reviewer judges, field → (compared, shown); a card is shown by its last four digits."""
    values = {"card_number": (application.card_index, application.card_tail)}
    if application.certificate is not None:
        for name in (*PRINTED[Ground(application.ground)], "awarding_body"):
            text = str(getattr(application.certificate, name) or "")
            values[name] = (text, text)
    return values


def _changes(
    before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]
) -> dict[str, list[str]]:
    nothing = ("", "")
    return {
        name: [before.get(name, nothing)[1], value[1]]
        for name, value in after.items()
        if value[0] != before.get(name, nothing)[0]
    }


def _require_asked(application: Application, changes: Mapping[str, list[str]]) -> None:
    returned = application.events.filter(action="return").order_by("-version").first()
    asked = set(returned.remarks) if returned else set()
    if asked & READ_TOGETHER:
        asked |= READ_TOGETHER
    errors = [
        FieldError(
            name if name == "card_number" else f"certificate.{name}",
            "NOT_ASKED",
            f"审核员没有请您改“{LABELS.get(name, CARD)}”。请只改退回的内容；确需改的，请拨打 12351。",
        )
        for name in changes
        if name not in asked
    ]
    if errors:
        raise RuleRefused(errors[0].message, code="NOT_ASKED", errors=errors)


def give_consent(application: Application, version: str) -> Consent | None:
    """Record that the member agreed to a text; raises RuleRefused for an unknown version."""
    if not version:
        return application.consent
    if version not in consents.TEXTS:
        raise RuleRefused(
            f"没有版本为“{version}”的同意书。现行版本是“{consents.CURRENT}”。",
            code="UNKNOWN_CONSENT",
            field="consent.version",
        )
    return Consent.objects.create(
        member=application.member,
        version=version,
        text_sha256=consents.text_digest(version),
        channel=application.channel,
        evidence=application.consent_evidence,
        given_at=clock.now(),
        given_at_real=clock.real_now(),
    )


def _fill(application: Application, filing: Filing) -> None:
    for name in ("employer", "position", "district", "consent_evidence", "received_on", "staff_reason"):
        value = getattr(filing, name)
        if value is not None:
            setattr(application, name, value)
    if filing.card_number is not None:
        set_card(application, filing.card_number)
    if filing.certificate is not None:
        application.certificate = _write_certificate(application, filing.certificate)


def set_card(application: Application, typed: str) -> None:
    """Put a checked card number on an application; raises RuleRefused naming the field (E11)."""
    try:
        number = check_card_number(typed, application.scheme.rules.card)
    except InvalidValue as error:
        raise RuleRefused(str(error), code="BAD_CARD_NUMBER", field="card_number") from error
    application.card_number = number
    application.card_index = blind_index("card", number)
    application.card_tail = number[-4:]


def _require_complete(certificate: Certificate) -> None:
    """Name what a certificate of its ground lacks, before the database refuses it."""
    missing = []
    for name in PRINTED[Ground(certificate.ground)]:
        if not getattr(certificate, name):
            missing.append(FieldError(f"certificate.{name}", "required", f"请填写{LABELS[name]}。"))
    if missing:
        raise RuleRefused("证书信息还没有填完，请补齐。", code="INCOMPLETE", errors=missing)


def _write_certificate(application: Application, values: Mapping[str, Any]) -> Certificate:
    certificate = application.certificate or Certificate(ground=application.ground, member=application.member)
    for name, value in values.items():
        setattr(certificate, name, value)
    _require_complete(certificate)
    certificate.number_key = _number_key(certificate)
    certificate.save()
    return certificate


def _number_key(certificate: Certificate) -> str:
    """Return the normalised number; raises RuleRefused for what no certificate prints (E10)."""
    if certificate.ground == Ground.COMPETITION:
        return ""
    name = "certificate_number" if certificate.ground == Ground.SKILL else "registration_number"
    number = normalise(getattr(certificate, name))
    if not is_plain(number):
        raise RuleRefused(
            f"{LABELS[name]}只能有英文字母和数字（空格和横线不用填）。请对照证书重填。",
            code="BAD_NUMBER",
            field=f"certificate.{name}",
        )
    return number
