"""A member objects to an application that somebody else filed in their name (F2, F5)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from applications.pages.access import MemberRequest, member_required, own, page
from applications.pages.forms import NO_ERRORS, refused
from applications.services.objections import is_assisted, object_to
from applications.services.timeline import filed_through
from subsidy.accounts.services import client_address
from subsidy.errors import SubsidyError


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def raise_objection(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Say who filed and what objecting leads to, then take the member's words."""
    application = own(request, public_id)
    if not is_assisted(application):
        return redirect("application", public_id)
    errors, text = NO_ERRORS, request.POST.get("text", "")[:600]
    if request.method == "POST":
        try:
            object_to(application, member=request.member, text=text, ip=client_address(request))
        except SubsidyError as error:
            errors = refused(error)
        else:
            messages.success(request, "异议已收到。我们会核查，处理结果在这里告诉您。")
            return redirect("application", public_id)
    context = {
        "application": application,
        "plan": application.scheme,
        "through": filed_through(application),
        "open": application.objections.filter(settled_at=None).first(),
        "text": text,
        "errors": errors,
    }
    return page(request, "object.html", context)
