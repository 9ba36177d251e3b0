"""What every answer must carry, and what no page may hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from tests.hardening.world import HOSTILE, Address

POLICY = {
    "default-src": "'self'",
    "img-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
FILE_POLICY = {"default-src": "'none'", "sandbox": ""}
PICTURES = POLICY | {"img-src": "'self' data:"}
COMPANIONS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def policy(response: Any) -> dict[str, str]:
    """Return the policy by directive."""
    parts = response.get("Content-Security-Policy", "").split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


def assert_guarded(response: Any, expected: dict[str, str] = POLICY) -> None:
    """Fail when a header is missing or says less than it should."""
    assert policy(response) == expected
    assert {name: response.get(name) for name in COMPANIONS} == COMPANIONS
    for power in ("camera", "geolocation", "microphone", "payment"):
        assert f"{power}=()" in response["Permissions-Policy"]


def assert_kept_nowhere(response: Any) -> None:
    assert "no-store" in response["Cache-Control"]


def assert_nothing_inline(response: Any) -> None:
    """Fail when the policy would have to stop a part of the page: inline style, script or event."""
    if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
        found = inline_in(response.content.decode())
        assert found == [], found
        assert HOSTILE not in response.content.decode()


class _Inline(HTMLParser):
    """Collects the tags that are, or hold, a style, a script or the handler of an event."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag; data in a script element is no script, nor is a quoted value an attribute."""
        given = dict(attrs)
        is_script = tag == "script" and "src" not in given and given.get("type") != "application/json"
        handles = any(name == "style" or name.startswith("on") for name in given)
        runs = any((value or "").strip().lower().startswith("javascript:") for value in given.values())
        if tag == "style" or is_script or handles or runs:
            self.found.append(self.get_starttag_text() or tag)


def inline_in(text: str) -> list[str]:
    """Return the tags that stand inline; a template may be given as well as a page."""
    reader = _Inline()
    reader.feed(re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text))
    return reader.found


def assert_fit(response: Any, one: Address) -> None:
    """Fail when the answer to somebody signed in is not guarded, may be kept, or holds anything inline."""
    assert_kept_nowhere(response)
    assert_nothing_inline(response)
    kind = response.get("Content-Type", "")
    if kind in ("image/jpeg", "application/pdf"):
        assert_guarded(response, FILE_POLICY)
    else:
        assert_guarded(response, PICTURES if one.name in ("docs", "mfa_activate_totp") else POLICY)
