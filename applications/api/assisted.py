"""From what an operator sent to the services of the desk they sit at (F2, F3, F4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from applications.api.filings import to_filing
from applications.models import Application, PaperDossier
from applications.services.assisted import draft_for, submit_for
from applications.services.corrections import change as change_fields
from applications.services.desks import Person
from applications.services.drafts import Filing, require_open_door
from applications.services.intake import Dossier, change_dossier, file_dossier, receive
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import staff_actor
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme

PERSON = ("name", "resident_id", "mobile", "card_number", "employer", "position")
TICKS = ("has_id_front", "has_id_back", "has_card", "has_certificate", "shelf_mark")


def filing_of(given: Mapping[str, Any], ground: Ground) -> Filing:
    """Return what a draft keeps of validated fields, with consent, evidence and the operator's reason."""
    consent = given.get("consent") or {}
    return replace(
        to_filing(given, ground),
        consent_evidence=consent.get("evidence"),
        staff_reason=given.get("staff_reason"),
    )


def begin(given: Mapping[str, Any], *, scheme: Scheme, operator: StaffUser, ip: str) -> Application:
    """Begin a draft at the named door; a paper dossier is registered with its day of receipt."""
    ground, channel = given["ground"], given["channel"]
    require_open_door(scheme, ground, channel)
    person = Person(**{name: given["on_behalf_of"].get(name, "") for name in PERSON})
    filing = filing_of(given, ground)
    if channel is not Channel.PAPER:
        return draft_for(
            person, filing, scheme=scheme, ground=ground, channel=channel, operator=operator, ip=ip
        )
    dossier = Dossier(given["received_on"], **given.get("dossier", {}))
    return receive(
        person, filing, dossier, scheme=scheme, operator=operator, ground=ground, ip=ip
    ).application


def change(application: Application, given: Mapping[str, Any], *, operator: StaffUser, ip: str) -> None:
    """Write changed fields; of a registered dossier its day and its copies too."""
    filing = filing_of(given, Ground(application.ground))
    version = given["version"]
    held = PaperDossier.objects.filter(application=application).first()
    if held is None:
        change_fields(application, filing, actor=staff_actor(operator, ip), version=version)
        return
    ticks = {name: getattr(held, name) for name in TICKS} | dict(given.get("dossier", {}))
    dossier = Dossier(given.get("received_on", held.received_on), **ticks)
    change_dossier(application, dossier, operator=operator, version=version, filing=filing, ip=ip)


def file(
    application: Application,
    given: Mapping[str, Any],
    *,
    operator: StaffUser,
    switch_from: Application | None,
    ip: str,
) -> Application:
    """Submit for the member at the desk of the application's channel."""
    if application.channel == Channel.PAPER:
        return file_dossier(
            application,
            operator=operator,
            version=given["version"],
            staff_reason=given.get("staff_reason", ""),
            switch_from=switch_from,
            choice=given.get("choice", ""),
            ip=ip,
        )
    consent = given.get("consent") or {}
    return submit_for(
        application,
        operator=operator,
        version=given["version"],
        consent_version=consent.get("version", ""),
        consent_evidence=consent.get("evidence", ""),
        staff_reason=given.get("staff_reason", ""),
        ip=ip,
    )
