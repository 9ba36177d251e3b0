"""Filing for a member at the hotline or at a station: draft, submit, take over (四（一）1, F2)."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from applications.models import Application
from applications.services.desks import (
    Person,
    checked_text,
    find_for,
    require_desk,
    require_own_case,
)
from applications.services.drafts import Filing, require_open_door, save_draft
from applications.services.filing import submit
from applications.services.transitions import Step, lock, note_event
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import find_or_create_member_for_filing, staff_actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, FieldError, RuleRefused
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus
from subsidy.schemes.models import Scheme

COUNTERS = frozenset({Channel.HOTLINE, Channel.STATION})
EVIDENCE = "本人同意的方式和凭据"


def file_for(
    person: Person,
    filing: Filing,
    *,
    scheme: Scheme,
    ground: Ground,
    channel: Channel,
    operator: StaffUser,
    ip: str = "",
) -> Application:
    """File for a member in one step; when anything is refused nothing is written."""
    with transaction.atomic():
        draft = draft_for(
            person, filing, scheme=scheme, ground=ground, channel=channel, operator=operator, ip=ip
        )
        return submit_for(draft, operator=operator, version=draft.version, ip=ip)


def draft_for(
    person: Person,
    filing: Filing,
    *,
    scheme: Scheme,
    ground: Ground,
    channel: Channel,
    operator: StaffUser,
    ip: str = "",
) -> Application:
    """Begin a draft for a member, found by identity number or recorded for the first time."""
    if channel not in COUNTERS:
        raise RuleRefused(
            "代报渠道只能是热线或服务站。纸质材料请在收件处登记，大赛名册请由协会导入。",
            code="WRONG_CHANNEL",
            field="channel",
        )
    require_desk(operator, channel)
    require_open_door(scheme, ground, channel)
    with transaction.atomic():
        draft = begin_for(
            person, replace(filing, received_on=None), scheme, ground, channel, operator=operator, ip=ip
        )
        record(
            "application.draft_for",
            actor=staff_actor(operator, ip),
            target=f"application:{draft.pk}",
            data={"channel": channel.value, "office": operator.office.code if operator.office else ""},
        )
    return draft


def begin_for(
    person: Person,
    filing: Filing,
    scheme: Scheme,
    ground: Ground,
    channel: Channel,
    *,
    operator: StaffUser,
    ip: str = "",
) -> Application:
    """Save a draft for the person on the papers, whichever desk they came to."""
    filing = _checked(filing, person)
    member = find_or_create_member_for_filing(
        name=person.name,
        resident_id=person.resident_id,
        mobile=person.mobile,
        card_number=person.card_number,
        operator=operator,
        employer=person.employer,
        position=person.position,
        ip=ip,
    )
    return save_draft(
        member,
        filing,
        scheme=scheme,
        ground=ground,
        channel=channel,
        actor=staff_actor(operator, ip),
        operator=operator,
    )


def submit_for(
    application: Application,
    *,
    operator: StaffUser,
    version: int,
    consent_version: str = "",
    consent_evidence: str = "",
    staff_reason: str = "",
    ip: str = "",
) -> Application:
    """File a member's draft; a blocking reason gives way only to a written staff_reason (E9).

    Nothing gives way after closing or to a second grant. Raises RuleRefused naming every field in the way.
    """
    with transaction.atomic():
        locked = lock(application, version=version)
        require_own_case(locked, operator)
        require_desk(operator, _counter(locked))
        evidence = checked_text(
            consent_evidence, field="consent.evidence", name=EVIDENCE, longest=200, required=False
        )
        reason = checked_text(
            staff_reason, field="staff_reason", name="经办理由", longest=500, required=False
        )
        locked.consent_evidence = evidence or locked.consent_evidence
        locked.staff_reason = reason or locked.staff_reason
        locked.filed_by = operator
        require_consent(locked, consent_version)
        locked.save(update_fields=["consent_evidence", "staff_reason", "filed_by"])
        return submit(
            locked, actor=staff_actor(operator, ip), version=version, consent_version=consent_version
        )


def take_over_draft(number: str, resident_id: str, *, operator: StaffUser, ip: str = "") -> Application:
    """Bring a draft begun elsewhere to the operator's station; the member consents there anew (F2)."""
    require_desk(operator, Channel.STATION)
    with transaction.atomic():
        locked = lock(find_for(number, resident_id, operator=operator, ip=ip))
        if locked.status != ApplicationStatus.DRAFT:
            raise Conflict("这份申报不是草稿，不能接手。请让会员查看办理进度。", code="WRONG_STATUS")
        require_open_door(locked.scheme, Ground(locked.ground), Channel.STATION)
        if locked.channel == Channel.STATION and locked.office == operator.office:
            return locked
        before = {"channel": locked.channel, "office": locked.office.code if locked.office else ""}
        locked.channel, locked.filed_by, locked.office = Channel.STATION.value, operator, operator.office
        locked.consent, locked.consent_evidence, locked.staff_reason = None, "", ""
        locked.save(
            update_fields=["channel", "filed_by", "office", "consent", "consent_evidence", "staff_reason"]
        )
        actor = staff_actor(operator, ip)
        note_event(locked, Step("take_over", actor))
        record("application.take_over", actor=actor, target=f"application:{locked.pk}", data=before)
    return locked


def require_consent(application: Application, consent_version: str) -> None:
    """Refuse an assisted filing without the member's consent and how it was given."""
    missing = []
    if application.consent is None and not consent_version:
        missing.append(FieldError("consent.version", "required", "请向会员宣读同意书，并选择同意书版本。"))
    if not application.consent_evidence:
        missing.append(FieldError("consent.evidence", "required", f"请填写{EVIDENCE}，如录音编号或签字页。"))
    if missing:
        raise RuleRefused("代报要有会员本人的同意。", code="CONSENT_WANTED", errors=missing)


def _counter(application: Application) -> Channel:
    channel = Channel(application.channel)
    if channel not in COUNTERS:
        raise Conflict("这份申报不是热线或服务站代报的，请在它自己的渠道办理。", code="WRONG_CHANNEL")
    return channel


def _checked(filing: Filing, person: Person) -> Filing:
    evidence = checked_text(
        filing.consent_evidence or "",
        field="consent.evidence",
        name=EVIDENCE,
        longest=200,
        required=bool(filing.consent_version),
    )
    reason = checked_text(
        filing.staff_reason or "", field="staff_reason", name="经办理由", longest=500, required=False
    )
    return replace(
        filing,
        card_number=filing.card_number or person.card_number,
        employer=filing.employer or person.employer or None,
        position=filing.position or person.position or None,
        consent_evidence=evidence,
        staff_reason=reason,
    )
