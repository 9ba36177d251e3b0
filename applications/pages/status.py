"""A member's own cases: the list, the status page, all that was filed, and taking a case back (F5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application
from applications.pages import progress
from applications.pages.access import MemberRequest, current_plan, member_required, own, page, version_seen
from applications.pages.filed import filed_rows
from applications.pages.fixing import fix_context
from applications.pages.forms import NO_ERRORS, Errors, refused
from applications.services.cards import may_correct_card
from applications.services.filing import withdraw as take_back
from applications.services.timeline import is_correction_over, standing, timeline
from subsidy import clock
from subsidy.accounts.services import actor_for, contestable
from subsidy.errors import SubsidyError
from subsidy.rules.workflow import ApplicationStatus

A = ApplicationStatus
WITHDRAWABLE = (A.DRAFT, A.AWAITING_CONFIRMATION, A.SUBMITTED, A.RETURNED)
LONGEST_LIST = 50


@member_required
@require_safe
def me(request: MemberRequest) -> HttpResponse:
    """List the member's cases and show, masked, what is kept about them."""
    rows = Application.objects.of_member(request.member).select_related("scheme", "certificate")
    found = list(rows[:LONGEST_LIST])
    plan = current_plan()
    context = {
        "plan": plan,
        "cases": [
            {"application": row, "words": standing(row), "is_over": is_correction_over(row)} for row in found
        ],
        "is_open": plan is not None and plan.rules.is_open(clock.now()),
        "has_live": any(row.is_live for row in found),
        "changed_numbers": list(contestable(request.member)[:3]),
    }
    return page(request, "me.html", context)


@member_required
@require_safe
def applications(request: MemberRequest) -> HttpResponse:
    """Lead to the one page that lists the member's cases."""
    return redirect("me")


@member_required
@require_safe
def status(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Say first what must who do by when, then how the case went."""
    return status_page(request, own(request, public_id), NO_ERRORS)


def status_page(
    request: MemberRequest,
    application: Application,
    errors: Errors,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Draw the status page, with the forms that the state asks for."""
    now, entries = clock.now(), timeline(application)
    context: dict[str, Any] = {
        "application": application,
        "plan": application.scheme,
        "errors": errors,
        "headline": progress.headline(application, entries, now),
        "stages": progress.stages(application, entries, now),
        "reasons": _reasons(application, entries),
        "may_withdraw": application.status in WITHDRAWABLE,
        "may_file_again": application.status in (A.REJECTED, A.WITHDRAWN)
        and progress.may_file_again(application, now),
        "is_open": progress.may_file_again(application, now),
    }
    if application.status == A.RETURNED:
        context |= fix_context(application, entries, now, typed)
    if may_correct_card(application) and application.card_wanted_since:
        context["typed_card"] = (typed or {}).get("card_number", "")
        context["wants_card"] = True
    return page(request, "status.html", context, status=status)


@member_required
@require_safe
def filed(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Show everything that was filed."""
    application = own(request, public_id)
    context = {"application": application, "plan": application.scheme, "rows": filed_rows(application)}
    return page(request, "filed.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Say what taking the case back means before the click, then do it (E8)."""
    application = own(request, public_id)
    if application.status not in WITHDRAWABLE:
        return redirect("application", public_id)
    if request.method != "POST":
        return _withdraw_page(request, application, NO_ERRORS)
    try:
        take_back(application, actor=actor_for(request), version=version_seen(request))
    except SubsidyError as error:
        application = own(request, public_id)
        if application.status not in WITHDRAWABLE:
            return redirect("application", public_id)
        return _withdraw_page(request, application, refused(error))
    messages.success(request, f"申报 {application.number} 已撤回。")
    return redirect("application", public_id)


def _withdraw_page(request: MemberRequest, application: Application, errors: Errors) -> HttpResponse:
    context = {
        "application": application,
        "plan": application.scheme,
        "rules": application.scheme.rules,
        "errors": errors,
        "is_open": progress.may_file_again(application, clock.now()),
        "was_filed": application.first_filed_at is not None,
    }
    return page(request, "withdraw.html", context)


def _reasons(application: Application, entries: list[Any]) -> list[dict[str, str]]:
    """Return why a case was refused or taken back, as the decision told it."""
    if application.status not in (A.REJECTED, A.REVOKED) or not entries:
        return []
    last = next((entry for entry in reversed(entries) if entry.reasons or entry.note), None)
    if last is None:
        return []
    note = [{"severity": "info", "message": last.note, "clause": ""}] if last.note else []
    return [row | {"clause": f"方案{row['clause']}"} for row in last.reasons] + note
