"""Who may sit at the desk and how its pages look: the right roles, their own cases only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from applications.models import Application
from applications.pages.access import View, page
from applications.services.desks import DESKS, own_cases, require_desk
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import FILERS, Role, has_role
from subsidy.accounts.services import client_address
from subsidy.errors import Forbidden
from subsidy.rules.terms import Channel

COUNTERS = (Channel.STATION, Channel.HOTLINE)
DESK_ROLES = (*sorted(FILERS), Role.ADMINISTRATOR, Role.REVIEW_LEAD)
SHOWN = ("scheme", "certificate", "district", "office", "consent", "member", "filed_by")


class StaffRequest(HttpRequest):
    """A request behind which a member of staff stands."""

    user: StaffUser


def desk_required(*roles: Role) -> Callable[[View], View]:
    """Let staff of these roles in; visitors and members are sent to the staff sign-in, others refused."""

    def guard(view: View) -> View:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, StaffUser) or not user.is_active:
                return _to_sign_in(request)
            if user.must_change_password:
                return redirect("account_change_password")
            if not has_role(user, *roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def desk_page(
    request: StaffRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Draw a page of the desk; its head says who sits there and how much was filed today."""
    user = request.user
    frame = {"operator": user, "filed_today": filed_today(user), "is_filer": has_role(user, *FILERS)}
    return page(request, f"desk/{template}", frame | dict(context or {}), status=status)


def own_case(request: StaffRequest, public_id: UUID) -> Application:
    """Return a case of the operator's office; another's does not exist for them."""
    application = own_cases(request.user).select_related(*SHOWN).filter(public_id=public_id).first()
    if application is None:
        raise Http404
    return application


def doors_of(operator: StaffUser, channels: tuple[Channel, ...] = COUNTERS) -> list[Channel]:
    """Return the channels that role and office of the operator fit."""
    return [channel for channel in channels if channel in DESKS and _fits(operator, channel)]


def filed_today(operator: StaffUser) -> int:
    """Count what the operator filed since midnight."""
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.SHANGHAI)
    return Application.objects.filter(filed_by=operator, submitted_at__gte=midnight).count()


def address_of(request: HttpRequest) -> str:
    """Return where the operator sits, as the audit log keeps it."""
    return client_address(request)


def _fits(operator: StaffUser, channel: Channel) -> bool:
    try:
        require_desk(operator, channel)
    except Forbidden:
        return False
    return True


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = request.get_full_path() if request.method == "GET" else reverse("desk")
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': target})}")
