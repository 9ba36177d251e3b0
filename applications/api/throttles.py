"""How often one address or one member may call."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from subsidy import limits
from subsidy.accounts.services import client_address, member_of


class AddressThrottle(BaseThrottle):
    """Count by the caller's address."""

    limit = limits.OPEN

    def __init__(self) -> None:
        self._wait = 0

    def who(self, request: Request) -> str:
        """Return under what this caller is counted."""
        return f"address {client_address(request._request)}"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the call and say whether it may go on."""
        self._wait = limits.wait(self.limit, self.who(request))
        return self._wait == 0

    def wait(self) -> float:
        """Return the seconds after which the caller may come back."""
        return self._wait


class CodeThrottle(AddressThrottle):
    """Asking for and trying one-time codes, here and on the pages together."""

    limit = limits.CODE


class SchemaThrottle(AddressThrottle):
    """Drawing the schema takes longer than any other answer."""

    limit = limits.SCHEMA


class MemberThrottle(AddressThrottle):
    """Count by member, so that one office behind one address can work."""

    limit = limits.MEMBER

    def who(self, request: Request) -> str:
        """Return the member, else the address."""
        member = member_of(request._request)
        return super().who(request) if member is None else f"member {member.pk}"
