"""Signing in with a ticket of the union's app: once each, and never to another person's record (A4)."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from subsidy import clock
from subsidy.accounts.models import Member, UsedTicket
from subsidy.accounts.services import locks
from subsidy.accounts.services.checks import checked_mobile, checked_resident_id
from subsidy.accounts.services.codes import member_behind
from subsidy.accounts.tickets import BadTicket, Claims, TicketBackend
from subsidy.crypto import blind_index
from subsidy.errors import Conflict, NotFound, RuleRefused

CLOSED = "没有开通用 12351 应用的票据登录，请用手机验证码登录。"
REFUSED = "登录票据无效或已失效。请回到 12351 应用重新打开，或用手机验证码登录。"
DIFFERS = (
    "应用里的证件号码与这个手机号登记的不一致，不能登录。请用手机验证码登录后核对，或带身份证到工会服务站。"
)


def redeem_ticket(ticket: str, *, ip: str) -> Member:
    """Return the member for whom the app vouches.

    Raises NotFound where no adapter is set, one and the same RuleRefused for a ticket that is malformed,
    forged, late, another's or used, and Conflict when number and identity number belong to two people.
    Whatever comes after its signature uses the ticket up.
    """
    backend = _backend()
    try:
        claims = backend.open(ticket, now=clock.real_now())
        mobile = checked_mobile(claims.mobile)
        person = (
            blind_index("resident_id", checked_resident_id(claims.resident_id)) if claims.resident_id else ""
        )
    except (BadTicket, RuleRefused):
        raise _refused() from None
    _use_up(claims)
    with transaction.atomic():
        locks.take_turn(locks.MOBILE, blind_index("mobile", mobile))
        member = member_behind(mobile, ip, by="ticket")
        if person and _is_another(member, person):
            raise Conflict(DIFFERS, code="TICKET_DIFFERS")
    return member


def _backend() -> TicketBackend:
    if not settings.APP_TICKET_BACKEND:
        raise NotFound(CLOSED, code="TICKETS_CLOSED")
    backend: TicketBackend = import_string(settings.APP_TICKET_BACKEND)()
    return backend


def _use_up(claims: Claims) -> None:
    """Take the ticket's one use, in a transaction of its own; the unique digest lets one of many through."""
    index = blind_index("code", f"ticket\0{claims.ticket_id}")
    try:
        with transaction.atomic(durable=True):
            UsedTicket.objects.create(
                ticket_index=index, used_at=clock.real_now(), expires_at=claims.expires_at
            )
    except IntegrityError:
        raise _refused() from None


def _digest_of(resident_id: str) -> str:
    return blind_index("resident_id", checked_resident_id(resident_id)) if resident_id else ""


def _is_another(member: Member, person: str) -> bool:
    """Say whether the number is not the member's: theirs is another, or it stands on another record."""
    if member.resident_id_index is not None:
        return member.resident_id_index != person
    return Member.objects.filter(resident_id_index=person).exists()


def _refused() -> RuleRefused:
    return RuleRefused(REFUSED, code="TICKET_INVALID", field="ticket")
