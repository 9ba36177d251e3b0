"""Receiving paper dossiers: registered, ticked off, filed as of the day of receipt (四（一）2, F3, E8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction

from applications.models import Application, PaperDossier
from applications.services.assisted import begin_for, require_consent
from applications.services.corrections import change
from applications.services.desks import Person, checked_text, find_for, require_desk, require_own_case
from applications.services.dossiers import check_received_on, missing_papers, received_at
from applications.services.drafts import Filing, give_consent, require_open_door
from applications.services.filing import file_locked
from applications.services.switching import leave, lock_with
from applications.services.transitions import Step, lock, note_event
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import staff_actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, FieldError, RuleRefused
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus
from subsidy.schemes.models import Scheme

SIGNED_FORM = "附件 1 申请表，本人签字"


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the clerk sees on the counter: the day it came and which copies lie in it."""

    received_on: date
    has_id_front: bool = False
    has_id_back: bool = False
    has_card: bool = False
    has_certificate: bool = False
    shelf_mark: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The registered application and the papers still to come; with any missing it stays a draft."""

    application: Application
    missing: tuple[FieldError, ...] = ()


def receive_and_file(
    person: Person,
    filing: Filing,
    dossier: Dossier,
    *,
    scheme: Scheme,
    operator: StaffUser,
    ground: Ground = Ground.SOCIAL_WORK,
    switch_from: Application | None = None,
    choice: str = "",
    ip: str = "",
) -> Receipt:
    """Register a dossier and file it when it is whole; else keep the draft and say what is missing."""
    with transaction.atomic():
        if switch_from is not None:
            lock(switch_from)  # applications before persons, as everywhere
        receipt = receive(person, filing, dossier, scheme=scheme, operator=operator, ground=ground, ip=ip)
        if receipt.missing:
            return receipt
        draft = receipt.application
        filed = file_dossier(
            draft, operator=operator, version=draft.version, switch_from=switch_from, choice=choice, ip=ip
        )
        return Receipt(filed)


def receive(
    person: Person,
    filing: Filing,
    dossier: Dossier,
    *,
    scheme: Scheme,
    operator: StaffUser,
    ground: Ground = Ground.SOCIAL_WORK,
    ip: str = "",
) -> Receipt:
    """Register a paper dossier as a draft; the day of receipt is checked at once."""
    require_desk(operator, Channel.PAPER)
    require_open_door(scheme, ground, Channel.PAPER)
    check_received_on(scheme.rules, dossier.received_on)
    filing = replace(
        filing,
        received_on=dossier.received_on,
        consent_evidence=filing.consent_evidence or SIGNED_FORM,
    )
    with transaction.atomic():
        draft = begin_for(person, filing, scheme, ground, Channel.PAPER, operator=operator, ip=ip)
        _shelve(draft, dossier, operator, ip)
        return _receipt(draft)


def take_in(
    number: str,
    resident_id: str,
    dossier: Dossier,
    *,
    operator: StaffUser,
    consent_version: str = "",
    ip: str = "",
) -> Receipt:
    """Register the papers of a draft that the member typed online, by number and identity number."""
    require_desk(operator, Channel.PAPER)
    with transaction.atomic():
        locked = lock(find_for(number, resident_id, operator=operator, ip=ip))
        if locked.status != ApplicationStatus.DRAFT or locked.channel != Channel.PAPER:
            raise Conflict(
                "这份申报不是等待纸质材料的草稿，不能登记收件。请核对申报编号。", code="WRONG_STATUS"
            )
        if PaperDossier.objects.filter(application=locked).exists():
            raise Conflict("这份申报的纸质材料已经登记过。请在收件列表里补登。", code="ALREADY_RECEIVED")
        check_received_on(locked.scheme.rules, dossier.received_on)
        locked.filed_by, locked.office = operator, operator.office
        locked.received_on, locked.consent_evidence = dossier.received_on, SIGNED_FORM
        locked.consent = give_consent(locked, consent_version)
        locked.save(update_fields=["filed_by", "office", "received_on", "consent_evidence", "consent"])
        note_event(locked, Step("receive", staff_actor(operator, ip)))
        _shelve(locked, dossier, operator, ip)
        return _receipt(locked)


def change_dossier(
    application: Application,
    dossier: Dossier,
    *,
    operator: StaffUser,
    version: int,
    filing: Filing | None = None,
    ip: str = "",
) -> Receipt:
    """Tick off papers that came later, correct the day or the fields; the day is fixed once filed (E8)."""
    require_desk(operator, Channel.PAPER)
    with transaction.atomic():
        locked = lock(application, version=version)
        require_own_case(locked, operator)
        held = PaperDossier.objects.select_for_update(of=("self",)).filter(application=locked).first()
        if held is None:
            raise Conflict("这份申报还没有登记纸质材料。请先登记收件。", code="NOT_RECEIVED")
        if dossier.received_on != held.received_on:
            _require_unfiled(locked)
            check_received_on(locked.scheme.rules, dossier.received_on)
        before = _as_data(held)
        fields = replace(filing or Filing(), received_on=dossier.received_on)
        changed = change(locked, fields, actor=staff_actor(operator, ip), version=version)
        _write(held, dossier)
        _record("application.change_dossier", changed, held, operator, ip, before=before)
        return _receipt(changed)


def file_dossier(
    application: Application,
    *,
    operator: StaffUser,
    version: int,
    staff_reason: str = "",
    switch_from: Application | None = None,
    choice: str = "",
    ip: str = "",
) -> Application:
    """File a whole dossier as of the day it was received, also when typed after closing (E8).

    `switch_from` is the member's live application on another ground, left in the same step; `choice` says
    how the member chose. Raises RuleRefused naming every missing copy.
    """
    require_desk(operator, Channel.PAPER)
    reason = checked_text(staff_reason, field="staff_reason", name="经办理由", longest=500, required=False)
    actor = staff_actor(operator, ip)
    with transaction.atomic():
        locked, other = lock_with(application, switch_from, version=version)
        require_own_case(locked, operator)
        if locked.status != ApplicationStatus.DRAFT:
            raise Conflict("这份申报已经提交过，不用再提交。", code="WRONG_STATUS")
        _require_whole(locked)
        require_consent(locked, "")
        locked.staff_reason = reason or locked.staff_reason
        if other is not None:
            locked.first_filed_at = received_at(locked.scheme.rules, _received_on(locked))
            leave(other, new=locked, actor=actor, choice=choice)
        locked.save(update_fields=["staff_reason", "replaces", "first_filed_at"])
        note = f"由申报 {other.number} 改报。" if other else ""
        return file_locked(locked, actor=actor, note=note)


def _require_whole(application: Application) -> None:
    missing = missing_papers(application)
    if missing:
        raise RuleRefused(
            "纸质材料还没有收齐，先存为草稿。" + "".join(error.message for error in missing),
            code="DOSSIER_INCOMPLETE",
            errors=missing,
        )


def _require_unfiled(application: Application) -> None:
    if application.first_filed_at is not None:
        raise Conflict("申报提交后不能再改接收日期。", code="WRONG_STATUS", field="received_on")


def _received_on(application: Application) -> date:
    if application.received_on is None:
        raise RuntimeError("a whole dossier has its day of receipt")
    return application.received_on


def _shelve(application: Application, dossier: Dossier, operator: StaffUser, ip: str) -> None:
    held = PaperDossier(application=application, received_by=operator, registered_at=clock.now())
    _write(held, dossier)
    _record("application.receive", application, held, operator, ip)


def _write(held: PaperDossier, dossier: Dossier) -> None:
    mark = checked_text(dossier.shelf_mark, field="shelf_mark", name="存放位置", longest=60, required=False)
    held.received_on, held.shelf_mark = dossier.received_on, mark
    held.has_id_front, held.has_id_back = dossier.has_id_front, dossier.has_id_back
    held.has_card, held.has_certificate = dossier.has_card, dossier.has_certificate
    held.save()


def _receipt(application: Application) -> Receipt:
    return Receipt(application, tuple(missing_papers(application)))


def _as_data(held: PaperDossier) -> dict[str, object]:
    ticks = {name: getattr(held, name) for name in ("has_id_front", "has_id_back", "has_card")}
    return {
        "received_on": held.received_on.isoformat(),
        **ticks,
        "has_certificate": held.has_certificate,
    }


def _record(
    action: str,
    application: Application,
    held: PaperDossier,
    operator: StaffUser,
    ip: str,
    **more: object,
) -> None:
    record(
        action,
        actor=staff_actor(operator, ip),
        target=f"application:{application.pk}",
        data=_as_data(held) | more,
    )
