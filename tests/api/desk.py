"""Staff at the API: bodies they send, and a caller with a staff session."""

from __future__ import annotations

from typing import Any

from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import Role
from tests import make
from tests.api.conftest import Caller, new_certificate


def at_api(operator: StaffUser) -> Caller:
    """Return a caller in whose session a member of staff has signed in."""
    caller = Caller()
    caller.client.force_login(operator)
    return caller


def clerk(role: Role | str, code: str = "") -> Caller:
    """Return a caller of a role, in an office that fits it."""
    return at_api(make.operator(role, code))


def on_behalf(n: int, **changes: Any) -> dict[str, Any]:
    """Return whom an operator files for."""
    return {
        "name": "李秀英",
        "resident_id": make.resident_id(n),
        "mobile": make.mobile(n),
        "card_number": make.card_number(n),
        "employer": "北京样例机床厂",
    } | changes


def assisted(n: int = 801, channel: str = "station", **changes: Any) -> dict[str, Any]:
    """Return the body of an assisted skill draft."""
    return {
        "scheme": 2024,
        "ground": "skill",
        "channel": channel,
        "on_behalf_of": on_behalf(n),
        "certificate": new_certificate(n),
        "consent": {"version": "2024-01", "evidence": "通话录音 000123"},
    } | changes


def social(n: int = 802, **changes: Any) -> dict[str, Any]:
    """Return the body of a paper dossier of annex 1, whole."""
    fields = make.social_work(n)
    body = assisted(n, "paper") | {
        "ground": "social_work",
        "certificate": fields | {"approved_on": fields["approved_on"].isoformat()},
        "consent": {"version": "2024-01"},
        "received_on": "2024-06-18",
        "dossier": dict.fromkeys(("has_id_front", "has_id_back", "has_card", "has_certificate"), True),
    }
    return body | changes
