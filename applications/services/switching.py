"""Changing to another certificate or ground before approval: the old one goes as the new one is filed."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from applications.models import Application
from applications.services.assisted import require_consent
from applications.services.desks import require_desk, require_own_case
from applications.services.drafts import Filing, save_draft
from applications.services.filing import file_locked
from applications.services.transitions import Step, lock, transition
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.audit.actors import Actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, NotFound, RuleRefused
from subsidy.rules.terms import Channel, Ground
from subsidy.rules.workflow import ApplicationStatus

SWITCHABLE = (ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED)


def switch(
    application: Application,
    *,
    actor: Actor,
    version: int,
    filing: Filing,
    operator: StaffUser | None = None,
    channel: Channel = Channel.MEMBER,
    choice: str = "",
) -> Application:
    """Replace an application by one on another skill certificate, in one step (五（一）).

    The first filing instant stays (E8), card and employer too unless given anew. At a desk `operator` and
    `channel` name it and `choice` says how the member chose. The other grounds are switched to at their own
    doors. Raises Conflict once the old one is approved, RuleRefused when the new one cannot be filed.
    """
    with transaction.atomic():
        old = lock(application, version=version)
        if operator is not None:
            require_own_case(old, operator)
            require_desk(operator, channel)
        new = save_draft(
            old.member,
            _completed(filing, old),
            scheme=old.scheme,
            ground=Ground.SKILL,
            channel=channel,
            actor=actor,
            operator=operator,
        )
        if operator is None:
            new.consent = new.consent or old.consent
        else:
            require_consent(new, filing.consent_version)
        leave(old, new=new, actor=actor, choice=choice)
        new.save(update_fields=["consent", "replaces", "first_filed_at"])
        return file_locked(new, actor=actor, note=f"由申报 {old.number} 改报。")


def lock_with(
    application: Application, other: Application | None, *, version: int
) -> tuple[Application, Application | None]:
    """Lock an application at the version seen, and the one it shall replace, in one order for everybody."""
    if other is None:
        return lock(application, version=version), None
    if other.pk == application.pk:
        raise RuleRefused("不能用同一份申报替换自己。请重新选择。", code="SAME", field="switch_from")
    if other.pk < application.pk:
        held = lock(other)
        return lock(application, version=version), held
    return lock(application, version=version), lock(other)


def leave(old: Application, *, new: Application, actor: Actor, choice: str = "") -> None:
    """Withdraw a locked application in favour of a new one, which takes on its first filing instant.

    The caller saves `replaces` and `first_filed_at` of the new one and files it in the same transaction.
    """
    _require_same_person(old, new)
    _require_switchable(old)
    if actor.realm == "staff" and not choice.strip():
        raise RuleRefused(
            "请写明会员本人怎样选择改报，如签字页或录音编号。", code="CHOICE_WANTED", field="choice"
        )
    new.replaces = old
    known = [at for at in (new.first_filed_at, old.first_filed_at) if at is not None]
    new.first_filed_at = min(known)
    note = f"改为申报 {new.number}。{choice.strip()}"[:500]
    transition(old, ApplicationStatus.WITHDRAWN, Step("switch", actor, note=note))
    record(
        "application.switch",
        actor=actor,
        target=f"application:{old.pk}",
        data={"new": new.pk, "ground": new.ground},
    )


def _require_same_person(old: Application, new: Application) -> None:
    person = old.person_index or old.member.resident_id_index
    if not person or person != new.member.resident_id_index or old.scheme_id != new.scheme_id:
        raise NotFound("要替换的申报不是同一会员同一年度的。请核对申报编号。", field="switch_from")


def _require_switchable(old: Application) -> None:
    status = ApplicationStatus(old.status)
    if status not in SWITCHABLE:
        raise Conflict(
            f"原申报现在是“{status.label}”，不能改报。只有审核通过前的申报可以改报。", code="WRONG_STATUS"
        )
    due = old.correction_due_at
    if status is ApplicationStatus.RETURNED and due is not None and clock.now() >= due:
        raise RuleRefused("原申报的补正期限已过，不能改报。请拨打 12351 咨询。", code="CORRECTION_OVERDUE")


def _completed(filing: Filing, old: Application) -> Filing:
    """Take what was not typed anew from the old application."""
    return replace(
        filing,
        card_number=filing.card_number or old.card_number,
        employer=old.employer if filing.employer is None else filing.employer,
        position=old.position if filing.position is None else filing.position,
        district=filing.district or old.district,
        received_on=None,
    )
