"""The pages of one case: look at it, take it, decide it, see its pictures; state changes only by POST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from applications.models import Attachment
from review import services
from review.columns import ground_of, subject_of
from review.evidence import Evidence, gather_evidence
from review.forms import DecisionForm, RejectForm, ReturnForm
from review.models import QueueItem
from review.remarks import RETURNABLE
from review.services.decisions import judge
from review.services.leases import is_correction_overdue
from review.services.reveals import may_reveal
from review.services.wording import refusals_for
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.roles import REVIEWERS, Role, has_role
from subsidy.accounts.services import actor_for, client_address
from subsidy.audit.services import record
from subsidy.errors import Conflict, Forbidden, RuleRefused, SubsidyError
from subsidy.rules.terms import Ground
from subsidy.rules.workflow import REVOCABLE

QUEUE: Final = "admin:review_queueitem_changelist"
CASE: Final = "admin:review_queueitem_change"
DONE: Final = {
    "approve": "已通过 {name} 的申报（{number}，{amount} 元）。",
    "return": "已把 {name} 的申报（{number}）退回补正，审核计时暂停。",
    "reject": "已不予通过 {name} 的申报（{number}）。",
    "revoke": "已撤销 {name} 的申报（{number}）。",
}
Deed = Callable[..., Any]
DEEDS: Final[dict[str, Deed]] = {
    "approve": services.approve,
    "return": services.return_for_correction,
    "reject": services.reject,
    "revoke": services.revoke,
}


@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Give the reviewer the case that is due first."""
    reviewer = _reviewer(request)
    found = services.take_next(reviewer=reviewer, ip=client_address(request))
    if found is None:
        messages.info(request, "没有等您办理的申报了。")
        return HttpResponseRedirect(reverse(QUEUE))
    return _to_case(found.pk)


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Lease the case."""
    return _lease(request, pk, services.take)


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the case back to the queue."""
    return _lease(request, pk, services.release)


