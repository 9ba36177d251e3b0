"""Signing in with a code by SMS, and out again (A4)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from applications.api.serializers.base import from_form
from applications.api.serializers.members import CodeRequestSerializer, SignInSerializer
from applications.pages import pending
from applications.pages.access import answered, page
from applications.pages.forms import NO_ERRORS, Errors, invalid, refused
from applications.services.trust import refresh_trust
from subsidy.accounts.services import (
    actor_for,
    browser_index,
    client_address,
    member_of,
    redeem_code,
    remember_browser,
    request_code,
    sign_in_member,
    sign_in_nonce,
    sign_out_member,
)
from subsidy.errors import SubsidyError, TooManyRequests
from subsidy.rules.identity import mask_mobile, normalise_mobile

MOBILE = "sign_in_mobile"
GET_AND_POST = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(GET_AND_POST)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the mobile number and send a code to it."""
    if member_of(request) is not None:
        return HttpResponseRedirect(_target(request))
    if request.method != "POST":
        return _mobile_page(request, NO_ERRORS)
    form = from_form(CodeRequestSerializer, request.POST)
    if not form.is_valid():
        return _mobile_page(request, invalid(form.errors), status=422)
    return _send(request, normalise_mobile(form.validated_data["mobile"]))


@never_cache
@require_http_methods(GET_AND_POST)
def code(request: HttpRequest) -> HttpResponse:
    """Take the six digits; who typed the right ones is signed in."""
    mobile = pending.kept(request, MOBILE)
    if mobile is None:
        return _to("sign-in", request)
    if request.method != "POST":
        return _code_page(request, mobile, NO_ERRORS)
    if "again" in request.POST:
        return _send(request, mobile)
    form = from_form(SignInSerializer, {"code": request.POST.get("code", ""), "mobile": mobile})
    if not form.is_valid():
        return _code_page(request, mobile, invalid(form.errors), status=422)
    try:
        member = redeem_code(
            mobile, form.validated_data["code"], nonce=sign_in_nonce(request), ip=client_address(request)
        )
    except SubsidyError as error:
        return _code_page(request, mobile, refused(error), error)
    pending.forget(request, MOBILE)
    sign_in_member(request, member)
    refresh_trust(member, actor=actor_for(request))
    response = HttpResponseRedirect(_target(request))
    remember_browser(request, response, mobile)
    return response


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on this device."""
    sign_out_member(request)
    messages.success(request, "您已退出登录。")
    return redirect("start")


def _send(request: HttpRequest, mobile: str) -> HttpResponse:
    try:
        request_code(
            mobile,
            nonce=sign_in_nonce(request),
            ip=client_address(request),
            browser=browser_index(request, mobile),
        )
    except TooManyRequests as error:
        if pending.kept(request, MOBILE) == mobile:
            return _code_page(request, mobile, refused(error), error)
        return _mobile_page(request, refused(error), error)
    except SubsidyError as error:
        return _mobile_page(request, refused(error), error)
    pending.keep(request, MOBILE, mobile)
    messages.info(request, f"验证码已发到 {mask_mobile(mobile)}，10 分钟内有效。")
    return _to("sign-in-code", request)


def _mobile_page(
    request: HttpRequest, errors: Errors, error: SubsidyError | None = None, status: int = 200
) -> HttpResponse:
    context = {"errors": errors, "mobile": request.POST.get("mobile", "")[:64], "next": _next(request)}
    return answered(page(request, "sign_in.html", context, status=status), error)


def _code_page(
    request: HttpRequest,
    mobile: str,
    errors: Errors,
    error: SubsidyError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "errors": errors,
        "mobile": mobile,
        "next": _next(request),
        "is_demonstration": settings.DEMO,
    }
    return answered(page(request, "sign_in_code.html", context, status=status), error)


def _to(name: str, request: HttpRequest) -> HttpResponse:
    target = _next(request)
    response = redirect(name)
    if target:
        response["Location"] += f"?{urlencode({'next': target})}"
    return response


def _next(request: HttpRequest) -> str:
    """Return where the member wanted to go, as long as it is on this site."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def _target(request: HttpRequest) -> str:
    return _next(request) or "/me/"
