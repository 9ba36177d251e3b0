"""Another mobile number for a member: proved by a code, told to the old number, every session ended (F5)."""

from __future__ import annotations

from django.db import transaction

from subsidy import clock
from subsidy.accounts.enums import CodePurpose
from subsidy.accounts.models import Member, MobileChange, StaffUser
from subsidy.accounts.services import locks
from subsidy.accounts.services.actors import member_actor, staff_actor, target_of
from subsidy.accounts.services.checks import checked_mobile
from subsidy.accounts.services.codes import prove_number, request_code
from subsidy.accounts.services.profiles import is_referred_to, merge_blank
from subsidy.accounts.services.sessions import end_all_sessions
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, RuleRefused
from subsidy.notices.services import enqueue

SAME = "这就是现在登记的手机号，不用更换。请填写新的手机号。"
TAKEN = "这个手机号已是另一位会员的登录手机号，一个号码只能给一位会员用。请换一个号码；\
确是您本人以前登记的，请带身份证到工会服务站，或拨打 12351。"


def request_mobile_code(member: Member, mobile: str, *, nonce: str, ip: str) -> None:
    """Send a code to the new number, whoever may have it now; raises as `request_code` does."""
    number = checked_mobile(mobile)
    if member.mobile_verified_at and member.mobile_index == blind_index("mobile", number):
        raise RuleRefused(SAME, code="MOBILE_UNCHANGED", field="mobile")
    request_code(number, nonce=nonce, ip=ip, purpose=CodePurpose.CHANGE_MOBILE, asked_for=member)


def change_mobile(
    member: Member,
    mobile: str,
    code: str,
    *,
    nonce: str,
    ip: str,
    operator: StaffUser | None = None,
    reason: str = "",
) -> Member:
    """Give the member the number that the code proves; staff say why. Return the record as it stands.

    That another member signs in with the number is told only to who has proved it. Raises RuleRefused for a
    wrong code, Conflict for a number of another's. Not inside a caller's transaction: tries are counted.
    """
    number = prove_number(mobile, code, nonce=nonce)
    actor = staff_actor(operator, ip) if operator else member_actor(member, ip)
    with transaction.atomic():
        locks.take_turn(locks.MOBILE, blind_index("mobile", number))
        held = free_number(number, for_member=member)
        change = _note(held, number, operator, reason)
        give_number(held, number)
        record(
            "member.change_mobile",
            actor=actor,
            target=target_of(held),
            data={"change": change.pk, "tail": change.new_tail} | ({"reason": reason} if reason else {}),
        )
        _tell_old_number(change)
    return held


def give_number(member: Member, number: str) -> None:
    """Put a proved number on a locked record and end every session that was opened by another."""
    member.give_mobile(number)
    member.mobile_verified_at = member.updated_at = clock.now()
    member.save()
    end_all_sessions(member)


def free_number(number: str, *, for_member: Member) -> Member:
    """Lock the member's record and return it once nobody else signs in with the number; raises Conflict.

    A blank record, as signing in with a new number leaves behind, is merged into the member's.
    """
    others = Member.objects.unmerged().verified().filter(mobile_index=blind_index("mobile", number))
    other = others.exclude(pk=for_member.pk).first()
    keys = [for_member.pk, *([other.pk] if other else [])]
    rows = Member.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    held = {row.pk: row for row in rows}
    mine = held[for_member.pk]
    if mine.is_merged:
        raise Conflict("这份档案已并入另一份档案，请重新查找。", code="MEMBER_MERGED")
    if other is not None:
        blank = held[other.pk]
        if blank.is_identified or is_referred_to(blank):
            raise Conflict(TAKEN, code="MOBILE_TAKEN", field="mobile")
        merge_blank(blank, into=mine)
    return mine


def _note(member: Member, number: str, operator: StaffUser | None, reason: str) -> MobileChange:
    return MobileChange.objects.create(
        member=member,
        old_mobile=member.mobile,
        old_mobile_index=member.mobile_index,
        new_mobile_index=blind_index("mobile", number),
        new_tail=number[-4:],
        changed_by=operator,
        office=operator.office if operator else None,
        reason=reason,
        changed_at=clock.now(),
    )


def _tell_old_number(change: MobileChange) -> None:
    if change.old_mobile:
        context = {"tail": change.new_tail}
        enqueue("mobile_changed", mobile=change.old_mobile, member_id=change.member_id, context=context)
