"""Who still has the old number may object to a change; it is settled by somebody who did not make it (F5)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from subsidy import clock
from subsidy.accounts.models import Member, MobileChange, StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import locks
from subsidy.accounts.services.actors import member_actor, staff_actor, target_of
from subsidy.accounts.services.mobiles import free_number, give_number
from subsidy.accounts.services.sessions import end_all_sessions
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden, NotFound, RuleRefused
from subsidy.notices.services import enqueue

OBJECTION_TIME = timedelta(days=90)
SETTLERS = (Role.ADMINISTRATOR, Role.INTAKE)
LONGEST = 500


def contestable(member: Member) -> QuerySet[MobileChange]:
    """Return the recent changes away from the number that this member has just signed in with."""
    changes = MobileChange.objects.filter(changed_at__gt=clock.now() - OBJECTION_TIME, objected_at=None)
    if not member.mobile_verified_at:
        return changes.none()
    return changes.filter(old_mobile_index=member.mobile_index).exclude(member=member)


@transaction.atomic
def object_to_change(change_id: int, *, by: Member, text: str, ip: str = "") -> MobileChange:
    """Say that one did not ask for the change; the record's sessions end until staff have looked at it."""
    said = _checked(text, field="text", name="是怎么回事")
    change = contestable(by).select_for_update(of=("self",)).filter(pk=change_id).first()
    if change is None:
        raise NotFound("没有找到这次更换，或者已经提过异议。")
    change.objection, change.objected_at = said, clock.now()
    change.save(update_fields=["objection", "objected_at"])
    end_all_sessions(change.member)
    record(
        "member.object_to_mobile",
        actor=member_actor(by, ip),
        target=target_of(change.member),
        data={"change": change.pk},
    )
    return change


@transaction.atomic
def settle_change(
    change: MobileChange, *, operator: StaffUser, settlement: str, revert: bool, ip: str = ""
) -> MobileChange:
    """Answer an objection; with `revert` the old number, which the objector proved, is the member's again."""
    if not has_role(operator, *SETTLERS):
        raise Forbidden("只有管理员和收件员可以处理手机号异议。", code="WRONG_ROLE")
    answer = _checked(settlement, field="note", name="处理结果")
    locks.take_turn(locks.MOBILE, change.old_mobile_index or "")
    held = MobileChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if not held.is_open:
        raise Conflict("这条异议已经处理过。请刷新后再看。", code="SETTLED")
    if held.changed_by_id == operator.pk:
        raise Forbidden("这个手机号由您更换，请由别人处理异议。", code="OWN_CHANGE")
    if revert:
        _give_back(held)
    _tell_objector(held, revert)
    held.settled_at, held.settled_by, held.settlement = clock.now(), operator, answer
    held.is_reverted = revert
    held.save(update_fields=["settled_at", "settled_by", "settlement", "is_reverted"])
    record(
        "member.settle_mobile",
        actor=staff_actor(operator, ip),
        target=target_of(held.member),
        data={"change": held.pk, "reverted": revert},
    )
    return held


def _give_back(change: MobileChange) -> None:
    number = change.old_mobile or ""
    give_number(free_number(number, for_member=change.member), number)


def _tell_objector(change: MobileChange, revert: bool) -> None:
    """Send the outcome to the old number, which the objector holds."""
    number = change.old_mobile or ""
    template, tail = ("mobile_restored", number[-4:]) if revert else ("mobile_kept", change.new_tail)
    enqueue(template, mobile=number, member_id=change.member_id, context={"tail": tail})


def _checked(text: str, *, field: str, name: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise RuleRefused(f"请填写{name}，最多 {LONGEST} 个字。", code="required", field=field)
    return text
