"""Browsers in which a colleague has signed in whole: a stranger's wrong tries do not close the door to them.

The cookie lets nobody in. It only names a count of its own (`services.tries`), is signed, ends after half a
year, and holds the last few colleagues of a shared machine.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from subsidy.accounts.models import StaffUser
from subsidy.crypto import blind_index

SALT: Final = "subsidy.accounts.staff_browser"
LIFETIME: Final = timedelta(days=180)
MOST: Final = 8


def cookie_name() -> str:
    """Return the cookie's name, bound to the host where cookies are secure."""
    return "__Host-staff-browser" if settings.SESSION_COOKIE_SECURE else "staff-browser"


def browser_index(request: HttpRequest, staff_id: int | None) -> str:
    """Return the digest of this browser for one colleague; empty when they never signed in here."""
    nonce = _kept(request).get(str(staff_id))
    return blind_index("code", f"browser\0{staff_id}\0{nonce}") if nonce else ""


def remember_browser(request: HttpRequest, response: HttpResponse, user: StaffUser) -> None:
    """Note in this browser that the colleague signed in here."""
    kept = _kept(request)
    nonce = kept.pop(str(user.pk), "") or secrets.token_urlsafe(18)
    newest = dict([*kept.items(), (str(user.pk), nonce)][-MOST:])
    response.set_cookie(
        cookie_name(),
        signing.dumps(newest, salt=SALT),
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _kept(request: HttpRequest) -> dict[str, str]:
    try:
        kept = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return {}
    return {str(pk): str(nonce) for pk, nonce in kept.items()} if isinstance(kept, dict) else {}
