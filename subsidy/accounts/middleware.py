"""Who is at the browser: the member's realm, the limits of a staff session, and what staff must do first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

from subsidy import clock
from subsidy.accounts.gate import turn_back
from subsidy.accounts.services.sessions import member_for_session

Answer = Callable[[HttpRequest], HttpResponse]

STAFF_BEGAN, STAFF_SEEN = "staff_began", "staff_seen"
IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=1)


class MemberMiddleware:
    """Set `request.member`: a Member, or None for visitors and staff."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        request.member = member_for_session(request.session) if has_session else None  # type: ignore[attr-defined]
        return self.get_response(request)


class StaffSessionMiddleware:
    """End a staff session after 15 idle minutes or 8 hours in all."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and SESSION_KEY in request.session:
            self._limit(request)
        return self.get_response(request)

    def _limit(self, request: HttpRequest) -> None:
        now = clock.real_now()
        began, seen = (_instant(request, key) for key in (STAFF_BEGAN, STAFF_SEEN))
        if (began and now >= began + ABSOLUTE_LIMIT) or (seen and now >= seen + IDLE_LIMIT):
            logout(request)
            return
        if began is None:
            request.session[STAFF_BEGAN] = now.timestamp()
        if seen is None or now >= seen + SEEN_EVERY:
            request.session[STAFF_SEEN] = now.timestamp()


class StaffGateMiddleware:
    """Let staff in only with a password of their own and a second factor shown in this session (A4)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Turn back whoever has something left to do; pages by redirect, the API by problem JSON."""
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if not has_session or SESSION_KEY not in request.session or request.resolver_match is None:
            return None
        return turn_back(request, request.resolver_match.view_name)


def _instant(request: HttpRequest, key: str) -> datetime | None:
    seconds = request.session.get(key)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
