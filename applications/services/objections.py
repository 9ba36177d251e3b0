"""Objections: a member says that somebody filed in their name, a lead or the intake settles it (F2)."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application, Objection
from applications.services.desks import checked_text
from applications.services.transitions import Step, lock, note_event, transition
from subsidy import clock
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import member_actor, staff_actor
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden, NotFound
from subsidy.notices.services import enqueue
from subsidy.rules.workflow import ApplicationStatus

UNFILED = (
    ApplicationStatus.DRAFT,
    ApplicationStatus.AWAITING_CONFIRMATION,
    ApplicationStatus.WITHDRAWN,
)


def object_to(application: Application, *, member: Member, text: str, ip: str = "") -> Objection:
    """Object to an application that somebody else filed in one's name."""
    said = checked_text(text, field="text", name="异议内容", longest=500)
    actor = member_actor(member, ip)
    with transaction.atomic():
        locked = lock(application)
        if locked.member_id != member.pk:
            raise NotFound("没有找到这份申报。")
        if not is_assisted(locked):
            raise Conflict("这份申报由您本人办理，不能提异议。不想办了可以撤回。", code="NOT_ASSISTED")
        if locked.objections.filter(settled_at=None).exists():
            raise Conflict("您已对这份申报提出异议，正在处理。请等处理结果。", code="OBJECTION_OPEN")
        objection = Objection.objects.create(application=locked, text=said, raised_at=clock.now())
        note_event(locked, Step("object", actor, note=said))
        record(
            "application.object",
            actor=actor,
            target=f"application:{locked.pk}",
            data={"objection": objection.pk},
        )
    return objection


def settle_objection(
    objection: Objection, *, operator: StaffUser, settlement: str, withdraw: bool = False, ip: str = ""
) -> Objection:
    """Answer an objection; when the member did not agree, the application is withdrawn in the same step.

    A lead or the intake does so, never whoever filed. An approved application is revoked by a lead instead.
    """
    if not has_role(operator, Role.REVIEW_LEAD, Role.INTAKE):
        raise Forbidden("只有审核组长和收件员可以处理异议。", code="WRONG_ROLE")
    answer = checked_text(settlement, field="settlement", name="处理结果", longest=500)
    with transaction.atomic():
        locked = lock(objection.application)
        held = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if held.settled_at is not None:
            raise Conflict("这条异议已经处理过。请刷新后再看。", code="SETTLED")
        if locked.filed_by_id == operator.pk:
            raise Forbidden("这份申报由您代报，请由别人处理异议。", code="OWN_FILING")
        held.settled_at, held.settled_by, held.settlement = clock.now(), operator, answer
        held.save(update_fields=["settled_at", "settled_by", "settlement"])
        _conclude(locked, Step("settle_objection", staff_actor(operator, ip), note=answer), withdraw)
        record(
            "application.settle_objection",
            actor=staff_actor(operator, ip),
            target=f"application:{locked.pk}",
            data={"objection": held.pk, "withdrawn": withdraw},
        )
    return held


def is_assisted(application: Application) -> bool:
    """Say whether somebody else filed: an operator, on evidence of consent; a winner's own is not."""
    return (
        application.filed_by_id is not None
        and application.consent_evidence != ""
        and application.status not in UNFILED
    )


def _conclude(application: Application, step: Step, withdraw: bool) -> None:
    if not withdraw:
        note_event(application, step)
        _tell(application, "objection_answered")
        return
    if application.status == ApplicationStatus.APPROVED:
        raise Conflict("申报已通过审核，不能撤回。请由审核组长撤销。", code="WRONG_STATUS")
    transition(application, ApplicationStatus.WITHDRAWN, step)
    _tell(application, "withdrawn")


def _tell(application: Application, template: str) -> None:
    member = application.member
    if member.mobile:
        context = {"number": application.number}
        enqueue(template, mobile=member.mobile, member_id=member.pk, context=context)
