"""The members' realm on the session framework: signing in, out and reading who is there."""

from __future__ import annotations

import secrets

from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from subsidy import clock
from subsidy.accounts.models import Member, MemberToken
from subsidy.accounts.services.actors import client_address, member_actor, target_of
from subsidy.audit.services import record

MEMBER_ID, MEMBER_EPOCH, NONCE = "member_id", "member_epoch", "sign_in_nonce"
MEMBER_BEGAN, MEMBER_SEEN = "member_began", "member_seen"
SESSION_SECONDS = 2 * 60 * 60
IDLE_SECONDS = 30 * 60
SEEN_EVERY = 60
FRESH_SECONDS = 15 * 60


def sign_in_nonce(request: HttpRequest) -> str:
    """Return the secret that ties a code to this browser, made at the first asking."""
    if NONCE not in request.session:
        request.session[NONCE] = secrets.token_urlsafe(24)
    nonce: str = request.session[NONCE]
    return nonce


def sign_in_member(request: HttpRequest, member: Member) -> None:
    """Make this browser the member's; a staff session in it ends, the key changes."""
    if SESSION_KEY in request.session:
        logout(request)
    request.session.cycle_key()
    request.session.pop(NONCE, None)
    request.session[MEMBER_ID] = member.pk
    request.session[MEMBER_EPOCH] = member.session_epoch
    now = clock.real_now().timestamp()
    request.session[MEMBER_BEGAN] = request.session[MEMBER_SEEN] = now
    request.session.set_expiry(SESSION_SECONDS)
    rotate_token(request)
    request.member = member  # type: ignore[attr-defined]


def sign_out_member(request: HttpRequest) -> None:
    """Empty this browser's session."""
    member = member_of(request)
    request.session.flush()
    request.member = None  # type: ignore[attr-defined]
    if member is not None:
        record(
            "member.sign_out",
            actor=member_actor(member, client_address(request)),
            target=target_of(member),
        )


def sign_out_everywhere(request: HttpRequest) -> None:
    """End the member's sessions in every browser and app, this one included."""
    member = member_of(request)
    if member is None:
        return
    with transaction.atomic():
        end_all_sessions(member)
        actor = member_actor(member, client_address(request))
        record("member.end_sessions", actor=actor, target=target_of(member))
    request.session.flush()
    request.member = None  # type: ignore[attr-defined]


def forget_member(request: HttpRequest) -> None:
    """End a member's session in this browser because staff sign in to it."""
    for key in (MEMBER_ID, MEMBER_EPOCH, MEMBER_BEGAN, MEMBER_SEEN, NONCE):
        request.session.pop(key, None)
    request.member = None  # type: ignore[attr-defined]


def member_for_session(session: SessionBase) -> Member | None:
    """Return the signed-in member; none beside staff, after a merge or after sessions were ended.

    Thirty idle minutes and two hours in all end the session itself: what was typed in it goes with it.
    """
    pk = session.get(MEMBER_ID)
    if pk is None or SESSION_KEY in session:
        return None
    if _is_over(session):
        session.flush()
        return None
    return Member.objects.unmerged().filter(pk=pk, session_epoch=session.get(MEMBER_EPOCH, -1)).first()


def has_just_signed_in(request: HttpRequest) -> bool:
    """Say whether this browser proved the number within a quarter of an hour: what changing it asks for."""
    began = request.session.get(MEMBER_BEGAN)
    return began is None or clock.real_now().timestamp() < began + FRESH_SECONDS


def _is_over(session: SessionBase) -> bool:
    """Say whether a limit has passed, and note once a minute that the member is still there."""
    began, seen = session.get(MEMBER_BEGAN), session.get(MEMBER_SEEN)
    if began is None or seen is None:
        return False
    now = clock.real_now().timestamp()
    if now >= began + SESSION_SECONDS or now >= seen + IDLE_SECONDS:
        return True
    if now >= seen + SEEN_EVERY:
        session[MEMBER_SEEN] = now
    return False


def member_of(request: HttpRequest) -> Member | None:
    """Return the member whom the middleware or the API's authentication found."""
    member: Member | None = getattr(request, "member", None)
    return member


@transaction.atomic
def end_all_sessions(member: Member) -> None:
    """Sign the member out everywhere, tokens included."""
    Member.objects.filter(pk=member.pk).update(session_epoch=F("session_epoch") + 1, updated_at=clock.now())
    MemberToken.objects.filter(member=member, revoked_at=None).update(revoked_at=clock.real_now())
    member.refresh_from_db(fields=["session_epoch", "updated_at"])
