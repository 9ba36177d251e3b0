"""Who may see a page: members their own, and how every page is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache

from applications.models import Application
from subsidy import clock
from subsidy.accounts.models import Member
from subsidy.accounts.services import member_of
from subsidy.errors import Conflict, SubsidyError, TooManyRequests
from subsidy.rules.scheme_parts import Contact
from subsidy.schemes.models import Scheme

View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request behind which a member stands."""

    member: Member


def current_plan() -> Scheme | None:
    """Return the scheme that pages speak of now."""
    return Scheme.objects.current(clock.now())


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Draw a page; the foot names the contact of the scheme it speaks of."""
    values = dict(context or {})
    plan = values.get("plan")
    values["contact"] = plan.rules.contact if plan else SimpleLazyObject(_contact)
    return render(request, f"applications/{template}", values, status=status)


def answered(response: HttpResponse, error: SubsidyError | None) -> HttpResponse:
    """Give a page that shows a refusal the refusal's status, and say when to come back after too many."""
    if error is not None:
        response.status_code = error.status
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(error.retry_after)
    return response


def member_required(view: View) -> View:
    """Ask visitors to sign in first and come back; keep the page out of every cache."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if member_of(request) is None:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page, which brings them back here."""
    target = request.get_full_path() if request.method == "GET" else request.path
    return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': target})}")


def own(request: MemberRequest, public_id: UUID) -> Application:
    """Return the member's own application; another's does not exist for them."""
    mine = Application.objects.of_member(request.member).select_related(
        "scheme", "certificate", "district", "office", "consent", "member"
    )
    application = mine.filter(public_id=public_id).first()
    if application is None:
        raise Http404
    return application


def version_seen(request: HttpRequest) -> int:
    """Return the version that the page showed; raises Conflict when it showed none."""
    text = request.POST.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Conflict("这一页不是最新的，请刷新后再办。", code="STALE_VERSION", field="version")
    return int(text)


def _contact() -> Contact | None:
    plan = current_plan()
    return plan.rules.contact if plan else None
