"""The steps of a draft: applicant, certificate, card and picture, check and submit (F1, F5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications import consent
from applications.api.serializers.applications import CardSerializer
from applications.api.serializers.base import from_form
from applications.api.serializers.certificates import SkillCertificateSerializer
from applications.models import Application
from applications.pages import pending
from applications.pages.access import MemberRequest, member_required, own, page, version_seen
from applications.pages.applying import APPLICANT_NAMES, CHECKED, applicant_page, applicant_values
from applications.pages.filed import certificate_picture, filed_rows
from applications.pages.forms import (
    CERTIFICATE_NAMES,
    NO_ERRORS,
    Errors,
    certificate_fields,
    errors_of,
    hindrances,
    invalid,
    posted,
    refused,
    shown,
)
from applications.pages.uploading import attach_picture, sent_picture
from applications.pages.words import level_options, ruler
from applications.services.drafts import Filing, change_draft
from applications.services.facts import assess_application
from applications.services.filing import submit
from subsidy import clock
from subsidy.accounts.services import actor_for, client_address, update_profile
from subsidy.errors import FieldError, SubsidyError

GET_AND_POST = ["GET", "HEAD", "POST"]
LATER = "later"


@member_required
@require_http_methods(GET_AND_POST)
def applicant(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Step 1: where the applicant works; name and identity number are on record already."""
    application = own(request, public_id)
    if not _is_typed_here(application):
        return redirect("application", public_id)
    district = application.district.code if application.district else ""
    values = {"employer": application.employer, "district": district}
    if request.method != "POST":
        return applicant_page(request, values, NO_ERRORS, application)
    try:
        given = applicant_values(request)
        filing = Filing(employer=given["employer"], district=given["district"])
        change_draft(application, filing, actor=actor_for(request), version=version_seen(request))
    except (SubsidyError, ValidationError) as error:
        return applicant_page(request, posted(request.POST, APPLICANT_NAMES), errors_of(error), application)
    return _onward(request, application, "application-certificate")


