"""A winner answers a prepared application: confirm it with card and consent, or decline it (F4)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications import consent
from applications.api.serializers.applications import CardSerializer
from applications.api.serializers.base import from_form
from applications.models import Application
from applications.pages.access import MemberRequest, member_required, own, page, version_seen
from applications.pages.filed import filed_rows
from applications.pages.forms import NO_ERRORS, Errors, errors_of, refused
from applications.services.confirming import confirm as confirm_place
from applications.services.confirming import decline as decline_place
from applications.services.facts import assess_application
from applications.services.switching import SWITCHABLE
from subsidy.accounts.services import actor_for
from subsidy.errors import FieldError, RuleRefused, SubsidyError
from subsidy.rules.deadlines import confirmation_due
from subsidy.rules.workflow import ApplicationStatus

GET_AND_POST = ["GET", "HEAD", "POST"]
UNREAD = FieldError("consent", "required", "请阅读同意书，同意后在方框里打勾，再确认。")
UNCHOSEN = FieldError("switch", "required", "每人本年度只能领一次。请勾选改报，或者选择不领取这一项。")


@member_required
@require_http_methods(GET_AND_POST)
def confirm(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Say what confirming means; take card, consent and, where there is another grant, the choice."""
    application = own(request, public_id)
    if application.status != ApplicationStatus.AWAITING_CONFIRMATION:
        return redirect("application", public_id)
    if request.method != "POST":
        return _page(request, application, NO_ERRORS)
    try:
        filed = _confirm(request, application)
    except (SubsidyError, ValidationError) as error:
        application = own(request, public_id)
        if application.status != ApplicationStatus.AWAITING_CONFIRMATION:
            return redirect("application", public_id)
        return _page(request, application, errors_of(error))
    messages.success(request, f"已确认，申报 {filed.number} 进入审核。我们会发短信告诉您进度。")
    return redirect("application", public_id)


@member_required
@require_http_methods(GET_AND_POST)
def decline(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Say what declining means before the click, then do it."""
    application = own(request, public_id)
    if application.status != ApplicationStatus.AWAITING_CONFIRMATION:
        return redirect("application", public_id)
    errors = NO_ERRORS
    if request.method == "POST":
        try:
            decline_place(application, actor=actor_for(request), version=version_seen(request))
        except SubsidyError as error:
            application, errors = own(request, public_id), refused(error)
        else:
            messages.success(request, "已选择不领取这一项。")
            return redirect("application", public_id)
    context = {"application": application, "plan": application.scheme, "errors": errors}
    return page(request, "decline.html", context)


def _confirm(request: MemberRequest, application: Application) -> Application:
    other = _other(application)
    form = from_form(CardSerializer, request.POST)
    form.is_valid(raise_exception=True)
    missing = [UNREAD] if request.POST.get("consent") != consent.CURRENT else []
    missing += [UNCHOSEN] if other is not None and not request.POST.get("switch") else []
    if missing:
        raise RuleRefused("还不能确认。", code="CONSENT_WANTED", errors=missing)
    return confirm_place(
        application,
        actor=actor_for(request),
        version=version_seen(request),
        card_number=form.validated_data["card_number"],
        consent_version=consent.CURRENT,
        switch_from=other,
    )


def _other(application: Application) -> Application | None:
    """Return the member's live application that confirming this one would replace."""
    live = Application.objects.live().filter(member=application.member, scheme=application.scheme)
    return live.exclude(pk=application.pk).first()


def _page(request: MemberRequest, application: Application, errors: Errors) -> HttpResponse:
    found = assess_application(application, at=application.created_at)
    other = _other(application)
    context = {
        "application": application,
        "plan": application.scheme,
        "errors": errors,
        "found": found,
        "due": confirmation_due(application.created_at, application.scheme.rules),
        "filed": filed_rows(application),
        "other": other,
        "may_switch": other is not None and other.status in SWITCHABLE,
        "typed": request.POST.get("card_number", "")[:64],
        "consent_version": consent.CURRENT,
        "consent_given": request.POST.get("consent") == consent.CURRENT,
        "switch_given": bool(request.POST.get("switch")),
    }
    return page(request, "confirm.html", context)
