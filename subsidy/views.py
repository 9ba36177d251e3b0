"""The one view that belongs to the house itself: how this device wants its pages shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from subsidy.context import SIZE_COOKIE, SIZES, THEME_COOKIE, THEMES

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


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"
