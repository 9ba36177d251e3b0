"""The page that shows one number in full: a form by GET, the number as the answer to a POST alone (A2)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from review.models import QueueItem
from review.services.reveals import HOURLY, Shown, Why, may_reveal, reveal
from subsidy import clock
from subsidy.accounts.models import StaffUser
from subsidy.accounts.recent import ask_again
from subsidy.accounts.services import client_address
from subsidy.errors import SubsidyError

TEMPLATE = "admin/review/queueitem/reveal.html"
GROUPED = 4


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, case: QueueItem) -> HttpResponse:
    """Ask which number and why; answer with the number, which no address leads back to.

    An old proof of identity is asked for again with the POST, which then goes on by itself.
    """
    reviewer = request.user
    if not isinstance(reviewer, StaffUser) or not may_reveal(reviewer):
        raise PermissionDenied
    if request.method == "POST" and (question := ask_again(request)):
        return question
    given = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"field": given.get("field", ""), "why": "", "words": "", "errors": []}
    if request.method != "POST":
        return _page(request, case, context)
    context |= {"why": request.POST.get("why", ""), "words": request.POST.get("words", "")}
    try:
        number = reveal(
            case,
            field=context["field"],
            why=context["why"],
            words=context["words"],
            reviewer=reviewer,
            ip=client_address(request),
        )
    except SubsidyError as refusal:
        context["errors"] = [{"field": refusal.field, "message": refusal.message}]
        return _page(request, case, context, status=refusal.status)
    return _page(request, case, context | {"number": spaced(number), "shown_at": clock.real_now()})


def spaced(number: str) -> str:
    """Write a card number in groups of four, as it stands on the card."""
    if not number.isdigit() or len(number) < 16 or len(number) == 18:
        return number
    return " ".join(number[start : start + GROUPED] for start in range(0, len(number), GROUPED))


def _page(request: HttpRequest, case: QueueItem, context: dict[str, Any], status: int = 200) -> HttpResponse:
    known = {error["field"]: error["message"] for error in context["errors"]}
    page = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "opts": QueueItem._meta,
        "title": "查看完整号码",
        "case": case,
        "fields": [{"code": one.value, "label": one.label} for one in Shown],
        "reasons": [{"code": one.value, "label": one.label} for one in Why],
        "field_label": next((one.label for one in Shown if one.value == context["field"]), ""),
        "field_error": known.get("field", ""),
        "why_error": known.get("why", ""),
        "words_error": known.get("words", ""),
        "hourly": HOURLY,
        **context,
    }
    return TemplateResponse(request, TEMPLATE, page, status=status)
