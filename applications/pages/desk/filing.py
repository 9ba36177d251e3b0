"""Filing for a member: everything typed on one page, then read back and submitted on the next (F2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from applications.api.serializers.base import from_form
from applications.models import Application
from applications.pages.access import current_plan, version_seen
from applications.pages.desk.access import (
    StaffRequest,
    address_of,
    desk_page,
    desk_required,
    doors_of,
    own_case,
)
from applications.pages.desk.forms import (
    ALL_NAMES,
    WorkForm,
    named,
    person_form,
    person_of,
    proof_form,
    proof_of,
    require_valid,
    stored,
)
from applications.pages.filed import certificate_picture
from applications.pages.forms import NO_ERRORS, Errors, errors_of, posted
from applications.pages.uploading import attach_picture
from applications.pages.words import level_options, ruler
from applications.services.assisted import draft_for
from applications.services.corrections import change
from applications.services.drafts import EDITABLE, Filing
from applications.services.filing import resubmit
from subsidy.accounts.models import District
from subsidy.accounts.roles import FILERS, Role
from subsidy.accounts.services import staff_actor
from subsidy.errors import SubsidyError
from subsidy.rules.terms import Channel, Ground, SocialWorkGrade
from subsidy.rules.workflow import ApplicationStatus
from subsidy.schemes.models import Scheme
from subsidy.uploads import CleanUpload, accept

GET_AND_POST = ["GET", "HEAD", "POST"]


@desk_required(Role.HOTLINE, Role.STATION)
@require_http_methods(GET_AND_POST)
def file(request: StaffRequest) -> HttpResponse:
    """Type person and certificate; the draft is then read back to the member."""
    plan = current_plan()
    channels = doors_of(request.user)
    if plan is None or not channels:
        return desk_page(request, "no_desk.html", {"plan": plan})
    if request.method != "POST":
        return _page(request, plan, {"channel": channels[0].value}, NO_ERRORS)
    try:
        draft = _begin(request, plan, _channel(request, channels))
    except (SubsidyError, ValidationError) as error:
        values = posted(request.POST, (*ALL_NAMES, "channel"))
        return _page(request, plan, values, named(errors_of(error)))
    return redirect("desk-check", draft.public_id)


@desk_required(*FILERS)
@require_http_methods(GET_AND_POST)
def edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change a draft, or correct what the reviewer returned, and send it again."""
    application = own_case(request, public_id)
    if application.status not in EDITABLE or application.ground == Ground.COMPETITION:
        return redirect("desk-case", public_id)
    if request.method != "POST":
        return _page(request, application.scheme, stored(application), NO_ERRORS, application)
    try:
        _change(request, application)
    except (SubsidyError, ValidationError) as error:
        values = posted(request.POST, (*ALL_NAMES, "evidence"))
        fresh = own_case(request, public_id)
        return _page(request, application.scheme, values, named(errors_of(error)), fresh)
    if application.status == ApplicationStatus.DRAFT:
        return redirect("desk-check", public_id)
    messages.success(request, "修改已提交，审核接着进行。")
    return redirect("desk-case", public_id)


def proof_context(plan: Scheme, ground: Ground, values: dict[str, str]) -> dict[str, Any]:
    """Return what the certificate part of a form needs."""
    return {
        "ground": ground.value,
        "levels": level_options(plan.rules),
        "grades": SocialWorkGrade.choices(),
        "ruler": ruler(values.get("certificate_number", ""), plan.rules, values.get("level", "")),
        "districts": District.objects.values_list("code", "name"),
    }


def _begin(request: StaffRequest, plan: Scheme, channel: Channel) -> Application:
    """Keep draft and picture together, or nothing."""
    person, proof = person_form(request.POST, plan.rules), proof_form(request.POST, Ground.SKILL)
    require_valid(person, proof)
    upload = _sent(request)
    filing = Filing(
        certificate=proof_of(proof, Ground.SKILL),
        district=person.validated_data.get("district"),
        card_number=person.validated_data["card_number"],
    )
    with transaction.atomic():
        draft = draft_for(
            person_of(person),
            filing,
            scheme=plan,
            ground=Ground.SKILL,
            channel=channel,
            operator=request.user,
            ip=address_of(request),
        )
        if upload is not None:
            attach_picture(draft, upload, actor=staff_actor(request.user, address_of(request)))
    return draft


def _change(request: StaffRequest, application: Application) -> None:
    """Write the whole page, send a returned case again: all of it or nothing."""
    ground = Ground(application.ground)
    proof = proof_form(request.POST, ground)
    workplace = from_form(WorkForm, request.POST)
    require_valid(workplace, proof)
    upload, actor = _sent(request), staff_actor(request.user, address_of(request))
    given = workplace.validated_data
    filing = Filing(
        certificate=proof_of(proof, ground),
        card_number=given.get("card_number"),
        employer=given.get("employer", ""),
        position=given.get("position", ""),
        district=given.get("district"),
        consent_evidence=request.POST.get("evidence", "").strip() or None,
    )
    with transaction.atomic():
        changed = change(application, filing, actor=actor, version=version_seen(request))
        if upload is not None:
            attach_picture(changed, upload, actor=actor)
        if changed.status == ApplicationStatus.RETURNED:
            resubmit(changed, actor=actor, version=changed.version)


def _page(
    request: StaffRequest,
    plan: Scheme,
    values: dict[str, str],
    errors: Errors,
    application: Application | None = None,
) -> HttpResponse:
    ground = Ground(application.ground) if application else Ground.SKILL
    context = proof_context(plan, ground, values) | {
        "plan": plan,
        "application": application,
        "values": values,
        "errors": errors,
        "channels": [{"code": one.value, "label": one.label} for one in doors_of(request.user)],
        "picture": certificate_picture(application) if application else None,
        "remarks": _remarks(application),
    }
    return desk_page(request, "edit.html" if application else "file.html", context)


def _remarks(application: Application | None) -> list[str]:
    """Return what the reviewer asked for, in the order asked."""
    if application is None or application.status != ApplicationStatus.RETURNED:
        return []
    last = application.events.filter(action="return").order_by("-id").first()
    return [*last.remarks.values(), *([last.note] if last.note else [])] if last else []


def _channel(request: StaffRequest, channels: list[Channel]) -> Channel:
    chosen = request.POST.get("channel", "")
    return next((one for one in channels if one.value == chosen), channels[0])


def _sent(request: StaffRequest) -> CleanUpload | None:
    file = request.FILES.get("picture")
    return accept(file) if file else None
