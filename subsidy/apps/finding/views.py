"""按号码查找: the term comes by POST, the answer lies under an opaque address for a quarter of an hour."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from applications.search import is_exact
from subsidy import clock
from subsidy.accounts.services import actor_for
from subsidy.apps.finding.lookup import MODELS, Found, find
from subsidy.apps.finding.rows import only_way, parts
from subsidy.audit.services import record
from subsidy.personal import KEPT, carries_number

TEMPLATE: Final = "admin/finding/find.html"
SESSION: Final = "finds"
LASTS: Final = timedelta(minutes=15)
REMEMBERED: Final = 5
LONGEST: Final = 100
GONE: Final = "这次查找的结果已过期，请重新查找。"
NOTHING: Final = "没有找到您可以看的记录。请核对号码；号码须填完整，姓名要从第一个字起。"
LISTS: Final = {
    "review_queueitem": "admin:review_queueitem_changelist",
    "applications_application": "admin:applications_application_changelist",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Take a term by POST; go to the one thing it names, to a list by name, or to the result."""
    require_finder(request)
    if request.method != "POST":
        return _page(request, {})
    term = request.POST.get("term", "").replace("\0", "").strip()
    origin = request.POST.get("list", "")
    if not term:
        return _page(request, {"error": "请填写要找的号码。"}, status=422)
    if len(term) > LONGEST:
        return _page(request, {"error": f"要找的内容最多 {LONGEST} 个字。"}, status=422)
    if origin in LISTS and not is_exact(term) and not carries_number(term):
        return HttpResponseRedirect(f"{reverse(LISTS[origin])}?{urlencode({'q': term})}")
    found = find(request, term)
    record("admin.find", actor=actor_for(request), data=_trace(term, found))
    if not any(found.values()):
        return _page(request, {"error": NOTHING}, status=404)
    return HttpResponseRedirect(only_way(request, found) or _kept(request, term, found))


@never_cache
@require_safe
def result(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a search of this very session found, while it is fresh."""
    require_finder(request)
    kept = request.session.get(SESSION, {}).get(token)
    if kept is None or kept["at"] < (clock.real_now() - LASTS).timestamp():
        messages.warning(request, GONE)
        return HttpResponseRedirect(reverse("find"))
    return _page(request, {"label": kept["label"], "parts": list(parts(request, kept["found"]))})


def require_finder(request: HttpRequest) -> None:
    """Raise PermissionDenied for those who may open nothing of what can be found."""
    if not may_find(request):
        raise PermissionDenied


def may_find(request: HttpRequest) -> bool:
    """Say whether there is anything that this user could find."""
    return any(admin.site._registry[model].has_view_permission(request) for model in MODELS.values())


def find_panel(request: HttpRequest) -> dict[str, Any]:
    """Lead from the dashboard to the search."""
    if not may_find(request):
        return {}
    return {"other_actions": [{"url": reverse("find"), "label": "按号码查找", "icon": "search"}]}


def _kept(request: HttpRequest, term: str, found: Found) -> str:
    """Remember the ids, never the term, under an address that says nothing."""
    token = secrets.token_urlsafe(9)
    finds = request.session.get(SESSION, {})
    finds[token] = {"at": clock.real_now().timestamp(), "label": _label(term), "found": found}
    request.session[SESSION] = dict(sorted(finds.items(), key=lambda item: item[1]["at"])[-REMEMBERED:])
    return reverse("find-result", args=[token])


def _label(term: str) -> str:
    """Name the search by what is no secret: our own number, or the last four marks."""
    return f"尾号 {term[-KEPT:]}" if carries_number(term) else term


def _trace(term: str, found: Found) -> dict[str, Any]:
    shape = _label(term) if carries_number(term) or is_exact(term) else "姓名"
    return {"term": shape, "found": {kind: len(ids) for kind, ids in found.items()}}


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    page = {**admin.site.each_context(request), "title": "按号码查找", "error": "", **context}
    return TemplateResponse(request, TEMPLATE, page, status=status)


admin.site.add_panel(find_panel)  # type: ignore[attr-defined]  # our own site
