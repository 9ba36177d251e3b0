"""Staff at the API: those who file for members, by their own session, at their own pace (F2, A1)."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from applications.api.authentication import enforce_csrf
from applications.api.throttles import MemberThrottle
from subsidy import limits
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import FILERS, has_role
from subsidy.accounts.services import member_of


class StaffSessionAuthentication(BaseAuthentication):
    """Find the member of staff behind the session of the staff sign-in."""

    def authenticate(self, request: Request) -> tuple[StaffUser, None] | None:
        """Return the user; members and visitors are nobody here."""
        user = staff_behind(request)
        if user is None:
            return None
        enforce_csrf(request)
        return user, None

    def authenticate_header(self, request: Request) -> str:
        """Make the answer to nobody a 401."""
        return 'Bearer realm="api"'


class IsMemberOrFiler(BasePermission):
    """A signed-in member, or staff who file for members; other staff have nothing to do here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether somebody who may file was found by the authentication."""
        is_staff = isinstance(request.user, StaffUser)
        return has_role(request.user, *FILERS) if is_staff else member_of(request._request) is not None


class CallerThrottle(MemberThrottle):
    """Count by member or by operator, so that one office behind one address can work."""

    def who(self, request: Request) -> str:
        """Return the operator, else the member."""
        user = request.user
        return f"staff {user.pk}" if isinstance(user, StaffUser) else super().who(request)


class UploadThrottle(CallerThrottle):
    """Sending files, which are opened and drawn anew; here and on the pages together."""

    limit = limits.UPLOAD

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count what sends, not what reads."""
        return request.method != "POST" or super().allow_request(request, view)


def staff_behind(request: Request) -> StaffUser | None:
    """Return the active member of staff whose session this is."""
    user = getattr(request._request, "user", None)
    return user if isinstance(user, StaffUser) and user.is_active else None
