"""Beginning an application: which ground, which door, and who applies (四（一）)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ValidationError

from applications.api.serializers.base import from_form
from applications.models import Application
from applications.pages import pending, questions
from applications.pages.access import MemberRequest, answered, current_plan, member_required, page
from applications.pages.forms import (
    NO_ERRORS,
    ApplicantSerializer,
    Errors,
    WorkplaceSerializer,
    errors_of,
    invalid,
    parts_of,
    posted,
)
from applications.services.drafts import Filing, save_draft
from applications.services.trust import refresh_trust
from subsidy import clock
from subsidy.accounts.models import District, Member
from subsidy.accounts.services import actor_for, claim_identity, client_address, sign_in_member
from subsidy.errors import SubsidyError, TooManyRequests
from subsidy.rules.claims import SkillClaim
from subsidy.rules.terms import Channel, Ground
from subsidy.schemes.models import Scheme

CHECKED = "checked_certificate"
APPLICANT_NAMES = ("name", "resident_id", "employer", "district")


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: MemberRequest) -> HttpResponse:
    """Let the member choose a ground; a skill certificate is filed here, the others by their own door."""
    plan = current_plan()
    if plan is None:
        return page(request, "start_none.html")
    if request.method != "POST":
        return page(request, "apply.html", _choice(request, plan, NO_ERRORS))
    _remember_question(request)
    if request.POST.get("ground") not in {ground.value for ground in Ground}:
        errors = invalid(ValidationError({"ground": ["请选择您凭什么申报。"]}))
        return page(request, "apply.html", _choice(request, plan, errors))
    ground = Ground(request.POST["ground"])
    if Channel.MEMBER not in plan.rules.doors(ground):
        return redirect("apply-door", ground.value)
    return redirect("apply-applicant")


@require_safe
def door(request: HttpRequest, ground: str) -> HttpResponse:
    """Explain how the grounds that are not filed here are filed (四（一）2、3)."""
    if ground not in (Ground.SOCIAL_WORK, Ground.COMPETITION):
        raise Http404
    plan = current_plan()
    if plan is None:
        return page(request, "start_none.html")
    return page(request, f"door_{ground}.html", {"plan": plan, "rules": plan.rules})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def applicant(request: MemberRequest) -> HttpResponse:
    """The first of four steps, before there is a draft: who applies."""
    plan = current_plan()
    if plan is None or not plan.rules.is_open(clock.now()) or live_of(request.member, plan):
        return redirect("apply")
    if draft := draft_of(request.member, plan):
        return redirect("application-applicant", draft.public_id)
    if request.method != "POST":
        return applicant_page(request, _known(request.member), NO_ERRORS)
    try:
        draft = _begin(request, plan)
    except (SubsidyError, ValidationError) as error:
        shown = applicant_page(request, posted(request.POST, APPLICANT_NAMES), errors_of(error))
        return answered(shown, error if isinstance(error, TooManyRequests) else None)
    if request.POST.get("then") == "later":
        return redirect("me")
    return redirect("application-certificate", draft.public_id)


def applicant_page(
    request: MemberRequest,
    values: dict[str, str],
    errors: Errors,
    application: Application | None = None,
) -> HttpResponse:
    """Draw the first step, for a new draft or an existing one."""
    context = {
        "application": application,
        "plan": application.scheme if application else None,
        "values": values,
        "errors": errors,
        "districts": District.objects.values_list("code", "name"),
    }
    return page(request, "step_applicant.html", context)


def applicant_values(request: MemberRequest) -> dict[str, Any]:
    """Read the first step and tie name and identity number to the member; raises what refuses it."""
    member = request.member
    shape = WorkplaceSerializer if member.is_identified else ApplicantSerializer
    form = from_form(shape, request.POST)
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = {"employer": "", "district": None, **form.validated_data}
    if not member.is_identified:
        standing = claim_identity(
            member,
            name=values["name"],
            resident_id=values["resident_id"],
            ip=client_address(request),
        )
        refresh_trust(standing, actor=actor_for(standing))
        values["member"] = standing
    return values


def draft_of(member: Member, plan: Scheme) -> Application | None:
    """Return the skill draft that the member has not finished."""
    drafts = Application.objects.of_member(member).filter(scheme=plan, status="draft", channel="member")
    return drafts.filter(ground=Ground.SKILL.value).first()


def live_of(member: Member, plan: Scheme) -> Application | None:
    """Return the application that holds the member's one place in the scheme (五（一）)."""
    return Application.objects.of_member(member).live().filter(scheme=plan).first()


def _begin(request: MemberRequest, plan: Scheme) -> Application:
    """Make the draft, or return the one that a repeated click has made already."""
    values = applicant_values(request)
    member = values.get("member", request.member)
    with transaction.atomic():
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if draft := draft_of(member, plan):
            return draft
        filing = Filing(
            employer=values["employer"] or member.employer,
            district=values["district"] or member.district,
            card_number=member.card_number,
        )
        draft = save_draft(member, filing, scheme=plan, ground=Ground.SKILL, actor=actor_for(member))
    if member.pk != request.member.pk:
        sign_in_member(request, member)
    return draft


def _known(member: Member) -> dict[str, str]:
    district = member.district
    return {"employer": member.employer, "district": district.code if district else ""}


def _choice(request: MemberRequest, plan: Scheme, errors: Errors) -> dict[str, Any]:
    return {
        "plan": plan,
        "rules": plan.rules,
        "window": plan.rules.window_status(clock.now()).value,
        "errors": errors,
        "live": live_of(request.member, plan),
        "draft": draft_of(request.member, plan),
        "grounds": [_option(plan, ground) for ground in Ground if plan.rules.awards_of(ground)],
        "ground": request.POST.get("ground", Ground.SKILL.value),
        "asked": {name: (request.POST or request.GET).get(name, "")[:60] for name in questions.NAMES},
    }


def _option(plan: Scheme, ground: Ground) -> dict[str, str]:
    amounts = [award.amount for award in plan.rules.awards_of(ground)]
    least, most = min(amounts), max(amounts)
    notes = {
        Ground.SKILL: "网上填报，约 10 分钟",
        Ground.SOCIAL_WORK: "填附件 1，交纸质材料",
        Ground.COMPETITION: "由市职工技术协会统一办理",
    }
    total = f"{least} 元" if least == most else f"{least}–{most} 元"
    return {"code": ground.value, "label": ground.label, "note": f"{total}，{notes[ground]}"}


def _remember_question(request: MemberRequest) -> None:
    """Keep level and date of “what would I get?” for the certificate step."""
    if not request.POST.get("of"):
        return
    try:
        claim = questions.claim_asked(request.POST)
    except ValidationError:
        return
    if isinstance(claim, SkillClaim):
        pending.keep(request, CHECKED, {"level": claim.level.value, **parts_of(claim.issued_on)})
