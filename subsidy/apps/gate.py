"""What is let in to a page at all: which methods, how much, how often from one person or one address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from subsidy import limits
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services import client_address, member_of
from subsidy.errors import API
from subsidy.limits import Limit

Answer = Callable[[HttpRequest], HttpResponse]

METHODS = ("GET", "HEAD", "POST")
LARGEST = 65 * 1024 * 1024
"""The largest result file with its form; each file is weighed again by its own gate."""
CODES = frozenset({"sign-in", "sign-in-code"})
SEARCHES = frozenset({"desk-look-up", "desk-take-over", "find"})
EXPORTS = ("_file", "_download", "_export")


class GateMiddleware:
    """Refuse other methods (405), too much (413) and callers in a hurry (429), once it is known who calls."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(API):
            return self.get_response(request)
        if request.method not in METHODS:
            return _wrong_method(request, ", ".join(METHODS))
        if _is_too_large(request):
            return render(request, "413.html", status=413)
        answer = self.get_response(request)
        is_bare = answer.status_code == 405 and not answer.content
        return _wrong_method(request, answer["Allow"]) if is_bare else answer

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Count the request under every limit that it falls under."""
        if request.path_info.startswith(API):
            return None
        for limit, who in _counted(request):
            if seconds := limits.wait(limit, who):
                answer = render(request, "429.html", {"seconds": seconds}, status=429)
                answer["Retry-After"] = str(seconds)
                return answer
        return None


def _wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    answer = render(request, "405.html", status=405)
    answer["Allow"] = allowed
    return answer


def _is_too_large(request: HttpRequest) -> bool:
    """Say so by the announced length alone, before anything reads the body."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    length = int(announced) if announced.isascii() and announced.isdigit() else 0
    if request.content_type != "multipart/form-data":
        return length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return length > (LARGEST if _person(request) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _counted(request: HttpRequest) -> Iterator[tuple[Limit, str]]:
    """Yield what this request is counted as: questions of visitors, writing, sending files, searching."""
    address, person = f"address {client_address(request)}", _person(request)
    name = request.resolver_match.view_name if request.resolver_match else ""
    is_post = request.method == "POST"
    if name == "check" and request.GET:
        yield limits.OPEN, address
    if is_post:
        yield (limits.CODE, address) if name in CODES else (limits.WRITING, person or address)
    if is_post and request.content_type == "multipart/form-data" and request.FILES:
        yield limits.UPLOAD, person or address
    if person and (request.GET.get("q") or (is_post and name in SEARCHES)):
        yield limits.SEARCH, person
    if person and name.endswith(EXPORTS):
        yield limits.EXPORT, person


def _person(request: HttpRequest) -> str:
    member, user = member_of(request), getattr(request, "user", None)
    if member is not None:
        return f"member {member.pk}"
    return f"staff {user.pk}" if isinstance(user, StaffUser) else ""
