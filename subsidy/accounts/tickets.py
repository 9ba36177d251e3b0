"""The slot for the union's app: an adapter opens the ticket with which the app vouches for its user.

`APP_TICKET_BACKEND` names the adapter; without one there is no such door. The reference adapter takes
`v1.<key id>.<payload>.<signature>`, base64url without padding: the payload is JSON
`{aud, jti, iat, exp, mobile, resident_id?}` (times in whole seconds), the signature HMAC-SHA-256 over
`v1.<key id>.<payload>` under the named key of `APP_TICKET_KEYS`. Several keys stand side by side, so that a
new one is announced before the old one goes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.conf import settings

VERSION = "v1"
LONGEST = 4_096
LIFETIME = timedelta(minutes=2)
SKEW = timedelta(seconds=5)


class BadTicket(Exception):
    """The ticket is none of ours; why is said to nobody."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good ticket says: its id, until when it counts, and for whom the app vouches."""

    ticket_id: str
    expires_at: datetime
    mobile: str
    resident_id: str = ""


class TicketBackend(Protocol):
    """What an adapter offers."""

    def open(self, ticket: str, *, now: datetime) -> Claims:
        """Return what the ticket says; raises BadTicket for every other text."""
        ...


class HmacTickets:
    """Tickets signed with a secret that the app's server shares with us."""

    def open(self, ticket: str, *, now: datetime) -> Claims:
        """Check signature, audience and times, in that order."""
        return self._claims(self._payload(ticket), now)

    def _payload(self, ticket: str) -> dict[str, Any]:
        parts = ticket.split(".")
        if len(ticket) > LONGEST or len(parts) != 4 or parts[0] != VERSION or not ticket.isascii():
            raise BadTicket
        key = settings.APP_TICKET_KEYS.get(parts[1])
        signed, signature = ".".join(parts[:3]).encode(), _decoded(parts[3])
        expected = hmac.digest(key or bytes(32), signed, "sha256")
        if not hmac.compare_digest(expected, signature) or key is None:
            raise BadTicket
        try:
            payload = json.loads(_decoded(parts[2]))
        except (ValueError, RecursionError) as error:
            raise BadTicket from error
        if not isinstance(payload, dict):
            raise BadTicket
        return payload

    def _claims(self, payload: dict[str, Any], now: datetime) -> Claims:
        issued, expires = _instant(payload.get("iat")), _instant(payload.get("exp"))
        texts = [payload.get(name) for name in ("aud", "jti", "mobile")]
        resident_id = payload.get("resident_id", "")
        if not all(isinstance(text, str) and text for text in texts) or not isinstance(resident_id, str):
            raise BadTicket
        is_ours = hmac.compare_digest(str(texts[0]).encode(), settings.APP_TICKET_AUDIENCE.encode())
        in_time = issued - SKEW <= now < expires <= issued + LIFETIME
        if not is_ours or not in_time:
            raise BadTicket
        return Claims(str(texts[1]), expires, str(texts[2]), resident_id)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadTicket from error


def _instant(value: object) -> datetime:
    if type(value) is not int or not 0 <= value < 2**40:
        raise BadTicket
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadTicket from error
