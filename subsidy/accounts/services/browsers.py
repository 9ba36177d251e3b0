"""Browsers that proved a number before: they keep an allowance of codes of their own.

The cookie opens nothing; it only says, under our signature, for which numbers this browser once typed the
right code. It names them by a keyed digest cut short, and the browser by a random id.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from subsidy.crypto import blind_index
from subsidy.rules.identity import normalise_mobile

SALT = "subsidy.accounts.known_browser"
LASTS = timedelta(days=180)
MOST_NUMBERS = 5
MARK_LENGTH = 20


def cookie_name() -> str:
    """Return the cookie's name, bound to the host where cookies are secure."""
    return "__Host-known-browser" if settings.SESSION_COOKIE_SECURE else "known-browser"


def browser_index(request: HttpRequest, mobile: str) -> str:
    """Return the digest of this browser if it proved the number before, else nothing."""
    known = _read(request)
    if _mark(mobile) not in known["numbers"]:
        return ""
    return blind_index("code", f"browser\0{known['id']}")


def remember_browser(request: HttpRequest, response: HttpResponseBase, mobile: str) -> None:
    """Note in the answer that this browser has just proved the number."""
    known = _read(request)
    others = [mark for mark in known["numbers"] if mark != _mark(mobile)]
    known["numbers"] = [*others, _mark(mobile)][-MOST_NUMBERS:]
    response.set_cookie(
        cookie_name(),
        signing.dumps(known, salt=SALT),
        max_age=LASTS,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        known = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=LASTS)
        return {"id": str(known["id"]), "numbers": [str(mark) for mark in known["numbers"]]}
    except (signing.BadSignature, KeyError, TypeError):
        return {"id": secrets.token_urlsafe(16), "numbers": []}


def _mark(mobile: str) -> str:
    return blind_index("code", f"known\0{normalise_mobile(mobile)}")[:MARK_LENGTH]
