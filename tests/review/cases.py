"""Cases that reviewers' tests begin with, made by the services."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from applications.models import Application
from applications.services.drafts import Filing, save_draft
from applications.services.filing import submit
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import staff_actor
from subsidy.rules.terms import Channel, Ground
from tests import make

DECIDED = datetime(2024, 7, 1, 9, 30, tzinfo=clock.SHANGHAI)


def assisted(operator: StaffUser, n: int, *, reason: str = "", **certificate: Any) -> Application:
    """Return a case that a station filed for a member; with a reason also over a blocking rule."""
    person = make.member(n)
    filing = Filing(
        certificate=make.skill(n, **certificate),
        card_number=person.card_number,
        consent_version="2024-01",
        consent_evidence="本人到场，书面同意书一份",
        staff_reason=reason,
    )
    with clock.at(make.DAY):
        draft = save_draft(
            person,
            filing,
            scheme=make.scheme(),
            ground=Ground.SKILL,
            channel=Channel.STATION,
            actor=staff_actor(operator),
            operator=operator,
        )
        return submit(draft, actor=staff_actor(operator), version=draft.version)


def too_early(operator: StaffUser, n: int) -> Application:
    """Return a case that a station filed over a blocking reason: the certificate is of 2022."""
    number = f"S000011000123222{n:06d}"
    return assisted(
        operator,
        n,
        reason="补办的证书，请核对首次取证日期",
        issued_on=date(2022, 5, 4),
        certificate_number=number,
    )
