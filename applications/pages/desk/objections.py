"""Objections that members raised against assisted filings: the intake or a review lead settles them (F2)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Objection
from applications.pages.desk.access import StaffRequest, address_of, desk_page, desk_required
from applications.pages.forms import NO_ERRORS, refused
from applications.services.objections import settle_objection
from applications.services.timeline import filed_through
from subsidy.accounts.roles import Role
from subsidy.errors import SubsidyError

LONGEST_LIST = 100
SETTLERS = (Role.INTAKE, Role.REVIEW_LEAD)


@desk_required(*SETTLERS)
@require_safe
def objections(request: StaffRequest) -> HttpResponse:
    """List what waits for an answer, the oldest first."""
    rows = Objection.objects.filter(settled_at=None).select_related("application__office")
    return desk_page(request, "objections.html", {"rows": rows.order_by("raised_at")[:LONGEST_LIST]})


@desk_required(*SETTLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one objection and take its answer."""
    found = get_object_or_404(Objection.objects.select_related("application__office"), pk=pk, settled_at=None)
    errors, settlement = NO_ERRORS, request.POST.get("settlement", "")[:600]
    if request.method == "POST":
        try:
            settle_objection(
                found,
                operator=request.user,
                settlement=settlement,
                withdraw=request.POST.get("outcome") == "withdraw",
                ip=address_of(request),
            )
        except SubsidyError as error:
            errors = refused(error)
        else:
            messages.success(request, "异议已处理，处理结果会员登录后可以看到。")
            return redirect("desk-objections")
    context = {
        "objection": found,
        "application": found.application,
        "through": filed_through(found.application),
        "settlement": settlement,
        "outcome": request.POST.get("outcome", ""),
        "errors": errors,
    }
    return desk_page(request, "objection.html", context)
