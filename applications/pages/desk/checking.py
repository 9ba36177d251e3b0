"""The second page of assisted filing: the rules, what to read aloud, then submit (F2, E9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from applications import consent
from applications.models import Application, PaperDossier
from applications.pages.access import version_seen
from applications.pages.desk.access import StaffRequest, address_of, desk_page, desk_required, own_case
from applications.pages.desk.cases import desk_rows
from applications.pages.desk.forms import WAYS, evidence_of, named
from applications.pages.forms import NO_ERRORS, Errors, hindrances, posted, refused
from applications.services.assisted import submit_for
from applications.services.desks import find_for
from applications.services.dossiers import missing_papers, received_at
from applications.services.facts import assess_application
from applications.services.filing import NOT_EVEN_BY_STAFF
from applications.services.intake import file_dossier
from subsidy import clock
from subsidy.accounts.roles import FILERS
from subsidy.errors import Conflict, FieldError, RuleRefused, SubsidyError
from subsidy.rules.eligibility import Assessment
from subsidy.rules.terms import Channel
from subsidy.rules.workflow import ApplicationStatus

TYPED = ("way", "evidence", "staff_reason", "old_number", "choice")
UNREAD = FieldError("read", "required", "请把三句话念给会员，会员说对以后打勾，再提交。")
NO_EVIDENCE = FieldError("evidence", "required", "请选择会员同意的方式，并填写录音编号或同意书编号。")


@desk_required(*FILERS)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Read everything once more, record the member's consent, submit."""
    application = own_case(request, public_id)
    if application.status != ApplicationStatus.DRAFT:
        return redirect("desk-case", public_id)
    if application.certificate is None:
        return redirect("desk-edit", public_id)
    if request.method != "POST":
        return _page(request, application, NO_ERRORS)
    try:
        filed = _submit(request, application)
    except SubsidyError as error:
        application = own_case(request, public_id)
        if application.status != ApplicationStatus.DRAFT:
            return redirect("desk-case", public_id)
        return _page(request, application, named(refused(error)))
    messages.success(request, f"申报 {filed.number} 已提交，会员会收到短信，可以登录查看或提出异议。")
    return redirect("desk-case", public_id)


def _submit(request: StaffRequest, application: Application) -> Application:
    reason = request.POST.get("staff_reason", "")
    version, ip = version_seen(request), address_of(request)
    if application.channel == Channel.PAPER:
        return file_dossier(
            application,
            operator=request.user,
            version=version,
            staff_reason=reason,
            switch_from=_old(request, application),
            choice=request.POST.get("choice", ""),
            ip=ip,
        )
    evidence = evidence_of(request.POST)
    missing = [
        error
        for error, is_there in ((UNREAD, request.POST.get("read")), (NO_EVIDENCE, evidence))
        if not is_there
    ]
    if missing:
        raise RuleRefused("还不能提交。", code="CONSENT_WANTED", errors=missing)
    return submit_for(
        application,
        operator=request.user,
        version=version,
        consent_version=consent.CURRENT,
        consent_evidence=evidence,
        staff_reason=reason,
        ip=ip,
    )


def _old(request: StaffRequest, application: Application) -> Application | None:
    """Return the application which the member gives up for this one, by its number."""
    number = request.POST.get("old_number", "").strip()
    if not number:
        return None
    resident_id = application.member.resident_id
    if not resident_id:
        raise Conflict("这位会员还没有登记身份证号，不能改报。", code="NO_IDENTITY", field="old_number")
    try:
        return find_for(number, resident_id, operator=request.user, ip=address_of(request))
    except SubsidyError as error:
        error.errors = [FieldError("old_number", error.code, error.message)]
        raise


def _page(request: StaffRequest, application: Application, errors: Errors) -> HttpResponse:
    found = assess_application(application, at=_filed_at(application))
    blocking = {reason.code for reason in found.blocking}
    is_paper = application.channel == Channel.PAPER
    context = {
        "application": application,
        "plan": application.scheme,
        "errors": errors,
        "found": found,
        "reasons": _reasons(found),
        "hindrances": hindrances(found.blocking),
        "wants_reason": bool(blocking) and not blocking & NOT_EVEN_BY_STAFF,
        "is_hopeless": bool(blocking & NOT_EVEN_BY_STAFF),
        "filed": desk_rows(application),
        "values": posted(request.POST, TYPED),
        "was_read": bool(request.POST.get("read")),
        "ways": WAYS,
        "consent_version": consent.CURRENT,
        "consent_text": consent.TEXTS[consent.CURRENT],
        "is_paper": is_paper,
        "missing": missing_papers(application) if is_paper else [],
        "held": PaperDossier.objects.filter(application=application).first() if is_paper else None,
        "live": _live(application),
        "id_tail": (application.member.resident_id or "")[-4:],
    }
    return desk_page(request, "check.html", context)


def _live(application: Application) -> Application | None:
    """Return the member's application that holds the one place of this scheme, if it is another one."""
    rows = Application.objects.live().filter(scheme=application.scheme, member=application.member)
    return rows.exclude(pk=application.pk).first()


def _filed_at(application: Application) -> Any:
    if application.received_on:
        return received_at(application.scheme.rules, application.received_on)
    return application.first_filed_at or clock.now()


def _reasons(found: Assessment) -> list[dict[str, Any]]:
    return [
        {"severity": reason.severity.value, "message": reason.message, "clause": reason.clauses}
        for reason in found.reasons
    ]
