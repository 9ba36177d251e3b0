"""How often one address or one member may call; counted in real time by the shared cache."""

from __future__ import annotations

import hashlib
import logging

from redis import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from subsidy.accounts.services import client_address, member_of

logger = logging.getLogger(__name__)


class AddressThrottle(SimpleRateThrottle):
    """Count by the caller's address; a lost cache lets callers in rather than shut everybody out."""

    scope = "open"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Return the key under which this caller is counted."""
        return f"throttle:{self.scope}:{_digest(client_address(request._request))}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the call and say whether it may go on."""
        try:
            return super().allow_request(request, view)
        except RedisError:
            logger.warning("the cache is out of reach, requests are not counted")
            return True


class CodeThrottle(AddressThrottle):
    """Asking for and trying one-time codes."""

    scope = "code"


class MemberThrottle(AddressThrottle):
    """Count by member, so that one office behind one address can work."""

    rate = "240/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Return the member's key, else the address's."""
        member = member_of(request._request)
        if member is None:
            return super().get_cache_key(request, view)
        return f"throttle:member:{member.pk}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
