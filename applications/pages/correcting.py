"""Sending corrections: of a returned application, and of the card after a payment that failed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications.api.serializers.applications import CardSerializer
from applications.api.serializers.base import from_form
from applications.models import Application
from applications.pages.access import MemberRequest, member_required, own, version_seen
from applications.pages.fixing import asked_fields, correction, typed_correction
from applications.pages.forms import errors_of, posted
from applications.pages.status import status_page
from applications.pages.uploading import attach_picture, sent_picture
from applications.services.cards import correct_card, may_correct_card
from applications.services.corrections import change
from applications.services.filing import resubmit
from applications.services.timeline import timeline
from subsidy.accounts.services import actor_for
from subsidy.errors import SubsidyError
from subsidy.rules.workflow import ApplicationStatus

GET_AND_POST = ["GET", "HEAD", "POST"]


@member_required
@require_http_methods(GET_AND_POST)
def correct(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take the corrected fields and send the case back to the reviewer, or keep them for later."""
    application = own(request, public_id)
    if request.method != "POST" or application.status != ApplicationStatus.RETURNED:
        return redirect("application", public_id)
    typed = typed_correction(request.POST, asked_fields(timeline(application)))
    try:
        _correct(request, application, typed)
    except (SubsidyError, ValidationError) as error:
        application = own(request, public_id)
        if application.status != ApplicationStatus.RETURNED:
            return redirect("application", public_id)
        return status_page(request, application, errors_of(error), typed)
    if request.POST.get("then") == "later":
        messages.success(request, "已保存，还没有提交。改完记得点“提交修改”。")
    else:
        messages.success(request, "修改已提交，审核接着进行。")
    return redirect("application", public_id)


@member_required
@require_http_methods(GET_AND_POST)
def new_card(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take a new card number after a payment that failed."""
    application = own(request, public_id)
    if request.method != "POST" or not may_correct_card(application):
        return redirect("application", public_id)
    form = from_form(CardSerializer, request.POST)
    try:
        form.is_valid(raise_exception=True)
        number, version = form.validated_data["card_number"], form.validated_data["version"]
        correct_card(application, actor=actor_for(request), version=version, card_number=number)
    except (SubsidyError, ValidationError) as error:
        typed = posted(request.POST, ["card_number"])
        return status_page(request, own(request, public_id), errors_of(error), typed)
    messages.success(request, "卡号已更正，随下一批再发，到账会发短信。")
    return redirect("application", public_id)


def _correct(request: MemberRequest, application: Application, typed: dict[str, str]) -> None:
    """Write fields and picture and send the case, all of it or nothing."""
    upload = sent_picture(request)
    filing = correction(application, typed)
    actor = actor_for(request)
    with transaction.atomic():
        changed = change(application, filing, actor=actor, version=version_seen(request))
        if upload is not None:
            attach_picture(changed, upload, actor=actor)
        if request.POST.get("then") != "later":
            resubmit(changed, actor=actor, version=changed.version)
