"""What a member of staff must still do before the house opens: a password of their own, a second factor."""

from __future__ import annotations

from typing import Final

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import urlencode

from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import has_proved_second_factor
from subsidy.accounts.roles import FILERS, has_role
from subsidy.accounts.services.second_factor import has_second_factor
from subsidy.errors import API, CONTENT_TYPE, TITLES

DESK: Final = "/desk/"
PASSWORD, SET_UP, SHOW_CODE = "account_change_password", "mfa_activate_totp", "mfa_reauthenticate"
ALWAYS_OPEN: Final = frozenset(
    {"account_logout", "admin:logout", "admin:jsi18n", "display", "healthz", "readyz", PASSWORD}
)
OPEN_WITHOUT_CODE: Final = ALWAYS_OPEN | {SET_UP, SHOW_CODE, "account_reauthenticate"}
REFUSALS: Final = {
    PASSWORD: ("PASSWORD_CHANGE_REQUIRED", "请先在登录页改掉初始密码，再使用接口。"),
    SET_UP: ("SECOND_FACTOR_REQUIRED", "工作人员须先绑定身份验证器，再使用接口。"),
    SHOW_CODE: ("SECOND_FACTOR_REQUIRED", "这次登录没有填动态口令，请重新登录。"),
}


def missing(request: HttpRequest, user: StaffUser) -> str:
    """Return the view where somebody must go first; empty when nothing is missing."""
    if user.must_change_password:
        return PASSWORD
    if has_proved_second_factor(request):
        return ""
    return SHOW_CODE if has_second_factor(user) else SET_UP


def landing(request: HttpRequest) -> str:
    """Return where a sign-in leads: to what is missing, to the desk of those who file, or to the admin."""
    user = request.user
    if isinstance(user, StaffUser) and (first := missing(request, user)):
        return reverse(first)
    return DESK if has_role(user, *FILERS) else resolve_url("admin:index")


def turn_back(request: HttpRequest, view_name: str) -> HttpResponse | None:
    """Return the answer to somebody who may not pass yet; None for everybody else."""
    user = request.user
    if not isinstance(user, StaffUser) or view_name in ALWAYS_OPEN:
        return None
    first = missing(request, user)
    if not first or (first != PASSWORD and view_name in OPEN_WITHOUT_CODE):
        return None
    if request.path.startswith(API):
        return _problem(*REFUSALS[first])
    target = reverse(first)
    if request.method in ("GET", "HEAD"):
        target = f"{target}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}"
    return HttpResponseRedirect(target)


def _problem(code: str, sentence: str) -> HttpResponse:
    body = {"type": "about:blank", "title": TITLES[403], "status": 403, "detail": sentence, "code": code}
    return JsonResponse(
        body, status=403, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False}
    )
