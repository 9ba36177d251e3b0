"""What every answer must carry, and what no page may hold."""

from __future__ import annotations

import re
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
        assert inline_in(response.content.decode()) == []
        assert HOSTILE not in response.content.decode()


def inline_in(text: str) -> list[str]:
    """Return what stands inline: data in a script element is no script."""
    tags = re.findall(r"<[a-zA-Z][^<>]*>", re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text))
    data = re.compile(r"<script\b[^>]*(?:\ssrc=|type=\"application/json\")")
    return [
        tag
        for tag in tags
        if re.match(r"<style\b", tag)
        or (tag.startswith("<script") and not data.match(tag))
        or re.search(r"\s(?:style|on[a-z]+)\s*=|=\s*[\"']?\s*javascript:", tag)
    ]


def assert_fit(response: Any, one: Address) -> None:
    """Fail when the answer to somebody signed in is not guarded, may be kept, or holds anything inline."""
    assert_kept_nowhere(response)
    assert_nothing_inline(response)
    kind = response.get("Content-Type", "")
    if kind in ("image/jpeg", "application/pdf"):
        assert_guarded(response, FILE_POLICY)
    else:
        assert_guarded(response, PICTURES if one.name in ("docs", "mfa_activate_totp") else POLICY)
