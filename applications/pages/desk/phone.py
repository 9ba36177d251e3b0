"""A person who lost the old number shows the document at the desk and gets a new one (F2, F5)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications.api.fields import SHORT, PlainText
from applications.api.serializers.base import StrictSerializer, from_form
from applications.pages import pending
from applications.pages.access import answered
from applications.pages.desk.access import StaffRequest, address_of, desk_page, desk_required
from applications.pages.desk.forms import require_valid
from applications.pages.forms import NO_ERRORS, Errors, errors_of, posted
from applications.services.phones import CLERKS, PhoneRequest, ask_for_new_phone, change_phone_for
from subsidy.accounts.models import Member
from subsidy.accounts.services import sign_in_nonce
from subsidy.errors import SubsidyError
from subsidy.rules.identity import mask_mobile, normalise_mobile

ASKED = "desk_new_phone"
NAMES = ("name", "resident_id", "mobile", "reason")
GET_AND_POST = ["GET", "HEAD", "POST"]


class PhoneForm(StrictSerializer):
    """Whose document it is, the new number and why."""

    name = PlainText(label="姓名", max_length=50)
    resident_id = PlainText(label="身份证号", max_length=SHORT)
    mobile = PlainText(label="新手机号", max_length=SHORT)
    reason = PlainText(label="更换理由", max_length=200)


class CodeForm(StrictSerializer):
    """The digits that the person reads out."""

    code = PlainText(label="验证码", max_length=SHORT)


@desk_required(*CLERKS)
@require_http_methods(GET_AND_POST)
def phone(request: StaffRequest) -> HttpResponse:
    """Look the person up by the document and send a code to the new number."""
    if request.method != "POST":
        return _form_page(request, NO_ERRORS)
    try:
        form = from_form(PhoneForm, request.POST)
        require_valid(form)
        asked = PhoneRequest(**form.validated_data, document_seen=bool(request.POST.get("document_seen")))
        member = ask_for_new_phone(
            asked, operator=request.user, nonce=sign_in_nonce(request), ip=address_of(request)
        )
    except (SubsidyError, ValidationError) as error:
        shown = _form_page(request, errors_of(error))
        return answered(shown, error if isinstance(error, SubsidyError) else None)
    mobile = normalise_mobile(asked.mobile)
    pending.keep(request, ASKED, {"member": member.pk, "mobile": mobile, "reason": asked.reason})
    messages.info(request, f"验证码已发到 {mask_mobile(mobile)}，请会员把收到的 6 位数字念给您。")
    return redirect("desk-phone-code")


@desk_required(*CLERKS)
@require_http_methods(GET_AND_POST)
def phone_code(request: StaffRequest) -> HttpResponse:
    """Take the digits and change the number."""
    asked = pending.kept(request, ASKED)
    if asked is None:
        return redirect("desk-phone")
    member = Member.objects.get(pk=asked["member"])
    if request.method != "POST":
        return _code_page(request, member, asked["mobile"], NO_ERRORS)
    try:
        form = from_form(CodeForm, request.POST)
        require_valid(form)
        change_phone_for(
            member,
            asked["mobile"],
            form.validated_data["code"],
            operator=request.user,
            reason=asked["reason"],
            nonce=sign_in_nonce(request),
            ip=address_of(request),
        )
    except (SubsidyError, ValidationError) as error:
        shown = _code_page(request, member, asked["mobile"], errors_of(error))
        return answered(shown, error if isinstance(error, SubsidyError) else None)
    pending.forget(request, ASKED)
    messages.success(request, f"已换成 {mask_mobile(asked['mobile'])}，会员用新号码登录；原号码会收到短信。")
    return redirect("desk")


def _form_page(request: StaffRequest, errors: Errors) -> HttpResponse:
    values = posted(request.POST, NAMES) | {"resident_id": ""}
    context = {"values": values, "errors": errors, "was_seen": bool(request.POST.get("document_seen"))}
    return desk_page(request, "phone.html", context)


def _code_page(request: StaffRequest, member: Member, mobile: str, errors: Errors) -> HttpResponse:
    context = {
        "member": member,
        "mobile": mobile,
        "errors": errors,
        "is_demonstration": settings.DEMO,
    }
    return desk_page(request, "phone_code.html", context)
