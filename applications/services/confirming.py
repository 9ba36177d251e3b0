"""The winner's answer to a prepared application: confirm or decline, in person or at a desk (F4, E8)."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from applications.services.assisted import EVIDENCE, require_consent
from applications.services.desks import checked_text, find_for
from applications.services.drafts import give_consent, set_card
from applications.services.filing import file_locked
from applications.services.switching import leave, lock_with
from applications.services.transitions import Step, lock, transition
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import find_or_create_member_for_filing, staff_actor
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused
from subsidy.rules.deadlines import confirmation_due
from subsidy.rules.moments import instant_text
from subsidy.rules.workflow import ApplicationStatus


def confirm(
    application: Application,
    *,
    actor: Actor,
    version: int,
    card_number: str,
    consent_version: str,
    switch_from: Application | None = None,
) -> Application:
    """File a prepared application as the winner's one grant, as of the day the roster was filed.

    Whoever has another live application gives it as `switch_from` and leaves it in the same step; without
    it the rules answer ALREADY_APPLIED (五（一）).
    """
    with transaction.atomic():
        locked, other = lock_with(application, switch_from, version=version)
        _require_own(locked, actor)
        if actor.realm != "member":
            raise Forbidden("确认要由获奖人本人办理，或按代办登记同意凭据。", code="WRONG_ROLE")
        _require_awaiting(locked)
        return _file(locked, other, actor, card_number, consent_version)


def confirm_for(
    number: str,
    resident_id: str,
    *,
    operator: StaffUser,
    version: int,
    mobile: str,
    card_number: str,
    consent_version: str,
    consent_evidence: str,
    switch_from: Application | None = None,
    choice: str = "",
    ip: str = "",
) -> Application:
    """Confirm for a winner who came to a station or called; the case is then that office's.

    A mobile is only written where the record has none. `choice` says how the winner chose, with switch_from.
    """
    evidence = checked_text(
        consent_evidence, field="consent.evidence", name=EVIDENCE, longest=200, required=False
    )
    with transaction.atomic():
        found = find_for(number, resident_id, operator=operator, ip=ip)
        locked, other = lock_with(found, switch_from, version=version)
        _require_awaiting(locked)
        find_or_create_member_for_filing(
            name=locked.member.name,
            resident_id=resident_id,
            mobile=mobile,
            card_number=None,
            operator=operator,
            ip=ip,
        )
        locked.member.refresh_from_db()
        locked.consent_evidence = evidence
        require_consent(locked, consent_version)
        locked.filed_by, locked.office = operator, operator.office
        return _file(locked, other, staff_actor(operator, ip), card_number, consent_version, choice)


def decline(application: Application, *, actor: Actor, version: int, note: str = "") -> Application:
    """Give up a prepared application; staff who do so for a winner write down how they said it."""
    said = checked_text(
        note, field="note", name="本人怎样表示不领取", longest=500, required=actor.realm == "staff"
    )
    with transaction.atomic():
        locked = lock(application, version=version)
        _require_own(locked, actor)
        _require_awaiting(locked, in_time=False)
        transition(locked, ApplicationStatus.WITHDRAWN, Step("decline", actor, note=said))
        record("application.decline", actor=actor, target=f"application:{locked.pk}")
    return locked


def _file(
    locked: Application,
    other: Application | None,
    actor: Actor,
    card_number: str,
    consent_version: str,
    choice: str = "",
) -> Application:
    if card_number:
        set_card(locked, card_number)
    locked.consent = give_consent(locked, consent_version)
    locked.first_filed_at = locked.created_at
    if other is not None:
        leave(other, new=locked, actor=actor, choice=choice)
    locked.save()
    record("application.confirm", actor=actor, target=f"application:{locked.pk}")
    note = "本人确认大赛名次。" + (f"由申报 {other.number} 改报。" if other else "")
    return file_locked(locked, actor=actor, note=note)


def _require_own(application: Application, actor: Actor) -> None:
    if actor.realm == "member" and actor.id != application.member_id:
        raise NotFound("没有找到这份申报。")


def _require_awaiting(application: Application, *, in_time: bool = True) -> None:
    status = ApplicationStatus(application.status)
    if status is not ApplicationStatus.AWAITING_CONFIRMATION:
        raise Conflict(f"这份申报现在是“{status.label}”，不用再确认。请刷新后再看。", code="WRONG_STATUS")
    due = confirmation_due(application.created_at, application.scheme.rules)
    if in_time and clock.now() >= due:
        raise RuleRefused(
            f"确认期限（{instant_text(due)}）已过，不能再确认。请拨打 12351 咨询。",
            code="CONFIRMATION_OVERDUE",
        )