@require_POST
def decide(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Take one decision; what is refused comes back with what was typed."""
    reviewer, case = _reviewer(request), find_case(pk)
    form = _form(deed, case, request.POST)
    if form.is_valid():
        try:
            values = form.arguments()
            DEEDS[deed](case, reviewer=reviewer, ip=client_address(request), **values)
        except RuleRefused as refusal:
            for error in refusal.errors:
                form.add_error(_control(form, error.field), error.message)
        except (Conflict, Forbidden) as refusal:
            messages.error(request, refusal.message)
            return _to_case(pk)
        else:
            return _decided(request, pk, deed)
    return case_page(request, case, deed, form, status=422)


def picture(request: HttpRequest, pk: int, public_id: Any) -> FileResponse:
    """Serve one attachment to whoever may see the case; the browser neither keeps nor runs it."""
    if not request.user.has_perms(["review.view_queueitem", "applications.view_attachment"]):
        raise PermissionDenied
    rows = Attachment.objects.select_related("application")
    attachment = get_object_or_404(rows, application_id=pk, public_id=public_id)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    is_picture = attachment.content_type.startswith("image/")
    name = f"{attachment.kind}-{attachment.pk}.{str(attachment.file).rpartition('.')[2]}"
    response = FileResponse(
        content, content_type=attachment.content_type, as_attachment=not is_picture, filename=name
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    case = attachment.application
    seen = {"member": case.member_id, "application": case.number, "field": attachment.kind}
    record("attachment.view", actor=actor_for(request), target=f"attachment:{attachment.pk}", data=seen)
    return response


def case_page(
    request: HttpRequest, case: QueueItem, deed: str = "", form: DecisionForm | None = None, status: int = 200
) -> HttpResponse:
    """Show everything about a case on one page, with the form of the chosen deed."""
    evidence = gather_evidence(case)
    shown = _shown_picture(request, evidence)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "opts": QueueItem._meta,
        "title": f"{case.name}，{subject_of(case)}",
        "case": case,
        "subject": subject_of(case),
        "ground": ground_of(case),
        "evidence": evidence,
        "picture": shown,
        "watermark": _watermark(request, shown),
        "deed": deed,
        "form": form or DecisionForm(initial={"version": case.version}),
        "errors": _errors(form) if form else [],
        **_powers(request.user, case, evidence),
    }
    return TemplateResponse(request, "admin/review/queueitem/change_form.html", context, status=status)


def deed_form(request: HttpRequest, case: QueueItem) -> tuple[str, DecisionForm | None]:
    """Return the form that the address asks for (?deed=return), still empty."""
    deed = request.GET.get("deed", "")
    if deed not in ("return", "reject"):
        return "", None
    return deed, _form(deed, case, None)


def _form(deed: str, case: QueueItem, data: Any) -> DecisionForm:
    initial = {"version": case.version}
    if deed == "return":
        return ReturnForm(data, initial=initial, fields=RETURNABLE[Ground(case.ground)])
    if deed == "reject":
        known = refusals_for(case, judge(case)[1])
        return RejectForm(data, initial=initial, reasons=known)
    return DecisionForm(data, initial=initial)


def _powers(user: Any, case: QueueItem, evidence: Evidence) -> dict[str, Any]:
    """Say what this user may do with the case now, for the page only; the services judge again."""
    is_lead, is_reviewer = has_role(user, Role.REVIEW_LEAD), has_role(user, *REVIEWERS)
    overdue = is_correction_overdue(case, clock.now())
    held_by = evidence.assignment.reviewer_id if evidence.assignment else None
    is_open = case.status == "submitted" or overdue
    free = is_reviewer and held_by in (None, user.pk) and case.filed_by_id != user.pk
    found = evidence.assessment
    return {
        "is_mine": held_by == user.pk,
        "may_decide": free and is_open,
        "may_take": free and is_open and held_by is None,
        "may_release": held_by is not None and (held_by == user.pk or is_lead),
        "may_approve": found.award_row is not None
        and (found.eligible or is_lead)
        and not overdue
        and evidence.objection is None,
        "may_settle": has_role(user, Role.REVIEW_LEAD, Role.INTAKE) and case.filed_by_id != user.pk,
        "may_return": not overdue,
        "may_revoke": is_lead and case.status == "approved" and case.payment in REVOCABLE,
        "is_own_filing": is_reviewer and case.filed_by_id == user.pk,
        "may_reveal": may_reveal(user),
        "is_held_by_other": is_open and is_reviewer and held_by not in (None, user.pk),
    }


def _decided(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    case = find_case(pk)
    values = {"name": case.name, "number": case.number, "amount": case.amount}
    messages.success(request, DONE[deed].format(**values))
    return _to_case(pk) if deed == "revoke" else next_case(request)


def _lease(request: HttpRequest, pk: int, deed: Deed) -> HttpResponse:
    reviewer = _reviewer(request)
    try:
        deed(find_case(pk), reviewer=reviewer, ip=client_address(request))
    except SubsidyError as refusal:
        messages.error(request, refusal.message)
    return _to_case(pk)


def _reviewer(request: HttpRequest) -> StaffUser:
    if not isinstance(request.user, StaffUser) or not has_role(request.user, *REVIEWERS):
        raise PermissionDenied
    return request.user


def find_case(pk: int) -> QueueItem:
    related = ("scheme", "member", "certificate", "district", "office", "filed_by")
    return get_object_or_404(QueueItem.objects.select_related(*related), pk=pk)


def _to_case(pk: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(CASE, args=[pk]))


def _shown_picture(request: HttpRequest, evidence: Evidence) -> Attachment | None:
    wanted = request.GET.get("picture", "")
    chosen = (one for one in evidence.attachments if str(one.public_id) == wanted)
    return next(chosen, next(iter(evidence.attachments), None))


def _watermark(request: HttpRequest, shown: Attachment | None) -> dict[str, Any]:
    """Return who looks and when, and how large to write it over the picture."""
    width = (shown.width if shown else None) or 1000
    seen_at = clock.real_now().astimezone(clock.SHANGHAI)
    text = f"{request.user} {seen_at:%m-%d %H:%M}"
    return {"text": text, "size": width // 26, "across": width // 2, "down": width // 6}


def _control(form: DecisionForm, field: str) -> str | None:
    name = f"remark_{field.removeprefix('remarks.')}" if field.startswith("remarks.") else field
    return name if name in form.fields else None


def _errors(form: DecisionForm) -> list[dict[str, str]]:
    return [
        {"field": "" if name == "__all__" else name, "message": str(message)}
        for name, found in form.errors.items()
        for message in found
    ]
