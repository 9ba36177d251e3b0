"""Another number for a person who lost the old one and shows the identity document at a desk (F2, F5)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from applications.services.desks import checked_text, require_desk
from applications.services.trust import refresh_trust
from subsidy.accounts.models import Member, StaffUser
from subsidy.accounts.roles import Role, has_role
from subsidy.accounts.services import staff_actor, target_of
from subsidy.accounts.services.checks import checked_resident_id
from subsidy.accounts.services.mobiles import change_mobile, request_mobile_code
from subsidy.audit.services import record
from subsidy.crypto import blind_index
from subsidy.errors import Forbidden, NotFound, RuleRefused
from subsidy.rules.identity import match_name
from subsidy.rules.terms import Channel

CLERKS = (Role.STATION, Role.INTAKE)
NOT_THERE = "没有找到这位会员。请对照身份证核对姓名和证件号码；从没有登记过的，不用更换手机号。"
UNSEEN = "请当面看过身份证原件、人证一致后，再打勾办理。打电话来的不能办。"
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class PhoneRequest:
    """What the clerk types: whose document it is, the new number, why, and that the person stands there."""

    name: str
    resident_id: str
    mobile: str
    reason: str
    document_seen: bool


def ask_for_new_phone(asked: PhoneRequest, *, operator: StaffUser, nonce: str, ip: str) -> Member:
    """Find the person and send a code to the new number, which they read out; looking is recorded."""
    _require_clerk(operator)
    checked_reason(asked.reason)
    if not asked.document_seen:
        raise RuleRefused(UNSEEN, code="DOCUMENT_UNSEEN", field="document_seen")
    member = _found(asked.name, asked.resident_id)
    with transaction.atomic():
        record("member.find", actor=staff_actor(operator, ip), target=target_of(member))
    request_mobile_code(member, asked.mobile, nonce=nonce, ip=ip)
    return member


def change_phone_for(
    member: Member, mobile: str, code: str, *, operator: StaffUser, reason: str, nonce: str, ip: str
) -> Member:
    """Give the person the number that they hold in their hand; the old one is told and may object."""
    _require_clerk(operator)
    given = checked_reason(reason)
    changed = change_mobile(member, mobile, code, nonce=nonce, ip=ip, operator=operator, reason=given)
    refresh_trust(changed, actor=staff_actor(operator, ip))
    return changed


def checked_reason(text: str) -> str:
    """Return why the number changes; raises RuleRefused without it."""
    return checked_text(text, field="reason", name="更换理由", longest=LONGEST_REASON)


def _require_clerk(operator: StaffUser) -> None:
    """Refuse the hotline, which sees nobody, and clerks outside their desk."""
    if not has_role(operator, *CLERKS):
        raise Forbidden("更换手机号要当面核对身份证，由服务站或收件员办理。", code="WRONG_ROLE")
    require_desk(operator, Channel.PAPER if has_role(operator, Role.INTAKE) else Channel.STATION)


def _found(name: str, resident_id: str) -> Member:
    """Return the record of the person on the document; a wrong name and a wrong number answer alike."""
    index = blind_index("resident_id", checked_resident_id(resident_id))
    member = Member.objects.filter(resident_id_index=index).select_related("merged_into").first()
    while member is not None and member.merged_into is not None:
        member = member.merged_into
    if member is None or not match_name(member.name, name):
        raise NotFound(NOT_THERE, field="resident_id")
    return member
