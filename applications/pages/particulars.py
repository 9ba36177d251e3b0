"""A member asks to have name or identity number corrected, and reads what became of it (A2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications.api.serializers.base import from_form
from applications.api.serializers.members import CorrectionSerializer
from applications.pages.access import MemberRequest, answered, member_required, page
from applications.pages.forms import NO_ERRORS, Errors, errors_of, posted
from subsidy.accounts.enums import CorrectionField
from subsidy.accounts.services import client_address, request_correction
from subsidy.errors import SubsidyError

NAMES = ("field", "value", "reason")
LABELS = {CorrectionField.NAME.value: "姓名", CorrectionField.RESIDENT_ID.value: "身份证号"}
LONGEST_LIST = 20


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: MemberRequest) -> HttpResponse:
    """Take a request, and list those that were made."""
    if not request.member.is_identified:
        return redirect("me")
    if request.method != "POST":
        return _page(request, NO_ERRORS)
    try:
        form = from_form(CorrectionSerializer, request.POST)
        form.is_valid(raise_exception=True)
        request_correction(request.member, **form.validated_data, ip=client_address(request))
    except (SubsidyError, ValidationError) as error:
        shown = _page(request, errors_of(error))
        return answered(shown, error if isinstance(error, SubsidyError) else None)
    messages.success(request, "更正申请已收到，办好后发短信告诉您。")
    return redirect("me-corrections")


def _page(request: MemberRequest, errors: Errors) -> HttpResponse:
    context = {
        "errors": errors,
        "values": posted(request.POST, NAMES),
        "fields": [{"code": code, "label": label} for code, label in LABELS.items()],
        "made": request.member.corrections.order_by("-id")[:LONGEST_LIST],
    }
    return page(request, "me_corrections.html", context)
