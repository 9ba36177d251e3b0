"""Showing one number of one person in full: permission, reason, limit and the trace it leaves (A2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction

from applications.models import Application
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import REVIEWERS, has_role, roles_of
from subsidy.accounts.services import staff_actor
from subsidy.accounts.services.locks import take_turn
from subsidy.audit.models import AuditRow
from subsidy.audit.services import record
from subsidy.errors import Forbidden, RuleRefused, TooManyRequests
from subsidy.rules.terms import Term

REVEALED: Final = "member.reveal"
REFUSED: Final = "member.reveal_refused"
HOURLY: Final = 20
SPAN: Final = timedelta(hours=1)
TURN: Final = 51
SHORTEST, LONGEST = 4, 200


class Shown(Term):
    """What may be shown in full, one at a time."""

    RESIDENT_ID = "resident_id", "证件号码"
    CARD = "card_number", "互助服务卡号"
    MOBILE = "mobile", "手机号"


class Why(Term):
    """The usual reasons; 其他 asks for words."""

    COMPARE = "compare", "与证件、卡面或纸质材料核对"
    REGISTER = "register", "登记不一致，与会员或登记部门核实"
    CALL = "call", "打电话联系会员"
    PAYMENT = "payment", "发放失败，核对收款卡号"
    OTHER = "other", "其他（请写明）"


NUMBERS: Mapping[Shown, Callable[[Application], str | None]] = {
    Shown.RESIDENT_ID: lambda application: application.member.resident_id,
    Shown.CARD: lambda application: application.card_number or application.member.card_number,
    Shown.MOBILE: lambda application: application.member.mobile,
}


def may_reveal(user: object) -> bool:
    """Say whether this user may see numbers in full at all: reviewers and leads, nobody by rank alone."""
    return (
        isinstance(user, StaffUser) and has_role(user, *REVIEWERS) and user.has_perm("accounts.reveal_member")
    )


def reveal(
    application: Application, *, field: str, why: str, words: str = "", reviewer: StaffUser, ip: str = ""
) -> str:
    """Return one number in full; the audit row stands before the number is handed out.

    Raises Forbidden without the permission, RuleRefused without a reason or where no number is on record,
    TooManyRequests past the hourly limit of this person (counted in the database, in turns).
    """
    if not may_reveal(reviewer):
        raise Forbidden("您的岗位不能查看完整号码。", code="WRONG_ROLE")
    if field not in {shown.value for shown in Shown}:
        raise RuleRefused("请选择要看哪一个号码。", code="REVEAL_FIELD", field="field")
    shown, reason = Shown(field), _reason(why, words)
    number = NUMBERS[shown](application)
    if not number:
        raise RuleRefused(f"没有登记这位会员的{shown.label}。", code="REVEAL_NOTHING", field="field")
    if not _recorded(application, shown, reason, reviewer, ip):
        raise TooManyRequests(
            f"您在一小时内已看过 {HOURLY} 个完整号码，暂时不能再看。审核组长已收到提示，"
            "确有需要请与组长说明，一小时后再试。",
            retry_after=SPAN,
            code="REVEAL_LIMIT",
        )
    return number


@transaction.atomic
def _recorded(application: Application, shown: Shown, reason: str, reviewer: StaffUser, ip: str) -> bool:
    """Write the look, or the refusal that leads read; two looks of one person take turns."""
    take_turn(TURN, str(reviewer.pk))
    allowed = not _is_used_up(reviewer)
    record(
        REVEALED if allowed else REFUSED,
        actor=staff_actor(reviewer, ip),
        target=f"member:{application.member_id}",
        data={
            "member": application.member_id,
            "application": application.number,
            "field": shown.value,
            "reason": reason,
            "roles": sorted(role.value for role in roles_of(reviewer)),
        },
    )
    return allowed


def _is_used_up(reviewer: StaffUser) -> bool:
    """Whether the oldest look that still counts lies within the hour."""
    looks = AuditRow.objects.filter(action=REVEALED, realm="staff", actor_id=reviewer.pk).order_by("-id")
    oldest = list(looks.values_list("real_at", flat=True)[HOURLY - 1 : HOURLY])
    return bool(oldest) and oldest[0] > clock.real_now() - SPAN


def _reason(why: str, words: str) -> str:
    """Return the sentence that is kept: a usual reason, or the reviewer's own words."""
    text = " ".join(words.split())
    if why not in {usual.value for usual in Why}:
        raise RuleRefused("请选择为什么要看完整号码。", code="REVEAL_REASON", field="why")
    if why == Why.OTHER and len(text) < SHORTEST:
        raise RuleRefused(
            f"请用至少 {SHORTEST} 个字写明为什么要看完整号码。", code="REVEAL_REASON", field="words"
        )
    if len(text) > LONGEST:
        raise RuleRefused(f"理由最多 {LONGEST} 个字，请写短一些。", code="REVEAL_REASON", field="words")
    label = Why(why).label
    return text if why == Why.OTHER else f"{label}：{text}" if text else label
