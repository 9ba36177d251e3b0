"""The office's own cases: the start page, the list, one case, its pictures, and taking it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application, Objection, PaperDossier
from applications.pages import progress
from applications.pages.access import current_plan, version_seen
from applications.pages.desk.access import (
    DESK_ROLES,
    StaffRequest,
    address_of,
    desk_page,
    desk_required,
    doors_of,
    own_case,
)
from applications.pages.desk.forms import TICKS
from applications.pages.filed import certificate_picture, filed_rows
from applications.pages.forms import NO_ERRORS, Errors, refused
from applications.pages.uploading import LOCKED_DOWN
from applications.services.confirming import decline
from applications.services.desks import checked_text, own_cases
from applications.services.filing import withdraw
from applications.services.phones import CLERKS
from applications.services.timeline import filed_through, standing, timeline
from subsidy import clock
from subsidy.accounts.roles import FILERS, Role, has_role
from subsidy.accounts.services import staff_actor
from subsidy.errors import SubsidyError
from subsidy.personal import carries_number
from subsidy.rules.numbers import parse_application_number
from subsidy.rules.workflow import ApplicationStatus

A = ApplicationStatus
PAGE = 20
WITHDRAWABLE = (A.DRAFT, A.AWAITING_CONFIRMATION, A.SUBMITTED, A.RETURNED)
VIEWS = (
    ("", "全部"),
    (A.DRAFT.value, "草稿"),
    (A.RETURNED.value, "退回补正"),
    (A.AWAITING_CONFIRMATION.value, "待本人确认"),
    (A.SUBMITTED.value, "审核中"),
    (A.APPROVED.value, "已通过"),
)


@desk_required(*DESK_ROLES)
@require_safe
def start(request: StaffRequest) -> HttpResponse:
    """Say what the operator can do here, and what of their own waits for them."""
    mine = own_cases(request.user)
    context = {
        "plan": current_plan(),
        "ways": _ways(request),
        "waiting": _listed(mine.filter(status__in=[A.DRAFT, A.RETURNED]).order_by("-id")[:5]),
        "latest": _listed(mine.order_by("-id")[:10]),
        "no_desk": has_role(request.user, Role.HOTLINE, Role.STATION) and not doors_of(request.user),
    }
    return desk_page(request, "start.html", context)


@desk_required(*FILERS)
@require_safe
def cases(request: StaffRequest) -> HttpResponse:
    """List the office's cases by state, the newest first."""
    mine = own_cases(request.user)
    state = request.GET.get("state", "")
    state = state if state in dict(VIEWS) else ""
    found = mine.filter(status=state) if state else mine
    asked = "".join(mark for mark in request.GET.get("q", "") if mark.isprintable()).strip()[:40]
    if carries_number(asked):
        messages.error(request, "这里只按申报编号或姓名查。按证件号码查，请用“查进度”。")
        return redirect(request.path)
    if asked:
        found = found.filter(number=_number(asked)) if _number(asked) else found.filter(name=asked)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related("certificate", "filed_by").order_by("-id")[: PAGE + 1])
    context = {
        "rows": _listed(rows[:PAGE]),
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "state": state,
        "asked": asked,
        "views": [
            {
                "url": f"?state={code}",
                "label": label,
                "current": code == state,
                "count": (mine.filter(status=code) if code else mine).count(),
            }
            for code, label in VIEWS
        ],
    }
    return desk_page(request, "cases.html", context)


