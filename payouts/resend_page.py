"""Sending an unanswered line again: the maker asks with a note, the checker approves or refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from payouts import services
from payouts.forms import NoteForm
from payouts.models import PayoutLine
from payouts.services.resending import UNANSWERED, is_asked, may_ask_from
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import ask_again
from subsidy.accounts.roles import FINANCE, Role, has_role
from subsidy.accounts.services import client_address
from subsidy.errors import SubsidyError
from subsidy.rules.workflow import LineStatus

Deed = Callable[[PayoutLine, StaffUser, str, str], str]


class ResendFilter(admin.SimpleListFilter):
    """Lines somebody wants sent again."""

    title = "重送"
    parameter_name = "resend"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the one state that asks for a deed."""
        return [("asked", "待复核的重送申请")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PayoutLine]) -> QuerySet[PayoutLine]:
        """Narrow to the lines asked for."""
        return queryset.filter(**ASKED) if self.value() == "asked" else queryset


ASKED = {"status": LineStatus.UNKNOWN.value, "resend_requested_by__isnull": False}


def is_offered(user: object, line: PayoutLine) -> bool:
    """Say whether the line's page shows the way here: to finance, while there is no answer."""
    return LineStatus(line.status) in UNANSWERED and has_role(user, *FINANCE)


@require_http_methods(["GET", "POST"])
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is known of the line, and the deed of whoever looks; do it on POST."""
    user = request.user
    if not isinstance(user, StaffUser) or not has_role(user, *FINANCE):
        raise PermissionDenied
    line = get_object_or_404(PayoutLine.objects.select_related("batch", "application", "snapshot"), pk=pk)
    if request.method != "POST":
        return _show(request, line)
    if question := ask_again(request):
        return question
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    deed = DEEDS.get(request.POST.get("deed", ""), _ask)
    try:
        messages.success(request, deed(line, user, note, client_address(request)))
    except SubsidyError as refusal:
        line.refresh_from_db()
        field = refusal.field if refusal.field == "note" else ""
        return _show(request, line, note, [{"field": field, "message": refusal.message}])
    return HttpResponseRedirect(reverse("admin:payouts_payoutline_change", args=[line.pk]))


def _ask(line: PayoutLine, user: StaffUser, note: str, ip: str) -> str:
    services.ask_to_resend(line, by=user, note=note, ip=ip)
    return f"已申请重送明细 {line.line_ref}，等财务复核。批准以前，卡系统的结果照常应用。"


def _approve(line: PayoutLine, user: StaffUser, note: str, ip: str) -> str:
    services.approve_resend(line, by=user, ip=ip)
    return f"明细 {line.line_ref} 已作废，申报 {line.application.number} 会列入下一批。"


def _refuse(line: PayoutLine, user: StaffUser, note: str, ip: str) -> str:
    services.refuse_resend(line, by=user, note=note, ip=ip)
    return f"已退回重送申请，明细 {line.line_ref} 继续等卡系统的结果。"


DEEDS: dict[str, Deed] = {"ask": _ask, "approve": _approve, "refuse": _refuse}


def _show(
    request: HttpRequest, line: PayoutLine, note: str = "", errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    allowed_from, asked = may_ask_from(line), is_asked(line)
    waited = allowed_from is not None and clock.now() >= allowed_from
    own = line.resend_requested_by_id == request.user.pk
    context = {
        **admin.site.each_context(request),
        "opts": PayoutLine._meta,
        "title": f"重送 {line.line_ref}",
        "line": line,
        "note": note,
        "errors": errors or [],
        "allowed_from": allowed_from,
        "asked": asked,
        "may_ask": waited and not asked and has_role(request.user, Role.FINANCE_MAKER),
        "may_judge": asked and not own and has_role(request.user, Role.FINANCE_CHECKER),
        "too_early": allowed_from is not None and not waited,
    }
    status = 422 if errors else 200
    return TemplateResponse(request, "admin/payouts/payoutline/resend.html", context, status=status)
