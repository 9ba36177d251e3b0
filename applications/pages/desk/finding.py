"""Finding a case by number and identity number: look up, take over, confirm for a winner (F2, F4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications import consent
from applications.api.fields import SHORT, PlainText
from applications.api.serializers.base import from_form
from applications.models import Application
from applications.pages import progress
from applications.pages.desk.access import StaffRequest, address_of, desk_page, desk_required
from applications.pages.desk.forms import WAYS, FoundForm, evidence_of, named, require_valid
from applications.pages.forms import NO_ERRORS, Errors, errors_of, posted
from applications.services.assisted import take_over_draft
from applications.services.confirming import confirm_for
from applications.services.desks import find_for, own_cases
from applications.services.timeline import filed_through, standing, timeline
from subsidy import clock
from subsidy.accounts.roles import FILERS, Role, has_role
from subsidy.errors import FieldError, RuleRefused, SubsidyError
from subsidy.rules.workflow import ApplicationStatus

GET_AND_POST = ["GET", "HEAD", "POST"]
FOUND_NAMES = ("number", "resident_id")
CONFIRM_NAMES = (*FOUND_NAMES, "mobile", "card_number", "way", "evidence", "old_number", "choice")
UNREAD = FieldError("read", "required", "请把确认内容念给获奖人，本人说对以后打勾。")
NO_EVIDENCE = FieldError("evidence", "required", "请选择本人同意的方式，并填写录音编号或同意书编号。")


class WinnerForm(FoundForm):
    """Who confirms, and the card to be paid."""

    mobile = PlainText(label="手机号", max_length=SHORT)
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)


@desk_required(*FILERS)
@require_http_methods(GET_AND_POST)
def look_up(request: StaffRequest) -> HttpResponse:
    """Answer “how is my case”: ask the caller first, then say what may be told; looking is recorded."""
    values, errors, found = posted(request.POST, FOUND_NAMES), NO_ERRORS, None
    if request.method == "POST":
        try:
            found = _find(request)
        except (SubsidyError, ValidationError) as error:
            errors = errors_of(error)
    context: dict[str, Any] = {"values": values, "errors": errors, "application": found}
    if found is not None:
        context |= _told(request, found)
    return desk_page(request, "look_up.html", context)


@desk_required(Role.STATION)
@require_http_methods(GET_AND_POST)
def take_over(request: StaffRequest) -> HttpResponse:
    """Go on with a draft begun elsewhere; the member consents here anew."""
    values = posted(request.POST, FOUND_NAMES)
    if request.method != "POST":
        return desk_page(request, "take_over.html", {"values": values, "errors": NO_ERRORS})
    try:
        form = from_form(FoundForm, request.POST)
        require_valid(form)
        given = form.validated_data
        draft = take_over_draft(
            given["number"], given["resident_id"], operator=request.user, ip=address_of(request)
        )
    except (SubsidyError, ValidationError) as error:
        return desk_page(request, "take_over.html", {"values": values, "errors": errors_of(error)})
    messages.success(request, f"草稿 {draft.number} 已转到本站。请和会员核对，重新取得同意后提交。")
    return redirect("desk-edit", draft.public_id)


@desk_required(*FILERS)
@require_http_methods(GET_AND_POST)
def confirm(request: StaffRequest) -> HttpResponse:
    """Confirm a prepared application for a winner who came or called (F4)."""
    if request.method != "POST":
        return _confirm_page(request, NO_ERRORS)
    try:
        made = _confirm(request)
    except (SubsidyError, ValidationError) as error:
        return _confirm_page(request, named(errors_of(error)))
    messages.success(request, f"申报 {made.number} 已确认并提交，获奖人会收到短信。")
    mine = own_cases(request.user).filter(pk=made.pk).exists()
    return redirect("desk-case", made.public_id) if mine else redirect("desk")


def _find(request: StaffRequest) -> Application:
    form = from_form(FoundForm, request.POST)
    require_valid(form)
    given = form.validated_data
    return find_for(given["number"], given["resident_id"], operator=request.user, ip=address_of(request))


def _told(request: StaffRequest, application: Application) -> dict[str, Any]:
    """Return what may be told: where it stands, dates and reasons; no number in full."""
    now, entries = clock.now(), timeline(application)
    asked = progress.last_remarks(entries) if application.status == ApplicationStatus.RETURNED else None
    last = entries[-1] if entries else None
    return {
        "plan": application.scheme,
        "standing": standing(application),
        "through": filed_through(application),
        "stages": progress.stages(application, entries, now),
        "remarks": list(asked.remarks.values()) if asked else [],
        "reasons": list(last.reasons) if last and application.status == ApplicationStatus.REJECTED else [],
        "may_take_over": application.status == ApplicationStatus.DRAFT
        and has_role(request.user, Role.STATION),
        "may_confirm": application.status == ApplicationStatus.AWAITING_CONFIRMATION,
        "is_own": own_cases(request.user).filter(pk=application.pk).exists(),
    }


def _confirm(request: StaffRequest) -> Application:
    form = from_form(WinnerForm, request.POST)
    require_valid(form)
    given, evidence = form.validated_data, evidence_of(request.POST)
    pairs = ((UNREAD, request.POST.get("read")), (NO_EVIDENCE, evidence))
    missing = [error for error, is_there in pairs if not is_there]
    if missing:
        raise RuleRefused("还不能确认。", code="CONSENT_WANTED", errors=missing)
    operator, ip = request.user, address_of(request)
    number, resident_id = given["number"], given["resident_id"]
    prepared = find_for(number, resident_id, operator=operator, ip=ip)
    return confirm_for(
        number,
        resident_id,
        operator=operator,
        version=prepared.version,
        mobile=given["mobile"],
        card_number=given["card_number"],
        consent_version=consent.CURRENT,
        consent_evidence=evidence,
        switch_from=_old(request, resident_id),
        choice=request.POST.get("choice", ""),
        ip=ip,
    )


def _old(request: StaffRequest, resident_id: str) -> Application | None:
    number = request.POST.get("old_number", "").strip()
    if not number:
        return None
    try:
        return find_for(number, resident_id, operator=request.user, ip=address_of(request))
    except SubsidyError as error:
        error.errors = [FieldError("old_number", error.code, error.message)]
        raise


def _confirm_page(request: StaffRequest, errors: Errors) -> HttpResponse:
    context = {
        "values": posted(request.POST, CONFIRM_NAMES),
        "was_read": bool(request.POST.get("read")),
        "errors": errors,
        "ways": WAYS,
        "consent_text": consent.TEXTS[consent.CURRENT],
    }
    return desk_page(request, "confirm.html", context)