@member_required
@require_http_methods(GET_AND_POST)
def certificate(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Step 2: the certificate, word for word."""
    application = own(request, public_id)
    if not _is_typed_here(application):
        return redirect("application", public_id)
    if request.method != "POST":
        values = pending.kept(request, _typed(application)) or shown(application.certificate)
        return _certificate_page(
            request, application, values or pending.kept(request, CHECKED) or {}, NO_ERRORS
        )
    values = posted(request.POST, CERTIFICATE_NAMES)
    form = from_form(SkillCertificateSerializer, request.POST)
    if not form.is_valid():
        if request.POST.get("then") == LATER:
            return _keep_unfinished(request, application, values)
        return _certificate_page(request, application, values, invalid(form.errors))
    try:
        changed = _write_certificate(request, application, form.validated_data)
    except SubsidyError as error:
        return _certificate_page(request, own(request, public_id), values, refused(error))
    pending.forget(request, _typed(application))
    pending.forget(request, CHECKED)
    errors = hindrances(assess_application(changed, at=clock.now()).blocking)
    if errors and request.POST.get("then") != LATER:
        return _certificate_page(request, changed, values, errors)
    return _onward(request, application, "application-card")


@member_required
@require_http_methods(GET_AND_POST)
def card(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Step 3: the union card that is paid, and a picture of the certificate if there is one."""
    application = own(request, public_id)
    if not _is_typed_here(application):
        return redirect("application", public_id)
    if request.method != "POST":
        return _card_page(request, application, NO_ERRORS)
    try:
        _write_card_and_picture(request, application)
    except (SubsidyError, ValidationError) as error:
        return _card_page(request, own(request, public_id), errors_of(error))
    return _onward(request, application, "application-check")


@member_required
@require_http_methods(GET_AND_POST)
def check(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Step 4: read everything once more, agree, submit."""
    application = own(request, public_id)
    if not _is_typed_here(application):
        return redirect("application", public_id)
    if missing := _first_unfinished(application):
        return redirect(missing, public_id)
    if request.method != "POST":
        return _check_page(request, application, NO_ERRORS)
    if request.POST.get("consent") != consent.CURRENT:
        unread = FieldError("consent", "required", "请阅读同意书，同意后在方框里打勾，再提交。")
        return _check_page(request, application, Errors([unread]))
    try:
        filed = submit(
            application,
            actor=actor_for(request),
            version=version_seen(request),
            consent_version=consent.CURRENT,
        )
    except SubsidyError as error:
        return _not_submitted(request, public_id, error)
    messages.success(request, f"申报已提交，编号 {filed.number}。我们会发短信告诉您进度。")
    return redirect("application", public_id)


def _not_submitted(request: MemberRequest, public_id: UUID, error: SubsidyError) -> HttpResponse:
    """Show why; a second click on a submitted application just leads to it."""
    application = own(request, public_id)
    if not _is_typed_here(application):
        return redirect("application", public_id)
    return _check_page(request, application, refused(error))


def _certificate_page(
    request: MemberRequest, application: Application, values: dict[str, str], errors: Errors
) -> HttpResponse:
    rules = application.scheme.rules
    context = {
        "application": application,
        "plan": application.scheme,
        "values": values,
        "errors": errors,
        "levels": level_options(rules),
        "ruler": ruler(values.get("certificate_number", ""), rules, values.get("level", "")),
        "is_stuck": any(not error.field or error.code.isupper() for error in errors),
    }
    return page(request, "step_certificate.html", context)


def _card_page(request: MemberRequest, application: Application, errors: Errors) -> HttpResponse:
    context = {
        "application": application,
        "plan": application.scheme,
        "typed": request.POST.get("card_number", "")[:64] if errors else "",
        "errors": errors,
        "picture": certificate_picture(application),
    }
    return page(request, "step_card.html", context)


def _check_page(request: MemberRequest, application: Application, errors: Errors) -> HttpResponse:
    found = assess_application(application, at=clock.now())
    context = {
        "application": application,
        "plan": application.scheme,
        "errors": errors or hindrances(found.blocking),
        "found": found,
        "flags": [{"severity": "flag", "message": one.message, "clause": one.clauses} for one in found.flags],
        "rows": filed_rows(application, editable=True),
        "consent_version": consent.CURRENT,
        "consent_given": request.POST.get("consent") == consent.CURRENT,
    }
    return page(request, "step_check.html", context)


def _write_certificate(
    request: MemberRequest, application: Application, values: dict[str, Any]
) -> Application:
    filing = Filing(certificate=certificate_fields(values))
    change_draft(application, filing, actor=actor_for(request), version=version_seen(request))
    return own(request, application.public_id)


def _write_card_and_picture(request: MemberRequest, application: Application) -> None:
    """Keep card and picture together or not at all; the card is also the member's own from now on."""
    typed = request.POST.get("card_number", "").strip()
    upload = sent_picture(request)
    with transaction.atomic():
        if typed or not application.card_index:
            form = from_form(CardSerializer, request.POST)
            form.is_valid(raise_exception=True)
            number = form.validated_data["card_number"]
            filing = Filing(card_number=number)
            change_draft(application, filing, actor=actor_for(request), version=version_seen(request))
            _remember_card(request, application, number)
        if upload is not None:
            attach_picture(application, upload, actor=actor_for(request))


def _remember_card(request: MemberRequest, application: Application, number: str) -> None:
    member = request.member
    update_profile(
        member,
        name=member.name,
        resident_id=member.resident_id or "",
        mobile=member.mobile or "",
        card_number=number,
        employer=application.employer,
        position=application.position,
        district=application.district,
        ip=client_address(request),
    )


def _keep_unfinished(
    request: MemberRequest, application: Application, values: dict[str, str]
) -> HttpResponse:
    pending.keep(request, _typed(application), values)
    messages.info(request, "这一页还没填完，已填的内容在这台设备上保留到您退出登录，请尽快接着填。")
    return redirect("me")


def _onward(request: MemberRequest, application: Application, name: str) -> HttpResponse:
    if request.POST.get("then") != LATER:
        return redirect(name, application.public_id)
    messages.success(request, "草稿已保存，下次登录可以接着填。")
    return redirect("me")


def _first_unfinished(application: Application) -> str:
    if application.certificate is None:
        return "application-certificate"
    return "" if application.card_index else "application-card"


def _is_typed_here(application: Application) -> bool:
    """Say whether it is a draft of the member's own door; the others go on at theirs."""
    return application.status == "draft" and application.channel == "member"


def _typed(application: Application) -> str:
    return f"typed_{application.public_id.hex}"
