"""Who may call: members see their own, and other people's records do not exist for them."""

from __future__ import annotations

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from subsidy.accounts.models import Member
from subsidy.accounts.services import member_of


class IsMember(BasePermission):
    """A signed-in member; staff sessions and visitors are asked to sign in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether a member was found by the authentication."""
        return bool(request.user) and member_of(request._request) is not None


def current_member(request: Request) -> Member:
    """Return the member behind the request; raises NotAuthenticated."""
    member = member_of(request._request)
    if member is None:
        raise NotAuthenticated
    return member
