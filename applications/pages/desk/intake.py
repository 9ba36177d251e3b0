"""Receiving paper dossiers of annex 1: day of receipt, four copies ticked off, scans attached (F3, E8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications import consent
from applications.api.serializers.base import from_form
from applications.models import Application, PaperDossier
from applications.pages.access import current_plan, version_seen
from applications.pages.desk.access import StaffRequest, address_of, desk_page, desk_required, own_case
from applications.pages.desk.filing import proof_context
from applications.pages.desk.forms import (
    ALL_NAMES,
    TICKS,
    FoundForm,
    ReceivedForm,
    dossier_of,
    held_values,
    named,
    person_form,
    person_of,
    proof_form,
    proof_of,
    require_valid,
    sent_scans,
)
from applications.pages.forms import NO_ERRORS, Errors, errors_of, posted
from applications.services.attachments import attach
from applications.services.drafts import Filing
from applications.services.intake import Receipt, change_dossier, receive, take_in
from subsidy import clock
from subsidy.accounts.roles import Role
from subsidy.accounts.services import staff_actor
from subsidy.errors import SubsidyError
from subsidy.rules.terms import AttachmentKind, Ground
from subsidy.rules.workflow import ApplicationStatus
from subsidy.schemes.models import Scheme
from subsidy.uploads import CleanUpload

GET_AND_POST = ["GET", "HEAD", "POST"]


@desk_required(Role.INTAKE)
@require_http_methods(GET_AND_POST)
def typed(request: StaffRequest) -> HttpResponse:
    """Register a dossier written by hand: type annex 1, tick off what came with it."""
    plan = current_plan()
    if plan is None:
        return desk_page(request, "no_desk.html", {"plan": plan})
    if request.method != "POST":
        return _page(request, "intake.html", _today(), NO_ERRORS, plan)
    try:
        receipt = _receive(request, plan)
    except (SubsidyError, ValidationError) as error:
        return _page(request, "intake.html", _posted(request), named(errors_of(error)), plan)
    return _onward(request, receipt)


@desk_required(Role.INTAKE)
@require_http_methods(GET_AND_POST)
def online(request: StaffRequest) -> HttpResponse:
    """Register the papers of a form that the member typed online, by its number and the identity number."""
    if request.method != "POST":
        return _page(request, "intake_online.html", _today(), NO_ERRORS)
    try:
        receipt = _take_in(request)
    except (SubsidyError, ValidationError) as error:
        return _page(request, "intake_online.html", _posted(request), named(errors_of(error)))
    return _onward(request, receipt)


@desk_required(Role.INTAKE)
@require_http_methods(GET_AND_POST)
def dossier(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Tick off papers that came later, or correct the day of receipt."""
    application = own_case(request, public_id)
    held = PaperDossier.objects.filter(application=application).first()
    if held is None or application.status not in (ApplicationStatus.DRAFT, ApplicationStatus.RETURNED):
        return redirect("desk-case", public_id)
    more: dict[str, Any] = {"application": application}
    if request.method != "POST":
        return _page(
            request, "dossier.html", held_values(held, clock.today()), NO_ERRORS, application.scheme, **more
        )
    try:
        receipt = _change(request, application)
    except (SubsidyError, ValidationError) as error:
        more["application"] = own_case(request, public_id)
        return _page(
            request, "dossier.html", _posted(request), named(errors_of(error)), application.scheme, **more
        )
    return _onward(request, receipt)


def _receive(request: StaffRequest, plan: Scheme) -> Receipt:
    person, proof = person_form(request.POST, plan.rules), proof_form(request.POST, Ground.SOCIAL_WORK)
    received = from_form(ReceivedForm, request.POST)
    require_valid(person, proof, received)
    scans = sent_scans(request)
    filing = Filing(
        certificate=proof_of(proof, Ground.SOCIAL_WORK),
        district=person.validated_data.get("district"),
        card_number=person.validated_data["card_number"],
        consent_version=consent.CURRENT,
    )
    papers = dossier_of(received, request.POST)
    with transaction.atomic():
        receipt = receive(
            person_of(person), filing, papers, scheme=plan, operator=request.user, ip=address_of(request)
        )
        _attach(request, receipt.application, scans)
    return receipt


def _take_in(request: StaffRequest) -> Receipt:
    found, received = from_form(FoundForm, request.POST), from_form(ReceivedForm, request.POST)
    require_valid(found, received)
    scans = sent_scans(request)
    with transaction.atomic():
        receipt = take_in(
            found.validated_data["number"],
            found.validated_data["resident_id"],
            dossier_of(received, request.POST),
            operator=request.user,
            consent_version=consent.CURRENT,
            ip=address_of(request),
        )
        _attach(request, receipt.application, scans)
    return receipt


def _change(request: StaffRequest, application: Application) -> Receipt:
    received = from_form(ReceivedForm, request.POST)
    require_valid(received)
    scans, papers = sent_scans(request), dossier_of(received, request.POST)
    with transaction.atomic():
        receipt = change_dossier(
            application,
            papers,
            operator=request.user,
            version=version_seen(request),
            ip=address_of(request),
        )
        _attach(request, receipt.application, scans)
    return receipt


def _attach(
    request: StaffRequest, application: Application, scans: Mapping[AttachmentKind, CleanUpload]
) -> None:
    actor = staff_actor(request.user, address_of(request))
    for kind, upload in scans.items():
        attach(application, actor=actor, kind=kind, upload=upload)


def _onward(request: StaffRequest, receipt: Receipt) -> HttpResponse:
    application = receipt.application
    if application.status != ApplicationStatus.DRAFT:
        messages.success(request, "收件登记已更新。")
        return redirect("desk-case", application.public_id)
    if receipt.missing:
        lacking = "".join(error.message for error in receipt.missing)
        messages.warning(request, f"收件已登记，编号 {application.number}。{lacking}")
        return redirect("desk-case", application.public_id)
    messages.success(request, f"收件已登记，编号 {application.number}。请核对后提交。")
    return redirect("desk-check", application.public_id)


def _page(
    request: StaffRequest,
    template: str,
    values: dict[str, str],
    errors: Errors,
    plan: Scheme | None = None,
    **more: Any,
) -> HttpResponse:
    plan = plan or current_plan()
    context = proof_context(plan, Ground.SOCIAL_WORK, values) if plan else {}
    ticks = [
        {"name": name, "label": label, "scan": f"scan_{kind}", "ticked": bool(values.get(name))}
        for name, (label, kind) in TICKS.items()
    ]
    context |= {"plan": plan, "values": values, "errors": errors, "ticks": ticks} | more
    return desk_page(request, template, context)


def _posted(request: StaffRequest) -> dict[str, str]:
    return posted(request.POST, (*ALL_NAMES, "number"))


def _today() -> dict[str, str]:
    return held_values(None, clock.today())
