"""The headers that every answer carries, whoever gives it: a page, a file, a redirect or an error."""

from __future__ import annotations

from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponse]

PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",  # static files say otherwise before they come by here
}
SIGN_OUTS = frozenset({"sign-out", "me-sign-out", "account_logout", "admin:logout", "api-sign-in"})
"""The views after which a shared computer at a station must hold nothing of the last visitor."""
DRAWS_INLINE_PICTURES = frozenset({"mfa_activate_totp", "docs"})
"""The authenticator's QR code and the icons of the API's page are data: pictures; nothing else is."""


class HeadersMiddleware:
    """Add what an answer does not say itself; stands first, so that nothing leaves past it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if _view_name(request) in SIGN_OUTS and _has_ended(request, response):
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class PolicyMiddleware(CSPMiddleware):
    """The Content-Security-Policy of the settings, wider only where a page cannot do without."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Let the two pages named above show data: pictures."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if not report_only and _view_name(request) in DRAWS_INLINE_PICTURES:
            parts.update = {"img-src": ["data:"], **(parts.update or {})}
        return parts


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _has_ended(request: HttpRequest, response: HttpResponse) -> bool:
    method = "DELETE" if _view_name(request) == "api-sign-in" else "POST"
    return request.method == method and response.status_code < 400
