"""Bearer tokens for the union's app: shown once, kept as digests."""

from __future__ import annotations

import secrets
from datetime import timedelta

from subsidy import clock
from subsidy.accounts.models import Member, MemberToken
from subsidy.accounts.services.sessions import FRESH_SECONDS
from subsidy.crypto import blind_index

TOKEN_LIFETIME = timedelta(days=7)


def issue_token(member: Member) -> str:
    """Return a new token; it cannot be read again later."""
    raw = secrets.token_urlsafe(32)
    now = clock.real_now()
    MemberToken.objects.create(
        member=member, token_index=_token_index(raw), created_at=now, expires_at=now + TOKEN_LIFETIME
    )
    return raw


def member_for_token(raw: str) -> Member | None:
    """Return the member a valid token speaks for."""
    if not raw:
        return None
    token = (
        MemberToken.objects.select_related("member")
        .filter(token_index=_token_index(raw), revoked_at=None, expires_at__gt=clock.real_now())
        .filter(member__merged_into=None)
        .first()
    )
    return token.member if token else None


def is_new_token(raw: str) -> bool:
    """Say whether a token was issued within a quarter of an hour: what changing the number asks for."""
    since = clock.real_now() - timedelta(seconds=FRESH_SECONDS)
    return MemberToken.objects.filter(token_index=_token_index(raw), created_at__gt=since).exists()


def revoke_token(raw: str) -> bool:
    """End one token; say whether it was valid until now."""
    if not raw:
        return False
    now = clock.real_now()
    valid = MemberToken.objects.filter(token_index=_token_index(raw), revoked_at=None, expires_at__gt=now)
    return valid.update(revoked_at=now) == 1


def _token_index(raw: str) -> str:
    return blind_index("code", f"token\0{raw}")