@desk_required(*FILERS)
@require_safe
def case(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Show one case: where it stands, what was filed, what can be done."""
    return case_page(request, own_case(request, public_id), NO_ERRORS)


def case_page(request: StaffRequest, application: Application, errors: Errors) -> HttpResponse:
    """Draw one case."""
    now, entries = clock.now(), timeline(application)
    held = PaperDossier.objects.filter(application=application).first()
    context = {
        "application": application,
        "plan": application.scheme,
        "standing": standing(application),
        "through": filed_through(application),
        "stages": progress.stages(application, entries, now),
        "rows": desk_rows(application),
        "papers": [(label, getattr(held, name)) for name, (label, _) in TICKS.items()] if held else [],
        "held": held,
        "scans": application.attachments.filter(superseded_at=None),
        "objection": Objection.objects.filter(application=application, settled_at=None).first(),
        "may_withdraw": application.status in WITHDRAWABLE,
        "note": request.POST.get("note", "")[:500],
        "errors": errors,
    }
    return desk_page(request, "case.html", context)


@desk_required(*FILERS)
@require_http_methods(["POST"])
def take_back(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Withdraw for the member, or decline for a winner, writing down how they said it."""
    application = own_case(request, public_id)
    actor = staff_actor(request.user, address_of(request))
    try:
        note = checked_text(request.POST.get("note", ""), field="note", name="会员怎样要求撤回", longest=500)
        step = decline if application.status == A.AWAITING_CONFIRMATION else withdraw
        step(application, actor=actor, version=version_seen(request), note=note)
    except SubsidyError as error:
        return case_page(request, own_case(request, public_id), refused(error))
    messages.success(request, f"申报 {application.number} 已撤回，会员会收到短信。")
    return redirect("desk-case", public_id)


@desk_required(*FILERS)
@require_safe
def attachment(request: StaffRequest, public_id: UUID, attachment_id: UUID) -> HttpResponseBase:
    """Show a scan of the office's own case, as nothing but that."""
    found = own_case(request, public_id).attachments.filter(public_id=attachment_id).first()
    if found is None:
        raise Http404
    response = FileResponse(found.file.open("rb"), content_type=found.content_type)
    response["Content-Disposition"] = f'inline; filename="{found.kind}{Path(found.file.path).suffix}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = LOCKED_DOWN
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def desk_rows(application: Application) -> dict[str, list[dict[str, Any]]]:
    """Return all that was filed, pictures at the desk's own addresses."""
    rows = filed_rows(application)
    picture = certificate_picture(application)
    for row in rows["certificate"]:
        if "picture" in row and picture is not None:
            row["picture"] = reverse("desk-attachment", args=[application.public_id, picture.public_id])
    return rows


def _ways(request: StaffRequest) -> list[dict[str, str]]:
    user, ways = request.user, []
    if doors_of(user):
        ways.append(_way("desk-file", "pen", "代会员申报", "会员带证书来，或打电话来"))
    if has_role(user, Role.STATION):
        ways.append(
            _way("desk-take-over", "download", "接手会员的草稿", "网上或热线填了一半的，按编号接着办")
        )
    if has_role(user, *FILERS):
        ways.append(_way("desk-look-up", "search", "查办理进度", "先核对身份，再告诉会员"))
        ways.append(_way("desk-confirm", "trophy", "代大赛获奖人确认", "获奖人打电话或到场，核对后代为确认"))
    if has_role(user, *CLERKS):
        ways.append(_way("desk-phone", "phone", "更换会员手机号", "旧号码收不到短信，本人带身份证来"))
    if has_role(user, Role.INTAKE):
        ways.append(_way("desk-intake-online", "inbox", "登记网上填过的纸质材料", "申请表右上角有编号"))
        ways.append(_way("desk-intake", "file", "登记手写的纸质材料", "照着附件 1 录入"))
    if has_role(user, Role.INTAKE, Role.REVIEW_LEAD):
        ways.append(_way("desk-objections", "alert", "处理会员异议", "会员说不是自己同意的"))
    if has_role(user, Role.INTAKE):
        ways.append(
            _way(
                "admin:accounts_membercorrection_changelist",
                "pen",
                "办理资料更正",
                "会员申请更正姓名或身份证号",
            )
        )
    if has_role(user, Role.INTAKE, Role.ADMINISTRATOR):
        ways.append(_way("desk-roster", "users", "大赛名册", "按登记库名次建立待确认申报"))
    return ways


def _way(name: str, icon: str, label: str, note: str) -> dict[str, str]:
    return {"url": reverse(name), "icon": icon, "label": label, "note": note}


def _listed(rows: Any) -> list[dict[str, Any]]:
    return [{"application": row, "through": row.get_channel_display()} for row in rows]


def _number(text: str) -> str:
    parsed = parse_application_number(text)
    return text.upper() if parsed else ""
