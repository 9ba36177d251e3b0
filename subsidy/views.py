"""The views that belong to the house itself: how this device wants its pages shown, and what goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from django.views.decorators.http import require_POST

from subsidy.context import SIZE_COOKIE, SIZES, THEME_COOKIE, THEMES
from subsidy.errors import API, CONTENT_TYPE, problem_body

A_YEAR = 365 * 24 * 3600


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Keep the chosen size or theme in a cookie and go back to the page the reader was on."""
    response = HttpResponseRedirect(_way_back(request))
    for name, allowed in ((SIZE_COOKIE, SIZES), (THEME_COOKIE, THEMES)):
        choice = request.POST.get(name) or request.GET.get(name) or ""
        if choice in allowed:
            response.set_cookie(
                name, choice, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
            )
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot even be read."""
    return _problem(400, "bad_request") if _is_api(request) else defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when we are at fault before any view was reached, or in a page."""
    return _problem(500, "error") if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def _problem(status: int, code: str) -> HttpResponse:
    readable = {"ensure_ascii": False}
    body = problem_body(status, code)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params=readable)


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"
