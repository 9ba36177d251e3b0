"""The pages by which staff protect their own account: authenticator app, recovery codes, open sessions."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Final

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from subsidy import clock
from subsidy.accounts import gate, totp
from subsidy.accounts.known_browser import remember_browser
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import (
    has_proved_second_factor,
    recent_proof_required,
    record_proof,
    record_second_factor,
)
from subsidy.accounts.services.actors import actor_for, target_of
from subsidy.accounts.services.second_factor import (
    bind_second_factor,
    end_staff_sessions,
    has_second_factor,
    recovery_codes_left,
    renew_recovery_codes,
)
from subsidy.audit.services import record
from subsidy.crypto import Unreadable
from subsidy.errors import Conflict

PENDING: Final = "pending_second_factor"
WRONG: Final = "口令不正确。请核对手机时间是否准确，再填身份验证器现在显示的 6 位数字。"


@require_GET
@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Lead people back to where their work is: the desk of those who file, or the admin."""
    return redirect(gate.landing(request))


@require_GET
@login_required
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show how the account is protected, and what can be done about it."""
    user = _staff(request)
    bound = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    context = {"bound": bound, "codes_left": recovery_codes_left(user)}
    return TemplateResponse(request, "mfa/index.html", context)


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@recent_proof_required
def set_up(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator app, the first or another; the answer shows the recovery codes, once."""
    user = _staff(request)
    is_bound = has_second_factor(user)
    if is_bound and not has_proved_second_factor(request):
        return redirect(gate.SHOW_CODE)
    secret, error = _pending(request), ""
    if request.method == "POST":
        code = totp.tidy(request.POST.get("code", ""))
        if any(totp.matching_steps(secret, code, clock.real_now())):
            return _bound(request, user, secret, replace=is_bound)
        error = WRONG
    return _ask(request, user, secret, error, is_bound=is_bound)


@require_POST
@login_required
@recent_proof_required
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them, once."""
    user = _staff(request)
    if not has_second_factor(user):
        return redirect(gate.SET_UP)
    return _show_codes(request, renew_recovery_codes(user, actor=actor_for(request)), is_first=False)


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    user = _staff(request)
    end_staff_sessions(user)
    update_session_auth_hash(request, user)
    record("staff.end_sessions", actor=actor_for(request), target=target_of(user))
    messages.success(request, "其他电脑和浏览器上的登录都已退出。")
    return redirect("mfa_index")


def _bound(request: HttpRequest, user: StaffUser, secret: str, *, replace: bool) -> HttpResponse:
    try:
        codes = bind_second_factor(user, secret, replace=replace, actor=actor_for(request))
    except Conflict:
        return redirect(gate.SHOW_CODE)
    request.session.pop(PENDING, None)
    update_session_auth_hash(request, user)  # all other sessions have ended; this one gets another key
    record_proof(request)
    record_second_factor(request)
    answer = _show_codes(request, codes, is_first=not replace)
    remember_browser(request, answer, user)
    return answer


def _show_codes(request: HttpRequest, codes: list[str], *, is_first: bool) -> HttpResponse:
    way_on = get_next_redirect_url(request) or gate.landing(request)
    context = {"codes": codes, "is_first": is_first, "way_on": way_on}
    return TemplateResponse(request, "mfa/recovery_codes/shown.html", context)


def _ask(request: HttpRequest, user: StaffUser, secret: str, error: str, *, is_bound: bool) -> HttpResponse:
    adapter = get_adapter()
    context = {
        "picture": _picture(adapter.build_totp_svg(adapter.build_totp_url(user, secret))),
        "groups": totp.in_groups(secret),
        "error": error,
        "is_bound": is_bound,
        "next": get_next_redirect_url(request) or "",
    }
    return TemplateResponse(request, "mfa/totp/set_up.html", context, status=422 if error else 200)


def _pending(request: HttpRequest) -> str:
    """Return the secret being bound: the same until it is, for the page may be opened anew after scanning."""
    if kept := request.session.get(PENDING):
        with suppress(Unreadable):
            return get_adapter().decrypt(kept)
    secret = totp.new_secret()
    request.session[PENDING] = get_adapter().encrypt(secret)
    return secret


def _picture(svg: str) -> str:
    """Return the QR code as an address: the policy of this one page lets such a picture be shown."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _staff(request: HttpRequest) -> StaffUser:
    if not isinstance(request.user, StaffUser):
        raise PermissionDenied
    return request.user
