"""Annex 1, the social workers' form: blank to print, or typed online and printed for signing (F3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ErrorDetail, ValidationError

from applications.api.fields import SHORT, PlainText
from applications.api.filings import certificate_values
from applications.api.serializers.base import StrictSerializer, from_form
from applications.api.serializers.certificates import SocialWorkCertificateSerializer
from applications.models import Application
from applications.pages.access import (
    MemberRequest,
    answered,
    current_plan,
    member_required,
    own,
    page,
    version_seen,
)
from applications.pages.forms import (
    NO_ERRORS,
    ApplicantSerializer,
    Errors,
    errors_of,
    invalid,
    parts_of,
    posted,
)
from applications.services.drafts import Filing, change_draft, save_draft
from applications.services.trust import refresh_trust
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.accounts.services import actor_for, claim_identity, client_address, sign_in_member
from subsidy.errors import SubsidyError, TooManyRequests
from subsidy.rules.identity import InvalidValue, check_card_number
from subsidy.rules.terms import Channel, Ground, SocialWorkGrade
from subsidy.schemes.models import Scheme

AUTHORITY = "北京市人力资源和社会保障局"
NAMES = (
    "name",
    "resident_id",
    "employer",
    "position",
    "card_number",
    "grade",
    "registration_number",
    "issuing_authority",
    "approved_on_year",
    "approved_on_month",
    "approved_on_day",
)


class AnnexForm(ApplicantSerializer):
    """The applicant's half of annex 1."""

    district = None  # type: ignore[assignment]
    card_number = PlainText(label="互助服务卡卡号", max_length=SHORT)  # type: ignore[assignment]

    def validate_card_number(self, value: str) -> str:
        """Say at once, beside the other fields, what the service would refuse."""
        try:
            return check_card_number(value, self.context["rules"].card)
        except InvalidValue as error:
            raise ValidationError(error.message, "invalid") from error


class KnownAnnexForm(AnnexForm):
    """The same for somebody whose name and identity number are on record."""

    name = None  # type: ignore[assignment]
    resident_id = None  # type: ignore[assignment]


@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    """Show the empty form, ready to print."""
    plan = current_plan()
    return page(request, "annex1.html", {"plan": plan, "rules": plan.rules if plan else None})


@member_required
@require_safe
def filled(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show the form with what the member typed, numbers in full, for them to print and sign."""
    application = own(request, public_id)
    if application.ground != Ground.SOCIAL_WORK or application.certificate is None:
        raise Http404
    context = {
        "plan": application.scheme,
        "rules": application.scheme.rules,
        "application": application,
        "member": application.member,
        "certificate": application.certificate,
    }
    return page(request, "annex1.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: MemberRequest) -> HttpResponse:
    """Let the member type annex 1; it stays a draft until the association has the signed papers."""
    plan = current_plan()
    if plan is None:
        return page(request, "start_none.html")
    if not plan.rules.is_open(clock.now()) or Channel.PAPER not in plan.rules.doors(Ground.SOCIAL_WORK):
        return redirect("apply-door", Ground.SOCIAL_WORK.value)
    draft = draft_of(request.member, plan)
    if request.method != "POST":
        return _page(request, plan, draft, _known(request.member, draft), NO_ERRORS)
    try:
        made = _write(request, plan)
    except (SubsidyError, ValidationError) as error:
        draft = draft_of(request.member, plan)
        shown = _page(request, plan, draft, posted(request.POST, NAMES), errors_of(error))
        return answered(shown, error if isinstance(error, TooManyRequests) else None)
    return redirect("annex1-filled", made.public_id)


def draft_of(member: Member, plan: Scheme) -> Application | None:
    """Return the form that the member typed and whose papers have not come yet."""
    rows = Application.objects.of_member(member).filter(scheme=plan, ground=Ground.SOCIAL_WORK.value)
    typed = rows.filter(status="draft", channel=Channel.PAPER.value, filed_by=None)
    return typed.select_related("certificate", "member").first()


def _write(request: MemberRequest, plan: Scheme) -> Application:
    """Make the draft, or write into the one that is there; a repeated click makes no second one."""
    shape = KnownAnnexForm if request.member.is_identified else AnnexForm
    person = from_form(shape, request.POST, rules=plan.rules)
    proof = from_form(SocialWorkCertificateSerializer, request.POST)
    _require_valid(person, proof)
    given = person.validated_data
    filing = Filing(
        certificate=certificate_values(Ground.SOCIAL_WORK, proof.validated_data),
        card_number=given["card_number"],
        employer=given.get("employer", ""),
        position=given.get("position", ""),
    )
    member = _identified(request, given)
    with transaction.atomic():
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if draft := draft_of(member, plan):
            return change_draft(draft, filing, actor=actor_for(member), version=version_seen(request))
        made = save_draft(
            member,
            filing,
            scheme=plan,
            ground=Ground.SOCIAL_WORK,
            actor=actor_for(member),
            channel=Channel.PAPER,
        )
    if member.pk != request.member.pk:
        sign_in_member(request, member)
    return made


def _identified(request: MemberRequest, given: dict[str, Any]) -> Member:
    if request.member.is_identified:
        return request.member
    standing = claim_identity(
        request.member,
        name=given["name"],
        resident_id=given["resident_id"],
        ip=client_address(request),
    )
    refresh_trust(standing, actor=actor_for(standing))
    return standing


def _require_valid(*forms: StrictSerializer) -> None:
    found: dict[str, Any] = {}
    for form in forms:
        if not form.is_valid():
            found |= {one.field: [ErrorDetail(one.message, one.code)] for one in invalid(form.errors)}
    if found:
        raise ValidationError(found)


def _known(member: Member, draft: Application | None) -> dict[str, str]:
    """Return what is known already; the card is printed, so its owner may see it here."""
    values = {
        "employer": member.employer,
        "position": member.position,
        "card_number": member.card_number or "",
        "issuing_authority": AUTHORITY,
    }
    certificate = draft.certificate if draft else None
    if draft is None or certificate is None:
        return values
    boxes = parts_of(certificate.approved_on) if certificate.approved_on else {}
    return {
        "employer": draft.employer,
        "position": draft.position,
        "card_number": draft.card_number or "",
        "grade": certificate.grade,
        "registration_number": certificate.registration_number,
        "issuing_authority": certificate.issuing_authority,
        **{name.replace("issued_on", "approved_on"): value for name, value in boxes.items()},
    }


def _page(
    request: MemberRequest,
    plan: Scheme,
    draft: Application | None,
    values: dict[str, str],
    errors: Errors,
) -> HttpResponse:
    grades = [
        {"code": award.grade.value, "label": award.grade.label, "sum": f"{award.amount} 元"}
        for award in plan.rules.awards_of(Ground.SOCIAL_WORK)
        if award.grade is not None
    ]
    options = grades or [{"code": one.value, "label": one.label, "sum": ""} for one in SocialWorkGrade]
    context = {"plan": plan, "draft": draft, "values": values, "errors": errors, "grades": options}
    return page(request, "annex1_fill.html", context)
