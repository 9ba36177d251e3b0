"""A member changes the mobile number, objects to a change, or signs out of every device (F5)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from applications.api.serializers.base import from_form
from applications.api.serializers.members import CodeRequestSerializer, NewMobileSerializer
from applications.pages import pending
from applications.pages.access import MemberRequest, answered, member_required, page, to_sign_in
from applications.pages.forms import NO_ERRORS, Errors, invalid, refused
from applications.services.trust import refresh_trust
from subsidy.accounts.services import (
    actor_for,
    change_mobile,
    client_address,
    contestable,
    has_just_signed_in,
    object_to_change,
    remember_browser,
    request_mobile_code,
    sign_in_member,
    sign_in_nonce,
    sign_out_everywhere,
    sign_out_member,
)
from subsidy.errors import SubsidyError
from subsidy.rules.identity import mask_mobile, normalise_mobile

NEW_MOBILE = "new_mobile"
GET_AND_POST = ["GET", "HEAD", "POST"]


@member_required
@require_http_methods(GET_AND_POST)
def new_mobile(request: MemberRequest) -> HttpResponse:
    """Ask for the new number and send a code to it; who signed in long ago signs in once more first."""
    if not has_just_signed_in(request):
        return _again(request)
    if request.method != "POST":
        return _number_page(request, NO_ERRORS)
    form = from_form(CodeRequestSerializer, request.POST)
    if not form.is_valid():
        response = _number_page(request, invalid(form.errors))
        response.status_code = 422
        return response
    return _send(request, normalise_mobile(form.validated_data["mobile"]))


@member_required
@require_http_methods(GET_AND_POST)
def new_mobile_code(request: MemberRequest) -> HttpResponse:
    """Take the code; from then on the new number is the one to sign in with."""
    if not has_just_signed_in(request):
        return redirect("me-mobile")
    mobile = pending.kept(request, NEW_MOBILE)
    if mobile is None:
        return redirect("me-mobile")
    if request.method != "POST":
        return _code_page(request, mobile, NO_ERRORS)
    if "again" in request.POST:
        return _send(request, mobile)
    form = from_form(NewMobileSerializer, {"code": request.POST.get("code", ""), "mobile": mobile})
    if not form.is_valid():
        response = _code_page(request, mobile, invalid(form.errors))
        response.status_code = 422
        return response
    try:
        member = change_mobile(
            request.member,
            mobile,
            form.validated_data["code"],
            nonce=sign_in_nonce(request),
            ip=client_address(request),
        )
    except SubsidyError as error:
        return answered(_code_page(request, mobile, refused(error)), error)
    pending.forget(request, NEW_MOBILE)
    sign_in_member(request, member)
    refresh_trust(member, actor=actor_for(request))
    messages.success(request, f"手机号已换成 {mask_mobile(mobile)}。其他设备上的登录都已退出。")
    done = redirect("me")
    remember_browser(request, done, mobile)
    return done


@member_required
@require_http_methods(GET_AND_POST)
def object_to_mobile(request: MemberRequest, pk: int) -> HttpResponse:
    """Let the holder of the old number say that they did not ask for the change."""
    change = contestable(request.member).select_related("office").filter(pk=pk).first()
    if change is None:
        raise Http404
    errors, text = NO_ERRORS, request.POST.get("text", "")[:600]
    if request.method == "POST":
        try:
            object_to_change(pk, by=request.member, text=text, ip=client_address(request))
        except SubsidyError as error:
            errors = refused(error)
        else:
            messages.success(request, "异议已收到。那份档案的登录已全部退出，我们核查后会发短信告诉您。")
            return redirect("me")
    return page(request, "me_mobile_object.html", {"change": change, "text": text, "errors": errors})


@member_required
@require_http_methods(GET_AND_POST)
def sign_out_all(request: MemberRequest) -> HttpResponse:
    """Say what it means, then end the sessions on every device."""
    if request.method != "POST":
        return page(request, "me_sign_out.html")
    sign_out_everywhere(request)
    messages.success(request, "已在全部设备上退出登录。")
    return redirect("start")


def _again(request: MemberRequest) -> HttpResponse:
    """Say why, and lead to the sign-in and back: a browser left open is not enough to take a number away."""
    if request.method != "POST":
        return page(request, "me_mobile_again.html")
    sign_out_member(request)
    return to_sign_in(request)


def _send(request: MemberRequest, mobile: str) -> HttpResponse:
    nonce, ip = sign_in_nonce(request), client_address(request)
    try:
        request_mobile_code(request.member, mobile, nonce=nonce, ip=ip)
    except SubsidyError as error:
        if pending.kept(request, NEW_MOBILE) == mobile:
            return answered(_code_page(request, mobile, refused(error)), error)
        return answered(_number_page(request, refused(error)), error)
    pending.keep(request, NEW_MOBILE, mobile)
    messages.info(request, f"验证码已发到 {mask_mobile(mobile)}，10 分钟内有效。")
    return redirect("me-mobile-code")


def _number_page(request: MemberRequest, errors: Errors) -> HttpResponse:
    typed = request.POST.get("mobile", "")[:64]
    return page(request, "me_mobile.html", {"errors": errors, "mobile": typed})


def _code_page(request: MemberRequest, mobile: str, errors: Errors) -> HttpResponse:
    context = {"errors": errors, "mobile": mobile, "is_demonstration": settings.DEMO}
    return page(request, "me_mobile_code.html", context)
