"""How often somebody may name an identity number that is on another record.

That answer says that a record exists, so it must not be had for the asking: three a day for one member, ten
an hour for one network. A right or a free number costs nothing: an office full of members can sign up.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from subsidy import clock
from subsidy.accounts.models import Member, RefusedClaim
from subsidy.accounts.services.actors import member_actor, target_of
from subsidy.audit.services import record
from subsidy.errors import TooManyRequests

MEMBER_WINDOW, MEMBER_LIMIT = timedelta(days=1), 3
NETWORK_WINDOW, NETWORK_LIMIT = timedelta(hours=1), 10
TOO_MANY = "登记证件号码的次数过多，请过一段时间再试。急着办理的，请拨打 12351 或携带证件到工会服务站。"


def require_claim(member: Member, network: str, *, now: datetime) -> None:
    """Raise TooManyRequests when member or network was refused too often; the caller holds both locks."""
    mine = Q(member_id=member.pk, refused_at__gt=now - MEMBER_WINDOW)
    near = Q(address=network or None, refused_at__gt=now - NETWORK_WINDOW)
    seen = RefusedClaim.objects.filter(mine | near).aggregate(
        mine=Count("id", filter=mine),
        mine_first=Min("refused_at", filter=mine),
        near=Count("id", filter=near),
        near_first=Min("refused_at", filter=near),
    )
    if seen["mine"] >= MEMBER_LIMIT:
        raise TooManyRequests(TOO_MANY, retry_after=seen["mine_first"] + MEMBER_WINDOW - now)
    if network and seen["near"] >= NETWORK_LIMIT:
        raise TooManyRequests(TOO_MANY, retry_after=seen["near_first"] + NETWORK_WINDOW - now)


def note_refusal(member: Member, network: str, *, ip: str) -> None:
    """Count one refusal and write it down; which number was named is kept nowhere."""
    RefusedClaim.objects.create(member_id=member.pk, address=network or None, refused_at=clock.real_now())
    record("member.identify_refused", actor=member_actor(member, ip), target=target_of(member))
