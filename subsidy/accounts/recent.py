"""Asking again who sits there: money and reveals need a proof of identity not older than ten minutes.

A view that does such a thing wears `recent_proof_required` (methods: through `method_decorator`). Whoever
signed in or proved themselves within `RECENT` notices nothing. Otherwise a GET goes to the page that asks and
comes back. A POST is answered by the question itself, which carries everything that was filled in: with the
right answer the same POST is done at once, so nothing is typed or pressed twice. Files cannot be carried: the
page says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from subsidy import clock
from subsidy.accounts.enums import StaffDoor
from subsidy.accounts.known_browser import browser_index
from subsidy.accounts.models import StaffUser
from subsidy.accounts.services.actors import client_address, staff_actor, target_of
from subsidy.accounts.services.second_factor import prove_second_factor
from subsidy.audit.services import record
from subsidy.errors import SubsidyError

RECENT: Final = timedelta(minutes=10)
PROVED_AT: Final = "proved_at"
SECOND_FACTOR_AT: Final = "second_factor_at"
CODE, PASSWORD = "proof_code", "proof_password"
UNCARRIED: Final = frozenset({CODE, PASSWORD, "csrfmiddlewaretoken"})

View = Callable[..., HttpResponseBase]


def record_proof(request: HttpRequest) -> None:
    """Note that whoever sits there has just proved who they are."""
    request.session[PROVED_AT] = clock.real_now().timestamp()


def record_second_factor(request: HttpRequest) -> None:
    """Note that a code was shown in this session: without it the house stays closed (`gate`)."""
    request.session[SECOND_FACTOR_AT] = clock.real_now().timestamp()


def has_proved_second_factor(request: HttpRequest) -> bool:
    """Say whether a code was shown in this session."""
    return SECOND_FACTOR_AT in request.session


def is_recent(request: HttpRequest) -> bool:
    """Say whether the last proof in this session is younger than ten minutes."""
    seconds = request.session.get(PROVED_AT)
    return seconds is not None and clock.real_now() < datetime.fromtimestamp(seconds, UTC) + RECENT


def recent_proof_required(view: View) -> View:
    """Let a view run only after a recent proof; the rights of the person are the view's own business."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return ask_again(request) or view(request, *args, **kwargs)

    return guarded


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """Return the question, or None when the proof is recent or has just been given with this very request."""
    user = request.user
    if not isinstance(user, StaffUser):
        return redirect_to_login(request.get_full_path())
    error = _check(request, user)
    _strip(request)
    if not error and is_recent(request):
        return None
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), reverse("mfa_reauthenticate"))
    return _question(request, error)


def _check(request: HttpRequest, user: StaffUser) -> str:
    """Hold a given code or password against the account; return what is wrong, empty when nothing is."""
    try:
        if password := request.POST.get(PASSWORD, ""):
            return "" if get_adapter().reauthenticate(user, password) else "密码不正确，请重新输入。"
        if code := request.POST.get(CODE, ""):
            _prove(request, user, code)
    except SubsidyError as refusal:
        return refusal.message
    except ValidationError as refusal:  # the door is closed
        return refusal.messages[0]
    return ""


def _prove(request: HttpRequest, user: StaffUser, code: str) -> None:
    ip = client_address(request)
    prove_second_factor(user, code, browser=browser_index(request, user.pk), ip=ip)
    record_proof(request)
    data = {"by": StaffDoor.SECOND_FACTOR.value}
    record("staff.prove", actor=staff_actor(user, ip), target=target_of(user), data=data)


def _strip(request: HttpRequest) -> None:
    """Take the answer out of what the view reads."""
    if {CODE, PASSWORD} & set(request.POST):
        kept = request.POST.copy()
        for name in (CODE, PASSWORD):
            kept.pop(name, None)
        request.POST = kept  # type: ignore[assignment]


def _question(request: HttpRequest, error: str) -> HttpResponse:
    context = {"error": error, "carried": _carried(request.POST), "has_files": bool(request.FILES)}
    answer = TemplateResponse(request, "account/confirm_identity.html", context, status=403)
    add_never_cache_headers(answer)
    return answer


def _carried(given: QueryDict) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in given.lists() if name not in UNCARRIED for text in texts]
